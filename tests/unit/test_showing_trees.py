"""Holds that any value that JSON can hold is shown as a tree, and that a huge one does not make a huge page."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from flyteplugins.hitl import show
from flyteplugins.hitl._showing._drafts import PREVIEW_BYTES
from tests.support.shown import content_of, draft, preview_of, refusal


class Model(BaseModel):
    name: str
    day: date


@dataclasses.dataclass
class Point:
    x: int
    y: Decimal


def leaf(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "text": text}


def test_a_value_is_a_tree_on_the_page_and_json_to_download() -> None:
    value = {"a": [1, True, None], "b": "ü", "c": {}, "d": 0.5}
    made = draft(value)

    assert made.kind == "json"
    assert json.loads(content_of(made)) == value
    assert made.files[0].file_name == "shown-1.json"
    assert preview_of(made) == {
        "type": "object",
        "count": 4,
        "items": [
            [
                "a",
                {
                    "type": "array",
                    "count": 3,
                    "items": [[None, leaf("int", "1")], [None, leaf("bool", "true")], [None, leaf("null", "null")]],
                },
            ],
            ["b", leaf("string", "ü") | {"left_out": 0}],
            ["c", {"type": "object", "count": 0, "items": []}],
            ["d", leaf("float", "0.5")],
        ],
    }
    assert made.details == {"is_cut": False}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Model(name="a", day=date(2026, 1, 2)), {"name": "a", "day": "2026-01-02"}),
        (Point(1, Decimal("0.1")), {"x": 1, "y": "0.1"}),
        ({"n": np.float32(0.5), "l": np.array([1, 2])}, {"n": 0.5, "l": [1, 2]}),
        ({"x": float("nan"), "y": float("-inf")}, {"x": "NaN", "y": "-Infinity"}),
        ({1: {2}}, {"1": [2]}),
        (show.Json("text"), "text"),
        (show.Json([1, 2]), [1, 2]),
    ],
)
def test_what_python_has_and_json_has_not_is_written_as_it_reads(value: Any, expected: Any) -> None:
    assert json.loads(content_of(draft(value))) == expected


def test_a_list_within_a_list_is_a_tree() -> None:
    assert draft([1]).kind == "json"


def count(node: dict[str, Any]) -> int:
    return 1 + sum(count(item) for _, item in node.get("items", ()))


def depth(node: dict[str, Any]) -> int:
    return 1 + max((depth(item) for _, item in node.get("items", ())), default=0)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {str(number): list(range(100)) for number in range(1000)},
        {str(number): "x" * 5000 for number in range(1000)},
        {"k" * 5000 + str(number): 1 for number in range(1000)},
        {"deep": nested(200)},
        {"long": "y" * 1_000_000},
    ],
    ids=["many", "texts", "keys", "deep", "long"],
)
def test_of_a_huge_value_a_part_is_shown_and_all_can_be_downloaded(value: Any) -> None:
    made = draft(value)

    assert made.details == {"is_cut": True}
    assert made.preview is not None
    assert len(made.preview) <= PREVIEW_BYTES
    assert count(preview_of(made)) <= 2001
    assert depth(preview_of(made)) <= 25
    assert json.loads(content_of(made)) == value


def test_what_was_left_out_is_counted() -> None:
    made = preview_of(draft({"l": list(range(5000)), "t": "z" * 5000}))

    assert made["items"][0][1]["count"] == 5000
    assert preview_of(draft({"t": "z" * 5000}))["items"][0][1]["left_out"] == 3000


def test_a_file_of_json_is_a_tree_and_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text('{"b": 1,   "a": NaN}')

    made = draft(file)

    assert made.kind == "json"
    assert content_of(made) == file.read_bytes()
    assert preview_of(made)["items"][1] == ["a", leaf("string", "NaN") | {"left_out": 0}]


def test_a_large_file_of_json_is_shown_as_text(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(json.dumps(["x" * 100] * 100_000))

    assert draft(file).kind == "text"
    assert "a tree is made of at most 8,388,608" in refusal(show.Json(file))


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text("{")

    assert "its file is no JSON" in refusal(file)


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [{"x": object()}, {"x": cycle()}, nested(100_000), {"x": "\ud800"}],
    ids=["object", "cycle", "deep", "half"],
)
def test_what_cannot_be_written_as_json_is_refused(value: Any) -> None:
    reason = refusal(show.Json(value))

    assert "cannot be written as JSON" in reason or "surrogate" in reason
