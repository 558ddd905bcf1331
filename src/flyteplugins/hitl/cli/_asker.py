"""Asks for an answer at the terminal, field by field: the same fields as those of the form."""

from __future__ import annotations

from collections.abc import Sequence

import rich_click as click

from .._answers import VARIANT, Entries, Form, FormField
from .._records import Request
from ..errors import FieldError, InvalidParameter
from ._plain import line, moment, plain
from ._terminal import Terminal

_ONE_OF = ("bool", "buttons", "radios", "select")
_GROUPS = ("object", "approval")
_ROWS = ("list", "map")
_IN_A_BROWSER = ("file", "files", "frame", "review")


def ask_for(
    terminal: Terminal, request: Request, typed: Entries | None, errors: Sequence[FieldError], comment: str | None
) -> tuple[Entries, str]:
    """Asks for an answer.

    Args:
        terminal: Where the person sits.
        request: What is asked.
        typed: What was typed before; `None` at first.
        errors: What is wrong with it.
        comment: The comment, if it was given before; else it is asked for too.

    Returns:
        What a form would hold, and the comment.

    Raises:
        InvalidParameter: Something is asked for that cannot be typed.
        click.Abort: The person wants no more of it.
    """
    form, initial = Form(request.question.answer_schema), request.question.initial
    if typed is None:
        _introduce(terminal, request)
        typed = form.blank() if initial is None else form.filled(initial.value)
    asker = _Asker(terminal, form, typed, errors)
    if request.question.review is not None:
        raise _not_here("a decision on each of many items")
    asker.ask_all()
    said = comment if comment is not None else click.prompt("Comment", default="", show_default=False, err=True)
    click.confirm("Send this answer?", default=True, abort=True, err=True)
    return asker.entries, said


