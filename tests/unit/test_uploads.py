"""What is known of an upload without its sender's word: its name, its type, its limits, and the schema with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from flyte.io import File

from flyteplugins.hitl import Upload
from flyteplugins.hitl._answers import Entries, FileField, Form, InvalidValue, answer_for, size_in_words, takes_files
from flyteplugins.hitl._uploads import MAX_NAME_CHARACTERS, UNKNOWN_TYPE, file_field, safe_name, told_type
from flyteplugins.hitl.errors import InvalidParameter
from tests.support.questions import question

ID, OTHER_ID = "a" * 26, "b" * 26

PDF = Upload(max_bytes=1000, media_types=("application/pdf", "image/*"))


@dataclass
class Page:
    scan: Annotated[File, PDF]


@dataclass
class Claim:
    title: str
    scan: Annotated[File, PDF]
    photos: Annotated[list[File], Upload(max_bytes=7)]
    pages: list[Page]
    letters: dict[str, File]
    pair: tuple[File, int]
    notes: File | None = None
    more: list[Annotated[File, Upload(max_bytes=8)]] | None = None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\scan.pdf", "scan.pdf"),
        ("a\0b\r\nc\x7f.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        (" . .. ", "file"),
        ("", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("half\ud800.txt", "half.txt"),
        ("e\u0301te\u0301.png", "été.png"),
        ("年度報告 2026.pdf", "年度報告 2026.pdf"),
        ("<script>.svg", "<script>.svg"),
    ],
)
def test_a_name_is_kept_less_what_names_are_misused_for(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_a_long_name_is_shortened_and_keeps_its_ending() -> None:
    kept = safe_name("x" * 5000 + ".pdf")
    assert (len(kept), kept[-5:]) == (MAX_NAME_CHARACTERS, "x.pdf")
    assert len(safe_name("y" * 5000)) == MAX_NAME_CHARACTERS


@pytest.mark.parametrize(
    ("head", "declared", "name", "told"),
    [
        (b"%PDF-1.7", "", "x", "application/pdf"),
        (b"%PDF-1.7", "image/png", "x.png", "application/pdf"),
        (b"\x89PNG\r\n\x1a\nrest", "", "", "image/png"),
        (b"RIFF0000WEBPVP8 ", "image/webp", "x", "image/webp"),
        (b"MZ\x90", "image/png", "x.png", UNKNOWN_TYPE),
        (b"MZ\x90", "", "x.pdf", UNKNOWN_TYPE),
        (b"a,b", "text/csv; charset=utf-8", "x", "text/csv"),
        (b"a,b", "application/octet-stream", "x.csv", "text/csv"),
        (b"", "", "no-ending", UNKNOWN_TYPE),
        (b"PK\x03\x04", "application/zip", "x", "application/zip"),
    ],
)
def test_the_first_bytes_count_more_than_what_the_sender_says(head: bytes, declared: str, name: str, told: str) -> None:
    assert told_type(head, declared, name) == told


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (3_200_000, "3.2 MB"),
        (999_960, "1 MB"),
        (1 << 30, "1.1 GB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words


@pytest.mark.parametrize(
    "content",
    [
        {"max_bytes": 0},
        {"max_bytes": True},
        {"max_bytes": 1.5},
        {"media_types": "image/png"},
        {"media_types": ("png",)},
        {"media_types": ("Image/PNG",)},
        {"media_types": (3,)},
    ],
)
def test_limits_that_mean_nothing_are_refused_at_once(content: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter, match=next(iter(content))):
        Upload(**content)


@pytest.mark.parametrize(
    ("name", "max_bytes", "several"),
    [
        ("value.scan", 1000, False),
        ("value.photos", 7, True),
        ("value.pages.3.scan", 1000, False),
        ("value.letters.0.value", None, False),
        ("value.pair.0", None, False),
        ("value.notes", None, False),
        ("value.more.0", 8, True),
    ],
)
def test_the_field_of_a_name_is_found_wherever_it_stands(name: str, max_bytes: int | None, several: bool) -> None:
    found = file_field(question(Claim), name)
    assert isinstance(found, FileField)
    assert (found.limits.max_bytes, found.takes_several) == (max_bytes, several)


@pytest.mark.parametrize(
    "name", ["value", "value.title", "value.pair.1", "value.none", "scan", "", ".", "value..", "x"]
)
def test_no_other_field_takes_a_file(name: str) -> None:
    assert file_field(question(Claim), name) is None


def test_limits_are_in_the_schema_of_the_field_and_not_of_all_files() -> None:
    schema = answer_for(Claim, max_characters=10).schema
    assert schema["properties"]["scan"]["x-max-bytes"] == 1000
    assert schema["properties"]["scan"]["x-media-types"] == ["application/pdf", "image/*"]
    assert schema["$defs"]["File"] == {"type": "object", "x-answer-type": "file"}


@pytest.mark.parametrize("data_type", [File, list[File], Claim, File | None, dict[str, list[File]]])
def test_a_type_with_a_file_in_it_is_known_by_its_schema(data_type: Any) -> None:
    assert takes_files(question(data_type).answer_schema)


@pytest.mark.parametrize("data_type", [int, list[str], dict[str, Any]])
def test_any_other_type_takes_no_files(data_type: Any) -> None:
    assert not takes_files(question(data_type).answer_schema)


@pytest.mark.parametrize(
    "given", [ID, {"upload": ID}, f'{{"upload": "{ID}"}}', {"upload": ID, "size": 3, "path": "/x"}]
)
def test_only_the_id_of_an_upload_is_taken_from_whoever_answers(given: object) -> None:
    assert Form(question(File).answer_schema).parse_json(given) == {"upload": ID}


@pytest.mark.parametrize(
    "given", ["", "../x", ID + "\n", ID.upper(), ID[:-1], None, 3, [ID], {}, {"upload": None}, {"upload": "../../key"}]
)
def test_what_is_no_id_is_refused(given: object) -> None:
    with pytest.raises(InvalidValue, match="is not the id of an upload"):
        Form(question(File).answer_schema).parse_json(given)


def test_a_form_of_several_files_holds_each_once_and_in_order() -> None:
    form = Form(question(list[File]).answer_schema)
    entries = Entries([("value", OTHER_ID), ("value", ""), ("value", ID), ("value", OTHER_ID)])
    assert form.parse_form(entries) == [{"upload": OTHER_ID}, {"upload": ID}]
    assert form.parse_form(Entries([])) == []
    assert list(form.filled([{"upload": ID}, {"upload": OTHER_ID}])) == [("value", ID), ("value", OTHER_ID)]


def test_of_one_file_the_last_that_was_sent_counts() -> None:
    form = Form(question(File).answer_schema)
    assert form.parse_form(Entries([("value", ID), ("value", OTHER_ID)])) == {"upload": OTHER_ID}
    with pytest.raises(InvalidValue, match="choose a file"):
        form.parse_form(Entries([("value", "")]))


def test_an_answer_is_told_by_name_and_size() -> None:
    form = Form(question(File).answer_schema)
    assert form.text({"upload": ID, "name": "scan.pdf", "size": 3_200_000}) == "scan.pdf (3.2 MB)"
    assert form.text({"upload": ID}) == "an uploaded file"


@pytest.mark.parametrize(
    ("data_type", "content"),
    [
        (File, {"initial": File(path="/x/y.pdf")}),
        (File, {"on_timeout": File(path="/x/y.pdf")}),
        (Claim, {"initial": {"scan": File(path="/x/y.pdf")}}),
        (list[File], {"initial": [File(path="/x/y.pdf")]}),
    ],
)
def test_no_file_can_be_given_beforehand(data_type: Any, content: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter, match="file"):
        question(data_type, **content)


def test_what_is_no_file_can_be_given_beforehand() -> None:
    assert question(Claim, initial={"title": "t"}).initial is not None
    fallback = question(File | None, on_timeout=None).on_timeout
    assert fallback is not None
    assert fallback.value is None
    assert question(list[File], on_timeout=[]).on_timeout is not None
