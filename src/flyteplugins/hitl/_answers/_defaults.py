"""Defaults and examples in a schema, in the one spelling that answers have; others are taken out.

A field whose default is taken out can be left out of the form: then the type itself puts the default in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from ._answer_type import answer_type_of
from ._json_schema import schema_problems
from ._node import Node
from ._values import InvalidValue

_MANY = ("anyOf", "oneOf", "prefixItems")
_ONE = ("items", "additionalProperties")
_NAMED = ("properties", "$defs")


def tidy_defaults(schema: dict[str, Any]) -> None:
    """Mends the defaults and examples of a schema in place."""
    root = Node({}, schema.get("$defs", {}))
    for part in _parts(schema):
        if "default" in part:
            for default in _kept(root, part, part.pop("default")):
                part["default"] = default
        if "examples" in part:
            examples = part.pop("examples")
            kept = [each for given in examples for each in _kept(root, part, given)]
            part.update({"examples": kept} if kept else {})


def _kept(root: Node, part: dict[str, Any], given: Any) -> list[JsonValue]:
    """The one value, or none."""
    node = root.child(part)
    answer_type = answer_type_of(node)
    secrets: list[JsonValue] = []
    try:
        value = answer_type.parse_json(node, given)
        answer_type.mapped(node, value, {"secret": lambda secret: secrets.append(secret)})
        problems = schema_problems({**node.schema, "$defs": node.definitions}, value)
    except (InvalidValue, RecursionError):
        return []
    return [] if problems or secrets else [value]


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema; those inside of it first."""
    if not isinstance(schema, dict):
        return
    for keyword in _NAMED:
        for each in schema.get(keyword, {}).values():
            yield from _parts(each)
    for keyword in _MANY:
        for each in schema.get(keyword, ()):
            yield from _parts(each)
    for keyword in _ONE:
        yield from _parts(schema.get(keyword))
    yield schema
