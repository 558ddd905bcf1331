"""Holds the codecs: whatever a person or a program sends is the value it spells, or is refused with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import JsonValue

from flyteplugins.hitl import _answers
from flyteplugins.hitl._answers import (
    MAX_INT_DIGITS,
    MAX_LABEL_CHARACTERS,
    AnswerType,
    InvalidValue,
    answer_type_for,
    answer_type_named,
    checked_fallback,
)
from flyteplugins.hitl.errors import InvalidParameter, UnsupportedType
from tests.support.questions import question

INT, FLOAT, STR, BOOL = (answer_type_for(kind) for kind in (int, float, str, bool))
ALL = (INT, FLOAT, STR, BOOL)

UNICODE = st.text(st.characters(exclude_categories=["Cs"]))
# A text area cannot hold a CRLF of its own: browsers make each line break one, so that it stands for LF.
TYPED_TEXT = UNICODE.filter(lambda text: "\r\n" not in text)
FINITE = st.floats(allow_nan=False, allow_infinity=False)

TYPED_VALUES = [(INT, st.integers()), (FLOAT, FINITE), (STR, TYPED_TEXT), (BOOL, st.booleans())]
JSON_VALUES = [(INT, st.integers()), (FLOAT, FINITE), (STR, UNICODE), (BOOL, st.booleans())]


def typed_values() -> st.SearchStrategy[tuple[AnswerType[Any], Any]]:
    return st.one_of(*(st.tuples(st.just(kind), values) for kind, values in TYPED_VALUES))


def json_values() -> st.SearchStrategy[tuple[AnswerType[Any], Any]]:
    return st.one_of(*(st.tuples(st.just(kind), values) for kind, values in JSON_VALUES))


def is_same(one: object, other: object) -> bool:
    """Equal, of one type, and with one sign even where the value is zero."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return type(one) is type(other) and one == other


@given(typed_values())
@example((FLOAT, -0.0))
@example((FLOAT, 5e-324))
@example((FLOAT, 1.7976931348623157e308))
@example((INT, 2**53 + 1))
def test_a_value_survives_the_form(case: tuple[AnswerType[Any], Any]) -> None:
    answer_type, value = case

    assert is_same(answer_type.parse_text(answer_type.to_text(value)), value)


@given(json_values())
@example((FLOAT, -0.0))
@example((INT, -(2**64) - 1))
@example((STR, "a\r\nb\x00\u2028"))
def test_a_value_survives_json_and_the_record(case: tuple[AnswerType[Any], Any]) -> None:
    answer_type, value = case

    kept = json.loads(json.dumps(answer_type.to_json(value)))

    assert is_same(answer_type.parse_json(kept), value)
    assert is_same(answer_type.from_json(kept), value)


@given(json_values())
def test_what_is_kept_fits_the_schema(case: tuple[AnswerType[Any], Any]) -> None:
    answer_type, value = case

    assert Draft202012Validator(answer_type.schema(max_characters=10_000)).is_valid(answer_type.to_json(value))


def outcome_of(parse: Callable[[Any], object], given_value: object) -> object:
    """The value that was read, or the refusal; any other error is let through."""
    try:
        return parse(given_value)
    except InvalidValue as refusal:
        return refusal


def assert_is_read_or_refused(answer_type: AnswerType[Any], outcome: object) -> None:
    if isinstance(outcome, InvalidValue):
        assert str(outcome).endswith(".")
    else:
        assert type(outcome) is answer_type.python_type


@given(st.sampled_from(ALL), st.one_of(UNICODE, st.text()))
def test_text_is_read_or_refused_and_nothing_else_happens(answer_type: AnswerType[Any], text: str) -> None:
    assert_is_read_or_refused(answer_type, outcome_of(answer_type.parse_text, text))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


@given(st.sampled_from(ALL), JSON)
def test_json_is_read_or_refused_and_nothing_else_happens(answer_type: AnswerType[Any], value: object) -> None:
    assert_is_read_or_refused(answer_type, outcome_of(answer_type.parse_json, value))


