"""What an answer type is: JSON Schema <-> field of a form <-> JSON value, and the registry of all there are.

The Python type comes before all of this (`_python_types.py`): it becomes a JSON Schema in the workflow, and from then
on the schema in the record is all that the app knows, in whichever process it runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import JsonValue

from .._keywords import KIND, LABELS
from ._entries import ROOT, Entries, Pair, inside
from ._json_schema import schema_problems
from ._node import Node
from ._values import InvalidValue, Path, described, written


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a field stands in a form.

    Attributes:
        name: What its entries are called.
        path: Where its value stands in the answer.
        is_required: Whether it has to be filled in.
        label: What it is called, where the schema has no better word.
    """

    name: str
    path: Path
    is_required: bool = True
    label: str = ""

    @property
    def is_root(self) -> bool:
        return self.name == ROOT

    def member(self, step: str | int, *, is_required: bool = True, label: str = "") -> Place:
        """The place of what is inside of this one."""
        return Place(name=inside(self.name, step), path=(*self.path, step), is_required=is_required, label=label)

    def row(self, row: str, number: int, label: str = "") -> Place:
        """The place of a list's row, whose number in the answer may differ from its name in the form."""
        return Place(name=inside(self.name, row), path=(*self.path, number), label=label)

    def same_value(self, row: str) -> Place:
        """The place of a field in a row that is no step in the answer, such as what may be left out."""
        return replace(self, name=inside(self.name, row), is_required=True)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several things to choose from.

    Attributes:
        key: What the form sends for it.
        label: What the person reads.
        is_chosen: Whether it is chosen at first.
    """

    key: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class FormField:
    """A field of a form, filled in: what the template of its kind shows.

    Attributes:
        kind: The name of the template.
        name: What its entries are called; its id in the page too.
        path: Where its value stands, as errors name it.
        label: What the field is called.
        description: What the author says of it.
        hint: How to fill it in.
        is_root: Whether it is the whole answer.
        is_required: Whether it has to be filled in.
        is_empty_text: Whether leaving it empty is an empty text, where else it would be nothing.
        text: What is typed in it.
        attributes: Attributes of its input, such as `min`.
        choices: What there is to choose from.
        members: The fields inside of it.
        rows: The rows of a list.
        exact: What the input cannot hold, such as microseconds: sent along, and used while what is seen is unchanged.
        can_add: Whether one more row may be added.
        added: What such a row is filled with at first.
        can_move: Whether the order of the rows counts.
        noun: What a row is called.
        errors: What is wrong with it.
    """

    kind: str
    name: str
    path: str
    label: str
    description: str = ""
    hint: str = ""
    is_root: bool = False
    is_required: bool = True
    is_empty_text: bool = False
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    members: tuple[FormField, ...] = ()
    rows: tuple[FormRow, ...] = ()
    exact: str = ""
    can_add: bool = False
    added: tuple[Pair, ...] = ()
    can_move: bool = False
    noun: str = ""
    errors: tuple[str, ...] = ()

    def has_button(self, verb: str, row: str) -> bool:
        """Whether the field has a button that adds, removes, moves or shows rows."""
        if verb == "add":
            return self.can_add
        if verb == "show":
            return self.kind == "union" and any(each.row == row for each in self.rows)
        is_there = any(each.row == row for each in self.rows) and self.kind in ("list", "map", "maybe")
        return is_there and (verb == "remove" or (verb in ("up", "down") and self.can_move))

    def walk(self) -> Iterator[FormField]:
        """This field and all inside of it."""
        yield self
        for inner in (*self.members, *(member for row in self.rows for member in row.members)):
            yield from inner.walk()

    def has_own_button(self) -> bool:
        """Whether the field has any such button as it is now."""
        return self.can_add or any(
            self.has_button("remove", each.row) or (not each.members and self.has_button("show", each.row))
            for each in self.rows
        )

    @property
    def has_buttons(self) -> bool:
        """Whether anything in it is added, removed, moved or shown by a button, so that not each button sends."""
        return any(field.has_own_button() for field in self.walk())

    @property
    def has_variants(self) -> bool:
        """Whether something in it is not asked for while another thing is chosen, so that a browser cannot tell."""
        return any(field.kind == "union" for field in self.walk())

    @property
    def sends(self) -> bool:
        """Whether its own buttons send the form, so that it needs no other."""
        return self.is_root and self.kind in ("bool", "buttons", "approval")


@dataclass(frozen=True, kw_only=True)
class FormRow:
    """A row of a list.

    Attributes:
        row: Its name in the form.
        number: Which it is, from 1.
        members: Its fields: one, or a key and a value; none while the type would hold itself without end.
        added: What those are filled with at first, once they are asked for.
    """

    row: str
    number: int
    members: tuple[FormField, ...]
    added: tuple[Pair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Words:
    """A value for people to read.

    Attributes:
        label: What it is called; empty for the whole.
        text: The value, where it is one text.
        parts: What it is made of, where it is more.
        is_list: Whether the parts are numbered.
    """

    label: str = ""
    text: str = ""
    parts: tuple[Words, ...] = ()
    is_list: bool = False

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The same as plain text, a line each."""
        head = f"{self.label}: " if self.label else ""
        if self.text or not self.parts:
            yield "  " * depth + head + self.text
            return
        if head:
            yield "  " * depth + head.rstrip()
        for part in self.parts:
            yield from part.lines(depth + bool(head))


Errors = Mapping[str, tuple[str, ...]]
"""What is wrong, by path as errors name it."""

Leaves = Mapping[str, Callable[[JsonValue], JsonValue]]
"""What to do with values, by the name of their answer type."""


