"""Holds what the short ways make of what they are given; that they ask and wait is held by the examples."""

from __future__ import annotations

import enum
from typing import Any

import pytest

from flyteplugins.hitl import _shortcuts as shortcuts
from flyteplugins.hitl.errors import InvalidParameter


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Level(enum.IntEnum):
    LOW = 1


@pytest.mark.parametrize(
    ("options", "things"),
    [
        (["a", "b"], {"a": "a", "b": "b"}),
        ((1, 2.5, True), {"1": 1, "2.5": 2.5, "True": True}),
        ({"One": 1}, {"One": 1}),
        (Size, {"small": Size.SMALL, "large": Size.LARGE}),
        (Level, {"LOW": Level.LOW}),
        ([Size.SMALL], {"small": Size.SMALL}),
        ([("a", 1)], {"('a', 1)": ("a", 1)}),
    ],
)
def test_there_are_words_for_each_thing(options: Any, things: dict[str, Any]) -> None:
    assert shortcuts._things(options) == things


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "empty"),
        ({}, "empty"),
        ("abc", "is no list, dict or Enum"),
        (3, "is no list, dict or Enum"),
        (["a", "a"], "two things of the same words"),
        ([1, "1"], "two things of the same words"),
        ({1: "a"}, "no words for a choice"),
        ({" ": "a"}, "no words for a choice"),
    ],
)
def test_options_that_cannot_be_offered_are_refused(options: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        shortcuts._things(options)


def test_a_fallback_is_a_thing_and_kept_by_its_words() -> None:
    things = {"Small": 1, "Large": 2}

    assert shortcuts._keyed({"on_timeout": 2}, things, several=False) == {"on_timeout": "Large"}
    assert shortcuts._keyed({"on_timeout": [2, 1]}, things, several=True) == {"on_timeout": ["Large", "Small"]}
    assert shortcuts._keyed({"timeout_seconds": 3}, things, several=False) == {"timeout_seconds": 3}
    with pytest.raises(InvalidParameter, match="on_timeout=3"):
        shortcuts._keyed({"on_timeout": 3}, things, several=False)


@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        (3, int),
        ([1, 2], list[int]),
        ([], list),
        ([1, "a"], list),
        ({"a"}, set[str]),
        ({"a": 1, "b": 2}, dict[str, int]),
        ({"a": 1, "b": "x"}, dict),
        ({"a": [1]}, dict),
        ({}, dict),
        (Size.SMALL, Size),
    ],
)
def test_a_value_is_edited_as_what_it_is(value: Any, data_type: Any) -> None:
    assert shortcuts.type_of(value) == data_type


def test_what_needs_a_reason_must_be_one_of_four() -> None:
    sometimes: Any = "sometimes"
    with pytest.raises(InvalidParameter, match="reason_required='sometimes'"):
        shortcuts.approve("x", reason_required=sometimes)


@pytest.mark.parametrize(("at_least", "at_most"), [(3, None), (2, 1), (-1, None)])
def test_bounds_must_leave_something_to_choose(at_least: int, at_most: int | None) -> None:
    with pytest.raises(InvalidParameter, match="leave nothing to choose"):
        shortcuts.choose_several("x", ["a", "b"], at_least=at_least, at_most=at_most)


@pytest.mark.parametrize("name", ["approve", "choose", "choose_several", "edit"])
def test_each_has_its_name_and_says_what_it_does(name: str) -> None:
    function = getattr(shortcuts, name)

    assert function.__name__ == name
    assert "Args:" in (function.__doc__ or "")
