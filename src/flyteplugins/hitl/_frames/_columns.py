"""The columns of a table that a person edits: what each takes, and how what is typed is read."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Literal, cast

from pydantic import JsonValue

from .._answers import Form, InvalidValue
from .._quoting import quoted
from .._records import Frozen
from ._moments import moment_in_text, read_day, read_moment

_SCALARS = {
    "int": Form({"type": "integer"}),
    "float": Form({"type": "number"}),
    "bool": Form({"type": "boolean"}),
    "str": Form({"type": "string"}),
}
"""What a cell takes is what a field of a form takes."""

Cell = bool | int | float | str | None
"""A cell as JSON holds it; `None` is an empty one."""

Kind = Literal["int", "float", "bool", "str", "date", "datetime", "choice", "other"]

MAX_CELL_CHARACTERS = 10_000
"""A few pages: what is longer is no cell of a table."""

_GREATEST_SAFE = 2**53 - 1
"""Beyond it, a script rounds whole numbers of JSON."""

_FLOAT_FORMATS = {16: "<e", 32: "<f", 64: "<d"}
_FLOAT_DIGITS = {16: 5, 32: 9, 64: 17}


class Column(Frozen):
    """A column, as the page shows it and as answers are held against it.

    Attributes:
        name: Its title.
        dtype: What the data frame calls its type.
        kind: How it is edited; `other` is shown as text and cannot be.
        nullable: Whether a cell may be empty.
        least: The least whole number, in digits, since a script cannot hold all of them, or `None`.
        greatest: The greatest whole number, or `None`.
        bits: The size of its floats, or `None`.
        choices: The words to choose from, for a `choice`.
        unit: What a `datetime` is counted in: `s`, `ms`, `us` or `ns`.
        zone: The time zone of a `datetime`, or `None`.
    """

    name: str
    dtype: str
    kind: Kind
    nullable: bool
    least: str | None = None
    greatest: str | None = None
    bits: int | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    zone: str | None = None

    def cell(self, value: JsonValue) -> Cell:
        """Reads a cell that was typed or sent; two that mean the same become equal.

        Text that is empty is an empty cell, but in a column of text, where JSON can tell the two apart.

        Raises:
            InvalidValue: The column does not take it; the message is for the person who typed it.
        """
        if self.kind == "other":
            raise InvalidValue(f"The column “{self.name}” is only shown; it cannot be edited.")
        if value is None or (value == "" and self.kind != "str"):
            if not self.nullable:
                raise InvalidValue("This cell cannot be empty.")
            return None
        return self._filled(value)

    def is_same(self, one: Cell, other: Cell) -> bool:
        """Whether the data frame keeps the same for both."""
        if self.kind == "float" and isinstance(one, float) and isinstance(other, float):
            # Compares the bits: 0.0 and -0.0 are two.
            return self._packed(one) == self._packed(other)
        return type(one) is type(other) and one == other

    def _filled(self, value: JsonValue) -> Cell:
        if self.kind == "int":
            return self._whole_number(value)
        if self.kind == "float":
            return self._number(value)
        if self.kind == "bool":
            return bool(_SCALARS["bool"].parse_json(value))
        text = str(_SCALARS["str"].parse_json(value))
        if self.kind == "str":
            return _bounded(text)
        if self.kind == "date":
            return read_day(text)
        if self.kind == "datetime":
            unit = self.unit or "us"
            return moment_in_text(read_moment(text, unit, self.zone), unit, self.zone)
        return self._choice(text)

    def _whole_number(self, value: JsonValue) -> Cell:
        number = cast(int, _SCALARS["int"].parse_json(value))
        if self.least is not None and number < int(self.least):
            raise InvalidValue(f"The number is too small: the column takes {self.least} and above.")
        if self.greatest is not None and number > int(self.greatest):
            raise InvalidValue(f"The number is too large: the column takes {self.greatest} at most.")
        return whole_number_as_json(number)

    def _number(self, value: JsonValue) -> Cell:
        number = cast(float, _SCALARS["float"].parse_json(value))
        try:
            packed = self._packed(number)
        except OverflowError:
            raise InvalidValue(f"The number is too large for the column, whose floats have {self.bits} bits.") from None
        bits = self.bits or 64
        kept: float = struct.unpack(_FLOAT_FORMATS[bits], packed)[0]
        # The shortest number that is kept as this one is, so that all that are kept alike are written alike.
        written = (float(f"{kept:.{digits}g}") for digits in range(1, _FLOAT_DIGITS[bits] + 1))
        return next((short for short in written if self._is_packed_as(short, packed)), kept)

    def _choice(self, text: str) -> Cell:
        for choice in (text, text.strip()):
            if choice in self.choices:
                return choice
        listed = ", ".join(quoted(choice) for choice in self.choices[:10])
        more = f" and {len(self.choices) - 10} more" if len(self.choices) > 10 else ""
        raise InvalidValue(f"{quoted(text)} is none of the choices: {listed}{more}.")

    def _packed(self, number: float) -> bytes:
        return struct.pack(_FLOAT_FORMATS[self.bits or 64], number)

    def _is_packed_as(self, number: float, packed: bytes) -> bool:
        try:
            return self._packed(number) == packed
        except OverflowError:
            return False


def whole_number_as_json(number: int) -> int | str:
    """A whole number that survives a script: in digits, if it is a long one."""
    return number if -_GREATEST_SAFE <= number <= _GREATEST_SAFE else str(number)


def whole_numbers_as_json(numbers: Iterable[int | None]) -> list[Cell]:
    """All cells of a column of whole numbers."""
    return [None if number is None else whole_number_as_json(number) for number in numbers]


def numbers_as_json(numbers: Iterable[float | None]) -> list[Cell]:
    """All cells of a column of floats: no number is an empty cell, and what JSON has no word for is text."""
    return [number if number is None or -_INFINITY < number < _INFINITY else _unusual(number) for number in numbers]


_INFINITY = float("inf")


def _unusual(number: float) -> Cell:
    return None if number != number else ("inf" if number > 0 else "-inf")


def _bounded(text: str) -> str:
    if len(text) > MAX_CELL_CHARACTERS:
        raise InvalidValue(f"The text has {len(text):,} characters; a cell takes at most {MAX_CELL_CHARACTERS:,}.")
    return text
