"""Holds what a typed line means: it fills in the form, and whatever it does not mean for certain is refused there."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field, SecretStr

import flyteplugins.hitl as hitl
from flyteplugins.hitl._records import Channel
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._submission import Submission
from flyteplugins.hitl._typed_answers import TypedAnswer, typed_answer
from flyteplugins.hitl.errors import InvalidAnswer
from tests.support.questions import asked, question

pytestmark = pytest.mark.asyncio


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


async def typed(service: Service, data_type: Any, **details: Any) -> TypedAnswer:
    found = typed_answer(await asked(service, question(data_type, **details)))
    assert found is not None
    return found


async def value(service: Service, line: str, data_type: Any, **details: Any) -> object:
    answer = await typed(service, data_type, **details)
    submission = Submission(value=answer.entries(line), channel=Channel.TERMINAL)
    return submission.checked_value(answer.request.question)


SHIP = ("Ship it", "Hold")


@pytest.mark.parametrize(
    ("data_type", "line", "expected"),
    [
        (bool, "y", True),
        (bool, " Reject ", False),
        (int, "42", 42),
        (float, "1e3", 1000.0),
        (str, "  as it was typed ", "  as it was typed "),
        (Decimal, "12.50", "12.50"),
        (date, "2026-12-24", "2026-12-24"),
        (datetime, "2026-12-24 18:00", "2026-12-24T18:00:00Z"),
        (timedelta, "1h 30min", "PT1H30M"),
        (UUID, "123E4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"),
        (Literal["cat", "dog"], "2", "dog"),
        (Literal["cat", "dog"], "CAT", "cat"),
        (Colour, "2", "green"),
        (Literal[3, 1, 2], "1", 1),
        (Literal["2", "1"], "1", "1"),
        (hitl.Approval, "n: too early", {"approved": False, "reason": "too early"}),
        (hitl.Approval, "yes", {"approved": True, "reason": ""}),
    ],
)
async def test_a_line_is_an_answer(service: Service, data_type: Any, line: str, expected: object) -> None:
    assert await value(service, line, data_type) == expected


@pytest.mark.parametrize(
    ("line", "expected"), [("ship it", True), ("HOLD", False), ("y", True), ("no", False), ("0", False)]
)
async def test_the_words_on_the_buttons_count(service: Service, line: str, expected: bool) -> None:
    assert await value(service, line, bool, labels=SHIP) is expected


@pytest.mark.parametrize(
    ("data_type", "line"),
    [
        (bool, "maybe"),
        (bool, "y but not yet"),
        (bool, "shipping it"),
        (int, "1.5"),
        (float, "nan"),
        (date, "24.12.2026"),
        (Literal["cat", "dog"], "3"),
        (Literal["cat", "dog"], "0"),
        (Literal["cat", "CAT"], "Cat"),
        (Literal["2", "3"], "1"),
        (hitl.Approval, "perhaps"),
        (str, "half of a pair \udcff"),
    ],
)
async def test_a_line_that_is_none_is_refused(service: Service, data_type: Any, line: str) -> None:
    with pytest.raises(InvalidAnswer):
        await value(service, line, data_type, labels=SHIP if data_type is bool else None)


async def test_a_reason_that_is_missing_is_asked_for(service: Service) -> None:
    approval = Annotated[hitl.Approval, hitl.ReasonRequired("reject")]

    with pytest.raises(InvalidAnswer, match=r"value\.reason: Say why"):
        await value(service, "n", approval)

    assert await value(service, "Reject, too early", approval) == {"approved": False, "reason": "too early"}


@pytest.mark.parametrize("data_type", [SecretStr, list[int], int | None, dict[str, int], tuple[int, str], set[Colour]])
async def test_what_takes_a_form_is_not_asked_for(service: Service, data_type: Any) -> None:
    assert typed_answer(await asked(service, question(data_type))) is None


@pytest.mark.parametrize("labels", [("No change", "Change"), ("Keep", "Yes, delete")])
async def test_nobody_is_asked_to_type_no_for_yes(service: Service, labels: tuple[str, str]) -> None:
    assert typed_answer(await asked(service, question(bool, labels=labels))) is None


async def test_the_question_says_what_can_be_typed(service: Service) -> None:
    answer = await typed(service, bool, labels=SHIP, prompt="Ship **version 7**?\n\nTo everybody.", initial=True)

    assert answer.question(80).splitlines() == [
        "“review” asks:",
        "  Ship **version 7**?",
        "  To everybody.",
        "Suggested: Ship it",
        "Type y for Ship it or n for Hold, and press Enter.",
    ]


async def test_the_bounds_of_a_number_are_said(service: Service) -> None:
    answer = await typed(service, Annotated[int, Field(ge=1, le=9)])

    assert answer.question(80).splitlines()[-1] == "Type it and press Enter. At least 1, at most 9."


async def test_numbers_are_offered_only_where_they_are_no_choices(service: Service) -> None:
    assert "  1  cat" in (await typed(service, Literal["cat", "dog"])).question(80).splitlines()
    assert "  2" in (await typed(service, Literal[2, 1])).question(80).splitlines()


async def test_nothing_that_is_asked_speaks_to_the_terminal(service: Service) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\r\x08\u202eevil"
    answer = await typed(service, Literal["a\x1b[2J", "b"], name=f"n{hostile}", prompt=f"p{hostile}")

    assert all(line.isprintable() for line in answer.question(80).splitlines())


async def test_a_long_prompt_is_cut(service: Service) -> None:
    lines = (await typed(service, int, prompt="word " * 5_000)).question(80).splitlines()

    assert len(lines) < 20
    assert all(len(line) <= 80 for line in lines[:-1])