class TestBool:
    """Decisions: ten spellings, in any case, and never a guess."""

    @pytest.mark.parametrize("word", ["true", "yes", "1", "on", "y", "TRUE", "True", "Yes", "ON", "Y", "  true \n"])
    def test_these_mean_yes(self, word: str) -> None:
        assert BOOL.parse_text(word) is True
        assert BOOL.parse_json(word) is True

    @pytest.mark.parametrize("word", ["false", "no", "0", "off", "n", "FALSE", "False", "No", "OFF", "N", "\tno "])
    def test_these_mean_no(self, word: str) -> None:
        assert BOOL.parse_text(word) is False
        assert BOOL.parse_json(word) is False

    @pytest.mark.parametrize(
        "word",
        [
            "",
            " ",
            "maybe",
            "t",
            "f",
            "2",
            "-1",
            "00",
            "01",
            "1.0",
            "0.0",
            "yes please",
            "yes\nno",
            "truefalse",
            "none",
            "null",
            "ok",
            "approve",
            "ja",
            "да",
            "ｔｒｕｅ",
            "１",
            "yеs",
            "tr\u200bue",
            "true,",
            "'true'",
            "\x00true",
        ],
    )
    def test_these_mean_nothing(self, word: str) -> None:
        with pytest.raises(InvalidValue, match="true or false"):
            BOOL.parse_text(word)
        with pytest.raises(InvalidValue):
            BOOL.parse_json(word)

    @given(st.text())
    def test_no_other_text_is_taken(self, text: str) -> None:
        words = {"true", "yes", "1", "on", "y", "false", "no", "0", "off", "n"}
        if text.strip().lower() not in words:
            with pytest.raises(InvalidValue):
                BOOL.parse_text(text)

    @pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False)])
    def test_json_booleans_and_the_two_digits_are_taken(self, value: object, expected: bool) -> None:
        assert BOOL.parse_json(value) is expected

    @pytest.mark.parametrize("value", [2, -1, 1.0, 0.0, None, [], [True], {}, {"value": True}, 10**4000])
    def test_other_json_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidValue, match="neither true nor false"):
            BOOL.parse_json(value)

    def test_the_words_are_those_on_the_buttons(self) -> None:
        presentation = BOOL.presentation({"labels": ("Ship it", "Hold")})

        assert BOOL.words(True, presentation) == "Ship it"
        assert BOOL.words(False, presentation) == "Hold"

    def test_without_labels_the_buttons_approve_and_reject(self) -> None:
        assert BOOL.presentation({"labels": None}) == {"labels": ["Approve", "Reject"]}
        assert BOOL.words(True, {}) == "Approve"
        assert BOOL.words(False, {"labels": "broken"}) == "Reject"


