"""What a command says: tables and colours to a person at a terminal, plain lines into a pipe, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import rich_click as click
from rich.console import Console

from ..errors import HitlError, InvalidAnswer
from ._exits import exit_of
from ._plain import line, plain


class Terminal:
    """Where a command prints.

    Args:
        as_json: Whether it speaks JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def is_interactive(self) -> bool:
        """Whether a person can be asked something."""
        return not self.as_json and _is_terminal(sys.stdin) and _is_terminal(sys.stdout)

    @property
    def is_rich(self) -> bool:
        """Whether tables and colours are for a person to see."""
        return not self.as_json and _is_terminal(sys.stdout)

    def console(self) -> Console:
        """For tables and what lives; only where the output is rich. It honours `NO_COLOR`."""
        return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)

    def say(self, text: str) -> None:
        """Prints text, of which others may have written a part."""
        click.echo(plain(text))

    def columns(self, *cells: str) -> None:
        """Prints a line that programs can take apart at its tabs."""
        click.echo("\t".join(line(cell) for cell in cells))

    def data(self, content: object) -> None:
        """Prints JSON, on one line."""
        click.echo(json.dumps(content))

    def note(self, text: str) -> None:
        """Tells the person something that is no result."""
        click.echo(plain(text), err=True)

    def fail(self, error: HitlError, outcome: Mapping[str, Any] | None = None, addition: str = "") -> int:
        """Tells of an error; returns the exit code for it.

        Args:
            error: What is wrong.
            outcome: The outcome that stands, where it is what is wrong.
            addition: The same for a person.
        """
        code = exit_of(error)
        detail = f"{error.detail} {addition}".strip()
        fields: Sequence[Any] = error.errors if isinstance(error, InvalidAnswer) else ()
        content: dict[str, Any] = {"error": type(error).__name__, "exit_code": int(code), "detail": error.detail}
        if fields:
            content["errors"] = [{"field": each.field, "reason": each.reason} for each in fields]
        if outcome is not None:
            content["outcome"] = outcome
        tell_error(content if self.as_json else detail)
        return code


def tell_error(error: Mapping[str, Any] | str) -> None:
    """Tells of an error on one line of the error output: as JSON, or in words."""
    click.echo(f"error: {line(error)}" if isinstance(error, str) else json.dumps(error), err=True)


def _is_terminal(stream: TextIO | None) -> bool:
    # Python has none for a stream that was closed before it started.
    return stream is not None and stream.isatty()
