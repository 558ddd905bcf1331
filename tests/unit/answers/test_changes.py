"""Holds what is told of a person's changes: every difference once, by its place, and no secret."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from flyteplugins.hitl import Change
from flyteplugins.hitl._answers import changes_between
from tests.support.asked import Asked
from tests.support.shapes import JSON, Login


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 2, [("", "edited", 1, 2)]),
        (1, True, [("", "edited", 1, True)]),
        (1, 1.0, [("", "edited", 1, 1.0)]),
        ({"a": 1}, {"a": 2, "b": 3}, [("a", "edited", 1, 2), ("b", "added", None, 3)]),
        ([1, 2], [1], [("1", "removed", 2, None)]),
        ([{"p": 1}], [{"p": 2}], [("0.p", "edited", 1, 2)]),
        ({"a.b": None}, {"a.b": []}, [("a~1b", "edited", None, [])]),
        ({"a": 1}, [1], [("", "edited", {"a": 1}, [1])]),
    ],
)
def test_a_difference_is_told_by_its_place(before: Any, after: Any, expected: list[tuple[str, str, Any, Any]]) -> None:
    told = [(each.path, each.kind, each.before, each.after) for each in changes_between(before, after)]

    assert told == expected


@given(JSON)
def test_nothing_changed_is_no_change(value: Any) -> None:
    assert changes_between(value, value) == ()


@given(JSON, JSON)
def test_there_is_a_change_if_and_only_if_something_differs(before: Any, after: Any) -> None:
    assert bool(changes_between(before, after)) is (repr(before) != repr(after) and not _same(before, after))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def test_a_secret_is_never_told() -> None:
    changes = Asked(Login).form.changes({"user": "ada", "password": "hunter2"}, {"user": "bob", "password": "hunter3"})

    assert changes == (Change(path="user", kind="edited", before="ada", after="bob"),)
    assert "hunter" not in str(Asked(Login).form.changes({"user": "ada"}, {"user": "ada", "password": "hunter3"}))