class AnswerType(ABC):
    """How values of one shape are asked for, read, shown and kept.

    A new one is a class, its registration and a template in `app/templates/fields/`; nothing else changes.

    Attributes:
        name: Names the type, and its template.
        json_type: The `type` of every schema that it claims, so that it is not asked about others; `None` where it
            claims schemas of several, or of none.
        is_compound: Whether it has fields inside of it.
    """

    name: ClassVar[str]
    json_type: ClassVar[str | None] = None
    is_compound: ClassVar[bool] = False

    @abstractmethod
    def claims(self, node: Node) -> bool:
        """Whether a schema is of this type."""

    @abstractmethod
    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        """Reads what a person typed or chose.

        Raises:
            InvalidValue: It is not of the type.
        """

    @abstractmethod
    def parse_json(self, node: Node, value: object) -> JsonValue:
        """Reads a JSON value, strictly; a scalar given as text is read as if it was typed.

        Returns:
            The value in the one spelling that records keep.

        Raises:
            InvalidValue: It is not of the type.
        """

    @abstractmethod
    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        """The entries of a form that holds a value: `parse_form` of them is the value again."""

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        """The entries of a form in which nothing was typed yet: the defaults."""
        if "default" in node:
            yield from self.entries(node, node["default"], name)

    @abstractmethod
    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        """The field, filled in."""

    @abstractmethod
    def words(self, node: Node, value: JsonValue) -> Words:
        """A value for people to read."""

    @abstractmethod
    def example(self, node: Node) -> JsonValue:
        """A value that might be given, for the ready-made `curl`."""

    def mapped(self, node: Node, value: JsonValue, changes: Leaves) -> JsonValue:
        """The value with those inside of it changed whose type is named, such as every secret hidden."""
        change = changes.get(self.name)
        return value if change is None else change(value)

    def plain(self, node: Node, place: Place, errors: Errors, **content: object) -> FormField:
        """The part of a field that all types have."""
        path = written(place.path)
        values = {
            "kind": self.name,
            "name": place.name,
            "path": path,
            "label": place.label or node.label,
            "description": node.description,
            "is_root": place.is_root,
            "is_required": place.is_required,
            "errors": errors.get(path, ()),
            **content,
        }
        return FormField(**values)  # type: ignore[arg-type]  # Checked where the content is made.


class TextType(AnswerType):
    """A type whose values are typed as one text."""

    @abstractmethod
    def parse_text(self, node: Node, text: str) -> JsonValue:
        """Reads what a person typed.

        Raises:
            InvalidValue: It is not of the type.
        """

    def to_text(self, node: Node, value: JsonValue) -> str:
        """The value as a form holds it: `parse_text` of it is the value again."""
        return str(value)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        text = entries.one(name)
        if text is None:
            raise InvalidValue("It is missing: fill it in.")
        return self.parse_text(node, text)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        if not isinstance(value, str):
            raise InvalidValue(f"{described(value)} is not text. Send a string.")
        return self.parse_text(node, value)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        yield name, self.to_text(node, value)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        return self.plain(
            node,
            place,
            errors,
            text=entries.one(place.name) or "",
            hint=self.hint(node),
            attributes=self._attributes_with_example(node),
        )

    def _attributes_with_example(self, node: Node) -> dict[str, str]:
        examples = node.get("examples")
        example = self.to_text(node, examples[0]) if isinstance(examples, list) and examples else ""
        return {**self.attributes(node), "placeholder": example} if example else self.attributes(node)

    def hint(self, node: Node) -> str:
        """How to fill the field in."""
        return ""

    def attributes(self, node: Node) -> dict[str, str]:
        """Attributes of the input."""
        return {}

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=self.to_text(node, value))

    def example(self, node: Node) -> JsonValue:
        sample = self.sample(node)
        given = example_in(node, None)
        if given is not None or set(node.schema) <= _UNBOUNDED:
            return sample if given is None else given
        fitting = (each for each in (sample, *self.limits(node)) if self._fits(node, each))
        return next(fitting, sample)

    @abstractmethod
    def sample(self, node: Node) -> JsonValue:
        """A value of the type, where the schema gives no example."""

    def limits(self, node: Node) -> Iterator[JsonValue]:
        """Values at the bounds, of which one may be taken where the sample is not."""
        for keyword in ("minimum", "maximum", "formatMinimum", "formatMaximum", "multipleOf", "x-multiple-of"):
            if keyword in node:
                yield node[keyword]

    def _fits(self, node: Node, value: JsonValue) -> bool:
        try:
            kept = self.parse_json(node, value)
        except InvalidValue:
            return False
        return not schema_problems(node.schema, kept)


_UNBOUNDED = frozenset({"type", "format", "title", "description", "maxLength", "writeOnly", LABELS})
"""Keywords with which any sample fits; to hold it against others takes a library that is slow to load."""


def example_in(node: Node, otherwise: JsonValue) -> JsonValue:
    """The example that the schema gives, or its default."""
    examples = node.get("examples")
    if isinstance(examples, list) and examples:
        first: JsonValue = examples[0]
        return first
    default: JsonValue = node.get("default")
    return otherwise if default is None else default


_registry: list[AnswerType] = []


def register(*answer_types: AnswerType) -> None:
    """Adds answer types; of several that claim a schema, the one added first has it."""
    _registry.extend(answer_types)


def answer_type_of(node: Node) -> AnswerType:
    """The answer type of a schema: the one that it names, or the first that claims it. The last takes any JSON."""
    if KIND in node:
        for answer_type in _registry:
            if answer_type.name == node[KIND]:
                return answer_type
    json_type = node.get("type")
    return next(each for each in _registry if each.json_type in (None, json_type) and each.claims(node))
