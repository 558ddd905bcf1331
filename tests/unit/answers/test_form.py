"""Holds the form of a question, made of the recorded schema alone: what is asked, how it is called, where errors go."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from flyteplugins.hitl._answers import Entries, Form, answer_for
from tests.support.asked import Asked, entries
from tests.support.shapes import SHAPES, Invoice


def test_the_record_alone_makes_it() -> None:
    kept = json.loads(json.dumps(Asked(Invoice).answer.schema))

    assert Form(kept).field(Entries(())) == Asked(Invoice).form.field(Entries(()))


@pytest.mark.parametrize("name", SHAPES)
def test_every_name_in_it_is_there_once(name: str) -> None:
    names = [field.name for field in Asked(SHAPES[name].data_type).field().walk()]

    assert len(set(names)) == len(names)


def test_a_field_is_called_by_its_title_or_else_by_its_name() -> None:
    class Review(BaseModel):
        reviewed_by: str
        score: Annotated[int, Field(title="Mark", description="From one to six.")]

    first, second = Asked(Review).field().members

    assert (first.label, second.label, second.description) == ("Reviewed by", "Mark", "From one to six.")


def test_the_whole_answer_is_called_so() -> None:
    assert Asked(int).field().label == "Your answer"
    assert Asked(list[int]).field().label == "Your answer"


def test_what_is_wrong_stands_at_its_field() -> None:
    errors = [("value.items.0.price", "one"), ("value.items.0.price", "two"), ("value.items", "three")]
    rows = entries([("value.items", "4")])
    fields = {field.path: field for field in Asked(Invoice).form.field(rows, errors).walk()}

    assert fields["value.items.0.price"].errors == ("one", "two")
    assert fields["value.items.0.price"].name == "value.items.4.price"
    assert fields["value.items"].errors == ("three",)


@pytest.mark.parametrize(
    "schema",
    [{}, {"type": "newer"}, {"$ref": "#/$defs/x"}, {"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}],
)
def test_a_schema_that_this_version_does_not_know_is_asked_for_as_json(schema: dict[str, Any]) -> None:
    assert Form(schema).kind == "json"
    assert Form(schema).parse_form(entries({"value": '{"a": 1}'})) == {"a": 1}


def test_an_example_of_a_scalar_is_text_as_it_is_documented() -> None:
    assert Asked(bool).form.example() == "true"
    assert Asked(int).form.example() == "42"
    assert Asked(list[int]).form.example() == [42]
    assert Asked(Annotated[str, Field(examples=["A-1"])]).form.example() == "A-1"


def test_an_example_that_is_no_answer_is_not_given() -> None:
    assert Asked(Annotated[int, Field(examples=["many", 7])]).form.example() == "7"


class Described(BaseModel):
    sku: str = Field(title="SKU", description="As on the box.", examples=["A-17"])
    count: int = Field(examples=[12])
    key: SecretStr = Field(examples=["hunter2"])


def test_a_field_says_what_its_author_says_of_it() -> None:
    form = answer_for(Described, max_characters=100).form()

    sku, count, key = form.field(form.blank()).members

    assert (sku.label, sku.description, sku.attributes["placeholder"]) == ("SKU", "As on the box.", "A-17")
    assert count.attributes["placeholder"] == "12"
    assert "hunter2" not in repr(key)