class TestInt:
    """Whole numbers: nothing rounded, nothing guessed."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("42", 42), ("-7", -7), ("+7", 7), (" 5\n", 5), ("007", 7), ("0", 0), ("-0", 0), ("\u00a08\u00a0", 8)],
    )
    def test_these_are_whole_numbers(self, text: str, expected: int) -> None:
        assert INT.parse_text(text) == expected
        assert INT.parse_json(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "1.5",
            "1.0",
            "1.",
            ".5",
            "1e3",
            "1E3",
            "1_000",
            "1,000",
            "1 000",
            "0x10",
            "0b1",
            "--1",
            "+-1",
            "- 1",
            "five",
            "٣",
            "１２",
            "²",
            "Ⅷ",
            "1\u200b",
            "inf",
            "nan",
            "True",
            "1\n2",
            "1;2",
            "−1",
            "1\x00",
            "None",
        ],
    )
    def test_these_are_not(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="is not a whole number"):
            INT.parse_text(text)
        with pytest.raises(InvalidValue, match="is not a whole number"):
            INT.parse_json(text)

    @pytest.mark.parametrize("text", ["", " ", "\n"])
    def test_nothing_typed_asks_for_a_number(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="Type a whole number"):
            INT.parse_text(text)

    @pytest.mark.parametrize("value", [1.0, 1.5, 1e300, True, False, None, [1], {"a": 1}, math.nan, math.inf])
    def test_json_that_is_no_integer_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidValue, match="is not a whole number"):
            INT.parse_json(value)

    @pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**63, 2**64 + 1, 10**400 + 1])
    def test_what_no_float_holds_stays_exact(self, value: int) -> None:
        assert INT.parse_text(str(value)) == value
        assert INT.parse_json(json.loads(json.dumps(value))) == value

    def test_the_longest_number_is_taken(self) -> None:
        text = "9" * MAX_INT_DIGITS

        assert INT.parse_text(text) == 10**MAX_INT_DIGITS - 1

    @pytest.mark.parametrize("sign", ["-", "+"])
    def test_the_sign_is_no_digit(self, sign: str) -> None:
        text = "9" * MAX_INT_DIGITS

        assert abs(INT.parse_text(sign + text)) == 10**MAX_INT_DIGITS - 1

    @pytest.mark.parametrize("text", ["9" * (MAX_INT_DIGITS + 1), "-" + "9" * (MAX_INT_DIGITS + 1), "1" * 100_000])
    def test_a_longer_one_is_refused_with_the_limit(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="at most 4300 digits"):
            INT.parse_text(text)


class TestFloat:
    """Finite numbers, spelled with a point."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("0.5", 0.5),
            ("-3", -3.0),
            ("+3", 3.0),
            ("1.2e-7", 1.2e-07),
            ("1E3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            (" 7 ", 7.0),
            ("1e-999", 0.0),
            ("0001.5", 1.5),
        ],
    )
    def test_these_are_numbers(self, text: str, expected: float) -> None:
        assert is_same(FLOAT.parse_text(text), expected)
        assert is_same(FLOAT.parse_json(text), expected)

    @pytest.mark.parametrize(
        "text",
        [
            "nan",
            "NaN",
            "-nan",
            "inf",
            "Infinity",
            "-inf",
            "+inf",
            "1_0",
            "1,5",
            "1.000,5",
            "1 000",
            "0x1p3",
            "0x10",
            ".",
            "e5",
            "1e",
            "1e5.5",
            "1.2.3",
            "٣.٥",
            "１",
            "1f",
            "5%",
            "½",
            "−1",
            "True",
            "1\n2",
            "--1",
        ],
    )
    def test_these_are_not(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="is not a number"):
            FLOAT.parse_text(text)
        with pytest.raises(InvalidValue, match="is not a number"):
            FLOAT.parse_json(text)

    @pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 400, "1e308999"])
    def test_what_is_too_large_is_refused_and_not_made_infinite(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="too large"):
            FLOAT.parse_text(text)

    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 10**400, -(10**400)])
    def test_json_that_is_not_finite_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidValue):
            FLOAT.parse_json(value)

    @pytest.mark.parametrize("value", [True, False, None, [], {}, [1.5]])
    def test_json_that_is_no_number_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidValue, match="is not a number"):
            FLOAT.parse_json(value)

    def test_a_json_integer_becomes_a_float(self) -> None:
        assert is_same(FLOAT.parse_json(3), 3.0)

    @pytest.mark.parametrize("text", ["", "  "])
    def test_nothing_typed_asks_for_a_number(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="Type a number"):
            FLOAT.parse_text(text)


