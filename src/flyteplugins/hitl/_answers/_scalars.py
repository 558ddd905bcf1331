"""Whole numbers, numbers, text and decisions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pydantic import JsonValue

from .._keywords import LABELS
from .._quoting import quoted
from ._answer_type import Choice, Errors, FormField, Place, TextType, Words
from ._entries import Entries, Pair
from ._json_schema import check_rules
from ._node import Node
from ._text_rules import ruled
from ._values import InvalidValue, described

MAX_INT_DIGITS = 4300
"""Python's own limit for turning text into an `int`; more would be a way to keep the app busy."""

_INT = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUE = frozenset({"true", "yes", "1", "on", "y"})
_FALSE = frozenset({"false", "no", "0", "off", "n"})


class IntType(TextType):
    """Whole numbers of any size: no fraction, no exponent, nothing rounded."""

    name = "int"
    json_type = "integer"

    def claims(self, node: Node) -> bool:
        return node.is_of("integer")

    def parse_text(self, node: Node, text: str) -> int:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a whole number, such as 42.")
        if not _INT.fullmatch(stripped):
            raise InvalidValue(
                f"{quoted(stripped)} is not a whole number. Write digits only, with no fraction, exponent, "
                "space or comma, such as 42 or -7."
            )
        if len(stripped.lstrip("+-")) > MAX_INT_DIGITS:
            raise InvalidValue(_TOO_MANY_DIGITS)
        return self._kept(node, int(stripped))

    def parse_json(self, node: Node, value: object) -> int:
        if isinstance(value, str):
            return self.parse_text(node, value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(f"{described(value)} is not a whole number. Send an integer, such as 42.")
        if abs(value) >= _FIRST_TOO_LONG:
            raise InvalidValue(_TOO_MANY_DIGITS)
        return self._kept(node, value)

    def _kept(self, node: Node, number: int) -> int:
        check_rules(node.schema, number)
        return number

    def hint(self, node: Node) -> str:
        return _bounds(node) or "Digits only, such as 42 or -7. As long as it needs to be."

    def attributes(self, node: Node) -> dict[str, str]:
        return {"inputmode": "text", "placeholder": "42"}

    def sample(self, node: Node) -> JsonValue:
        return 42


class FloatType(TextType):
    """Finite numbers. `nan` and `inf` are no answers."""

    name = "float"
    json_type = "number"

    def claims(self, node: Node) -> bool:
        return node.is_of("number")

    def parse_text(self, node: Node, text: str) -> float:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a number, such as 0.5.")
        if not _FLOAT.fullmatch(stripped):
            raise InvalidValue(
                f"{quoted(stripped)} is not a number. Write it with a point and no thousands separator, "
                "such as 0.5, -3 or 1.2e-7."
            )
        return self._kept(node, float(stripped))

    def parse_json(self, node: Node, value: object) -> float:
        if isinstance(value, str):
            return self.parse_text(node, value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidValue(f"{described(value)} is not a number. Send a number, such as 0.5.")
        try:
            number = float(value)
        except OverflowError:
            raise InvalidValue(_TOO_LARGE) from None
        return self._kept(node, number)

    def _kept(self, node: Node, number: float) -> float:
        if not math.isfinite(number):
            raise InvalidValue(_TOO_LARGE)
        check_rules(node.schema, number)
        return number

    def to_text(self, node: Node, value: JsonValue) -> str:
        return repr(value)

    def hint(self, node: Node) -> str:
        return _bounds(node) or "With a point, such as 0.5, -3 or 1.2e-7."

    def attributes(self, node: Node) -> dict[str, str]:
        return {"inputmode": "text", "placeholder": "0.5"}

    def sample(self, node: Node) -> JsonValue:
        return 0.5


class StrType(TextType):
    """Text of any lines and any Unicode, kept as it was typed."""

    name = "str"
    json_type = "string"

    def claims(self, node: Node) -> bool:
        return node.is_of("string")

    def parse_text(self, node: Node, text: str) -> str:
        # Browsers send every line break of a text area as CRLF, whatever was typed (HTML, "multipart/form-data").
        return self.parse_json(node, text.replace("\r\n", "\n"))

    def parse_json(self, node: Node, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidValue(f"{described(value)} is not text. Send a string.")
        text = ruled(node, checked_text(value))
        check_rules(node.schema, text)
        return text

    def hint(self, node: Node) -> str:
        shortest, pattern = node.get("minLength", 0), node.get("pattern")
        parts = [f"At least {shortest:,} characters."] if shortest > 1 else []
        if pattern:
            parts.append(f"It must match {pattern}")
        return " ".join(parts)

    def attributes(self, node: Node) -> dict[str, str]:
        return {"minlength": str(node["minLength"])} if node.get("minLength") else {}

    def sample(self, node: Node) -> JsonValue:
        text = "your answer"
        return text[: node.get("maxLength", len(text))].ljust(node.get("minLength", 0), ".")


class BoolType(TextType):
    """A decision: two plain buttons, in the author's words."""

    name = "bool"
    json_type = "boolean"

    default_labels = ("Yes", "No")

    def claims(self, node: Node) -> bool:
        return node.is_of("boolean")

    def parse_text(self, node: Node, text: str) -> bool:
        word = text.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        accepted = "true or false, yes or no, y or n, on or off, 1 or 0"
        if not word:
            raise InvalidValue(f"Choose one of the two: {accepted}.")
        raise InvalidValue(f"{quoted(text.strip())} is neither yes nor no. Send one of: {accepted}.")

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        text = entries.one(name)
        if text is None:
            yes, no = self.labels(node)
            raise InvalidValue(f"Choose one: {yes} or {no}.")
        return self.parse_text(node, text)

    def parse_json(self, node: Node, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.parse_text(node, value)
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        raise InvalidValue(f"{described(value)} is neither true nor false. Send true or false.")

    def to_text(self, node: Node, value: JsonValue) -> str:
        return "true" if value else "false"

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        yield name, self.to_text(node, value)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        typed = entries.one(place.name)
        return self.plain(
            node,
            place,
            errors,
            text=typed or "",
            choices=tuple(
                Choice(key=key, label=label, is_chosen=typed == key)
                for key, label in zip(("true", "false"), self.labels(node), strict=True)
            ),
        )

    def words(self, node: Node, value: JsonValue) -> Words:
        yes, no = self.labels(node)
        return Words(text=yes if value else no)

    def labels(self, node: Node) -> tuple[str, str]:
        labels = node.get(LABELS)
        if isinstance(labels, list) and len(labels) == 2:
            return str(labels[0]), str(labels[1])
        return self.default_labels

    def sample(self, node: Node) -> JsonValue:
        return True


def checked_text(text: str) -> str:
    """Text as it is.

    Raises:
        InvalidValue: It is no Unicode text.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue("The text holds half of a surrogate pair, which is no Unicode character.") from None
    return text


def _bounds(node: Node) -> str:
    lowest, highest = node.get("minimum"), node.get("maximum")
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    step = node.get("multipleOf")
    parts = [
        f"at least {lowest}" if lowest is not None else "",
        f"more than {above}" if above is not None else "",
        f"at most {highest}" if highest is not None else "",
        f"less than {below}" if below is not None else "",
        f"a multiple of {step}" if step is not None else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


_FIRST_TOO_LONG = 10**MAX_INT_DIGITS
_TOO_MANY_DIGITS = f"The number is too long: at most {MAX_INT_DIGITS} digits are taken."
_TOO_LARGE = "The number is too large for a float: its size must stay below 1.8e308."
