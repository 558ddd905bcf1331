"""Holds that what changed is found, marked and counted, and that what is too long is said to be."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyteplugins.hitl import show
from tests.support.shown import content_of, draft, png, preview_of, refusal


def compared(before: Any, after: Any) -> Any:
    return preview_of(draft(show.Diff(before, after)))


def plain(side: Any) -> str:
    return "".join(text for text, _ in side[1])


def marked(side: Any) -> list[str]:
    return [text for text, is_changed in side[1] if is_changed]


def test_a_changed_line_stands_beside_what_it_was_with_the_words_marked() -> None:
    (row,) = compared("the rate is 0.1 now", "the rate is 0.2 now")

    assert row["kind"] == "changed"
    assert (plain(row["before"]), plain(row["after"])) == ("the rate is 0.1 now", "the rate is 0.2 now")
    assert (marked(row["before"]), marked(row["after"])) == (["1"], ["2"])


def test_lines_with_little_in_common_are_not_marked_word_by_word() -> None:
    (row,) = compared("alpha beta", "gamma-delta epsilon")

    assert marked(row["before"]) == marked(row["after"]) == []


def test_lines_that_came_and_went_are_told_apart_and_counted() -> None:
    made = draft(show.Diff("a\nb\nc\n", "a\nc\nd\n"))

    assert [row["kind"] for row in preview_of(made)] == ["same", "removed", "same", "added"]
    assert made.details == {"removed": 1, "added": 1, "is_same": False, "is_too_long": False, "is_cut": False}


def test_what_stayed_the_same_is_left_out_and_counted() -> None:
    lines = [str(number) for number in range(100)]
    rows = compared("\n".join(lines), "\n".join([*lines[:50], "new", *lines[50:]]))

    assert rows[0] == {"kind": "gap", "lines": 47}
    assert [row["kind"] for row in rows[1:-1]] == ["same"] * 3 + ["added"] + ["same"] * 3
    assert rows[-1] == {"kind": "gap", "lines": 47}
    assert (rows[1]["before"][0], rows[1]["after"][0]) == (48, 48)
    assert (rows[-2]["before"][0], rows[-2]["after"][0]) == (53, 54)


def test_the_same_is_said_to_be_the_same() -> None:
    assert draft(show.Diff("a\n", "a\n")).details["is_same"] is True


def test_values_are_compared_as_json_whatever_the_order_of_their_keys() -> None:
    made = draft(show.Diff({"a": 1, "b": [1]}, {"b": [1], "a": 2}))

    assert (made.details["removed"], made.details["added"]) == (1, 1)
    assert [file.file_name for file in made.files] == ["shown-1.before.json", "shown-1.after.json"]
    assert draft(show.Diff({"a": 1, "b": 2}, {"b": 2, "a": 1})).details["is_same"] is True


def test_files_are_compared_by_what_is_in_them(tmp_path: Path) -> None:
    before, after = tmp_path / "old.py", tmp_path / "new.py"
    before.write_text("a = 1\n")
    after.write_text("a = 2\n")

    made = draft(show.Diff(before, after))

    assert [row["kind"] for row in preview_of(made)] == ["changed"]
    assert [file.file_name for file in made.files] == ["old.before.py", "new.after.py"]
    assert content_of(made, 1) == b"a = 2\n"


def test_both_sides_can_be_downloaded_whole() -> None:
    made = draft(show.Diff("a", "b", name="query.sql"))

    assert [file.file_name for file in made.files] == ["query.before.sql", "query.after.sql"]
    assert [content_of(made, number) for number in (0, 1)] == [b"a", b"b"]


@pytest.mark.parametrize("text", ["a\n" * 5001, "a" * 3_000_000], ids=["lines", "bytes"])
def test_what_is_too_long_to_be_compared_is_said_to_be(text: str) -> None:
    made = draft(show.Diff(text, text + "b"))

    assert made.details["is_too_long"] is True
    assert made.details["is_same"] is False
    assert preview_of(made) == []
    assert content_of(made, 1) == (text + "b").encode()


def test_the_most_that_is_compared_is_compared_within_seconds() -> None:
    before = "\n".join(f"line {number % 7} {'word ' * 20}" for number in range(5000))
    after = "\n".join(f"line {number % 5} {'word ' * 20}" for number in range(5000))
    started = time.monotonic()

    made = draft(show.Diff(before, after))

    assert time.monotonic() - started < 20
    assert made.preview is not None
    assert len(made.preview) < 300_000
    assert made.details["is_cut"] is True


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (object(), {}, "what was before: it cannot be written as JSON"),
        ("a", "\ud800", "what is to be after: its text holds half of a surrogate pair"),
    ],
)
def test_a_side_that_cannot_be_read_is_named(before: Any, after: Any, reason: str) -> None:
    assert reason in refusal(show.Diff(before, after))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())

    assert "is image/png, which has no lines" in refusal(show.Diff(tmp_path / "a.png", "a"))


LINES = st.lists(st.text(st.sampled_from("ab \t\x0b\u2028é"), max_size=6), max_size=12).map("\n".join)


@settings(max_examples=150)
@given(LINES, LINES)
def test_the_rows_hold_every_line_that_changed_and_nothing_else(before: str, after: str) -> None:
    rows = [row for row in compared(before, after) if row["kind"] != "gap"]

    for side, text in (("before", before), ("after", after)):
        lines = text.splitlines()
        numbers = [row[side][0] for row in rows if row.get(side)]
        assert numbers == sorted(set(numbers))
        assert all(plain(row[side]) == lines[row[side][0] - 1] for row in rows if row.get(side))
    if before.splitlines() != after.splitlines():
        assert any(row["kind"] != "same" for row in rows)
    else:
        assert rows == []
