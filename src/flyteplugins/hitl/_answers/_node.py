"""One place in a JSON Schema: what is asked there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._values import spoken


@dataclass(frozen=True)
class Node:
    """A schema with what its references lead to.

    Attributes:
        schema: The schema, with no reference at its top.
        definitions: What references lead to.
        label: What the field is called on the page.
        trail: The references that were followed on the way here.
        is_again: Whether the last of them was followed before: the type holds itself.
    """

    schema: Mapping[str, Any]
    definitions: Mapping[str, Any] = field(repr=False)
    label: str = ""
    trail: tuple[str, ...] = ()
    is_again: bool = False

    @classmethod
    def at_root(cls, schema: Mapping[str, Any]) -> Node:
        root = cls({}, schema.get("$defs", {}))
        return root.child(schema)

    def __getitem__(self, keyword: str) -> Any:
        return self.schema[keyword]

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.schema

    def get(self, keyword: str, default: Any = None) -> Any:
        return self.schema.get(keyword, default)

    def is_of(self, json_type: str) -> bool:
        """Whether the schema names a type of JSON's, such as `string`."""
        return bool(self.get("type") == json_type)

    @property
    def description(self) -> str:
        return str(self.get("description", ""))

    def child(self, schema: object, name: str = "") -> Node:
        """What stands at a schema inside of this one."""
        raw: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        label = _label(raw, name)
        trail, is_again = self.trail, False
        # Nobody writes longer chains; a record that was tampered with might go round in circles.
        for _ in range(20):
            reference = raw.get("$ref") or _only_reference(raw)
            if reference is None:
                break
            rest = {keyword: content for keyword, content in raw.items() if keyword not in ("$ref", "allOf")}
            raw = {**self.definitions.get(str(reference).rpartition("/")[2], {}), **rest}
            is_again = is_again or str(reference) in trail
            trail = (*trail, str(reference))
        return Node(raw, self.definitions, label or str(raw.get("title", "")), trail, is_again)

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object."""
        for name, schema in self.get("properties", {}).items():
            yield name, self.child(schema, name)

    def required(self) -> frozenset[str]:
        return frozenset(self.get("required", ()))


def _only_reference(schema: Mapping[str, Any]) -> object:
    parts = schema.get("allOf")
    if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], Mapping):
        return parts[0].get("$ref")
    return None


def _label(schema: Mapping[str, Any], name: str) -> str:
    title = str(schema.get("title", ""))
    # Pydantic titles every member by its name, with capitals; only another title was chosen by the author.
    if name and title in ("", name.replace("_", " ").title().strip()):
        return spoken(name)
    return title
