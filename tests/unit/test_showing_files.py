"""Holds that text, recordings, films, documents and any other file are shown as what they are, or refused by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from flyte.io import File

from flyteplugins.hitl import show
from tests.support.shown import HTML, MP4, PDF, content_of, draft, png, refusal, wav


@pytest.mark.parametrize(
    ("content", "kind", "media_type", "name"),
    [
        (wav(), "audio", "audio/wav", "shown-1.wav"),
        (MP4, "video", "video/mp4", "shown-1.mp4"),
        (PDF, "pdf", "application/pdf", "shown-1.pdf"),
        (HTML, "file", "application/octet-stream", "shown-1"),
        (b"\0\1\2", "file", "application/octet-stream", "shown-1"),
        (b"", "file", "application/octet-stream", "shown-1"),
        (bytearray(PDF), "pdf", "application/pdf", "shown-1.pdf"),
        (memoryview(PDF), "pdf", "application/pdf", "shown-1.pdf"),
    ],
)
def test_bytes_are_shown_as_what_they_begin_as(content: Any, kind: str, media_type: str, name: str) -> None:
    made = draft(content)

    assert made.kind == kind
    assert (made.files[0].media_type, made.files[0].file_name) == (media_type, name)
    assert content_of(made) == bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.html", HTML, "text"),
        ("notes.md", b"# Notes", "markdown"),
        ("main.py", b"print(1)\n", "text"),
        ("evil.png", HTML, "text"),
        ("film.html", MP4, "video"),
        ("data.bin", b"\0", "file"),
        ("empty.txt", b"", "file"),
        ("report", PDF, "pdf"),
    ],
)
def test_a_file_is_shown_as_what_it_begins_as(name: str, content: bytes, kind: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    made = draft(file)

    assert made.kind == kind
    assert made.files[0].file_name == name
    assert content_of(made) == content


def test_a_wrapper_says_what_is_shown_of_what_could_be_either() -> None:
    assert draft(show.Audio(MP4)).files[0].media_type == "audio/mp4"
    assert draft(show.File(png(), name="plot.png")).files[0].media_type == "application/octet-stream"
    assert draft(show.Text(HTML.decode())).kind == "text"


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (show.Audio(PDF), "no recording that a browser plays"),
        (show.Video(wav()), "no film that a browser plays"),
        (show.Pdf(b"text"), "does not begin as a PDF does"),
        (show.File(3), "it is a int, which has no bytes"),
        (show.Text(3), "it is a int, not text"),  # type: ignore[arg-type]  # what a caller without types may give
        (show.Text(""), "its text is empty"),
        (show.Markdown("\ud800"), "surrogate"),
        (3, "a int cannot be shown. Give a data frame"),
        (show.Text, "a type cannot be shown"),
        (lambda: None, "a function cannot be shown"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_mend(thing: Any, reason: str) -> None:
    assert reason in refusal(thing)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "none.csv cannot be read: No such file or directory" in refusal(tmp_path / "none.csv")


def test_a_file_that_fails_when_it_is_read_is_refused() -> None:
    """Nothing is mapped at its beginning, so even root gets an error there."""
    assert "/proc/self/mem cannot be read: Input/output error" in refusal(Path("/proc/self/mem"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder" in refusal(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "is a pipe or a device" in refusal(tmp_path / "pipe")
    assert "is a pipe or a device" in refusal(Path("/dev/zero"))


def test_a_path_that_no_file_can_have_is_refused() -> None:
    assert "cannot be read" in refusal(Path("a\0b"))


def test_text_is_shown_whole_while_it_is_short() -> None:
    made = draft("**Hi** ü")

    assert made.kind == "markdown"
    assert made.preview == content_of(made) == "**Hi** ü".encode()
    assert made.details == {"is_cut": False}


@pytest.mark.parametrize(("kind", "limit"), [(show.Text, 100_000), (show.Markdown, 50_000)])
def test_of_long_text_the_first_lines_are_shown(kind: Any, limit: int) -> None:
    text = "".join(f"line {number}\n" for number in range(20_000))

    made = draft(kind(text))

    assert made.preview is not None
    assert limit - 20 < len(made.preview) <= limit
    assert made.preview.endswith(b"\n")
    assert content_of(made) == text.encode()
    assert made.details == {"is_cut": True, "shown_bytes": len(made.preview)}


def test_long_text_of_one_line_is_cut_between_characters() -> None:
    made = draft(show.Text("€" * 50_000))

    assert made.preview is not None
    assert made.preview.decode() == "€" * 33_333


def test_text_that_is_not_utf8_is_shown_with_marks_and_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "old.txt"
    file.write_bytes(b"a\xe4b\n")

    made = draft(show.Text(file))

    assert made.preview == "a\ufffdb\n".encode()
    assert content_of(made) == b"a\xe4b\n"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("naïve plot.pdf", "naïve plot.pdf"),
        ('a"b\n.pdf', "a_b_.pdf"),
        ("x" * 250, "x" * 150),
        ("\u202efdp.exe", "_fdp.exe"),
    ],
)
def test_the_name_of_a_file_is_one_that_every_system_takes(name: str, kept: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(PDF)

    assert draft(file).files[0].file_name == kept


def test_a_file_of_flyte_is_fetched_and_shown(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(PDF)

    made = draft(File.from_existing_remote(str(tmp_path / "report.pdf")))

    assert made.kind == "pdf"
    assert made.files[0].file_name == "report.pdf"
    assert content_of(made) == PDF


def test_a_file_of_flyte_that_is_gone_is_refused(tmp_path: Path) -> None:
    reason = refusal(File.from_existing_remote(str(tmp_path / "gone.pdf")))

    assert "gone.pdf cannot be read" in reason
