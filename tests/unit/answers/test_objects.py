"""Holds values with named members: each is read by its own type, and all that is wrong is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Optional

import pytest
from pydantic import BaseModel, Field

from tests.support.asked import Asked
from tests.support.shapes import Address, Aliased, Cat, Invoice, Item, Partial, Point


@dataclass
class Plan:
    name: str
    hours: int = 4
    owner: Optional[Address] = None
    tags: list[str] = field(default_factory=list)


def test_all_that_is_wrong_is_told_at_its_place() -> None:
    assert Asked(Invoice).refused({"number": 5, "items": [{"name": "", "price": "x"}], "extra": 1}) == {
        "number": "5 is not text. Send a string.",
        "due": "It is missing: send it.",
        "items.0.name": "It must be at least 1 character long; it has 0.",
        "items.0.price": "“x” is not a decimal number. Write it with a point and no thousands separator, such as "
        "12.50.",
        "extra": "There is no such field. Send `number`, `paid_on`, `due`, `items`, `tags`, `ship_to`, `notes`, "
        "`colour`.",
    }


def test_what_is_left_out_has_its_default() -> None:
    assert Asked(Plan).parse_json({"name": "x"}) == {"name": "x", "hours": 4, "owner": None, "tags": []}
    assert Asked(Plan).get({"name": "x"}) == Plan("x")


def test_a_form_starts_with_the_defaults() -> None:
    asked = Asked(Plan)

    assert dict(asked.form.blank()) == {"value.hours": "4"}
    assert asked.field(at="value.hours").text == "4"


def test_an_object_inside_of_another_is_filled_in_by_its_place() -> None:
    asked = Asked(Plan)
    form = {"value.name": "x", "value.hours": "1", "value.owner": "0", "value.owner.0.street": "Elm"}
    form |= {"value.owner.0.number": "5", "value.owner.0.entrance": "back"}

    assert asked.answer.from_json(asked.parse_form(form)) == Plan("x", 1, Address("Elm", 5, "back"))


def test_what_has_no_default_that_json_can_spell_is_left_to_the_type() -> None:
    class Spread(BaseModel):
        width: float = float("nan")
        maker: Any = Field(default_factory=object)
        number: int = None  # type: ignore[assignment]  # As people write it.

    asked = Asked(Spread)

    assert "default" not in asked.answer.schema["properties"]["width"]
    assert asked.field({}, "value.width").kind == "maybe"
    assert asked.answer.from_json(asked.parse_form({})).number is None


def test_members_are_called_as_json_calls_them() -> None:
    assert Asked(Aliased).get({"firstName": 1, "second.name~": "x"}) == Aliased(first=1, second="x")
    assert Asked(Aliased).parse_form({"value.firstName": "1", "value.second~1name~0": "x"}) == {
        "firstName": 1,
        "second.name~": "x",
    }
    assert "first" in Asked(Aliased).refused({"first": 1})


def test_a_member_that_may_be_missing_is_added_like_a_row() -> None:
    asked = Asked(Partial)

    assert asked.field({}, "value.one").kind == "maybe"
    assert asked.parse_form({"value.two": "x"}) == {"two": "x"}
    assert asked.parse_form({"value.two": "x", "value.one": "0", "value.one.0": "5"}) == {"two": "x", "one": 5}


def test_a_form_without_a_field_is_told_which() -> None:
    assert Asked(Plan).refused_form({"value.name": "x"}) == {"hours": "It is missing: fill it in."}


def test_what_can_be_only_one_value_is_not_asked_for() -> None:
    asked = Asked(Cat)

    assert [field.path for field in asked.field().members] == ["value.lives"]
    assert asked.parse_form({"value.lives": "9"}) == {"kind": "cat", "lives": 9}
    assert "the only value that it can have" in asked.refused({"kind": "dog", "lives": 9})["kind"]


def test_an_object_may_come_as_the_text_of_its_json() -> None:
    assert Asked(Item).parse_json('{"name": "Tea", "price": 4.5}') == {"name": "Tea", "price": "4.5", "quantity": 1}
    assert "is not an object" in Asked(Item).refused("Tea")[""]


def test_values_of_a_tuple_have_a_field_each() -> None:
    asked = Asked(Point)

    assert [member.label for member in asked.field().members] == ["X", "Y"]
    assert asked.parse_form({"value.0": "1", "value.1": "0.5"}) == [1, 0.5]
    assert asked.get([1, 2]) == Point(1, 2.0)
    assert "is not a list of 2 values" in asked.refused([1])[""]


def test_nothing_is_an_answer_where_it_is_the_only_one() -> None:
    assert Asked(type(None)).parse_form({}) is None
    assert Asked(Literal["yes"]).parse_form({}) == "yes"


def test_words_for_people_leave_out_what_says_nothing() -> None:
    assert Asked(Cat).form.text({"kind": "cat", "lives": 9}) == "Lives: 9"
    assert Asked(Plan).form.text({"name": "x", "hours": 4, "owner": None, "tags": ["a", "b"]}) == (
        "Name: x\nHours: 4\nOwner: None\nTags:\n  a\n  b"
    )


@pytest.mark.parametrize("value", [None, 5, [], "[]", True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    assert "is not an object. Send one with `name`" in Asked(Item).refused(value)[""]
