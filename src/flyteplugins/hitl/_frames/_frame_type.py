"""The answer type of a table: what the form sends are the changes, which are checked where the table is."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import JsonValue

from .._answers import AnswerType, Entries, Errors, FormField, InvalidValue, Node, Pair, Place, Words
from ._changes import FrameChanges

KIND = "frame"
"""What the schema calls it."""


class FrameType(AnswerType):
    """Changes of a table."""

    name = KIND

    def claims(self, node: Node) -> bool:
        return False  # Only ever by its name in the schema.

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        return self.parse_json(node, entries.one(name) or "")

    def parse_json(self, node: Node, value: object) -> JsonValue:
        if isinstance(value, str):
            value = _read(value)
        if not isinstance(value, dict):
            raise InvalidValue('It is no list of changes. Send an object such as {"edited": [[0, 1, "new"]]}.')
        return {"edited": [], "added": [], "removed": [], **value}

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        yield name, json.dumps(value)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        return self.plain(node, place, errors, text=entries.one(place.name) or "")

    def words(self, node: Node, value: JsonValue) -> Words:
        content = value if isinstance(value, dict) else {}
        counted = FrameChanges(**{name: tuple(content.get(name) or ()) for name in ("edited", "added", "removed")})  # type: ignore[arg-type]
        return Words(text=counted.in_words())

    def example(self, node: Node) -> JsonValue:
        return {"edited": [], "added": [], "removed": []}


def _read(text: str) -> object:
    if not text.strip():
        raise InvalidValue(
            "The page had not loaded the table, so nothing is known of what was changed. Open it with scripts on."
        )
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidValue("The list of changes is no JSON.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
