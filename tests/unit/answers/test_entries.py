"""Holds what a form holds: names by place, rows by marks of their own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl._answers import Entries

TWO = Entries([("value", "0"), ("value.0", "a"), ("value", "7"), ("value.7.x", "b"), ("value.70", "c"), ("other", "d")])


def test_of_several_texts_of_a_name_the_last_counts_for_a_field_and_all_for_a_list() -> None:
    assert TWO.one("value") == "7"
    assert TWO.all("value") == ["0", "7"]
    assert TWO.one("missing") is None
    assert TWO.all("missing") == ()


def test_a_row_that_is_marked_twice_is_one_row() -> None:
    assert Entries([("value", "0"), ("value", "1"), ("value", "0")]).rows("value") == ("0", "1")


def test_a_new_row_has_a_name_that_none_has() -> None:
    assert TWO.with_row("value", [("value.8", "new")]).rows("value") == ("0", "7", "8")
    assert TWO.with_row("value.inner").rows("value.inner") == ("0",)
    assert Entries([("value", "x"), ("value", "9" * 50), ("value", "²")]).free_row("value") == "0"


def test_a_row_goes_with_all_that_is_in_it_and_nothing_else() -> None:
    assert list(TWO.without_row("value", "7")) == [("value", "0"), ("value.0", "a"), ("value.70", "c"), ("other", "d")]
    assert list(TWO.without_row("value", "5")) == list(TWO)


def test_a_row_moves_one_step_and_not_beyond_the_ends() -> None:
    rows = Entries([("value", each) for each in "abc"])

    assert rows.with_row_moved("value", "c", -1).rows("value") == ("a", "c", "b")
    assert rows.with_row_moved("value", "a", -1).rows("value") == ("a", "b", "c")
    assert rows.with_row_moved("value", "c", 1).rows("value") == ("a", "b", "c")
    assert rows.with_row_moved("value", "x", 1).rows("value") == ("a", "b", "c")


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=8))
def test_nothing_is_lost_on_the_way(pairs: list[tuple[str, str]]) -> None:
    held = Entries(pairs)

    assert list(held) == pairs
    assert bool(held) is bool(pairs)
    for name in {name for name, _ in pairs}:
        assert list(held.all(name)) == [text for each, text in pairs if each == name]
