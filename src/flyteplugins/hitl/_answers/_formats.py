"""Text of a format: decimals, identifiers, addresses, secrets."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from .._quoting import quoted
from ._answer_type import TextType, Words
from ._bounds import bounds_in_words, check_bounds
from ._json_schema import check_rules
from ._node import Node
from ._scalars import checked_text
from ._values import InvalidValue, described, listed

SCHEMES = "x-schemes"
"""The keyword for the schemes that a URL may have."""

URL = "x-url"
"""The keyword for the rest of what pydantic knows of a URL, such as `host_required`."""

_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_MAX_DECIMAL_CHARACTERS = 1000
"""Far beyond money and measures, and still nothing that keeps the app busy."""

HIDDEN = "••••••••"
"""What is shown in place of a secret."""


class FormatType(TextType):
    """Text that a `format` of the schema tells from other text."""

    json_type = "string"
    formats: frozenset[str]

    def claims(self, node: Node) -> bool:
        return node.is_of("string") and node.get("format") in self.formats


class DecimalType(FormatType):
    """Decimal numbers, kept digit by digit: nothing is rounded."""

    name = "decimal"
    formats = frozenset({"decimal"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a number, such as 12.50.")
        if not _DECIMAL.fullmatch(stripped) or len(stripped) > _MAX_DECIMAL_CHARACTERS:
            raise InvalidValue(
                f"{quoted(stripped)} is not a decimal number. Write it with a point and no thousands separator, "
                "such as 12.50."
            )
        number = Decimal(stripped)
        check_bounds(node, number, Decimal)
        self._check_step(node, number)
        self._check_digits(node, number)
        return str(number)

    def parse_json(self, node: Node, value: object) -> str:
        # Through its shortest spelling: 0.1 as JSON's number means 0.1, not the float next to it.
        if isinstance(value, int) and abs(value) >= 10**_MAX_DECIMAL_CHARACTERS:
            raise InvalidValue(f"The number is too long: at most {_MAX_DECIMAL_CHARACTERS} digits are taken.")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number and not isinstance(value, str):
            raise InvalidValue(f'{described(value)} is not a number. Send a string such as "12.50", or a number.')
        return self.parse_text(node, str(value))

    def hint(self, node: Node) -> str:
        places, step = node.get("x-decimal-places"), node.get("x-multiple-of")
        more = [bounds_in_words(node), "" if step is None else f"a multiple of {step}"]
        if places is not None:
            more.append(f"at most {places} decimal places")
        said = ", ".join(part for part in more if part)
        return f"{said[:1].upper()}{said[1:]}." if said else "With a point, such as 12.50. Kept digit by digit."

    def attributes(self, node: Node) -> dict[str, str]:
        return {"inputmode": "text", "placeholder": "12.50"}

    def sample(self, node: Node) -> JsonValue:
        return "12.50"

    def _check_step(self, node: Node, number: Decimal) -> None:
        step = node.get("x-multiple-of")
        try:
            is_off = step is not None and number % Decimal(str(step)) != 0
        except InvalidOperation:
            is_off = True
        if is_off:
            raise InvalidValue(f"{number} is not a multiple of {step}.")

    def _check_digits(self, node: Node, number: Decimal) -> None:
        _, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)  # noqa: S101  # Neither infinite nor no number: the pattern took only digits.
        most_places, most_digits = node.get("x-decimal-places"), node.get("x-max-digits")
        # As pydantic counts them: 0.001 has three digits and three places.
        places = max(-exponent, 0)
        whole = max(len(digits) + exponent, 0)
        if most_places is not None and places > most_places:
            raise InvalidValue(f"{number} has {places} decimal places; at most {most_places} are taken.")
        if most_digits is not None and max(len(digits) + max(exponent, 0), places) > most_digits:
            raise InvalidValue(f"{number} has more than {most_digits} digits in all.")
        if most_digits is not None and most_places is not None and whole > most_digits - most_places:
            raise InvalidValue(f"{number} has more than {most_digits - most_places} digits before the point.")


class UuidType(FormatType):
    """Universally unique identifiers, in any of their usual spellings."""

    name = "uuid"
    formats = frozenset({"uuid", *(f"uuid{version}" for version in range(1, 9))})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a UUID, such as 123e4567-e89b-42d3-a456-426614174000.")
        try:
            parsed = uuid.UUID(stripped)
        except ValueError:
            raise InvalidValue(
                f"{quoted(stripped)} is not a UUID: 32 digits from 0 to f, such as "
                "123e4567-e89b-42d3-a456-426614174000."
            ) from None
        version = str(node["format"]).removeprefix("uuid")
        if version and str(parsed.version) != version:
            raise InvalidValue(f"{parsed} is a UUID of another version; version {version} is asked for.")
        return str(parsed)

    def attributes(self, node: Node) -> dict[str, str]:
        return {"placeholder": "123e4567-e89b-42d3-a456-426614174000", "spellcheck": "false"}

    def sample(self, node: Node) -> JsonValue:
        return f"123e4567-e89b-{str(node['format']).removeprefix('uuid') or 4}2d3-a456-426614174000"


class UrlType(FormatType):
    """Web and other addresses, as pydantic reads them."""

    name = "url"
    formats = frozenset({"uri"})

    def parse_text(self, node: Node, text: str) -> str:
        from pydantic_core import SchemaValidator, ValidationError, core_schema

        stripped = text.strip()
        schemes = node.get(SCHEMES, ())
        example = f"{schemes[0] if schemes else 'https'}://example.org"
        if not stripped:
            raise InvalidValue(f"Type an address, such as {example}.")
        try:
            known = core_schema.url_schema(**node.get(URL, {}))
            address = SchemaValidator(known).validate_python(checked_text(stripped))
        except ValidationError:
            raise InvalidValue(f"{quoted(stripped)} is not a whole address. Write one such as {example}.") from None
        if schemes and address.scheme not in schemes:
            raise InvalidValue(f"The address must begin with {listed([f'{each}://' for each in schemes])}.")
        if address.scheme in ("http", "https") and not address.host:
            raise InvalidValue(f"{quoted(stripped)} names no host. Write an address such as {example}.")
        check_rules(node.schema, str(address))
        return str(address)

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "url", "placeholder": "https://example.org", "spellcheck": "false"}

    def sample(self, node: Node) -> JsonValue:
        return f"{node.get(SCHEMES, ('https',))[0]}://example.org/"


class EmailType(FormatType):
    """E-mail addresses, as pydantic reads them."""

    name = "email"
    formats = frozenset({"email"})

    def parse_text(self, node: Node, text: str) -> str:
        from pydantic.networks import validate_email
        from pydantic_core import PydanticCustomError

        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type an e-mail address, such as ada@example.org.")
        try:
            _, address = validate_email(checked_text(stripped))
        except PydanticCustomError:
            address = ""
        # With a name before it, pydantic would take it, and give the address alone.
        if not address or "<" in stripped:
            raise InvalidValue(f"{quoted(stripped)} is not an e-mail address. Write one such as ada@example.org.")
        return address

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "email", "placeholder": "ada@example.org", "spellcheck": "false"}

    def sample(self, node: Node) -> JsonValue:
        return "ada@example.org"


class SecretType(FormatType):
    """Text that is never shown back, and that the store keeps sealed."""

    name = "secret"
    formats = frozenset({"password"})

    def parse_text(self, node: Node, text: str) -> str:
        secret = checked_text(text)
        check_rules(node.schema, secret)
        return secret

    def to_text(self, node: Node, value: JsonValue) -> str:
        # Neither a value given beforehand nor one that was typed and refused is sent to a browser.
        return ""

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=HIDDEN)

    def hint(self, node: Node) -> str:
        return "Never shown again: not here, not in the report, not in a log."

    def sample(self, node: Node) -> JsonValue:
        return "your secret"