class _Asker:
    """Fills a form in."""

    def __init__(self, terminal: Terminal, form: Form, entries: Entries, errors: Sequence[FieldError]) -> None:
        self.entries = entries
        self._terminal = terminal
        self._form = form
        self._errors = [(each.field, each.reason) for each in errors]

    def ask_all(self) -> None:
        for field, reason in self._errors:
            self._terminal.note(f"✗ {field}: {reason}")
        self._ask(self._form.field(self.entries, self._errors))

    def _ask(self, field: FormField) -> None:
        if field.kind in _IN_A_BROWSER:
            raise _not_here(f"“{line(field.label)}”")
        if field.kind in _ONE_OF:
            self._choose_one(field, field.name)
        elif field.kind == "choices":
            self._choose_some(field)
        elif field.kind in _GROUPS:
            self._ask_members(field)
        elif field.kind in _ROWS:
            self._ask_rows(field)
        elif field.kind == "maybe":
            self._ask_maybe(field)
        elif field.kind == "union":
            self._ask_variant(field)
        elif field.kind != "const":
            self._type(field)

    def _ask_members(self, field: FormField) -> None:
        if not field.is_root and field.label:
            self._terminal.note(f"{line(field.label)}:")
        for member in field.members:
            self._ask(member)

    def _type(self, field: FormField) -> None:
        self._explain(field)
        is_secret = field.kind == "secret"
        typed = click.prompt(
            self._label(field),
            default="" if is_secret else field.text,
            show_default=bool(field.text) and not is_secret,
            hide_input=is_secret,
            err=True,
        )
        self._set(field.name, str(typed))

    def _choose_one(self, field: FormField, name: str) -> None:
        self._explain(field)
        for number, choice in enumerate(field.choices, 1):
            self._terminal.note(f"  {number}) {line(choice.label)}")
        chosen = next((str(number) for number, each in enumerate(field.choices, 1) if each.is_chosen), None)
        while True:
            typed = str(click.prompt(self._label(field), default=chosen, err=True)).strip()
            key = _key(field, typed)
            if key is not None:
                self._set(name, key)
                return
            self._terminal.note(f"✗ Choose by a number from 1 to {len(field.choices)}, or by its word.")

    def _choose_some(self, field: FormField) -> None:
        self._explain(field)
        for number, choice in enumerate(field.choices, 1):
            self._terminal.note(f"  {number}) {line(choice.label)}")
        chosen = ",".join(str(number) for number, each in enumerate(field.choices, 1) if each.is_chosen)
        while True:
            label = f"{self._label(field)} (numbers with commas between, 0 for none)"
            typed = str(click.prompt(label, default=chosen or "0", err=True))
            words = [word.strip() for word in typed.split(",") if word.strip() not in ("", "0")]
            keys = [_key(field, word) for word in words]
            if None not in keys:
                self._set(field.name, *(key for key in keys if key is not None))
                return
            self._terminal.note(f"✗ Choose by numbers from 1 to {len(field.choices)}, or by words.")

    def _ask_rows(self, field: FormField) -> None:
        self._explain(field)
        self._terminal.note(f"{line(field.label)}: {len(field.rows)} so far")
        for row in field.rows:
            for member in row.members:
                self._ask(self._current(member))
        while self._current(field).can_add and click.confirm(f"Add {line(field.noun)}?", default=False, err=True):
            self.entries = self._form.acted(self.entries, f"add:{field.name}")
            for member in self._current(field).rows[-1].members:
                self._ask(self._current(member))

    def _ask_maybe(self, field: FormField) -> None:
        self._explain(field)
        if not click.confirm(f"Give {line(field.noun)}?", default=bool(field.rows), err=True):
            for row in field.rows:
                self.entries = self.entries.without_row(field.name, row.row)
            return
        if not field.rows:
            self.entries = self._form.acted(self.entries, f"add:{field.name}")
        for row in self._current(field).rows:
            for member in row.members:
                self._ask(member)

    def _ask_variant(self, field: FormField) -> None:
        name = f"{field.name}.{VARIANT}"
        self._choose_one(field, name)
        chosen = self.entries.one(name)
        self.entries = self._form.acted(self.entries, f"show:{field.name}:{chosen}")
        for row in self._current(field).rows:
            for member in row.members if row.row == chosen else ():
                self._ask(member)

    def _current(self, field: FormField) -> FormField:
        """A field as it is now; what was done to others may have changed it."""
        return next((each for each in self._form.field(self.entries).walk() if each.name == field.name), field)

    def _set(self, name: str, *texts: str) -> None:
        others = (pair for pair in self.entries if pair[0] != name)
        self.entries = Entries((*others, *((name, text) for text in texts)))

    def _explain(self, field: FormField) -> None:
        for text in (field.description, field.hint, *(f"✗ {error}" for error in field.errors)):
            if text:
                self._terminal.note(line(text))

    def _label(self, field: FormField) -> str:
        return plain(field.label) + ("" if field.is_required else " (optional)")


def _introduce(terminal: Terminal, request: Request) -> None:
    question = request.question
    terminal.note(f"{line(question.name)}\n\n{question.prompt}\n")
    if question.show:
        terminal.note(f"It shows {len(question.show)} things. See them by `flyte hitl open {request.request_id}`.")
    if request.deadline is not None:
        terminal.note(f"Answer until {moment(request.deadline)}.")


def _key(field: FormField, typed: str) -> str | None:
    """The key of the choice that was typed, by its number or its word."""
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(field.choices):
        return field.choices[int(typed) - 1].key
    words = [each.key for each in field.choices if typed.casefold() in (each.label.casefold(), each.key.casefold())]
    if field.kind == "bool" and typed.lower() in ("y", "yes", "n", "no"):
        words = ["true" if typed.lower() in ("y", "yes") else "false"]
    return words[0] if len(words) == 1 else None


def _not_here(what: str) -> InvalidParameter:
    return InvalidParameter(
        f"The question asks for {what}, which cannot be typed at a terminal. Answer in the form, by `flyte hitl open`, "
        "or give all of the answer by --value-json and --file."
    )
