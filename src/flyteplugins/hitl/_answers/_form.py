"""The form of a question, made of nothing but the recorded JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

from ._answer_type import FormField, Leaves, Place, Words, answer_type_of
from ._changes import Change, changes_between
from ._entries import ROOT, Entries
from ._formats import HIDDEN
from ._node import Node

_WHOLE = "Your answer"


class Form:
    """Reads, fills and shows the answer of one question.

    Args:
        schema: The recorded JSON Schema.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._node = Node.at_root(schema)
        self._type = answer_type_of(self._node)

    @property
    def kind(self) -> str:
        """The name of the answer type."""
        return self._type.name

    def parse_form(self, entries: Entries) -> JsonValue:
        """Reads what a person typed.

        Raises:
            InvalidValue: It does not fit; all that is wrong.
        """
        return self._type.parse_form(self._node, entries, ROOT)

    def parse_json(self, value: object) -> JsonValue:
        """Reads a JSON value, strictly, into the one spelling that records keep.

        Raises:
            InvalidValue: It does not fit; all that is wrong.
        """
        return self._type.parse_json(self._node, value)

    def blank(self) -> Entries:
        """The form before anything was typed: the defaults."""
        return Entries(self._type.blank(self._node, ROOT))

    def filled(self, value: JsonValue) -> Entries:
        """The form that holds a value: reading it is the value again."""
        return Entries(self._type.entries(self._node, value, ROOT))

    def field(self, entries: Entries, errors: Iterable[tuple[str, str]] = ()) -> FormField:
        """The field that takes the answer.

        Args:
            entries: What it is filled with.
            errors: What is wrong: path and reason.
        """
        by_path: dict[str, tuple[str, ...]] = {}
        for path, reason in errors:
            by_path[path] = (*by_path.get(path, ()), reason)
        place = Place(name=ROOT, path=(ROOT,), label=_WHOLE)
        return self._type.field(self._node, place, entries, by_path)

    def words(self, value: JsonValue) -> Words:
        """A value for people to read."""
        return self._type.words(self._node, value)

    def text(self, value: JsonValue) -> str:
        """A value as plain text of one line or more."""
        return "\n".join(self.words(value).lines())

    def changes(self, before: JsonValue, after: JsonValue) -> tuple[Change, ...]:
        """What differs between two values, with no secret told."""
        return changes_between(self.masked(before), self.masked(after))

    def masked(self, value: JsonValue) -> JsonValue:
        """A value with every secret in it hidden."""
        return self.mapped(value, {"secret": lambda secret: HIDDEN})

    def mapped(self, value: JsonValue, changes: Leaves) -> JsonValue:
        """A value with those inside of it changed whose answer type is named."""
        return self._type.mapped(self._node, value, changes)

    def example(self) -> JsonValue:
        """A value that might be given; a scalar as text, as it is documented."""
        example = self._type.example(self._node)
        if isinstance(example, (dict, list)) or example is None:
            return example
        return json.dumps(example) if not isinstance(example, str) else example
