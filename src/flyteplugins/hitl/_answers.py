"""One codec an answer type: Python type <-> JSON Schema <-> form field <-> value.

A new type is one class here and one field template in `app/templates/fields/`; nothing else changes.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeVar, cast

from pydantic import Field, JsonValue, TypeAdapter

from ._quoting import quoted, shown
from .errors import InvalidParameter, UnsupportedType

T = TypeVar("T")

MAX_INT_DIGITS = 4300
"""Python's own limit for turning text into an `int`; more would be a way to keep the app busy."""

MAX_LABEL_CHARACTERS = 60
"""What fits on a button on a phone without growing into a paragraph."""

_INT = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUE = frozenset({"true", "yes", "1", "on", "y"})
_FALSE = frozenset({"false", "no", "0", "off", "n"})


class InvalidValue(ValueError):
    """A value is not of the type; the message is the reason, as a sentence for the person who typed it."""


def json_schema(annotation: Any) -> dict[str, JsonValue]:
    """The JSON Schema of a type, as pydantic describes it."""
    return TypeAdapter(annotation).json_schema()


class AnswerType(ABC, Generic[T]):
    """How values of one type are described, asked for, read and kept.

    Attributes:
        name: What the record and the JSON call name the type, such as `bool`.
        python_type: The type that a workflow asks for.
        example: A value as text, for the ready-made `curl`.
    """

    name: ClassVar[str]
    python_type: ClassVar[type]
    example: ClassVar[str]

    def schema(self, *, max_characters: int) -> dict[str, JsonValue]:
        """The JSON Schema that an answer must fit; `max_characters` bounds text."""
        return json_schema(self.python_type)

    def presentation(self, options: Mapping[str, Any]) -> dict[str, JsonValue]:
        """How the form shows the field, made of the options that the author gave.

        Raises:
            InvalidParameter: The type has no such option, or its content cannot be used.
        """
        for option, content in options.items():
            if content is not None:
                raise InvalidParameter(f"`{option}` is for `data_type=bool`, not for `{self.name}`: leave it out.")
        return {}

    @abstractmethod
    def parse_text(self, text: str) -> T:
        """Reads what a person typed.

        Raises:
            InvalidValue: It is not of the type.
        """

    @abstractmethod
    def parse_json(self, value: object) -> T:
        """Reads a JSON value; text in it is read as if it was typed.

        Raises:
            InvalidValue: It is not of the type.
        """

    def to_json(self, value: T) -> JsonValue:
        """The value as it is kept in a record."""
        return cast(JsonValue, value)

    @abstractmethod
    def from_json(self, value: JsonValue) -> T:
        """The value that the workflow gets, from a record that was checked when it was written."""

    def to_text(self, value: T) -> str:
        """The value as a form holds it: `parse_text` of it is the value again."""
        return str(value)

    def words(self, value: JsonValue, presentation: Mapping[str, JsonValue]) -> str:
        """The value of a record in the words that the form used for it."""
        return self.to_text(self.from_json(value))


