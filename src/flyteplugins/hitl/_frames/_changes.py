"""What a person changed in a table: a short list, whatever the size of the table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from .._answers import InvalidValue, Problem
from ._columns import Cell
from ._table import MAX_ROWS, FrameTable

MAX_REASONS = 100
"""More than anybody reads at once; the rest is told in the next attempt."""

CHANGES_SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "edited": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [
                    {"type": "integer", "minimum": 0},
                    {"type": "integer", "minimum": 0},
                    {"type": ["boolean", "number", "string", "null"]},
                ],
                "items": False,
                "minItems": 3,
            },
        },
        "added": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["boolean", "number", "string", "null"]}},
        },
        "removed": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    },
    "additionalProperties": False,
}
"""The JSON Schema of the changes of any table."""


class InvalidChanges(InvalidValue):
    """Some changes do not fit the table.

    Attributes:
        reasons: Why, by path: `edited.3` is the fourth edit as it was sent, `added.0.2` the third cell of the first
            row that was added, `removed.1` the second row that was removed; an empty path is the whole.
    """

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(*(Problem(why, tuple(path.split(".")) if path else ()) for path, why in reasons.items()))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class FrameChanges:
    """Changes that fit a table, in the one order and spelling in which equal results are equal.

    Attributes:
        edited: Row, column and new content of cells; rows and columns are counted from 0 in the initial table.
        added: The rows that come after the last.
        removed: Which rows of the initial table are gone.
    """

    edited: tuple[tuple[int, int, Cell], ...] = ()
    added: tuple[tuple[Cell, ...], ...] = ()
    removed: tuple[int, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """The changes as an answer and its record hold them; `read_changes` of it is the same again."""
        return {
            "edited": [list(edit) for edit in self.edited],
            "added": [list(row) for row in self.added],
            "removed": list(self.removed),
        }

    def in_words(self) -> str:
        """The changes counted, such as “3 cells changed, 1 row added, 2 rows removed”."""
        counts = (
            (len(self.edited), "cell", "changed"),
            (len(self.added), "row", "added"),
            (len(self.removed), "row", "removed"),
        )
        told = [f"{count:,} {noun}{'s' * (count != 1)} {what}" for count, noun, what in counts if count]
        return ", ".join(told) or "nothing changed"

    def kept_rows(self, row_count: int) -> list[int]:
        """Which rows of the initial table are left, in order."""
        removed = set(self.removed)
        return [row for row in range(row_count) if row not in removed]


def changes_from_text(table: FrameTable, text: str) -> FrameChanges:
    """Reads the field of the form.

    Raises:
        InvalidChanges: It holds no changes that fit the table.
    """
    if not text.strip():
        raise InvalidChanges(
            {"": "The page had not loaded the table, so nothing is known of what was changed. Open it with scripts on."}
        )
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidChanges({"": "The list of changes is no JSON."}) from None
    return read_changes(table, value)


def read_changes(table: FrameTable, value: object) -> FrameChanges:
    """Checks changes against the table, strictly.

    Dropped is what changes nothing: edits that leave what was there, and edits of rows that are removed.

    Raises:
        InvalidChanges: Some do not fit; the error has the reason of each.
    """
    return _Reading(table).read(value)


@dataclass
class _Reading:
    """One list of changes being read, and what is wrong with it so far."""

    table: FrameTable
    reasons: dict[str, str] = field(default_factory=dict)

    def read(self, value: object) -> FrameChanges:
        edits, added, removals = (self._list(value, key) for key in ("edited", "added", "removed"))
        removed = self._removed(removals)
        changes = FrameChanges(
            edited=self._edited(edits, removed), added=self._added(added), removed=tuple(sorted(removed))
        )
        if self.reasons:
            raise InvalidChanges(dict(list(self.reasons.items())[:MAX_REASONS]))
        return changes

    def _list(self, value: object, key: str) -> list[Any]:
        if not isinstance(value, dict) or not set(value) <= {"edited", "added", "removed"}:
            self.reasons[""] = "Send an object with the lists `edited`, `added` and `removed`, and nothing else."
            return []
        content = value.get(key, [])
        if not isinstance(content, list):
            self.reasons[key] = f"`{key}` is not a list."
            return []
        return content

    def _removed(self, removals: list[Any]) -> set[int]:
        removed: set[int] = set()
        for number, row in enumerate(removals):
            path = f"removed.{number}"
            if not _is_position(row, self.table.row_count):
                self.reasons[path] = self._no_row()
            elif row in removed:
                self.reasons[path] = f"Row {row} is removed twice."
            else:
                removed.add(row)
        return removed

    def _edited(self, edits: list[Any], removed: set[int]) -> tuple[tuple[int, int, Cell], ...]:
        edited: dict[tuple[int, int], Cell] = {}
        for number, edit in enumerate(edits):
            path = f"edited.{number}"
            place = self._place(path, edit)
            if place is None:
                continue
            if place in edited:
                self.reasons[path] = f"Row {place[0]} is edited twice in column {place[1]}."
                continue
            edited[place] = self._cell(path, place[1], edit[2])
        return tuple(
            (row, column, cell)
            for (row, column), cell in sorted(edited.items(), key=lambda item: item[0])
            if row not in removed and not self._is_unchanged(row, column, cell)
        )

    def _place(self, path: str, edit: object) -> tuple[int, int] | None:
        if not isinstance(edit, list) or len(edit) != 3:
            self.reasons[path] = "An edit is a list of row, column and content."
            return None
        row, column, _ = edit
        if not _is_position(row, self.table.row_count):
            self.reasons[path] = self._no_row()
            return None
        if not _is_position(column, len(self.table.columns)):
            self.reasons[path] = f"There is no such column: they are counted from 0, and {len(self.table.columns)} are."
            return None
        return row, column

    def _added(self, added: list[Any]) -> tuple[tuple[Cell, ...], ...]:
        if added and self.table.why_no_rows:
            self.reasons["added"] = self.table.why_no_rows
            return ()
        if self.table.row_count + len(added) > MAX_ROWS:
            self.reasons["added"] = f"The table would have more than {MAX_ROWS:,} rows."
            return ()
        return tuple(self._row(f"added.{number}", row) for number, row in enumerate(added))

    def _row(self, path: str, row: object) -> tuple[Cell, ...]:
        if not isinstance(row, list) or len(row) != len(self.table.columns):
            self.reasons[path] = f"A row that is added is a list of {len(self.table.columns)} cells."
            return ()
        return tuple(self._cell(f"{path}.{column}", column, content) for column, content in enumerate(row))

    def _cell(self, path: str, column: int, content: Any) -> Cell:
        described = self.table.columns[column]
        if path.startswith("added") and described.kind == "other" and content is None:
            return None
        try:
            return described.cell(content)
        except InvalidValue as error:
            self.reasons[path] = str(error)
            return None

    def _is_unchanged(self, row: int, column: int, cell: Cell) -> bool:
        return self.table.columns[column].is_same(self.table.cells[column][row], cell)

    def _no_row(self) -> str:
        return f"There is no such row: they are counted from 0, and {self.table.row_count} are."


def _is_position(value: object, count: int) -> bool:
    return type(value) is int and 0 <= value < count


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
