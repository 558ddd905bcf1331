"""One of several things, or several of them: `Literal`, `Enum`, and sets and lists of these."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from pydantic import JsonValue

from .._keywords import LABELS
from .._quoting import quoted
from ._answer_type import AnswerType, Choice, Errors, FormField, Place, Words, example_in
from ._entries import Entries, Pair
from ._node import Node
from ._values import InvalidValue, described, listed

MOST_BUTTONS = 5
"""More than that are no longer seen at a glance."""


class ChoiceType(AnswerType):
    """One of several things: buttons or radios up to five, a list to select from above."""

    name = "choice"

    def claims(self, node: Node) -> bool:
        return isinstance(node.get("enum"), list) and len(node["enum"]) > 0

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        text = entries.one(name)
        if not text:
            raise InvalidValue(f"Choose one: {listed(labels_of(node))}.")
        return chosen(node, text)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        for option in _options(node):
            if type(option) is type(value) and option == value:
                return option
        if isinstance(value, str):
            return chosen(node, value)
        raise InvalidValue(f"{described(value)} is not one of the choices: {listed(keys_of(node))}.")

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        yield name, key_of(node, value)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        key = entries.one(place.name)
        choices = choices_of(node, () if key is None else (key,))
        kind = "select"
        if len(choices) <= MOST_BUTTONS:
            kind = "buttons" if place.is_root and place.is_required else "radios"
        return self.plain(node, place, errors, kind=kind, text=key or "", choices=choices)

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=label_of(node, value))

    def example(self, node: Node) -> JsonValue:
        return example_in(node, _options(node)[0])


class ChoicesType(AnswerType):
    """Several of several things: a box to tick for each."""

    name = "choices"
    json_type = "array"
    # None of them is another answer than no answer: where it may be left out, it is a row that can be added.
    is_compound = True

    def claims(self, node: Node) -> bool:
        return node.is_of("array") and "items" in node and ChoiceType().claims(node.child(node["items"]))

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        return self._kept(node, [chosen(self._item(node), key) for key in entries.all(name) if key])

    def parse_json(self, node: Node, value: object) -> JsonValue:
        if isinstance(value, str):
            value = _read_list(value)
        if not isinstance(value, list):
            raise InvalidValue(f"{described(value)} is not a list. Send a list of the choices.")
        item = self._item(node)
        return self._kept(node, [ChoiceType().parse_json(item, each) for each in value])

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        item = self._item(node)
        for each in value if isinstance(value, list) else ():
            yield name, key_of(item, each)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        item = self._item(node)
        fewest, most = node.get("minItems"), node.get("maxItems")
        hint = " ".join(
            part
            for part in (
                f"At least {fewest}." if fewest else "",
                f"At most {most}." if most is not None else "",
            )
            if part
        )
        return self.plain(node, place, errors, choices=choices_of(item, entries.all(place.name)), hint=hint)

    def words(self, node: Node, value: JsonValue) -> Words:
        item = self._item(node)
        chosen_ones = value if isinstance(value, list) else []
        return Words(text=", ".join(label_of(item, each) for each in chosen_ones) or "none of them")

    def example(self, node: Node) -> JsonValue:
        return example_in(node, [_options(self._item(node))[0]])

    def _item(self, node: Node) -> Node:
        return node.child(node["items"])

    def _kept(self, node: Node, values: list[JsonValue]) -> JsonValue:
        item = self._item(node)
        by_key = {key_of(item, value): value for value in values}
        if len(by_key) != len(values):
            raise InvalidValue("One of the choices is there twice. Send each once.")
        # In the order in which they are offered, so that the same choice is the same value.
        kept = [by_key[key] for key in keys_of(item) if key in by_key]
        fewest, most = node.get("minItems", 0), node.get("maxItems")
        if len(kept) < fewest:
            raise InvalidValue(f"Choose at least {fewest}; {len(kept)} of them {_are(len(kept))} chosen.")
        if most is not None and len(kept) > most:
            raise InvalidValue(f"Choose at most {most}; {len(kept)} are chosen.")
        return kept


def keys_of(node: Node) -> Sequence[str]:
    """What a form sends for each choice: its text, or its JSON where that would be taken for another's text."""
    options = _options(node)
    texts = {option for option in options if isinstance(option, str)}
    return [option if isinstance(option, str) and _is_plain(option) else _key(option, texts) for option in options]


def key_of(node: Node, value: JsonValue) -> str:
    """What a form sends for a value; empty for one that is not among the choices."""
    for option, key in zip(_options(node), keys_of(node), strict=True):
        if type(option) is type(value) and option == value:
            return key
    return ""


def labels_of(node: Node) -> Sequence[str]:
    """The words for each choice."""
    options = _options(node)
    labels = node.get(LABELS)
    if isinstance(labels, list) and len(labels) == len(options):
        return [str(label) for label in labels]
    return [_label(option) for option in options]


def label_of(node: Node, value: JsonValue) -> str:
    key = key_of(node, value)
    return next((label for each, label in zip(keys_of(node), labels_of(node), strict=True) if each == key), key)


def chosen(node: Node, text: str) -> JsonValue:
    """The choice that a text names, by what a form sends for it or by its words.

    Raises:
        InvalidValue: It names none.
    """
    options, keys, labels = _options(node), keys_of(node), labels_of(node)
    if text in keys:
        return options[keys.index(text)]
    if labels.count(text) == 1:
        return options[labels.index(text)]
    raise InvalidValue(f"{quoted(text)} is not one of the choices: {listed(keys)}.")


def choices_of(node: Node, chosen_keys: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(key=key, label=label, is_chosen=key in chosen_keys)
        for key, label in zip(keys_of(node), labels_of(node), strict=True)
    )


def _is_plain(text: str) -> bool:
    # Browsers send another line break than the one in the page, and no NUL.
    return bool(text) and not set(text) & {"\r", "\n", "\0"}


def _key(option: JsonValue, texts: Collection[str]) -> str:
    spelled = json.dumps(option)
    while spelled in texts:
        spelled = f"={spelled}"
    return spelled


def _options(node: Node) -> list[JsonValue]:
    options: list[JsonValue] = node["enum"]
    return options


def _label(option: JsonValue) -> str:
    if option is None:
        return "None"
    if isinstance(option, bool):
        return "Yes" if option else "No"
    return str(option) if option != "" else "(empty)"


def _read_list(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return [part.strip() for part in text.split(",") if part.strip()]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
