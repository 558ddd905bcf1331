"""Holds types of the author's own, shown and kept as a type that is known."""

from __future__ import annotations

import sys
import typing
from decimal import Decimal
from typing import Annotated, Any, Optional

import pytest
from pydantic import Field

from flyteplugins.hitl import _own_types, register
from flyteplugins.hitl._answers import InvalidValue
from flyteplugins.hitl.errors import InvalidParameter, UnsupportedType
from tests.support.asked import Asked


class Money:
    def __init__(self, amount: Decimal) -> None:
        if amount < 0:
            raise ValueError("Nobody owes us money.")
        self.amount = amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and other.amount == self.amount

    def __hash__(self) -> int:
        return hash(self.amount)


class Made(typing.TypedDict, total=False):
    title: str
    year: int


class Twig(typing.TypedDict):
    label: str
    twigs: list[Twig]


@pytest.fixture
def money(monkeypatch: pytest.MonkeyPatch) -> type[Money]:
    """The type, registered while the test runs."""
    monkeypatch.setattr(_own_types, "_registered", dict(_own_types._registered))
    register(
        Money,
        shown_as=Annotated[Decimal, Field(decimal_places=2)],
        to_answer=lambda money: money.amount,
        from_answer=Money,
    )
    return Money


def test_it_is_asked_for_as_what_it_is_shown_as(money: type[Money]) -> None:
    asked = Asked(money)

    assert (asked.answer.name, asked.field().kind) == ("Money", "decimal")
    assert asked.get("4.50") == Money(Decimal("4.50"))
    assert "at most 2 are taken" in asked.refused("4.505")[""]


@pytest.mark.parametrize(
    "wrapped", [Optional[Money], list[Money], dict[str, Money], tuple[Money, int], Money | None, set[Money]]
)
def test_it_stands_wherever_a_type_can(money: type[Money], wrapped: Any) -> None:
    assert Asked(wrapped).answer.needs_workflow


def test_values_of_the_author_go_in_and_come_out(money: type[Money]) -> None:
    asked = Asked(list[Money])

    assert asked.answer.initial_json([Money(Decimal(1))]) == ["1"]
    assert asked.get(["1"]) == [Money(Decimal(1))]
    with pytest.raises(InvalidParameter, match="`on_timeout="):
        asked.answer.fallback_json([Decimal(1)])


def test_what_it_refuses_is_told_with_its_sentence(money: type[Money]) -> None:
    asked = Asked(money)

    assert asked.answer.needs_workflow
    with pytest.raises(InvalidValue, match="Nobody owes us money"):
        asked.get("-1")


def test_one_that_is_not_registered_is_refused_with_the_mend() -> None:
    with pytest.raises(UnsupportedType, match=r"`data_type=Money` is not supported.*`hitl.register`"):
        Asked(Money)


@pytest.mark.parametrize(
    "arguments",
    [
        {"python_type": "Money", "to_answer": str, "from_answer": str},
        {"python_type": Money, "to_answer": None, "from_answer": str},
        {"python_type": Money, "to_answer": str, "from_answer": 5},
    ],
)
def test_what_cannot_be_registered_is_refused(arguments: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"`register` takes a class|must be functions"):
        register(arguments.pop("python_type"), shown_as=str, **arguments)


def test_the_typed_dict_of_the_standard_library_is_known() -> None:
    asked = Asked(Made)

    assert asked.get({"title": "x"}) == {"title": "x"}
    assert "required" not in asked.answer.schema


def test_a_typed_dict_that_holds_itself_is_known_or_refused_in_words() -> None:
    if sys.version_info >= (3, 12):
        assert Asked(Twig).get({"label": "x", "twigs": []}) == {"label": "x", "twigs": []}
    else:
        for data_type in (Twig, list[Twig]):
            with pytest.raises(UnsupportedType, match=r"`Twig` holds itself.*as a dataclass"):
                Asked(data_type)
