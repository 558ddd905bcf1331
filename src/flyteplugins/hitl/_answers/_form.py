"""The form of a question, made of nothing but the recorded JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

from .._changes import Change
from ._answer_type import FormField, Leaves, Place, TextType, Words, answer_type_of
from ._changes import changes_between
from ._entries import ROOT, Entries, inside
from ._formats import HIDDEN
from ._json_schema import schema_problems
from ._node import Node
from ._unions import VARIANT
from ._values import InvalidValue, Problems, listed

_WHOLE = "Your answer"

_DEEPEST = 64
"""Far deeper than anybody fills in, and well within what JSON is read and written with: pydantic stops at 200."""

_DEEPEST_NAME = 40
"""Steps of an entry's name: a page with fields any deeper could not be drawn."""

_TOO_DEEP = f"The answer is nested too deeply: at most {_DEEPEST} levels are taken."


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

    @property
    def is_text(self) -> bool:
        """Whether the whole answer is typed as one text."""
        return isinstance(self._type, TextType)

    def parse_form(self, entries: Entries) -> JsonValue:
        """Reads what a person typed.

        Raises:
            InvalidValue: It does not fit; all that is wrong.
        """
        if any(name.count(".") > _DEEPEST_NAME for name, _ in entries):
            raise InvalidValue(_TOO_DEEP)
        return _bounded(self._type.parse_form(self._node, entries, ROOT))

    def parse_json(self, value: object) -> JsonValue:
        """Reads a JSON value, strictly, into the one spelling that records keep.

        Raises:
            InvalidValue: It does not fit; all that is wrong.
        """
        try:
            return _bounded(self._type.parse_json(self._node, value))
        except RecursionError:
            raise InvalidValue(_TOO_DEEP) from None

    def parse_some(self, value: object) -> JsonValue:
        """Reads a JSON value whose members need not all be there, nor those of the objects inside of it.

        Those that have a default have it then.

        Raises:
            InvalidValue: What is there does not fit.
        """
        return _some(self._node, value)

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
        shallow = Entries(pair for pair in entries if pair[0].count(".") <= _DEEPEST_NAME)
        return self._type.field(self._node, place, shallow, by_path)

    def acted(self, entries: Entries, action: str) -> Entries:
        """The entries after a press of a row's button: `add:value.items`, `remove:value.items:3`, `up:…`, `down:…`,
        `show:value.left:add`.

        Raises:
            InvalidValue: There is no such button in this form.
        """
        verb, _, target = action.partition(":")
        name, _, row = target.partition(":")
        field = next((each for each in self.field(entries).walk() if each.name == name), None)
        if field is None or not field.has_button(verb, row):
            raise InvalidValue("The form has no such button. Reload the page.")
        if verb == "show":
            shown = next(each for each in field.rows if each.row == row)
            blank = (pair for pair in shown.added if not entries.all(pair[0]))
            return Entries((*entries, (inside(name, VARIANT), row), *blank))
        if verb == "add":
            return entries.with_row(name, field.added)
        if verb == "remove":
            return entries.without_row(name, row)
        return entries.with_row_moved(name, row, -1 if verb == "up" else 1)

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


def _some(node: Node, value: object) -> JsonValue:
    answer_type = answer_type_of(node)
    if answer_type.name != "object" or not isinstance(value, dict):
        return _fitting(node, answer_type.parse_json(node, value))
    members, problems = dict(node.members()), Problems()
    kept: dict[str, JsonValue] = {}
    for name in (each for each in value if each not in members):
        problems.add(f"There is no such field. Give {listed([f'`{member}`' for member in members])}.", (name,))
    for name, child in members.items():
        if name in value:
            with problems.at(name):
                kept[name] = _some(child, value[name])
        elif "default" in child or "const" in child:
            # The form shows it, so leaving it as it is changes nothing.
            kept[name] = child["const"] if "const" in child else child["default"]
    problems.raise_any()
    return kept


def _fitting(node: Node, value: JsonValue) -> JsonValue:
    problems = schema_problems({**node.schema, "$defs": node.definitions}, value)
    if problems:
        raise InvalidValue(*problems)
    return value


def _bounded(value: JsonValue, depth: int = 0) -> JsonValue:
    if depth > _DEEPEST:
        raise InvalidValue(_TOO_DEEP)
    if isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            _bounded(each, depth + 1)
    return value
