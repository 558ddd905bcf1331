"""Asking at the terminal, kind by kind: what is typed becomes what the form would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from click.testing import CliRunner
from flyte.io import File
from pydantic import BaseModel, Field, SecretStr

import flyteplugins.hitl as hitl
from flyteplugins.hitl._answers import Form
from flyteplugins.hitl._records import Origin, Request
from flyteplugins.hitl.cli._asker import ask_for
from flyteplugins.hitl.cli._terminal import Terminal
from flyteplugins.hitl.errors import FieldError, InvalidParameter
from tests.support.questions import question

MOMENT = datetime(2026, 1, 2, tzinfo=timezone.utc)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


@dataclass
class Box:
    width: int
    is_open: bool = False
    note: str | None = None
    lid: Cat | None = None


def request_of(data_type: Any, **details: Any) -> Request:
    content = question(data_type, **details)
    return Request(
        nonce="n",
        request_id="a" * 26,
        origin=Origin(run="r", action="a"),
        question=content,
        fingerprint="f",
        occurrence=1,
        turn=1,
        generation=0,
        created_at=MOMENT,
        deadline=None,
        response_path="p",
    )


def asked(request: Request, typed: Sequence[str], errors: Sequence[FieldError] = ()) -> tuple[Any, str, str]:
    """Types line by line; returns the value, the comment, and what the person saw."""
    lines = "".join(f"{line}\n" for line in typed)
    with CliRunner().isolation(input=lines) as (_, output, *_):
        entries, comment = ask_for(Terminal(as_json=False), request, None, errors, None)
        seen = output.getvalue().decode()
    return Form(request.question.answer_schema).parse_form(entries), comment, seen


@pytest.mark.parametrize(
    ("data_type", "typed", "expected"),
    [
        (bool, ["y"], True),
        (bool, ["2"], False),
        (bool, ["maybe", "approve"], True),
        (int, ["-5"], -5),
        (str, [""], ""),
        (timedelta, ["1h 30min"], "PT1H30M"),
        (Colour, ["blue"], "blue"),
        (Literal[10, 20, 1], ["2"], 20),
        (Literal["1", "0"], ["2"], "0"),
        (set[Literal["a", "b", "c"]], ["3,1"], ["a", "c"]),
        (set[Literal["a", "b", "c"]], ["7", "0"], []),
        (int | None, [""], None),
        (bool | None, ["3"], None),
        (list[int], ["y", "1", "y", "2", "n"], [1, 2]),
        (dict[str, int], ["y", "a", "1", "y", "b", "2", "n"], {"a": 1, "b": 2}),
        (tuple[int, str], ["1", "b"], [1, "b"]),
        (int | str, ["2", "x"], "x"),
        (Pet, ["2", "Rex"], {"kind": "dog", "name": "Rex"}),
        (Box, ["3", "1", "", "n"], {"width": 3, "is_open": True, "note": None, "lid": None}),
        (
            Box,
            ["3", "2", "hi", "y", ""],
            {"width": 3, "is_open": False, "note": "hi", "lid": {"kind": "cat", "lives": 9}},
        ),
        (
            Tree,
            ["oak", "y", "twig", "n", "n"],
            {"name": "oak", "children": [{"name": "twig", "children": []}]},
        ),
        (SecretStr, ["hunter2"], "hunter2"),
        (dict, ['{"a": [1]}'], {"a": [1]}),
        (hitl.Approval, ["2", "too dear"], {"approved": False, "reason": "too dear"}),
    ],
    ids=str,
)
def test_what_is_typed_is_what_the_form_would_hold(data_type: Any, typed: list[str], expected: Any) -> None:
    value, comment, _ = asked(request_of(data_type), [*typed, "as agreed", "y"])

    assert value == expected
    assert type(value) is type(expected)
    assert comment == "as agreed"


@pytest.mark.parametrize(
    ("data_type", "initial", "typed"),
    [
        (int, 7, [""]),
        (Box, Box(width=3, is_open=True, note="hi", lid=Cat(lives=3)), ["", "", "", "", ""]),
        (list[int], [1, 2], ["", "", ""]),
        (set[Literal["a", "b"]], {"b"}, [""]),
        (Pet, Dog(name="Rex"), ["", ""]),
        (datetime, datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc), [""]),
    ],
    ids=str,
)
def test_what_was_filled_in_stays_where_nothing_is_typed(data_type: Any, initial: Any, typed: list[str]) -> None:
    request = request_of(data_type, initial=initial)
    assert request.question.initial is not None

    value, _, _ = asked(request, [*typed, "", ""])

    assert value == request.question.initial.value


def test_the_author_is_shown_with_no_control_characters() -> None:
    class Order(BaseModel):
        """An order."""

        name: str

    request = request_of(Order, name="order\x1b[2J", prompt="Which\x07?\nNow.")

    _, _, seen = asked(request, ["tea", "", ""])

    assert "Now." in seen
    assert not {"\x1b", "\x07"} & set(seen)


def test_what_was_wrong_is_told_first() -> None:
    _, _, seen = asked(request_of(int), ["1", "", ""], [FieldError(field="value", reason="Too many hours.")])

    assert seen.count("Too many hours.") >= 1


@pytest.mark.parametrize("data_type", [File, list[File], dict[str, File]], ids=str)
def test_what_cannot_be_typed_leads_to_the_form(data_type: Any) -> None:
    with pytest.raises(InvalidParameter, match="flyte hitl open"):
        asked(request_of(data_type), ["y", "name", "x"])
