"""Holds whole numbers, numbers, text and decisions: each is the value that it spells, or is refused with a reason.

Holds P5: `maybe` is no bool, `nan` is no float, `1.5` is no int.
"""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, StringConstraints

from flyteplugins.hitl._answers import MAX_INT_DIGITS, InvalidValue
from tests.support.asked import Asked, is_same

INT, FLOAT, STR, BOOL = (Asked(kind, max_characters=200_000) for kind in (int, float, str, bool))


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
        asked = Asked(bool, labels=("Ship it", "Hold"))

        assert asked.form.text(True) == "Ship it"
        assert asked.form.text(False) == "Hold"
        assert [(choice.key, choice.label) for choice in asked.field().choices] == [
            ("true", "Ship it"),
            ("false", "Hold"),
        ]

    def test_without_labels_the_buttons_approve_and_reject(self) -> None:
        assert BOOL.form.text(True) == "Approve"
        assert BOOL.form.text(False) == "Reject"

    def test_inside_of_something_it_is_yes_or_no(self) -> None:
        assert Asked(list[bool]).form.text([True, False]) == "Yes\nNo"

    def test_no_choice_asks_for_one(self) -> None:
        assert BOOL.refused_form({}) == {"": "Choose one: Approve or Reject."}


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

        assert INT.parse_text(sign + text) in (10**MAX_INT_DIGITS - 1, 1 - 10**MAX_INT_DIGITS)

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

    def test_its_length_is_bounded_in_characters(self) -> None:
        asked = Asked(str, max_characters=3)

        assert asked.parse_text("👍👍👍") == "👍👍👍"
        assert asked.refused("abcd") == {"": "The text has 4 characters; at most 3 are taken. Shorten it."}

    def test_rules_of_the_type_are_told_in_words(self) -> None:
        asked = Asked(Annotated[str, Field(min_length=3, pattern="^[a-z]+$")])

        assert asked.refused("ab") == {"": "It must be at least 3 characters long; it has 2."}
        assert asked.refused("ABC") == {"": "It must match ^[a-z]+$"}
        assert asked.field().hint == "At least 3 characters. It must match ^[a-z]+$"

    def test_a_pattern_is_read_as_pydantic_reads_it(self) -> None:
        # In Python `$` would also match before a last line break, and `\\p` would be an error.
        assert Asked(Annotated[str, Field(pattern="^a$")]).refused("a\n")
        assert Asked(Annotated[str, Field(pattern=r"^\p{Lu}+$")]).parse_json("ÄÖ") == "ÄÖ"
        assert Asked(Annotated[str, Field(pattern=re.compile("^ab$", re.IGNORECASE))]).parse_json("AB") == "AB"

    def test_text_that_is_stripped_is_kept_stripped_and_counted_so(self) -> None:
        asked = Asked(Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=2)])

        assert asked.parse_text("  ab ") == "AB"
        assert asked.refused("  a   ") == {"": "It must be at least 2 characters long; it has 1."}


class TestBounds:
    """Numbers within the bounds that the type gives."""

    @pytest.mark.parametrize(
        ("data_type", "value", "reason"),
        [
            (Annotated[int, Field(ge=5)], 4, "It must be at least 5."),
            (Annotated[int, Field(gt=5)], 5, "It must be more than 5."),
            (Annotated[float, Field(le=0.5)], 0.6, "It must be at most 0.5."),
            (Annotated[float, Field(lt=0.5)], 0.5, "It must be less than 0.5."),
            (Annotated[int, Field(multiple_of=3)], 10**30, "It must be a multiple of 3."),
            (Annotated[float, Field(multiple_of=0.1)], 0.25, "It must be a multiple of 0.1."),
        ],
    )
    def test_what_is_beyond_is_refused_with_the_bound(self, data_type: Any, value: Any, reason: str) -> None:
        assert Asked(data_type).refused(value) == {"": reason}

    def test_a_step_forgives_the_little_that_floats_are_off(self) -> None:
        assert Asked(Annotated[float, Field(multiple_of=0.1)]).parse_json(0.3) == 0.3

    def test_the_hint_tells_them(self) -> None:
        assert Asked(Annotated[int, Field(ge=1, lt=9, multiple_of=2)]).field().hint == (
            "At least 1, less than 9, a multiple of 2."
        )

    def test_the_example_keeps_them(self) -> None:
        assert Asked(Annotated[int, Field(ge=100)]).form.example() == "100"
        assert Asked(Annotated[int, Field(le=7)]).form.example() == "7"