class IntAnswer(AnswerType[int]):
    """Whole numbers of any size: no fraction, no exponent, nothing rounded."""

    name = "int"
    python_type = int
    example = "42"

    def parse_text(self, text: str) -> int:
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
        return int(stripped)

    def parse_json(self, value: object) -> int:
        if isinstance(value, str):
            return self.parse_text(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(f"{_described(value)} is not a whole number. Send an integer, such as 42.")
        if abs(value) >= _FIRST_TOO_LONG:
            raise InvalidValue(_TOO_MANY_DIGITS)
        return value

    def from_json(self, value: JsonValue) -> int:
        return self.parse_json(value)


class FloatAnswer(AnswerType[float]):
    """Finite numbers. `nan` and `inf` are no answers."""

    name = "float"
    python_type = float
    example = "0.5"

    def parse_text(self, text: str) -> float:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a number, such as 0.5.")
        if not _FLOAT.fullmatch(stripped):
            raise InvalidValue(
                f"{quoted(stripped)} is not a number. Write it with a point and no thousands separator, "
                "such as 0.5, -3 or 1.2e-7."
            )
        return _finite(float(stripped))

    def parse_json(self, value: object) -> float:
        if isinstance(value, str):
            return self.parse_text(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidValue(f"{_described(value)} is not a number. Send a number, such as 0.5.")
        try:
            return _finite(float(value))
        except OverflowError:
            raise InvalidValue(_TOO_LARGE) from None

    def to_text(self, value: float) -> str:
        return repr(value)

    def from_json(self, value: JsonValue) -> float:
        return self.parse_json(value)


class StrAnswer(AnswerType[str]):
    """Text of any lines and any Unicode, kept as it was typed."""

    name = "str"
    python_type = str
    example = "your answer"

    def schema(self, *, max_characters: int) -> dict[str, JsonValue]:
        return json_schema(Annotated[str, Field(max_length=max_characters)])

    def parse_text(self, text: str) -> str:
        # Browsers send every line break of a text area as CRLF, whatever was typed (HTML, "multipart/form-data").
        return self.parse_json(text.replace("\r\n", "\n"))

    def parse_json(self, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidValue(f"{_described(value)} is not text. Send a string.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValue("The text holds half of a surrogate pair, which is no Unicode character.") from None
        return value

    def from_json(self, value: JsonValue) -> str:
        return self.parse_json(value)


class BoolAnswer(AnswerType[bool]):
    """A decision: two plain buttons, in the author's words."""

    name = "bool"
    python_type = bool
    example = "true"

    default_labels = ("Approve", "Reject")

    def presentation(self, options: Mapping[str, Any]) -> dict[str, JsonValue]:
        labels = options.get("labels")
        yes, no = self.default_labels if labels is None else _checked_labels(labels)
        return {"labels": [yes, no]}

    def parse_text(self, text: str) -> bool:
        word = text.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        accepted = "true or false, yes or no, y or n, on or off, 1 or 0"
        if not word:
            raise InvalidValue(f"Choose one of the two: {accepted}.")
        raise InvalidValue(f"{quoted(text.strip())} is neither yes nor no. Send one of: {accepted}.")

    def parse_json(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.parse_text(value)
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        raise InvalidValue(f"{_described(value)} is neither true nor false. Send true or false.")

    def to_text(self, value: bool) -> str:
        return "true" if value else "false"

    def from_json(self, value: JsonValue) -> bool:
        return self.parse_json(value)

    def words(self, value: JsonValue, presentation: Mapping[str, JsonValue]) -> str:
        labels = presentation.get("labels")
        yes, no = labels if isinstance(labels, list) and len(labels) == 2 else self.default_labels
        return str(yes if self.from_json(value) else no)


_FIRST_TOO_LONG = 10**MAX_INT_DIGITS
_TOO_MANY_DIGITS = f"The number is too long: at most {MAX_INT_DIGITS} digits are taken."
_TOO_LARGE = "The number is too large for a float: its size must stay below 1.8e308."

_REGISTRY: dict[str, AnswerType[Any]] = {
    answer_type.name: answer_type for answer_type in (IntAnswer(), FloatAnswer(), StrAnswer(), BoolAnswer())
}


def answer_type_for(python_type: object) -> AnswerType[Any]:
    """The codec of the type that a workflow asks for.

    Raises:
        UnsupportedType: There is none; the message lists those there are.
    """
    for answer_type in _REGISTRY.values():
        if answer_type.python_type is python_type:
            return answer_type
    supported = ", ".join(f"`{name}`" for name in _REGISTRY)
    named = getattr(python_type, "__qualname__", None) or repr(python_type)
    raise UnsupportedType(f"`data_type={named}` is not supported. Ask for one of {supported}.")


def answer_type_named(name: str) -> AnswerType[Any]:
    """The codec that a record names.

    Raises:
        UnsupportedType: This version of the package knows none of that name.
    """
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnsupportedType(
            f"The question asks for the answer type `{name}`, which this version does not know. "
            "Run the app with the same version of flyteplugins-hitl as the workflow, or a later one."
        ) from None


def answer_in_words(name: str, value: JsonValue, presentation: Mapping[str, JsonValue]) -> str:
    """The value of a record in the words that the form used for it.

    Args:
        name: The answer type's name in the record.
        value: The value in the record.
        presentation: How the form showed the field.
    """
    return answer_type_named(name).words(value, presentation)


def checked_fallback(answer_type: AnswerType[T], value: object) -> JsonValue:
    """The value of `on_timeout=` as a record keeps it.

    Raises:
        InvalidParameter: It is not of the type that the event asks for.
    """
    python_type = answer_type.python_type
    is_whole_for_float = python_type is float and type(value) is int
    if type(value) is not python_type and not is_whole_for_float:
        raise InvalidParameter(
            f"`on_timeout={shown(value)}` is a {type(value).__name__}, but the event asks for `{answer_type.name}`. "
            f"Give a value of that type, or leave `on_timeout` out to get a TimeoutError."
        )
    try:
        # By way of JSON, as an answer comes, so that what no answer could be is no fallback either.
        return answer_type.to_json(answer_type.parse_json(answer_type.to_json(cast(T, value))))
    except InvalidValue as error:
        raise InvalidParameter(f"`on_timeout={shown(value)}` cannot be used: {error}") from None


def _checked_labels(labels: object) -> tuple[str, str]:
    if isinstance(labels, str) or not isinstance(labels, Sequence) or len(labels) != 2:
        raise InvalidParameter(f'`labels={shown(labels)}` is not a pair of words. Write `labels=("Ship it", "Hold")`.')
    yes, no = labels
    for label in (yes, no):
        if not _is_label(label):
            raise InvalidParameter(
                f"`labels` holds {shown(label)}, which is no word for a button. "
                f"Give text of 1 to {MAX_LABEL_CHARACTERS} characters."
            )
    if yes.strip() == no.strip():
        raise InvalidParameter(f"`labels` holds {yes!r} twice. The words must differ to be told apart.")
    return yes.strip(), no.strip()


def _is_label(label: object) -> bool:
    if not isinstance(label, str) or not label.strip() or len(label) > MAX_LABEL_CHARACTERS:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in label)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise InvalidValue(_TOO_LARGE)
    return number


def _described(value: object) -> str:
    """A JSON value in the words of JSON, so that the person who sent it recognises it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return "A list" if isinstance(value, list) else "An object"
    return quoted(value) if isinstance(value, str) else shown(value)
