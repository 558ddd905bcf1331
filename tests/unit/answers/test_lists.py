"""Holds lists, sets and mappings: rows in their order, names once, and how many there may be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from annotated_types import Len
from pydantic import Field

from flyteplugins.hitl._answers import InvalidValue
from tests.support.asked import Asked, entries
from tests.support.shapes import Invoice, Item, Mode

NUMBERS = Asked(list[int])


def test_rows_are_read_in_the_order_of_their_marks() -> None:
    assert NUMBERS.parse_form([("value", "5"), ("value.0", "1"), ("value", "0"), ("value.5", "2")]) == [2, 1]
    assert NUMBERS.parse_form({}) == []


def test_what_is_wrong_is_told_by_the_number_of_the_row() -> None:
    form = [("value", "7"), ("value.7", "1"), ("value", "3"), ("value.3", "x")]

    assert list(NUMBERS.refused_form(form)) == ["1"]
    second = NUMBERS.form.field(entries(form), [("value.1", "wrong")]).rows[1].members[0]
    assert (second.name, second.path, second.errors) == ("value.3", "value.1", ("wrong",))


def test_how_many_is_held_and_told() -> None:
    asked = Asked(Annotated[list[int], Len(1, 2)])

    assert asked.refused([]) == {"": "At least 1 must be there; there are 0. Add more."}
    assert asked.refused([1, 2, 3]) == {"": "At most 2 are taken; there are 3. Remove some."}
    assert len(asked.field().rows) == 1, "the rows that must be there are there at first"
    assert not asked.field([("value", "0"), ("value", "1")]).can_add


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        (set[int], [1, 1]),
        (set[float], [0.0, -0.0]),
        (set[Decimal], ["1.0", "1.00"]),
        (set[Any], [1, True]),
        (set[tuple[Any, ...]], [[1], [1.0]]),
        (frozenset[str], ["a", "a"]),
    ],
)
def test_what_would_be_one_in_a_set_is_refused(data_type: Any, value: Any) -> None:
    assert Asked(data_type).refused(value) == {"1": "It is there twice. Each may be there once."}


def test_a_set_has_one_spelling_whatever_its_order() -> None:
    assert Asked(set[int]).parse_json([10, 9, 2**70, -1]) == [-1, 9, 10, 2**70]
    assert not Asked(set[int]).field().can_move


class TestActions:
    """The buttons of rows."""

    asked = Asked(Invoice)

    def acted(self, action: str, pairs: Any = ()) -> dict[str, str]:
        return dict(self.asked.form.acted(entries(list(pairs)), action))

    def test_a_new_row_has_the_defaults_of_its_type(self) -> None:
        assert self.acted("add:value.items") == {"value.items": "0", "value.items.0.quantity": "1"}
        assert self.acted("add:value.ship_to")["value.ship_to.0.entrance"] == "front"

    def test_rows_are_removed_and_moved(self) -> None:
        rows = [("value.items", "0"), ("value.items.0.name", "a"), ("value.items", "1"), ("value.items.1.name", "b")]

        assert "value.items.0.name" not in self.acted("remove:value.items:0", rows)
        assert list(self.asked.form.acted(entries(rows), "up:value.items:1").rows("value.items")) == ["1", "0"]
        assert list(self.asked.form.acted(entries(rows), "down:value.items:0").rows("value.items")) == ["1", "0"]

    @pytest.mark.parametrize(
        "action",
        [
            "",
            "add",
            "add:",
            "add:value",
            "add:value.number",
            "add:request_id",
            "add:value.items.0",
            "add:value.nothing",
            "add:valueitems",
            "drop:value.items:0",
            "remove:value.items:0",
            "remove:value.number:0",
            "up:value.items:9",
            "show:value.items",
            "add:value.items" + ".0" * 100_000,
            "\x00",
        ],
    )
    def test_a_button_that_the_form_does_not_have_is_refused(self, action: str) -> None:
        with pytest.raises(InvalidValue, match="The form has no such button"):
            self.acted(action)

    def test_no_row_is_added_where_none_may_be(self) -> None:
        full = Asked(Annotated[list[int], Len(0, 1)]).form

        with pytest.raises(InvalidValue, match="no such button"):
            full.acted(entries([("value", "0")]), "add:value")


class TestMap:
    """Values by names that the person gives."""

    asked = Asked(dict[str, int])

    def row(self, row: str, key: str, value: str) -> list[tuple[str, str]]:
        return [("value", row), (f"value.{row}.key", key), (f"value.{row}.value", value)]

    def test_names_and_values_are_read(self) -> None:
        assert self.asked.parse_form([*self.row("0", "a.b", "1"), *self.row("1", "", "2")][:3]) == {"a.b": 1}

    def test_an_empty_name_and_one_that_is_there_twice_are_refused(self) -> None:
        assert "The name is empty" in self.asked.refused_form(self.row("0", "", "1"))[""]
        twice = [*self.row("0", "a", "1"), *self.row("1", "a", "2")]
        assert self.asked.refused_form(twice) == {"a": "The name “a” is there twice. Give each another name."}

    def test_names_that_become_one_are_refused(self) -> None:
        assert "there twice" in str(Asked(dict[int, str]).refused({"1": "a", "01": "b"}))
        assert Asked(dict[int, str]).parse_json({"01": "b"}) == {"1": "b"}

    def test_names_are_held_to_their_type(self) -> None:
        assert "is not a date" in str(Asked(dict[date, int]).refused({"x": 1}))
        assert "is not one of the choices" in str(Asked(dict[Mode, int]).refused({"x": 1}))
        pattern = Asked(dict[Annotated[str, Field(pattern="^a")], int])
        assert pattern.refused({"b": 1}) == {"b": "The name “b” does not fit. It must match ^a"}
        assert pattern.parse_json({"ab": 1}) == {"ab": 1}

    def test_how_many_is_held(self) -> None:
        assert "At least 1" in Asked(Annotated[dict[str, int], Len(1)]).refused({})[""]
        assert "At most 1" in Asked(Annotated[dict[str, int], Len(0, 1)]).refused({"a": 1, "b": 2})[""]

    def test_a_new_row_has_the_defaults_of_its_type(self) -> None:
        added = Asked(dict[str, Item]).form.acted(entries([]), "add:value")

        assert dict(added) == {"value": "0", "value.0.value.quantity": "1"}
