"""Holds choices: one of several things, or several of them, each by a name of its own in the form."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal, Optional

import pytest
from annotated_types import Len
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl.errors import UnsupportedType
from tests.support.asked import Asked, is_same
from tests.support.shapes import Colour, Mode, Odd, Rank

MIXED = Asked(Literal["a", 1, "1", "=1", True, "true", None, "", '""'])


@pytest.mark.parametrize("value", ["a", 1, "1", "=1", True, "true", None, "", '""'])
def test_choices_of_any_kind_are_told_apart_in_a_form(value: Any) -> None:
    filled = dict(MIXED.form.filled(value))

    assert is_same(MIXED.parse_form(filled), value)
    assert [choice.is_chosen for choice in MIXED.field(filled).choices].count(True) == 1


@given(
    st.lists(st.one_of(st.text(max_size=4), st.integers(-2, 2), st.booleans(), st.none()), min_size=2, unique_by=repr)
)
def test_no_two_choices_share_a_key(options: list[Any]) -> None:
    form = Asked(Literal["a", "b"]).form
    form._node = form._node.child({"enum": options})
    keys = [choice.key for choice in form.field(form.blank()).choices]

    assert len(set(keys)) == len(options)
    assert all(keys)


@pytest.mark.parametrize("value", ["b", 2, 1.0, False, "A", [], {}])
def test_what_is_no_choice_is_refused_with_those_that_are(value: Any) -> None:
    assert "is not one of the choices: a, =" in MIXED.refused(value)[""]


def test_a_choice_is_taken_by_its_words_too() -> None:
    assert Asked(Rank).parse_json("High") == 10
    assert Asked(Literal["a", "b"], labels=("Ship it", "Hold")).parse_text("Hold") == "b"


def test_words_that_name_another_choice_are_that_choice() -> None:
    # Whoever sends the key means the key, whatever the author called the others.
    assert Asked(Literal["a", "b"], labels=("b", "a")).parse_json("b") == "b"


@pytest.mark.parametrize("enum", [Colour, Rank, Mode, Odd])
def test_the_workflow_gets_the_member(enum: type[Enum]) -> None:
    for member in enum:
        assert Asked(enum).get(member.value) is member


def test_members_with_numbers_are_called_by_their_names() -> None:
    assert Asked(Rank).form.text(10) == "High"
    assert Asked(Colour).form.text("deep blue") == "deep blue"


def test_a_member_that_nobody_could_choose_by_is_refused() -> None:
    class Strange(Enum):
        PAIR = (1, 2)

    with pytest.raises(UnsupportedType, match=r"`Strange\.PAIR` has a value of type tuple"):
        Asked(Strange)


def test_up_to_five_are_buttons_and_more_are_a_list() -> None:
    assert Asked(Literal[1, 2, 3, 4, 5]).field().kind == "buttons"
    assert Asked(Literal[1, 2, 3, 4, 5, 6]).field().kind == "select"
    assert Asked(Optional[Literal[1, 2]]).field().kind == "radios"


class TestSeveral:
    """Several of several things."""

    asked = Asked(set[Literal["x", "y", "z"]])

    def test_they_are_kept_in_the_order_in_which_they_are_offered(self) -> None:
        assert self.asked.parse_json(["z", "x"]) == ["x", "z"]
        assert self.asked.parse_form([("value", "z"), ("value", "x")]) == ["x", "z"]
        assert self.asked.get(["z", "x"]) == {"x", "z"}

    def test_a_program_may_send_them_as_text(self) -> None:
        assert self.asked.parse_json("z, x") == ["x", "z"]
        assert self.asked.parse_json('["y"]') == ["y"]

    def test_none_of_them_is_an_answer(self) -> None:
        assert self.asked.parse_form({}) == []
        assert self.asked.form.text([]) == "none of them"

    def test_one_that_is_there_twice_is_refused(self) -> None:
        assert "there twice" in self.asked.refused(["x", "x"])[""]

    def test_how_many_is_told_and_held(self) -> None:
        asked = Asked(Annotated[set[Literal["x", "y", "z"]], Len(1, 2)])

        assert asked.field().hint == "At least 1. At most 2."
        assert asked.refused([]) == {"": "Choose at least 1; 0 of them are chosen."}
        assert asked.refused(["x", "y", "z"]) == {"": "Choose at most 2; 3 are chosen."}

    def test_none_of_them_is_not_no_answer(self) -> None:
        asked = Asked(Optional[set[Literal["x", "y"]]])

        assert asked.parse_form({}) is None
        assert asked.parse_form(dict(asked.form.filled([]))) == []
