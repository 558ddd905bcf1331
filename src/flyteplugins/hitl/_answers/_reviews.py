"""A decision on each of many items: a list of fixed length, which a page of its own asks for item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from .._keywords import KIND
from ._answer_type import Errors, FormField, Leaves, Place, Words, answer_type_of
from ._entries import Entries, Pair
from ._lists import ListType
from ._node import Node
from ._objects import as_json
from ._values import InvalidValue, Problems, described

_KIND = "review"
_PARTIAL = "x-partial"
_MOST_KINDS = 12
"""Different decisions that a summary counts; where there are more, it says only how many there are."""
_MOST_EXAMPLES = 20


def review_schema(decision: Mapping[str, Any], count: int, *, allow_partial: bool) -> dict[str, Any]:
    """The JSON Schema of all decisions.

    Args:
        decision: The schema of one.
        count: How many items there are.
        allow_partial: Whether an item may be left undecided, which is `null`.
    """
    one = {keyword: content for keyword, content in decision.items() if keyword != "$defs"}
    schema = {
        "type": "array",
        "items": {"anyOf": [one, {"type": "null"}]} if allow_partial else one,
        "minItems": count,
        "maxItems": count,
        KIND: _KIND,
        **({_PARTIAL: True} if allow_partial else {}),
    }
    return {**schema, "$defs": decision["$defs"]} if "$defs" in decision else schema


def decision_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of one decision, out of that of all."""
    one = schema["items"]
    if _allows_partial(Node.at_root(schema)):
        one = one["anyOf"][0]
    return {**one, "$defs": schema["$defs"]} if "$defs" in schema else dict(one)


class ReviewType(ListType):
    """All decisions. Nobody types them as one list: the form is a page of its own."""

    name = _KIND

    def claims(self, node: Node) -> bool:
        return bool(node.get(KIND) == _KIND)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content = as_json(value)
        if not isinstance(content, list):
            raise InvalidValue(f"{described(content)} is not a list. Send one with a decision on each item, in order.")
        item, may_be_open = self._item(node), _allows_partial(node)
        answer_type = answer_type_of(item)
        problems = Problems()
        values: list[JsonValue] = []
        for number, each in enumerate(content):
            with problems.at(number):
                values.append(None if each is None and may_be_open else answer_type.parse_json(item, each))
        problems.raise_any()
        return self._kept(node, values)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        raise InvalidValue("A review is answered item by item. Open its page, or send the whole list as JSON.")

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        return iter(())

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        return iter(())

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        return self.plain(node, place, errors)

    def words(self, node: Node, value: JsonValue) -> Words:
        """How many of each decision there are: ten thousand are not read one by one."""
        values = value if isinstance(value, list) else []
        item = self._item(node)
        answer_type = answer_type_of(item)
        decided = [each for each in values if each is not None or not _allows_partial(node)]
        head = f"{len(decided):,} of {node['minItems']:,} decided"
        if answer_type.is_compound:
            return Words(text=head)
        counts = Counter(answer_type.words(item, each).text for each in decided)
        if len(counts) > _MOST_KINDS:
            return Words(text=f"{head}, {len(counts):,} different decisions")
        parts = tuple(Words(label=text, text=f"{count:,}") for text, count in counts.most_common())
        return Words(parts=(Words(label="Decided", text=f"{len(decided):,} of {node['minItems']:,}"), *parts))

    def example(self, node: Node) -> JsonValue:
        item = self._item(node)
        return [answer_type_of(item).example(item)] * min(int(node["minItems"]), _MOST_EXAMPLES)

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        item = self._item(node)
        answer_type = answer_type_of(item)
        values = value if isinstance(value, list) else []
        return [None if each is None else answer_type.mapped(item, each, changes) for each in values]

    def _item(self, node: Node) -> Node:
        return node.child(node["items"]["anyOf"][0] if _allows_partial(node) else node["items"])


def _allows_partial(node: Node) -> bool:
    return node.get(_PARTIAL) is True
