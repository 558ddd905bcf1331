"""Values with named members, and members that may be left out: models, dataclasses, typed dicts, tuples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

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
from ._scalars import checked_text
from ._values import InvalidValue, Problems, described, listed

_GIVEN = "0"
"""The row in which a member stands that may be left out."""


class ObjectType(AnswerType):
    """Named members. One that may be left out and has no default is a row that can be added."""

    name = "object"
    json_type = "object"
    is_compound = True

    def claims(self, node: Node) -> bool:
        return node.is_of("object") and isinstance(node.get("properties"), dict)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        problems = Problems()
        value: dict[str, JsonValue] = {}
        for member, child in node.members():
            at = inside(name, member)
            if _may_be_left_out(node, member, child):
                if not entries.rows(at):
                    continue
                at = inside(at, _GIVEN)
            with problems.at(member):
                value[member] = answer_type_of(child).parse_form(child, entries, at)
        problems.raise_any()
        return value

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content = as_json(value)
        if not isinstance(content, dict):
            raise InvalidValue(f"{described(content)} is not an object. Send one with {_names(node)}.")
        problems = Problems()
        kept: dict[str, JsonValue] = {}
        for member, child in node.members():
            if member in content:
                with problems.at(member):
                    kept[member] = answer_type_of(child).parse_json(child, content[member])
            elif member in node.required() and "const" not in child:
                problems.add("It is missing: send it.", (member,))
            elif "const" in child:
                kept[member] = child["const"]
            elif "default" in child:
                kept[member] = child["default"]
        self._take_more(node, content, kept, problems)
        problems.raise_any()
        return kept

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        for member, child in node.members():
            at = inside(name, member)
            answer_type = answer_type_of(child)
            if _may_be_left_out(node, member, child):
                if member not in content:
                    continue
                yield at, _GIVEN
                at = inside(at, _GIVEN)
            if member in content:
                yield from answer_type.entries(child, content[member], at)
            else:
                yield from answer_type.blank(child, at)

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        yield from self.entries(node, node.get("default", {}), name)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        members = tuple(
            self._member(node, member, child, place, entries, errors)
            for member, child in node.members()
            if "const" not in child
        )
        return self.plain(node, place, errors, members=members)

    def words(self, node: Node, value: JsonValue) -> Words:
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        parts = []
        for member, child in node.members():
            if member in content and "const" not in child:
                words = answer_type_of(child).words(child, content[member])
                parts.append(Words(label=child.label, text=words.text, parts=words.parts, is_list=words.is_list))
        return Words(parts=tuple(parts))

    def example(self, node: Node) -> JsonValue:
        required = node.required()
        members = {
            member: answer_type_of(child).example(child)
            for member, child in node.members()
            # What tells one type from others is sent, even if the type has it by default.
            if member in required or "const" in child
        }
        return example_in(node, members)

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        members, more = dict(node.members()), _more(node)
        return {
            member: answer_type_of(members.get(member, more)).mapped(members.get(member, more), each, changes)
            for member, each in content.items()
        }

    def _member(
        self, node: Node, member: str, child: Node, place: Place, entries: Entries, errors: Errors
    ) -> FormField:
        at = place.member(member, label=child.label)
        if _may_be_left_out(node, member, child):
            return left_out_or_given(child, at, entries, errors)
        return answer_type_of(child).field(child, at, entries, errors)

    def _take_more(self, node: Node, content: dict[str, Any], kept: dict[str, JsonValue], problems: Problems) -> None:
        names = {member for member, _ in node.members()}
        takes_more, more = node.get("additionalProperties", False) not in (False, None), _more(node)
        for member, each in content.items():
            if member in names:
                continue
            if not takes_more:
                problems.add(f"There is no such field. Send {_names(node)}.", (member,))
                continue
            with problems.at(member):
                kept[checked_text(member)] = answer_type_of(more).parse_json(more, each)


class ConstType(AnswerType):
    """Something that can be only one value, which nobody has to be asked for."""

    name = "const"
    # Nothing is typed: where it may be left out, it is a row that can be added.
    is_compound = True

    def claims(self, node: Node) -> bool:
        return "const" in node or node.is_of("null")

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        value: JsonValue = node.get("const")
        return value

    def parse_json(self, node: Node, value: object) -> JsonValue:
        only: JsonValue = node.get("const")
        is_same = type(value) is type(only) and value == only
        if not is_same and value != str(only):
            raise InvalidValue(f"{described(value)} is not {json.dumps(only)}, the only value that it can have.")
        return only

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        return iter(())

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        return self.plain(node, place, errors, text=self.words(node, None).text)

    def words(self, node: Node, value: JsonValue) -> Words:
        only = node.get("const")
        return Words(text="None" if only is None else str(only))

    def example(self, node: Node) -> JsonValue:
        value: JsonValue = node.get("const")
        return value


class TupleType(AnswerType):
    """A fixed number of values, each of its own type."""

    name = "tuple"
    json_type = "array"
    is_compound = True

    def claims(self, node: Node) -> bool:
        return node.is_of("array") and isinstance(node.get("prefixItems"), list)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        problems = Problems()
        values: list[JsonValue] = []
        for number, child in enumerate(self._items(node)):
            with problems.at(number):
                values.append(answer_type_of(child).parse_form(child, entries, inside(name, number)))
        problems.raise_any()
        return values

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content, items = as_json(value), self._items(node)
        if not isinstance(content, list) or len(content) != len(items):
            raise InvalidValue(f"{described(content)} is not a list of {len(items)} values. Send one.")
        problems = Problems()
        values: list[JsonValue] = []
        for number, (child, each) in enumerate(zip(items, content, strict=True)):
            with problems.at(number):
                values.append(answer_type_of(child).parse_json(child, each))
        problems.raise_any()
        return values

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        content = value if isinstance(value, list) else []
        for number, (child, each) in enumerate(zip(self._items(node), content, strict=False)):
            yield from answer_type_of(child).entries(child, each, inside(name, number))

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        if "default" in node:
            yield from self.entries(node, node["default"], name)
            return
        for number, child in enumerate(self._items(node)):
            yield from answer_type_of(child).blank(child, inside(name, number))

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        members = tuple(
            answer_type_of(child).field(
                child, place.member(number, label=child.label or f"{number + 1}."), entries, errors
            )
            for number, child in enumerate(self._items(node))
        )
        return self.plain(node, place, errors, kind="object", members=members)

    def words(self, node: Node, value: JsonValue) -> Words:
        content = value if isinstance(value, list) else []
        pairs = zip(self._items(node), content, strict=False)
        return Words(parts=tuple(answer_type_of(child).words(child, each) for child, each in pairs), is_list=True)

    def example(self, node: Node) -> JsonValue:
        return example_in(node, [answer_type_of(child).example(child) for child in self._items(node)])

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        content = value if isinstance(value, list) else []
        pairs = zip(self._items(node), content, strict=False)
        return [answer_type_of(child).mapped(child, each, changes) for child, each in pairs]

    def _items(self, node: Node) -> list[Node]:
        return [node.child(schema) for schema in node["prefixItems"]]


def left_out_or_given(node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
    """What may be left out, as a list of one row at most: added where it is given."""
    answer_type = answer_type_of(node)
    given = entries.rows(place.name)
    inner = answer_type.field(node, place.same_value(_GIVEN), entries, errors) if given else None
    return answer_type.plain(
        node,
        place,
        {},
        kind="maybe",
        rows=() if inner is None else (FormRow(row=_GIVEN, number=1, members=(inner,)),),
        can_add=inner is None,
        added=() if given else tuple(answer_type.blank(node, inside(place.name, _GIVEN))),
        noun=as_noun(place.label or node.label),
    )


def as_noun(label: str) -> str:
    """What something is called inside of a sentence."""
    return (label[:1].lower() + label[1:] if label[1:].islower() else label) or "entry"


def as_json(value: object) -> object:
    """A value that may have come as the text of its JSON, as from a form that knows text only."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _may_be_left_out(node: Node, member: str, child: Node) -> bool:
    return member not in node.required() and "default" not in child and "const" not in child


def _more(node: Node) -> Node:
    """What members are that nobody named beforehand."""
    return node.child(node.get("additionalProperties"))


def _names(node: Node) -> str:
    return listed([f"`{member}`" for member, child in node.members() if "const" not in child]) or "no members"
