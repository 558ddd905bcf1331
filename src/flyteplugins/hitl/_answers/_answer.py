"""The answer that a workflow asks for: its Python type, and the schema by which the app asks for it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from .._keywords import KIND, LABELS
from .._own_types import as_shown
from .._quoting import shown
from ..errors import InvalidParameter
from ._choices import labels_of
from ._defaults import tidy_defaults
from ._form import Form
from ._json_schema import schema_problems
from ._node import Node
from ._python_types import adapter_of, schema_of, type_name
from ._values import InvalidValue, Problem, written

T = TypeVar("T")

MAX_LABEL_CHARACTERS = 60
"""What fits on a button on a phone without growing into a paragraph."""

_DECISION = ["Approve", "Reject"]
_PLAIN_TYPES = frozenset({bool, int, float, str})


@dataclass(frozen=True, kw_only=True)
class Answer(ABC, Generic[T]):
    """A type that is asked for, and the way of its values to the record and back.

    Attributes:
        data_type: The type, as the workflow wrote it.
        name: What it is called in the record and in the JSON call.
        schema: The JSON Schema that an answer must fit.
        needs_workflow: Whether the type checks more than the schema says, so that only the workflow can tell.
    """

    data_type: Any
    name: str
    schema: dict[str, Any]
    needs_workflow: bool

    def form(self) -> Form:
        return Form(self.schema)

    @abstractmethod
    def from_json(self, value: JsonValue) -> T:
        """The value that the workflow gets, from a record that was checked when it was written.

        Raises:
            InvalidValue: The type itself refuses it.
        """

    @abstractmethod
    def initial_json(self, value: object) -> JsonValue:
        """What the form is filled with at first: a value of the type, or some members of it.

        Raises:
            InvalidParameter: It does not fit.
        """

    @abstractmethod
    def fallback_json(self, value: object) -> JsonValue:
        """The value of `on_timeout=` as the record keeps it.

        Raises:
            InvalidParameter: It is not of the type, or holds a secret.
        """

    def changes(self, before: JsonValue, after: JsonValue) -> tuple[Any, ...]:
        """What a person changed of what the form was filled with."""
        return self.form().changes(before, after)


@dataclass(frozen=True, kw_only=True)
class TypedAnswer(Answer[T]):
    """A type that pydantic knows."""

    _adapter: TypeAdapter[Any] = field(repr=False)

    def from_json(self, value: JsonValue) -> T:
        try:
            made = self._adapter.validate_json(json.dumps(value))
        except ValidationError as error:
            raise InvalidValue(*_problems(error)) from None
        # Pydantic's own time zone equals UTC, but is not it.
        return cast(T, made.astimezone(timezone.utc) if isinstance(made, datetime) and made.tzinfo else made)

    def dumped(self, value: object) -> tuple[Any, Any]:
        """A value of the type as JSON, and the same with its members as they are, such as secrets and files.

        Raises:
            InvalidValue: It is not of the type.
        """
        try:
            checked = self._adapter.validate_python(value, strict=True)
            return (
                self._adapter.dump_python(checked, mode="json", by_alias=True, round_trip=True),
                self._adapter.dump_python(checked, mode="python", by_alias=True, round_trip=True),
            )
        except ValidationError as error:
            raise InvalidValue(*_problems(error)) from None
        except PydanticSerializationError as error:
            raise InvalidValue(str(error)) from None

    def to_json(self, value: object, parameter: str, mend: str) -> JsonValue:
        """A value that the author gave, as a record keeps it.

        Args:
            value: The value.
            parameter: What it was given as, for the message.
            mend: What else to do, for the message.

        Raises:
            InvalidParameter: It is not of the type.
        """
        try:
            checked = self._adapter.validate_python(value, strict=True)
            # Without what is only derived: no answer holds a computed field.
            dumped = self._adapter.dump_python(checked, mode="json", by_alias=True, round_trip=True)
            # By way of JSON, as an answer comes, so that what no answer could be is none here either.
            kept = self.form().parse_json(dumped)
            problems = schema_problems(self.schema, kept)
            if problems:
                raise InvalidValue(*problems)
            return kept
        except ValidationError as error:
            problem = _problems(error)[0]
            where = f" at `{written(problem.path)}`" if problem.path else ""
            raise InvalidParameter(
                f"`{parameter}={shown(value)}` is a {type(value).__name__}, but the event asks for `{self.name}`"
                f"{where}: {problem.reason} Give a value of that type, or {mend}"
            ) from None
        except (InvalidValue, PydanticSerializationError) as error:
            raise InvalidParameter(f"`{parameter}={shown(value)}` cannot be used: {error}") from None

    def fallback_json(self, value: object) -> JsonValue:
        fallback = self.to_json(value, "on_timeout", "leave `on_timeout` out to get a TimeoutError.")
        if self.form().masked(fallback) != fallback:
            raise InvalidParameter(
                "`on_timeout` holds a secret, and a record of the question would tell it. Leave `on_timeout` out, and "
                "catch the TimeoutError."
            )
        return fallback

    def initial_json(self, value: object) -> JsonValue:
        if isinstance(value, Mapping) and self.form().kind == "object":
            kept = self._some_members(value)
        else:
            kept = self.to_json(value, "initial", "leave `initial` out.")
        # As the form holds it: a text area has one kind of line break, and no secret is shown or kept.
        return self.form().mapped(kept, {"str": _with_plain_lines, "secret": lambda secret: "", "file": _refuse_file})

    def _some_members(self, value: Mapping[str, Any]) -> JsonValue:
        try:
            given = to_jsonable_python(value, by_alias=True, round_trip=True)
            return self.form().parse_some(given)
        except PydanticSerializationError as error:
            raise InvalidParameter(f"`initial={shown(value)}` cannot be used: {error}") from None
        except InvalidValue as error:
            problem = error.problems[0]
            where = f" at `{written(problem.path)}`" if problem.path else ""
            raise InvalidParameter(
                f"`initial` does not fit `{self.name}`{where}: {problem.reason} "
                "Give that field another value, or leave it out."
            ) from None


def answer_for(data_type: Any, *, labels: object = None, max_characters: int) -> TypedAnswer[Any]:
    """What a workflow asks for.

    Args:
        data_type: The type.
        labels: The words for the choices, if the author gave any.
        max_characters: The longest text that is taken, where the type says nothing of it.

    Raises:
        UnsupportedType: The type has no JSON Schema.
        InvalidParameter: The labels cannot be used.
    """
    if labels is None and isinstance(data_type, type) and data_type in _PLAIN_TYPES:
        return _plain_answer(data_type, max_characters)
    return _answer(data_type, labels, max_characters)


@lru_cache(maxsize=16)
def _plain_answer(data_type: type[Any], max_characters: int) -> TypedAnswer[Any]:
    # Making a schema takes longer than asking a question, and theirs never changes.
    return _answer(data_type, None, max_characters)


def _answer(data_type: Any, labels: object, max_characters: int) -> TypedAnswer[Any]:
    name = type_name(data_type)
    adapter = adapter_of(as_shown(data_type), name)
    schema, needs_workflow = schema_of(adapter, name)
    _limit_text(schema, max_characters)
    _put_labels(schema, labels, name)
    tidy_defaults(schema)
    return TypedAnswer(data_type=data_type, name=name, schema=schema, needs_workflow=needs_workflow, _adapter=adapter)


def _refuse_file(leaf: JsonValue) -> JsonValue:
    raise InvalidParameter(
        "`initial` holds a file, and no form can be filled with one. Leave the file out; show it to the person instead."
    )


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            f"{problem['msg'].removeprefix('Value error, ').removeprefix('Assertion failed, ').rstrip('.')}.",
            tuple(problem["loc"]),
        )
        for problem in error.errors(include_url=False, include_input=False)
    )


def _with_plain_lines(text: JsonValue) -> JsonValue:
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def _limit_text(schema: Any, max_characters: int) -> None:
    """Bounds all free text, wherever in the schema it is."""
    if isinstance(schema, list):
        for each in schema:
            _limit_text(each, max_characters)
    if not isinstance(schema, dict):
        return
    is_free = schema.get("type") == "string" and not {"format", "enum", "const", "maxLength"} & set(schema)
    if is_free:
        schema["maxLength"] = max_characters
    for keyword, inner in schema.items():
        if keyword in ("properties", "$defs"):
            for each in inner.values():
                _limit_text(each, max_characters)
        elif keyword in ("items", "prefixItems", "anyOf", "oneOf", "additionalProperties"):
            _limit_text(inner, max_characters)


def _put_labels(schema: dict[str, Any], labels: object, name: str) -> None:
    node = Node.at_root(schema)
    if node.get(KIND) == "approval":
        if labels is not None:
            schema[LABELS] = list(_checked_pair(labels))
    elif node.is_of("boolean"):
        schema[LABELS] = list(_DECISION) if labels is None else list(_checked_pair(labels))
    elif labels is not None:
        choices, target = node, schema
        if "items" in node:
            choices, target = node.child(node["items"]), schema["items"]
        if "enum" not in choices:
            raise InvalidParameter(
                f"`labels` is for `data_type=bool` and for choices (`Literal`, `Enum`), not for `{name}`: leave it out."
            )
        target[LABELS] = _checked_labels(labels, choices)


def _checked_pair(labels: object) -> tuple[str, str]:
    if isinstance(labels, (str, Mapping)) or not isinstance(labels, Sequence) or len(labels) != 2:
        raise InvalidParameter(f'`labels={shown(labels)}` is not a pair of words. Write `labels=("Ship it", "Hold")`.')
    yes, no = _checked_words(labels)
    return yes, no


def _checked_labels(labels: object, choices: Node) -> list[str]:
    options = choices["enum"]
    if isinstance(labels, Mapping):
        named = {getattr(option, "value", option): label for option, label in labels.items()}
        words = [named.get(option, label) for option, label in zip(options, labels_of(choices), strict=True)]
        unknown = [option for option in named if option not in options]
        if unknown:
            raise InvalidParameter(f"`labels` names {shown(unknown[0])}, which is not one of the choices.")
        return _checked_words(words)
    if isinstance(labels, str) or not isinstance(labels, Sequence) or len(labels) != len(options):
        raise InvalidParameter(
            f"`labels={shown(labels)}` does not fit: give one word for each of the {len(options)} choices, in their "
            "order, or a dict of choice and word."
        )
    return _checked_words(labels)


def _checked_words(labels: Sequence[Any]) -> list[str]:
    for label in labels:
        if not _is_label(label):
            raise InvalidParameter(
                f"`labels` holds {shown(label)}, which is no word for a button. "
                f"Give text of 1 to {MAX_LABEL_CHARACTERS} characters."
            )
    words = [label.strip() for label in labels]
    for word in words:
        if words.count(word) > 1:
            raise InvalidParameter(f"`labels` holds {word!r} twice. The words must differ to be told apart.")
    return words


def _is_label(label: object) -> bool:
    if not isinstance(label, str) or not label.strip() or len(label) > MAX_LABEL_CHARACTERS:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in label)