class TestStr:
    """Text, kept as it was typed."""

    @pytest.mark.parametrize("text", ["", " ", "  padded\t", "a\nb", "\u202e\u0000", "👩‍👩‍👧‍👦", "true", "null"])
    def test_text_is_kept_as_it_is(self, text: str) -> None:
        assert STR.parse_text(text) == text
        assert STR.parse_json(text) == text

    def test_the_line_breaks_of_a_form_become_those_that_were_typed(self) -> None:
        assert STR.parse_text("a\r\nb\r\n\r\nc") == "a\nb\n\nc"

    def test_the_line_breaks_of_a_program_stay_as_they_are(self) -> None:
        assert STR.parse_json("a\r\nb\rc") == "a\r\nb\rc"

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
    def test_half_a_surrogate_pair_is_refused(self, text: str) -> None:
        for parse in (STR.parse_text, STR.parse_json):
            with pytest.raises(InvalidValue, match="surrogate"):
                parse(text)

    @pytest.mark.parametrize("value", [None, True, 5, 1.5, ["a"], {"a": "b"}, b"bytes"])
    def test_json_that_is_no_text_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidValue, match="is not text"):
            STR.parse_json(value)

    def test_the_schema_bounds_the_length_in_characters(self) -> None:
        validator = Draft202012Validator(STR.schema(max_characters=3))

        assert validator.is_valid("👍👍👍")
        assert not validator.is_valid("abcd")


class TestLabels:
    """The words on the two buttons."""

    def test_they_are_kept_in_their_order_and_without_the_space_around_them(self) -> None:
        assert BOOL.presentation({"labels": [" Ship it ", "Hold"]}) == {"labels": ["Ship it", "Hold"]}

    def test_the_longest_ones_are_taken(self) -> None:
        longest = "x" * MAX_LABEL_CHARACTERS

        assert BOOL.presentation({"labels": (longest, "no")}) == {"labels": [longest, "no"]}

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
    def test_labels_that_cannot_be_used_are_refused(self, labels: object) -> None:
        with pytest.raises(InvalidParameter, match="`labels"):
            BOOL.presentation({"labels": labels})

    @pytest.mark.parametrize("answer_type", [INT, FLOAT, STR])
    def test_they_are_for_decisions_only(self, answer_type: AnswerType[Any]) -> None:
        with pytest.raises(InvalidParameter, match="`labels` is for `data_type=bool`"):
            answer_type.presentation({"labels": ("a", "b")})

    @pytest.mark.parametrize("answer_type", [INT, FLOAT, STR])
    def test_leaving_them_out_is_fine_everywhere(self, answer_type: AnswerType[Any]) -> None:
        assert answer_type.presentation({"labels": None}) == {}


class TestFallback:
    """The value of `on_timeout=`."""

    @pytest.mark.parametrize(
        ("answer_type", "value", "kept"),
        [
            (BOOL, False, False),
            (BOOL, True, True),
            (INT, 0, 0),
            (INT, -(2**70), -(2**70)),
            (FLOAT, 0.5, 0.5),
            (FLOAT, 3, 3.0),
            (STR, "", ""),
            (STR, "skip\r\n", "skip\r\n"),
        ],
    )
    def test_a_value_of_the_type_is_kept(self, answer_type: AnswerType[Any], value: object, kept: JsonValue) -> None:
        assert is_same(checked_fallback(answer_type, value), kept)

    @pytest.mark.parametrize(
        ("answer_type", "value"),
        [
            (INT, True),
            (INT, False),
            (INT, "5"),
            (INT, 5.0),
            (INT, None),
            (BOOL, 1),
            (BOOL, 0),
            (BOOL, "true"),
            (BOOL, None),
            (FLOAT, True),
            (FLOAT, "0.5"),
            (FLOAT, Decimal("0.5")),
            (FLOAT, None),
            (STR, 5),
            (STR, None),
            (STR, b"skip"),
            (STR, ["skip"]),
        ],
    )
    def test_a_value_of_another_type_is_refused(self, answer_type: AnswerType[Any], value: object) -> None:
        with pytest.raises(InvalidParameter, match=f"asks for `{answer_type.name}`"):
            checked_fallback(answer_type, value)

    @pytest.mark.parametrize(
        ("answer_type", "value"),
        [(FLOAT, math.nan), (FLOAT, math.inf), (FLOAT, 10**400), (STR, "\ud800")],
    )
    def test_a_value_that_no_record_can_keep_is_refused(self, answer_type: AnswerType[Any], value: object) -> None:
        with pytest.raises(InvalidParameter, match="cannot be used"):
            checked_fallback(answer_type, value)

    @pytest.mark.parametrize(
        "value", [10**MAX_INT_DIGITS, -(10**MAX_INT_DIGITS), 10**5000], ids=["above", "below", "far above"]
    )
    def test_a_fallback_of_too_many_digits_is_refused(self, value: int) -> None:
        with pytest.raises(InvalidParameter, match="at most 4300 digits"):
            checked_fallback(INT, value)


