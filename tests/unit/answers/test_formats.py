"""Holds text of a format: decimals, identifiers, addresses and secrets."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import UUID4, AnyUrl, BaseModel, EmailStr, Field, HttpUrl, RedisDsn, SecretStr

from tests.support.asked import Asked, entries

DECIMAL = Asked(Decimal)


class Account(BaseModel):
    password: SecretStr = SecretStr("hunter2")


class TestDecimal:
    """Every digit is kept."""

    @pytest.mark.parametrize("text", ["0.1", "12.50", "-0", "1E+30", "0.000000000000000000000000001", "1" * 900])
    def test_no_digit_is_lost(self, text: str) -> None:
        assert DECIMAL.parse_text(text) == str(Decimal(text))
        assert str(DECIMAL.get(text)) == str(Decimal(text))

    def test_a_json_number_is_read_by_its_spelling(self) -> None:
        assert DECIMAL.parse_json(0.1) == "0.1"
        assert DECIMAL.parse_json(12) == "12"

    @pytest.mark.parametrize(
        "value", ["", "nan", "inf", "1,5", "1_0", "٣", "1 0", "0x1", "1e99999", True, None, [], {}]
    )
    def test_these_are_no_decimals(self, value: Any) -> None:
        assert DECIMAL.refused(value)

    @pytest.mark.parametrize("value", ["1" * 1001, 10**1000, 10**5000], ids=["text", "long", "far too long"])
    def test_what_is_far_too_long_is_refused(self, value: Any) -> None:
        assert DECIMAL.refused(value)

    @pytest.mark.parametrize(
        ("limits", "text", "reason"),
        [
            ({"decimal_places": 2}, "1.234", "1.234 has 3 decimal places; at most 2 are taken."),
            ({"max_digits": 3}, "1234", "1234 has more than 3 digits in all."),
            ({"max_digits": 5, "decimal_places": 2}, "1234.5", "1234.5 has more than 3 digits before the point."),
            ({"ge": Decimal("0.5")}, "0.4", "It must be at least 0.5."),
            ({"gt": Decimal("0.5")}, "0.5", "It must be more than 0.5."),
            ({"multiple_of": 0.5}, "0.7", "0.7 is not a multiple of 0.5."),
        ],
    )
    def test_limits_are_held_and_told(self, limits: Any, text: str, reason: str) -> None:
        assert Asked(Annotated[Decimal, Field(**limits)]).refused(text) == {"": reason}


class TestUuid:
    """Identifiers, in any of their usual spellings."""

    plain = "123e4567-e89b-42d3-a456-426614174000"

    @pytest.mark.parametrize(
        "text", [plain, plain.upper(), plain.replace("-", ""), f"{{{plain}}}", f"urn:uuid:{plain}"]
    )
    def test_every_spelling_is_the_same(self, text: str) -> None:
        assert Asked(UUID).parse_text(text) == self.plain

    @pytest.mark.parametrize("value", ["", "x", plain[:-1], 5, None])
    def test_others_are_refused(self, value: Any) -> None:
        assert "UUID" in Asked(UUID).refused(value)[""] or "not text" in Asked(UUID).refused(value)[""]

    def test_another_version_is_refused(self) -> None:
        assert "version 4 is asked for" in Asked(UUID4).refused("123e4567-e89b-12d3-a456-426614174000")[""]


class TestUrl:
    """Addresses, as pydantic reads them."""

    @pytest.mark.parametrize("text", ["", "example.org", "//x", "http://", "https:///", "a b"])
    def test_what_is_no_whole_address_is_refused(self, text: str) -> None:
        assert Asked(HttpUrl).refused(text)

    def test_another_scheme_is_refused_with_those_that_are_taken(self) -> None:
        assert Asked(HttpUrl).refused("ftp://example.org") == {"": "The address must begin with http://, https://."}
        assert Asked(AnyUrl).parse_text("ftp://example.org") == "ftp://example.org/"

    def test_what_the_type_puts_in_is_in_the_answer(self) -> None:
        assert Asked(RedisDsn).parse_text("redis://") == "redis://localhost:6379/0"

    def test_an_address_that_is_too_long_is_refused(self) -> None:
        assert "2,083" in Asked(HttpUrl).refused(f"https://example.org/{'x' * 2083}")[""]


class TestEmail:
    """Addresses of mail."""

    def test_they_are_kept_as_pydantic_spells_them(self) -> None:
        assert Asked(EmailStr).parse_text(" Ada@EXAMPLE.org ") == "Ada@example.org"

    @pytest.mark.parametrize(
        "text", ["", "ada", "ada@", "@x.org", "a@b@c.org", "Ada <ada@example.org>", "ada@localhost"]
    )
    def test_others_are_refused(self, text: str) -> None:
        assert "e-mail address" in Asked(EmailStr).refused(text)[""]


class TestSecret:
    """Text that is never shown back."""

    asked = Asked(Annotated[SecretStr, Field(min_length=8, max_length=20)])

    def test_it_is_read_as_it_was_typed(self) -> None:
        assert self.asked.get(" hunter2 pass ").get_secret_value() == " hunter2 pass "
        assert not self.asked.answer.needs_workflow

    @pytest.mark.parametrize("secret", ["hunter2", "hunter2" * 10])
    def test_no_refusal_tells_it(self, secret: str) -> None:
        assert "hunter2" not in str(self.asked.refused(secret))

    def test_it_is_neither_shown_nor_filled_in(self) -> None:
        assert self.asked.form.text("hunter2 pass") == "••••••••"
        assert dict(self.asked.form.filled("hunter2 pass")) == {"value": ""}
        assert self.asked.form.changes("hunter2 pass", "another one") == ()

    def test_one_with_a_default_is_left_to_the_type(self) -> None:
        asked = Asked(Account)

        assert "hunter2" not in str(asked.answer.schema)
        assert asked.answer.from_json(asked.form.parse_form(entries({}))).password.get_secret_value() == "hunter2"
