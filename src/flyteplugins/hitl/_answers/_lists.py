"""Lists and mappings, with rows to add, remove and move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from .._keywords import KEYS
from .._quoting import quoted
from ._answer_type import (
    AnswerType,
    Errors,
    FormField,
    FormRow,
    Leaves,
    Place,
    Words,
    answer_type_of,
    example_in,
)
from ._entries import Entries, Pair, inside
from ._node import Node
from ._objects import as_json, as_noun
from ._values import InvalidValue, Problems, described

MAX_ROWS = 2_000
"""Fields that one page can hold; larger tables are data frames, larger batches are reviews."""

_KEY, _VALUE = "key", "value"


class ListType(AnswerType):
    """Any number of values of one type."""

    name = "list"
    json_type = "array"
    is_compound = True

    def claims(self, node: Node) -> bool:
        return node.is_of("array") and isinstance(node.get("items"), Mapping)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        item = self._item(node)
        problems = Problems()
        values: list[JsonValue] = []
        for number, row in enumerate(entries.rows(name)):
            with problems.at(number):
                values.append(answer_type_of(item).parse_form(item, entries, inside(name, row)))
        problems.raise_any()
        return self._kept(node, values)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content = as_json(value)
        if not isinstance(content, list):
            raise InvalidValue(f"{described(content)} is not a list. Send one.")
        item = self._item(node)
        problems = Problems()
        values: list[JsonValue] = []
        for number, each in enumerate(content):
            with problems.at(number):
                values.append(answer_type_of(item).parse_json(item, each))
        problems.raise_any()
        return self._kept(node, values)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        item = self._item(node)
        for number, each in enumerate(value if isinstance(value, list) else ()):
            yield name, str(number)
            yield from answer_type_of(item).entries(item, each, inside(name, number))

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        if "default" in node:
            yield from self.entries(node, node["default"], name)
            return
        item = self._item(node)
        for number in range(min(node.get("minItems", 0), MAX_ROWS)):
            yield name, str(number)
            yield from answer_type_of(item).blank(item, inside(name, number))

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        item = self._item(node)
        rows = entries.rows(place.name)
        noun = as_noun(item.label)
        return self.plain(
            node,
            place,
            errors,
            rows=tuple(
                FormRow(
                    row=row,
                    number=number + 1,
                    members=(
                        answer_type_of(item).field(
                            item, place.row(row, number, f"{item.label or 'Entry'} {number + 1}"), entries, errors
                        ),
                    ),
                )
                for number, row in enumerate(rows)
            ),
            can_add=len(rows) < min(node.get("maxItems", MAX_ROWS), MAX_ROWS),
            added=tuple(answer_type_of(item).blank(item, inside(place.name, entries.free_row(place.name)))),
            can_move=not node.get("uniqueItems", False),
            noun=noun,
        )

    def words(self, node: Node, value: JsonValue) -> Words:
        item = self._item(node)
        values = value if isinstance(value, list) else []
        if not values:
            return Words(text="(empty list)")
        return Words(parts=tuple(answer_type_of(item).words(item, each) for each in values), is_list=True)

    def example(self, node: Node) -> JsonValue:
        item = self._item(node)
        # What holds itself has no end.
        return example_in(
            node, [] if item.is_again else [answer_type_of(item).example(item)] * self._example_length(node)
        )

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        item = self._item(node)
        return [answer_type_of(item).mapped(item, each, changes) for each in (value if isinstance(value, list) else ())]

    def _item(self, node: Node) -> Node:
        return node.child(node["items"])

    def _example_length(self, node: Node) -> int:
        return 1 if node.get("uniqueItems") else min(max(node.get("minItems", 1), 1), node.get("maxItems", 1), MAX_ROWS)

    def _kept(self, node: Node, values: list[JsonValue]) -> JsonValue:
        fewest, most = node.get("minItems", 0), node.get("maxItems")
        if len(values) < fewest:
            raise InvalidValue(f"At least {fewest} must be there; there {_are(len(values))} {len(values)}. Add more.")
        if most is not None and len(values) > most:
            raise InvalidValue(f"At most {most} are taken; there are {len(values)}. Remove some.")
        if node.get("uniqueItems"):
            _check_unique(self._item(node), values)
            # A set has no order: the same one is kept alike, or a restarted task would ask another question.
            values.sort(key=_order)
        return values


class MapType(AnswerType):
    """Values by names that the person gives."""

    name = "map"
    json_type = "object"
    is_compound = True

    def claims(self, node: Node) -> bool:
        return node.is_of("object") and isinstance(node.get("additionalProperties"), Mapping)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        key_node, child = self._key(node), self._child(node)
        problems = Problems()
        values: dict[str, JsonValue] = {}
        for row in entries.rows(name):
            at = inside(name, row)
            typed = (entries.one(inside(at, _KEY)) or "").replace("\r\n", "\n")
            with problems.at(typed):
                key = self._kept_key(key_node, typed, values)
                values[key] = answer_type_of(child).parse_form(child, entries, inside(at, _VALUE))
        problems.raise_any()
        return self._kept(node, values)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content = as_json(value)
        if not isinstance(content, dict):
            raise InvalidValue(f"{described(content)} is not an object. Send one.")
        key_node, child = self._key(node), self._child(node)
        problems = Problems()
        values: dict[str, JsonValue] = {}
        for sent, each in content.items():
            with problems.at(sent):
                key = self._kept_key(key_node, sent, values)
                values[key] = answer_type_of(child).parse_json(child, each)
        problems.raise_any()
        return self._kept(node, values)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        child = self._child(node)
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        for number, (key, each) in enumerate(content.items()):
            at = inside(name, number)
            yield name, str(number)
            yield inside(at, _KEY), key
            yield from answer_type_of(child).entries(child, each, inside(at, _VALUE))

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        rows = entries.rows(place.name)
        return self.plain(
            node,
            place,
            errors,
            rows=tuple(self._row(node, place, row, number, entries, errors) for number, row in enumerate(rows)),
            can_add=len(rows) < min(node.get("maxProperties", MAX_ROWS), MAX_ROWS),
            added=tuple(self._blank_row(node, inside(place.name, entries.free_row(place.name)))),
            noun=as_noun(self._child(node).label),
        )

    def words(self, node: Node, value: JsonValue) -> Words:
        child = self._child(node)
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        parts = []
        for key, each in content.items():
            words = answer_type_of(child).words(child, each)
            parts.append(Words(label=key, text=words.text, parts=words.parts, is_list=words.is_list))
        return Words(parts=tuple(parts)) if parts else Words(text="(empty)")

    def example(self, node: Node) -> JsonValue:
        child = self._child(node)
        if child.is_again:
            return example_in(node, {})
        key = answer_type_of(self._key(node)).example(self._key(node)) if KEYS in node else "name"
        return example_in(node, {_text_of(key): answer_type_of(child).example(child)})

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        child = self._child(node)
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        return {key: answer_type_of(child).mapped(child, each, changes) for key, each in content.items()}

    def _row(self, node: Node, place: Place, row: str, number: int, entries: Entries, errors: Errors) -> FormRow:
        at = inside(place.name, row)
        key = (entries.one(inside(at, _KEY)) or "").replace("\r\n", "\n")
        key_node, child = self._key(node), self._child(node)
        key_place = Place(name=inside(at, _KEY), path=(*place.path, key), label="Name")
        value_place = Place(name=inside(at, _VALUE), path=(*place.path, key), label="Value")
        # What is wrong is told once, at the value.
        key_field = answer_type_of(key_node).field(key_node, key_place, entries, {})
        value_field = answer_type_of(child).field(child, value_place, entries, errors)
        return FormRow(row=row, number=number + 1, members=(key_field, value_field))

    def _child(self, node: Node) -> Node:
        return node.child(node["additionalProperties"])

    def _blank_row(self, node: Node, at: str) -> Iterator[Pair]:
        child = self._child(node)
        yield from answer_type_of(child).blank(child, inside(at, _VALUE))

    def _key(self, node: Node) -> Node:
        return node.child(node.get(KEYS, {"type": "string"}))

    def _kept_key(self, key_node: Node, sent: str, values: Mapping[str, JsonValue]) -> str:
        """A name in the one spelling that records keep."""
        answer_type = answer_type_of(key_node)
        if not sent:
            raise InvalidValue("The name is empty. Type one, or remove the row.")
        try:
            key = _text_of(answer_type.parse_json(key_node, sent))
        except InvalidValue as error:
            raise InvalidValue(f"The name {quoted(sent)} does not fit. {error}") from None
        if key in values:
            raise InvalidValue(f"The name {quoted(key)} is there twice. Give each another name.")
        return key

    def _kept(self, node: Node, values: dict[str, JsonValue]) -> JsonValue:
        fewest, most = node.get("minProperties", 0), node.get("maxProperties")
        if len(values) < fewest:
            raise InvalidValue(f"At least {fewest} must be there. Add more.")
        if most is not None and len(values) > most:
            raise InvalidValue(f"At most {most} are taken; there are {len(values)}. Remove some.")
        return values


def _check_unique(item: Node, values: list[JsonValue]) -> None:
    problems = Problems()
    seen: set[object] = set()
    for number, value in enumerate(values):
        same = _as_in_a_set(item, value)
        if same in seen:
            problems.add("It is there twice. Each may be there once.", (number,))
        seen.add(same)
    problems.raise_any()


def _as_in_a_set(item: Node, value: JsonValue) -> object:
    """A value that equals another if the two were one in Python's sets, where `1 == 1.0 == True`."""
    if isinstance(value, str) and item.get("format") == "decimal":
        return Decimal(value)
    if isinstance(value, list):
        return tuple(_as_in_a_set(item, each) for each in value)
    if isinstance(value, dict):
        return frozenset((name, _as_in_a_set(item, each)) for name, each in value.items())
    return value


def _order(value: JsonValue) -> tuple[bool, float, str]:
    is_number = isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53)
    return not is_number, float(value) if is_number else 0.0, json.dumps(value, sort_keys=True)  # type: ignore[arg-type]


def _text_of(key: JsonValue) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