class TestRegistry:
    """One entry a type, and nothing else to change."""

    @pytest.mark.parametrize("kind", [int, float, str, bool])
    def test_the_documented_types_are_there(self, kind: type) -> None:
        answer_type = answer_type_for(kind)

        assert answer_type.python_type is kind
        assert answer_type_named(kind.__name__) is answer_type

    @pytest.mark.parametrize("answer_type", ALL)
    def test_the_example_is_an_answer(self, answer_type: AnswerType[Any]) -> None:
        assert answer_type.to_text(answer_type.parse_text(answer_type.example)) == answer_type.example

    @pytest.mark.parametrize(
        "kind", [list, dict, bytes, complex, type(None), None, list[int], "bool", 5, Decimal, True]
    )
    def test_another_type_is_refused_with_those_that_are_supported(self, kind: object) -> None:
        with pytest.raises(UnsupportedType, match="`int`, `float`, `str`, `bool`") as caught:
            answer_type_for(kind)

        assert isinstance(caught.value, TypeError)
        assert "data_type=" in str(caught.value)

    def test_a_type_of_a_later_version_says_to_upgrade(self) -> None:
        with pytest.raises(UnsupportedType, match=r"`colour`.*version"):
            answer_type_named("colour")


class ColourAnswer(AnswerType[Any]):
    """A type that a later version might add."""

    name = "colour"
    python_type = bytes
    example = "#ff0000"

    def schema(self, *, max_characters: int) -> dict[str, JsonValue]:
        return {"type": "string", "pattern": "^#[0-9a-f]{6}$"}

    def parse_text(self, text: str) -> bytes:
        return self.parse_json(text)

    def parse_json(self, value: object) -> bytes:
        try:
            return bytes.fromhex(str(value).removeprefix("#"))
        except ValueError:
            raise InvalidValue("That is no colour.") from None

    def to_json(self, value: bytes) -> JsonValue:
        return "#" + value.hex()

    def from_json(self, value: JsonValue) -> bytes:
        return self.parse_json(value)

    def to_text(self, value: bytes) -> str:
        return "#" + value.hex()


@pytest.fixture
def colour(monkeypatch: pytest.MonkeyPatch) -> AnswerType[Any]:
    """The later type, registered while the test runs."""
    answer_type = ColourAnswer()
    monkeypatch.setitem(_answers._REGISTRY, answer_type.name, answer_type)
    return answer_type


def test_a_registered_type_is_found_and_described(colour: AnswerType[Any]) -> None:
    assert answer_type_for(bytes) is colour
    assert answer_type_named("colour") is colour
    assert colour.presentation({"labels": None}) == {}
    assert colour.words("#00ff00", {}) == "#00ff00"
    with pytest.raises(UnsupportedType, match="`colour`"):
        answer_type_for(list)


def test_a_registered_type_makes_a_question_with_a_fallback(colour: AnswerType[Any]) -> None:
    asked = question(bytes, on_timeout=b"\x00\x00\xff")

    assert asked.data_type == "colour"
    assert asked.answer_schema == colour.schema(max_characters=1)
    assert asked.on_timeout is not None
    assert colour.from_json(asked.on_timeout.value) == b"\x00\x00\xff"
    with pytest.raises(InvalidParameter, match="asks for `colour`"):
        question(bytes, on_timeout="#0000ff")
