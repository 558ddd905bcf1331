"""A type as it is asked for, with the ways in which a test puts answers to it."""

from __future__ import annotations

import math
from typing import Any

from pydantic import JsonValue

from flyteplugins.hitl._answers import ROOT, Answer, Entries, FormField, InvalidValue, answer_for, schema_problems

Pairs = dict[str, str] | list[tuple[str, str]]


class Asked:
    """A type, asked for."""

    def __init__(self, data_type: Any, *, labels: Any = None, max_characters: int = 1000) -> None:
        self.answer: Answer[Any] = answer_for(data_type, labels=labels, max_characters=max_characters)
        self.form = self.answer.form()

    def parse_text(self, text: str) -> JsonValue:
        """What is typed into the only field."""
        return self.parse_form({ROOT: text})

    def parse_form(self, pairs: Pairs) -> JsonValue:
        """What a form holds, held against the schema too."""
        return self._checked(self.form.parse_form(entries(pairs)))

    def parse_json(self, value: object) -> JsonValue:
        """What a program sends, held against the schema too."""
        return self._checked(self.form.parse_json(value))

    def get(self, value: object) -> Any:
        """What the workflow gets of what a program sends."""
        return self.answer.from_json(self.parse_json(value))

    def field(self, pairs: Pairs | None = None, at: str = ROOT) -> FormField:
        """The field of a name."""
        held = self.form.blank() if pairs is None else entries(pairs)
        return next(field for field in self.form.field(held).walk() if field.name == at)

    def refused(self, value: object) -> dict[str, str]:
        """The reasons for which a JSON value is refused, by path."""
        return _reasons(lambda: self.parse_json(value))

    def refused_form(self, pairs: Pairs) -> dict[str, str]:
        """The reasons for which a form is refused, by path."""
        return _reasons(lambda: self.parse_form(pairs))

    def _checked(self, kept: JsonValue) -> JsonValue:
        problems = schema_problems(self.answer.schema, kept)
        if problems:
            raise InvalidValue(*problems)
        return kept


def entries(pairs: Pairs) -> Entries:
    """The entries of a form."""
    return Entries(pairs.items() if isinstance(pairs, dict) else pairs)


def is_same(one: object, other: object) -> bool:
    """Equal, of one type, and with one sign even where the value is zero."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return type(one) is type(other) and one == other


def _reasons(parse: Any) -> dict[str, str]:
    try:
        kept = parse()
    except InvalidValue as refusal:
        return {".".join(map(str, problem.path)): problem.reason for problem in refusal.problems}
    raise AssertionError(f"It was taken as {kept!r}.")
