"""Holds what may be nothing and what may be one of several types: nothing is read as what it was not sent as."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import pytest
from pydantic import BaseModel, Discriminator, Field, SecretStr, Tag

from flyteplugins.hitl._answers import InvalidValue
from flyteplugins.hitl.errors import UnsupportedType
from tests.support.asked import Asked, entries, is_same
from tests.support.shapes import Add, Cat, Colour, Dog, Expression, Item, Number, Pet, Rank, Tree


class Twig(BaseModel):
    end: Union[Item, Twig]


class TestOptional:
    def test_an_empty_field_is_nothing(self) -> None:
        assert Asked(Optional[int]).parse_form({"value": ""}) is None
        assert Asked(Optional[str]).parse_form({"value": ""}) is None
        assert Asked(Optional[str]).parse_form({}) is None

    def test_a_text_that_was_empty_before_stays_empty(self) -> None:
        asked = Asked(Optional[str])

        assert asked.parse_form(dict(asked.form.filled(""))) == ""
        assert asked.parse_form(dict(asked.form.filled(None))) is None

    def test_a_choice_can_be_taken_back(self) -> None:
        field = Asked(Optional[bool]).field()

        assert [choice.label for choice in field.choices] == ["Yes", "No", "No answer"]
        assert [choice.is_chosen for choice in field.choices] == [False, False, True]

    def test_what_has_fields_is_added_like_a_row(self) -> None:
        asked = Asked(Optional[Item])

        assert asked.field({}).kind == "maybe"
        assert asked.parse_form({}) is None
        assert asked.parse_form({"value": "0", "value.0.name": "x", "value.0.price": "1", "value.0.quantity": "1"})

    def test_one_value_and_none_are_told_apart(self) -> None:
        assert Asked(Optional[Literal["a"]]).parse_form({"value": "0"}) == "a"
        assert Asked(Optional[Literal["a"]]).parse_form({}) is None


class TestScalars:
    @pytest.mark.parametrize(("value"), [5, "5", 5.0, True, "true", "", 2**70, "x"])
    def test_json_stays_what_it_is(self, value: Any) -> None:
        asked = Asked(Union[bool, int, float, str])

        assert is_same(asked.parse_json(value), value)
        assert is_same(asked.get(value), value)
        assert is_same(asked.parse_form(dict(asked.form.filled(value))), value)

    def test_in_a_form_the_person_says_which(self) -> None:
        asked = Asked(Union[int, str])

        assert asked.parse_form({"value.type": "0", "value.0": "5"}) == 5
        assert asked.parse_form({"value.type": "1", "value.1": "5"}) == "5"
        assert asked.refused_form({"value.0": "5"}) == {"": "Choose one: Int, Str."}

    def test_a_day_is_no_moment(self) -> None:
        asked = Asked(Union[date, datetime])

        assert type(asked.get("2026-01-31")) is date
        assert type(asked.get("2026-01-31T00:00:00Z")) is datetime

    @pytest.mark.parametrize("data_type", [Twig, list[Twig], Union[Twig, Item], Twig | None])
    def test_models_that_hold_themselves_and_cannot_be_told_apart_are_refused(self, data_type: Any) -> None:
        with pytest.raises(UnsupportedType, match="several models or dataclasses cannot be told apart"):
            Asked(data_type)

    @pytest.mark.parametrize(
        "data_type",
        [
            Union[str, UUID],
            Union[str, Decimal],
            Union[int, Decimal],
            Union[Colour, str],
            Union[Rank, int],
            Union[SecretStr, str],
            Union[str, SecretStr],
            Optional[Union[str, SecretStr]],
            list[Union[date, str]],
        ],
    )
    def test_types_that_one_text_could_be_are_refused(self, data_type: Any) -> None:
        with pytest.raises(UnsupportedType, match="cannot be told apart"):
            Asked(data_type)


class TestTagged:
    asked = Asked(Pet)

    def test_the_tag_says_which(self) -> None:
        assert self.asked.get({"kind": "cat", "lives": 9}) == Cat(lives=9)
        assert self.asked.get({"kind": "hound", "name": "Rex"}) == Dog(kind="hound", name="Rex")

    def test_without_a_tag_or_with_another_it_is_refused(self) -> None:
        assert "Send one of cat, dog, hound." in self.asked.refused({"lives": 9})[""]
        assert "Send one of cat, dog, hound." in self.asked.refused({"kind": "cow"})[""]
        assert "is not an object" in self.asked.refused(5)[""]

    def test_only_the_fields_of_the_chosen_one_count(self) -> None:
        form = {"value.type": "cat", "value.cat.lives": "9", "value.dog.kind": "", "value.dog.name": "left over"}

        assert self.asked.parse_form(form) == {"kind": "cat", "lives": 9}

    def test_models_with_nothing_to_tell_them_apart_are_refused(self) -> None:
        with pytest.raises(UnsupportedType, match="discriminator"):
            Asked(Union[Item, Tree])

    def test_a_function_that_tells_them_apart_is_left_to_the_workflow(self) -> None:
        def kind_of(value: Any) -> str:
            return "a" if "lives" in value else "b"

        tagged = Annotated[Union[Annotated[Cat, Tag("a")], Annotated[Dog, Tag("b")]], Discriminator(kind_of)]

        assert Asked(tagged).answer.needs_workflow


class TestRecursion:
    """Types that hold themselves: the form ends, and goes on where somebody goes on."""

    def test_the_fields_of_what_holds_itself_come_once_it_is_chosen(self) -> None:
        asked = Asked(Expression)
        first = asked.field({})

        assert len(list(first.walk())) < 30
        inner = asked.field({"value.type": "add", "value.add.left.type": "add"}, "value.add.left")
        assert [bool(row.members) for row in inner.rows] == [True, True]

    def test_its_fields_are_asked_for_with_a_button_and_have_their_defaults(self) -> None:
        chosen = {"value.type": "add", "value.add.left.type": "number"}
        shown = Asked(Expression).form.acted(entries(chosen), "show:value.add.left:add")

        assert shown.one("value.add.left.type") == "add"
        # Whoever runs no script has chosen it already, and then asks for its fields.
        assert list(Asked(Expression).form.acted(shown, "show:value.add.left:add"))[: len(list(shown))] == list(shown)
        for action in ("show:value.add.left:x", "show:value", "show:value.nothing:add", "show:value.add:add"):
            with pytest.raises(InvalidValue, match="no such button"):
                Asked(Expression).form.acted(entries(chosen), action)

    def test_it_is_read_to_any_depth_that_fits(self) -> None:
        value: Any = {"op": "number", "value": 1.0}
        for _ in range(20):
            value = {"op": "add", "left": value, "right": {"op": "number", "value": 2.0}}

        assert isinstance(Asked(Expression).get(value), Add)

    @pytest.mark.parametrize("depth", [70, 150, 400, 2000])
    def test_what_is_nested_too_deeply_is_refused(self, depth: int) -> None:
        value: Any = {"label": "x"}
        for _ in range(depth):
            value = {"label": "x", "children": [value]}

        assert Asked(Tree).refused(value) == {"": "The answer is nested too deeply: at most 64 levels are taken."}

    def test_a_form_that_is_nested_too_deeply_is_refused_and_still_shown(self) -> None:
        asked = Asked(Tree)
        names = ["value" + ".children.0" * depth + ".children" for depth in range(300)]
        form = [(name, "0") for name in names]

        assert list(asked.refused_form(form).values()) == [
            "The answer is nested too deeply: at most 64 levels are taken."
        ]
        assert len(list(asked.field(form).walk())) > 20

    def test_the_example_ends(self) -> None:
        assert Asked(Tree).form.example() == {"label": "your answer"}
        assert Asked(Expression).get(Asked(Expression).form.example()) == Number(value=0.5)

    def test_a_type_that_holds_itself_in_two_ways_has_a_short_example(self) -> None:
        class Twin(BaseModel):
            left: Optional[Twin] = Field(...)
            right: list[Twin] = Field(...)

        Twin.model_rebuild(_types_namespace={"Twin": Twin})
        assert Asked(Twin).form.example() == {"left": None, "right": []}
