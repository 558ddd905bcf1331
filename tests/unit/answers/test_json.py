"""Holds JSON as text, for whatever has no field of its own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import JsonValue

from tests.support.asked import Asked, is_same

ANY = Asked(Any)


@pytest.mark.parametrize(
    ("text", "value"),
    [("null", None), ("1", 1), ("1.0", 1.0), ('"x"', "x"), ("[1, {}]", [1, {}]), (' {"a": "ü"} ', {"a": "ü"})],
)
def test_text_is_read_as_json(text: str, value: Any) -> None:
    assert is_same(ANY.parse_text(text), value)


@pytest.mark.parametrize(
    "text", ["", "x", "{", "NaN", "[Infinity]", "1e999", "9" * 5000, "'x'", "{1: 2}", '"\\ud800"', "[" * 100_000]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    assert ANY.refused_form({"value": text})


def test_text_from_a_program_stays_text() -> None:
    assert ANY.parse_json("[1]") == "[1]"


@pytest.mark.parametrize("value", ["\ud800", [float("nan")], {"\udfff": 1}, float("inf")])
def test_what_no_record_can_hold_is_refused(value: Any) -> None:
    assert Asked(JsonValue).refused(value)


def test_another_shape_than_asked_for_is_refused() -> None:
    assert "`type`" in Asked(dict).refused([1])[""]
    assert Asked(dict).get({"a": [1]}) == {"a": [1]}


@pytest.mark.parametrize("depth", [66, 150, 200, 900])
def test_what_is_nested_too_deeply_to_be_read_again_is_refused(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]

    assert "nested too deeply" in ANY.refused(value)[""]
    assert "nested too deeply" in ANY.refused_form({"value": "[" * depth + "]" * depth})[""]


def test_people_read_it_as_it_is_written() -> None:
    assert ANY.form.text({"a": "ü"}) == '{\n  "a": "ü"\n}'
