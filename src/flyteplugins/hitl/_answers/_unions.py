"""What may be nothing, and what may be one of several types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import JsonValue

from ._answer_type import (
    AnswerType,
    Choice,
    Errors,
    FormField,
    FormRow,
    Leaves,
    Place,
    TextType,
    Words,
    answer_type_of,
)
from ._entries import Entries, Pair, inside
from ._node import Node
from ._objects import as_json, left_out_or_given
from ._scalars import BoolType, StrType
from ._values import InvalidValue, described, listed, spoken

_GIVEN = "0"
_EMPTY = "empty"
VARIANT = "type"
"""The entry that says which of several types was chosen."""

_NOTHING = "No answer"


class OptionalType(AnswerType):
    """A value or nothing: an empty field is nothing. Where it was filled with an empty text, it stays one."""

    name = "optional"

    def claims(self, node: Node) -> bool:
        return _inner_schema(node) is not None

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        inner, answer_type = self._inner(node)
        if answer_type.is_compound:
            if not entries.rows(name):
                return None
            return answer_type.parse_form(inner, entries, inside(name, _GIVEN))
        if self._is_nothing(answer_type, entries, name):
            return None
        return answer_type.parse_form(inner, entries, name)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        if value is None:
            return None
        inner, answer_type = self._inner(node)
        return answer_type.parse_json(inner, value)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        inner, answer_type = self._inner(node)
        if value is None:
            return
        if value == "" and isinstance(answer_type, StrType):
            yield inside(name, _EMPTY), "on"
        if answer_type.is_compound:
            yield name, _GIVEN
            name = inside(name, _GIVEN)
        yield from answer_type.entries(inner, value, name)

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        yield from self.entries(node, node.get("default"), name)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        inner, answer_type = self._inner(node)
        if answer_type.is_compound:
            return left_out_or_given(inner, replace(place, label=place.label or inner.label), entries, errors)
        place = replace(place, is_required=False, label=place.label or node.label or inner.label)
        field = answer_type.field(inner, place, entries, errors)
        description = node.description or field.description
        if isinstance(answer_type, TextType) and not isinstance(answer_type, BoolType):
            is_empty_text = entries.one(inside(place.name, _EMPTY)) is not None
            return replace(field, description=description, is_empty_text=is_empty_text)
        typed = entries.one(place.name)
        nothing = Choice(key="", label=_NOTHING, is_chosen=not typed)
        # In a list it comes first, as the empty one; of a few that are seen at once, it comes last.
        choices = (nothing, *field.choices) if field.kind == "select" else (*field.choices, nothing)
        return replace(field, description=description, choices=choices)

    def words(self, node: Node, value: JsonValue) -> Words:
        inner, answer_type = self._inner(node)
        return Words(text="None") if value is None else answer_type.words(inner, value)

    def example(self, node: Node) -> JsonValue:
        inner, answer_type = self._inner(node)
        # What holds itself has no end.
        return None if inner.is_again else answer_type.example(inner)

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        inner, answer_type = self._inner(node)
        return None if value is None else answer_type.mapped(inner, value, changes)

    def _inner(self, node: Node) -> tuple[Node, AnswerType]:
        inner = node.child(_inner_schema(node))
        return inner, answer_type_of(inner)

    def _is_nothing(self, answer_type: AnswerType, entries: Entries, name: str) -> bool:
        is_empty_text = isinstance(answer_type, StrType) and entries.one(inside(name, _EMPTY)) is not None
        return not entries.one(name) and not is_empty_text


class UnionType(AnswerType):
    """One of several types: the form asks for which, and then for the value."""

    name = "union"
    is_compound = True

    def claims(self, node: Node) -> bool:
        return bool(_variants(node))

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        variants = self._named(node)
        chosen = entries.one(inside(name, VARIANT))
        if chosen not in variants:
            raise InvalidValue(f"Choose one: {listed([self._label(key, each) for key, each in variants.items()])}.")
        child = variants[chosen]
        return answer_type_of(child).parse_form(child, entries, inside(name, chosen))

    def parse_json(self, node: Node, value: object) -> JsonValue:
        variants = self._named(node)
        tag_name = self._tag_name(node)
        if tag_name is not None:
            content = _as_object(value)
            tag = content.get(tag_name)
            if str(tag) not in variants:
                raise InvalidValue(f"Its `{tag_name}` is {described(tag)}. Send one of {listed(list(variants))}.")
            child = variants[str(tag)]
            return answer_type_of(child).parse_json(child, content)
        return self._first_that_takes(variants, value)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        key = self._key_of(node, value)
        if key is None:
            return
        child = self._named(node)[key]
        yield inside(name, VARIANT), key
        yield from answer_type_of(child).entries(child, value, inside(name, key))

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        variants = self._named(node)
        chosen = entries.one(inside(place.name, VARIANT))
        rows = []
        for number, (key, child) in enumerate(variants.items()):
            inner = replace(place.same_value(key), label=self._label(key, child))
            added = tuple(answer_type_of(child).blank(child, inner.name)) if child.is_again else ()
            if child.is_again and key != chosen:
                # What holds itself would have no end: its fields come once they are asked for.
                rows.append(FormRow(row=key, number=number + 1, members=(), added=added))
                continue
            filled = entries if key == chosen else Entries(answer_type_of(child).blank(child, inner.name))
            # Two fields stand at one path; what is wrong is wrong with the chosen one.
            of_this = errors if key == chosen else {}
            field = answer_type_of(child).field(child, inner, filled, of_this)
            rows.append(FormRow(row=key, number=number + 1, members=(field,), added=added))
        choices = tuple(
            Choice(key=key, label=self._label(key, child), is_chosen=key == chosen) for key, child in variants.items()
        )
        # What is wrong with the chosen one is told there.
        return self.plain(node, place, {} if chosen in variants else errors, rows=tuple(rows), choices=choices)

    def words(self, node: Node, value: JsonValue) -> Words:
        key = self._key_of(node, value)
        if key is None:
            return Words(text=json.dumps(value))
        child = self._named(node)[key]
        words = answer_type_of(child).words(child, value)
        if not words.parts:
            return words
        return Words(parts=(Words(label="Type", text=self._label(key, child)), *words.parts), is_list=words.is_list)

    def example(self, node: Node) -> JsonValue:
        variants = list(self._named(node).values())
        child = next((each for each in variants if not each.is_again), variants[0])
        return answer_type_of(child).example(child)

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        key = self._key_of(node, value)
        child = None if key is None else self._named(node)[key]
        return value if child is None else answer_type_of(child).mapped(child, value, changes)

    def _named(self, node: Node) -> dict[str, Node]:
        mapping = (node.get("discriminator") or {}).get("mapping")
        if isinstance(mapping, Mapping):
            # In the order in which the author wrote them; pydantic sorts the tags.
            order = [variant.get("$ref") for variant in _variants(node) if isinstance(variant, Mapping)]
            tags = sorted(mapping, key=lambda tag: order.index(mapping[tag]) if mapping[tag] in order else len(order))
            return {str(tag): node.child({"$ref": mapping[tag]}) for tag in tags}
        children = [node.child(schema) for schema in _variants(node)]
        return {str(number): child for number, child in enumerate(children)}

    def _tag_name(self, node: Node) -> str | None:
        discriminator = node.get("discriminator")
        return str(discriminator["propertyName"]) if isinstance(discriminator, Mapping) else None

    def _label(self, key: str, child: Node) -> str:
        if child.label:
            return child.label
        return spoken(answer_type_of(child).name) if key.isdigit() else spoken(key)

    def _key_of(self, node: Node, value: JsonValue) -> str | None:
        variants = self._named(node)
        tag_name = self._tag_name(node)
        if tag_name is not None:
            tag = value.get(tag_name) if isinstance(value, dict) else None
            return str(tag) if str(tag) in variants else None
        for key, child in variants.items():
            if _is_exactly(child, value):
                return key
        return None

    def _first_that_takes(self, variants: Mapping[str, Node], value: object) -> JsonValue:
        for child in variants.values():
            if _is_exactly(child, value):
                return answer_type_of(child).parse_json(child, value)
        for child in variants.values():
            try:
                return answer_type_of(child).parse_json(child, value)
            except InvalidValue:
                continue
        labels = [self._label(key, child) for key, child in variants.items()]
        raise InvalidValue(f"{described(value)} is none of: {listed(labels)}.")


def _inner_schema(node: Node) -> object:
    """The schema beside `null`, where there is just one."""
    parts = node.get("anyOf")
    if not isinstance(parts, list) or not any(_is_null(part) for part in parts):
        return None
    others = [part for part in parts if not _is_null(part)]
    return others[0] if len(others) == 1 else {"anyOf": others} if others else None


def _is_null(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _variants(node: Node) -> list[object]:
    variants = node.get("oneOf") or node.get("anyOf")
    return variants if isinstance(variants, list) else []


def _as_object(value: object) -> Mapping[str, object]:
    content = as_json(value)
    if not isinstance(content, dict):
        raise InvalidValue(f"{described(content)} is not an object. Send one.")
    return content


def _is_exactly(node: Node, value: object) -> bool:
    """Whether a JSON value is one of a schema as it stands, with nothing read into it."""
    try:
        parsed = answer_type_of(node).parse_json(node, value)
    except InvalidValue:
        return False
    return type(parsed) is type(value) and parsed == value
