"""The screen of a terminal: what is seen of all that was written to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_STEP = re.compile(
    r"\x1b\](?P<system>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b\[(?P<numbers>[0-9;?]*)(?P<command>[A-Za-z])"
    r"|\x1b(?P<escape>[78DM=>])"
    r"|(?P<character>[^\x1b])",
    re.DOTALL,
)


class Screen:
    """A screen of so many rows and columns, as far as programs of lines need one.

    Whatever it does not know is an error: then the terminal was sent what no test has thought of.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.row = self.column = 0
        self._kept = (0, 0)
        self._cells = [[" "] * columns for _ in range(rows)]
        self._gone: list[str] = []
        self._rest = ""

    @property
    def lines(self) -> list[str]:
        """What is to be seen, with all that was scrolled away, less the blank rows at the end."""
        lines = [*self._gone, *("".join(row).rstrip() for row in self._cells)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def write(self, text: str) -> None:
        text, end = self._rest + text, 0
        for step in _steps(text):
            end = step.end()
            self._take(step)
        self._rest = text[end:]
        assert len(self._rest) < 2_000, f"This is no sequence that a terminal knows: {self._rest[:80]!r}"

    def _take(self, step: re.Match[str]) -> None:
        character, escape = step["character"], step["escape"]
        if character is not None:
            self._put(character)
        elif escape == "7":
            self._kept = self.row, self.column
        elif escape == "8":
            self.row, self.column = self._kept
        elif escape == "D":
            self._down()
        elif step["command"] is not None:
            self._obey(step["command"], step["numbers"])

    def _put(self, character: str) -> None:
        if character == "\n":
            self._down()
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(self.column - 1, 0)
        elif character != "\x07":
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self.column + width > self.columns:
                self.column = 0
                self._down()
            self._cells[self.row][self.column : self.column + width] = [character, *[""] * (width - 1)]
            self.column += width

    def _obey(self, command: str, numbers: str) -> None:
        number = int(numbers or "0") if numbers.isdigit() or not numbers else 0
        if command == "A":
            self.row = max(self.row - (number or 1), 0)
        elif command == "B":
            self.row = min(self.row + (number or 1), self.rows - 1)
        elif command in "JK":
            assert number == 0
            self._cells[self.row][self.column :] = [" "] * (self.columns - self.column)
            for row in self._cells[self.row + 1 :] if command == "J" else ():
                row[:] = [" "] * self.columns
        else:
            assert command == "m", f"No program of lines should send {numbers}{command}"

    def _down(self) -> None:
        if self.row < self.rows - 1:
            self.row += 1
        else:
            self._gone.append("".join(self._cells.pop(0)).rstrip())
            self._cells.append([" "] * self.columns)


def _steps(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while (step := _STEP.match(text, position)) is not None:
        position = step.end()
        yield step
