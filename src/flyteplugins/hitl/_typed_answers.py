"""Answers that are typed on one line: what is said of a question beforehand, and what a line means."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence

from ._answers import ROOT, Entries, Form, FormField
from ._quoting import harmless
from ._records import Request

_MOST_LINES = 12
"""Of a prompt; the form has all of it."""

_COLUMNS = 100

_YES = frozenset({"y", "yes", "true", "on", "1"})
_NO = frozenset({"n", "no", "false", "off", "0"})


class TypedAnswer(ABC):
    """How one question is answered by a line.

    Args:
        request: What is asked.
        form: Its form.
        field: The field of it.
    """

    def __init__(self, request: Request, form: Form, field: FormField) -> None:
        self.request = request
        self._form = form
        self._field = field

    def question(self, columns: int) -> str:
        """What is shown before it is answered."""
        asked = self.request.question
        lines = [f"“{harmless(asked.name)}” asks:", *_prompt(asked.prompt, min(columns, _COLUMNS))]
        if asked.show:
            noun = "a thing" if len(asked.show) == 1 else f"{len(asked.show)} things"
            lines.append(f"The form shows {noun} to look at first.")
        if asked.initial is not None:
            lines.append(f"Suggested: {harmless(self._form.text(asked.initial.value))}")
        return "\n".join([*lines, *self._how()])

    @abstractmethod
    def entries(self, line: str) -> Entries:
        """The form as the line fills it in."""

    @abstractmethod
    def _how(self) -> Sequence[str]:
        """How to answer."""


class TypedText(TypedAnswer):
    """Text, a number, a moment: typed as into the form."""

    def entries(self, line: str) -> Entries:
        return Entries([(ROOT, line)])

    def _how(self) -> Sequence[str]:
        if self._form.kind == "str":
            return [f"Type the text and press Enter; for more than one line, use the form. {self._field.hint}".rstrip()]
        hint = self._field.hint or f"Such as {self._form.example()}."
        zone = " Without a zone it means UTC." if self._form.kind == "datetime" else ""
        return [f"Type it and press Enter. {hint}{zone}"]


class TypedDecision(TypedAnswer):
    """Yes or no, in the author's words; after it a reason, where the question takes one."""

    def entries(self, line: str) -> Entries:
        word, reason = self._split(line.strip())
        if self._form.kind != "approval":
            return Entries([(ROOT, word if not reason else line)])
        return Entries([(f"{ROOT}.approved", word), (f"{ROOT}.reason", reason)])

    def _how(self) -> Sequence[str]:
        yes, no = (harmless(choice.label) for choice in self._field.choices)
        how = f"Type y for {yes} or n for {no}, and press Enter."
        return [f"{how} A reason may follow: n too early" if self._form.kind == "approval" else how]

    def _split(self, line: str) -> tuple[str, str]:
        """The decision as a form sends it, and what comes after it."""
        for choice in sorted(self._field.choices, key=lambda choice: -len(choice.label)):
            if _begins_with(line, choice.label):
                return choice.key, _rest(line[len(choice.label) :])
        word = line.split(maxsplit=1)[0].rstrip(",:;.") if line.split() else ""
        return word, _rest(line[len(word) :])


class TypedChoice(TypedAnswer):
    """One of several things: by its number or by its words."""

    def entries(self, line: str) -> Entries:
        text = line.strip()
        choices = self._field.choices
        exact = [choice.key for choice in choices if text in (choice.key, choice.label)]
        alike = [
            choice.key for choice in choices if text.casefold() in (choice.key.casefold(), choice.label.casefold())
        ]
        if exact or len(alike) == 1:
            return Entries([(ROOT, (exact or alike)[0])])
        if self._has_numbers and text.isascii() and text.isdigit() and 0 < int(text[:6]) <= len(choices):
            return Entries([(ROOT, choices[int(text[:6]) - 1].key)])
        return Entries([(ROOT, text)])

    def _how(self) -> Sequence[str]:
        labels = [harmless(choice.label) for choice in self._field.choices]
        if not self._has_numbers:
            return [*(f"  {label}" for label in labels), "Type one of them and press Enter."]
        width = len(str(len(labels)))
        rows = [f"  {number:>{width}}  {label}" for number, label in enumerate(labels, start=1)]
        return [*rows, "Type a number or the words, and press Enter."]

    @property
    def _has_numbers(self) -> bool:
        """Whether a number cannot be taken for one of the things themselves."""
        return not any(word.strip().isdigit() for choice in self._field.choices for word in (choice.key, choice.label))


def typed_answer(request: Request) -> TypedAnswer | None:
    """How a question is answered by a line, or `None` where it takes the form."""
    question = request.question
    if question.table is not None or question.review is not None:
        return None
    form = Form(question.answer_schema)
    if form.kind == "secret" or not (form.is_text or form.kind in ("choice", "approval")):
        return None
    field = form.field(form.blank())
    if form.kind in ("bool", "approval"):
        return TypedDecision(request, form, field) if _is_plain(field) else None
    return TypedChoice(request, form, field) if form.kind == "choice" else TypedText(request, form, field)


def _is_plain(field: FormField) -> bool:
    """Whether nobody can take `n` for the first of two words, or `y` for the second: “No change” may stand for yes."""
    yes, no = ({*choice.label.casefold().replace(",", " ").split()[:1]} for choice in field.choices)
    return not (yes & _NO or no & _YES)


def _prompt(prompt: str, columns: int) -> list[str]:
    lines = [line for each in prompt.splitlines() for line in _wrapped(harmless(each), columns - 2)]
    more = ["…"] if len(lines) > _MOST_LINES else []
    return [f"  {line}" for line in [*lines[:_MOST_LINES], *more]]


def _wrapped(line: str, columns: int) -> list[str]:
    return textwrap.wrap(line, max(columns, 10))


def _begins_with(line: str, label: str) -> bool:
    after = line[len(label) :]
    return line[: len(label)].casefold() == label.casefold() and not after[:1].isalnum()


def _rest(text: str) -> str:
    return text.strip().lstrip(",:;.–-").strip()
