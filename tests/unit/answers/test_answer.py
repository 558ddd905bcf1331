"""Holds what a workflow asks for: the words on buttons, values of the author's own, and what cannot be asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import BaseModel, Field, HttpUrl, SecretStr, computed_field, field_validator

from flyteplugins.hitl._answers import MAX_INT_DIGITS, MAX_LABEL_CHARACTERS, InvalidValue, answer_for
from flyteplugins.hitl.errors import InvalidParameter
from tests.support.asked import Asked, is_same
from tests.support.shapes import Colour, Invoice, Item, Login, Open, Rank


def answer(data_type: Any) -> Any:
    return Asked(data_type).answer


class TestLabels:
    """The words on buttons."""

    def test_they_are_kept_in_their_order_and_without_the_space_around_them(self) -> None:
        assert Asked(bool, labels=[" Ship it ", "Hold"]).answer.schema["x-labels"] == ["Ship it", "Hold"]

    def test_the_longest_ones_are_taken(self) -> None:
        longest = "x" * MAX_LABEL_CHARACTERS

        assert Asked(bool, labels=(longest, "no")).form.text(True) == longest

    @pytest.mark.parametrize(
        "labels",
        [
            "ab",
            b"ab",
            (),
            ("a",),
            ("a", "b", "c"),
            ("a", ""),
            (" ", "b"),
            ("a", None),
            (1, 2),
            {"a": 1, "b": 2},
            5,
            True,
            ("x" * (MAX_LABEL_CHARACTERS + 1), "b"),
            ("same", "same"),
            ("same", " same "),
            {"a", "b"},
            ("\ud800", "b"),
        ],
    )
    @pytest.mark.parametrize("data_type", [bool, Literal["a", "b"], set[Literal["a", "b"]]])
    def test_labels_that_cannot_be_used_are_refused(self, data_type: Any, labels: object) -> None:
        with pytest.raises(InvalidParameter, match="`labels"):
            Asked(data_type, labels=labels)

    @pytest.mark.parametrize("data_type", [int, float, str, list[int], Item])
    def test_they_are_for_decisions_and_choices_only(self, data_type: Any) -> None:
        with pytest.raises(InvalidParameter, match=r"`labels` is for `data_type=bool` and for choices"):
            Asked(data_type, labels=("a", "b"))

    def test_choices_take_one_for_each_or_a_dict_of_some(self) -> None:
        assert [each.label for each in Asked(Rank, labels=("L", "H")).field().choices] == ["L", "H"]
        assert [each.label for each in Asked(Rank, labels={Rank.LOW: "L"}).field().choices] == ["L", "High"]
        assert [each.label for each in Asked(Literal["a", "b"], labels={"b": "B!"}).field().choices] == ["a", "B!"]

    def test_a_dict_that_names_no_choice_is_refused(self) -> None:
        with pytest.raises(InvalidParameter, match="`labels` names 'c', which is not one of the choices"):
            Asked(Literal["a", "b"], labels={"c": "C"})


class TestFallback:
    """The value of `on_timeout=`."""

    @pytest.mark.parametrize(
        ("data_type", "value", "kept"),
        [
            (bool, False, False),
            (bool, True, True),
            (int, 0, 0),
            (int, -(2**70), -(2**70)),
            (float, 0.5, 0.5),
            (float, 3, 3.0),
            (str, "", ""),
            (str, "skip\r\n", "skip\r\n"),
            (Decimal, Decimal("1.50"), "1.50"),
            (timedelta, timedelta(days=400), "P400D"),
            (Colour, Colour.RED, "red"),
            (set[int], {3, 1, 2}, [1, 2, 3]),
        ],
    )
    def test_a_value_of_the_type_is_kept(self, data_type: Any, value: object, kept: Any) -> None:
        assert is_same(answer(data_type).fallback_json(value), kept)

    @pytest.mark.parametrize(
        ("data_type", "value"),
        [
            (int, True),
            (int, False),
            (int, "5"),
            (int, 5.0),
            (int, None),
            (bool, 1),
            (bool, 0),
            (bool, "true"),
            (bool, None),
            (float, True),
            (float, "0.5"),
            (float, None),
            (str, 5),
            (str, None),
            (str, b"skip"),
            (str, ["skip"]),
            (Colour, "red"),
            (Item, {"name": "x", "price": "1"}),
        ],
    )
    def test_a_value_of_another_type_is_refused(self, data_type: Any, value: object) -> None:
        with pytest.raises(InvalidParameter, match=f"asks for `{data_type.__name__}`.*leave `on_timeout` out"):
            answer(data_type).fallback_json(value)

    @pytest.mark.parametrize(
        ("data_type", "value"), [(float, math.nan), (float, math.inf), (float, 10**400), (str, "\ud800")]
    )
    def test_a_value_that_no_record_can_keep_is_refused(self, data_type: Any, value: object) -> None:
        with pytest.raises(InvalidParameter, match="on_timeout"):
            answer(data_type).fallback_json(value)

    @pytest.mark.parametrize(
        "value", [10**MAX_INT_DIGITS, -(10**MAX_INT_DIGITS), 10**5000], ids=["above", "below", "far above"]
    )
    def test_a_fallback_of_too_many_digits_is_refused(self, value: int) -> None:
        with pytest.raises(InvalidParameter, match="at most 4300 digits"):
            answer(int).fallback_json(value)

    def test_one_that_is_longer_than_an_answer_may_be_is_refused(self) -> None:
        with pytest.raises(InvalidParameter, match="at most 1,000 are taken"):
            answer(str).fallback_json("x" * 1001)

    @pytest.mark.parametrize("value", [SecretStr("hunter2"), SecretStr("")])
    def test_a_secret_is_refused(self, value: SecretStr) -> None:
        with pytest.raises(InvalidParameter, match="`on_timeout` holds a secret") as caught:
            answer(SecretStr).fallback_json(value)

        assert "hunter2" not in str(caught.value)

    def test_a_secret_inside_of_it_is_refused(self) -> None:
        with pytest.raises(InvalidParameter, match="`on_timeout` holds a secret"):
            answer(Login).fallback_json(Login(user="ada", password=SecretStr("hunter2")))


class Total(BaseModel):
    lines: list[Item]
    first: Item | None = None

    @computed_field  # type: ignore[prop-decorator]  # As pydantic documents it.
    @property
    def sum(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))


class TestInitial:
    """What the form is filled with at first."""

    def test_some_members_are_enough(self) -> None:
        initial = answer(Invoice).initial_json({"number": "A-1", "items": [Item(name="Tea", price=Decimal("4.50"))]})

        assert initial == {
            "number": "A-1",
            "paid_on": None,
            "items": [{"name": "Tea", "price": "4.50", "quantity": 1}],
            "tags": [],
            "ship_to": None,
            "notes": {},
            "colour": "red",
        }, "what has a default is filled in, and what must be there is not"

    def test_what_is_only_computed_is_no_part_of_it(self) -> None:
        item = Item(name="Tea", price=Decimal("4.50"))

        assert answer(Total).initial_json(Total(lines=[item], first=item)) == {
            "lines": [{"name": "Tea", "price": "4.50", "quantity": 1}],
            "first": {"name": "Tea", "price": "4.50", "quantity": 1},
        }

    def test_members_are_read_into_the_spelling_of_answers(self) -> None:
        @dataclass
        class Plan:
            share: float
            spent: Decimal
            when: datetime
            tags: set[str]

        given = {"share": 1, "spent": 3, "when": datetime(2026, 1, 1, tzinfo=timezone.utc), "tags": {"b", "a"}}

        assert answer(Plan).initial_json(given) == {
            "share": 1.0,
            "spent": "3",
            "when": "2026-01-01T00:00:00Z",
            "tags": ["a", "b"],
        }

    def test_what_does_not_fit_names_the_field_and_the_mend(self) -> None:
        with pytest.raises(
            InvalidParameter, match=r"`initial` does not fit `Invoice` at `items\.0\.price`: .*leave it"
        ):
            answer(Invoice).initial_json({"items": [{"name": "Tea", "price": "a lot"}]})

    def test_a_field_that_is_not_there_is_refused_with_those_that_are(self) -> None:
        with pytest.raises(InvalidParameter, match=r"at `nmber`: There is no such field\. Give `number`"):
            answer(Invoice).initial_json({"nmber": "A-1"})

    def test_another_type_is_refused(self) -> None:
        with pytest.raises(InvalidParameter, match="`initial='5'` is a str, but the event asks for `int`"):
            answer(int).initial_json("5")

    @pytest.mark.parametrize("given", [Login(user="ada", password=SecretStr("hunter2")), {"password": "hunter2"}])
    def test_a_secret_is_not_kept(self, given: Any) -> None:
        kept = answer(Login).initial_json(given)

        assert "hunter2" not in str(kept)
        assert kept["password"] == ""

    def test_a_secret_by_itself_is_not_kept(self) -> None:
        assert answer(SecretStr).initial_json(SecretStr("hunter2")) == ""

    def test_line_breaks_become_those_of_a_text_area(self) -> None:
        assert answer(str).initial_json("a\r\nb\rc") == "a\nb\nc"

    def test_the_same_set_is_the_same_whatever_its_order(self) -> None:
        one, other = {f"x{n}" for n in range(30)}, {f"x{n}" for n in reversed(range(30))}

        assert answer(set[str]).initial_json(one) == answer(set[str]).initial_json(other)

    def test_microseconds_are_kept_where_a_browser_shows_milliseconds(self) -> None:
        asked = Asked(datetime)
        initial = asked.answer.initial_json(datetime(2026, 1, 31, 14, 30, 15, 123456, tzinfo=timezone.utc))
        filled = asked.form.filled(initial)

        assert filled.one("value") == "2026-01-31T14:30:15.123"
        assert asked.form.parse_form(filled) == "2026-01-31T14:30:15.123456Z"
        typed = {"value": "2026-01-31T14:30:15.124", "value.exact": "2026-01-31T14:30:15.123456"}
        assert asked.parse_form(typed) == "2026-01-31T14:30:15.124000Z"


def test_what_the_type_itself_refuses_is_told_with_its_reason() -> None:
    class Even(BaseModel):
        number: int

        @field_validator("number")
        @classmethod
        def is_even(cls, number: int) -> int:
            if number % 2:
                raise ValueError("An odd number cannot be halved.")
            return number

    asked = Asked(Even)

    assert asked.answer.needs_workflow
    with pytest.raises(InvalidValue, match="An odd number cannot be halved") as caught:
        asked.get({"number": 3})
    assert caught.value.problems[0].path == ("number",)


def test_moments_are_of_pythons_own_utc() -> None:
    assert Asked(datetime).get("2026-01-31T14:30:00+02:00").tzinfo is timezone.utc


def test_free_text_is_bounded_wherever_it_is() -> None:
    @dataclass
    class Deep:
        texts: list[dict[str, Optional[str]]]

    assert Asked(Deep, max_characters=3).refused({"texts": [{"a": "abcd"}]}) == {
        "texts.0.a": "The text has 4 characters; at most 3 are taken. Shorten it."
    }


def test_members_that_nobody_named_are_kept_and_checked() -> None:
    asked = Asked(Open)

    assert asked.get({"known": 1, "more": [1, {"a": None}]}).more == [1, {"a": None}]
    assert asked.refused({"known": 1, "more": "\ud800"})["more"].startswith("A text holds half of a surrogate pair")


def test_a_url_of_a_type_with_defaults_is_kept_as_it_will_be() -> None:
    assert Asked(HttpUrl).parse_text(" HTTPS://Example.org:443/a b ") == "https://example.org/a%20b"


def test_the_name_of_the_type_is_what_one_would_write() -> None:
    names = {
        int: "int",
        Optional[int]: "int | None",
        list[Item]: "list[Item]",
        Literal["a", 1]: "Literal['a', 1]",
        Annotated[int, Field(ge=1)]: "int",
        tuple[int, ...]: "tuple[int, ...]",
    }
    assert {data_type: answer_for(data_type, max_characters=9).name for data_type in names} == names
