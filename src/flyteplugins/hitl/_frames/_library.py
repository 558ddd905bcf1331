"""What is asked of a library of data frames; one class each, and nothing else knows of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from ._changes import FrameChanges
from ._columns import Cell, Column
from ._table import FrameTable


class FrameLibrary(ABC):
    """Data frames of one library, made into tables and back."""

    @abstractmethod
    def table(self, frame: Any) -> FrameTable:
        """What the page shows.

        Raises:
            InvalidParameter: The frame cannot be shown as a table.
        """

    @abstractmethod
    def apply(self, frame: Any, changes: FrameChanges) -> Any:
        """A new frame with the changes; its types are those of the old one, which stays as it is."""

    @abstractmethod
    def names(self, frame: Any) -> list[Any]:
        """What the columns are called."""

    @abstractmethod
    def labels(self, frame: Any) -> list[Any]:
        """What the rows are called: in polars, their number."""

    @abstractmethod
    def rows(self, frame: Any, positions: Sequence[int]) -> list[tuple[Any, ...]]:
        """The values of some rows, as the library gives them."""


def new_cells(changes: FrameChanges, position: int) -> list[Cell]:
    """What a column gets: first the edited cells, then those of the added rows."""
    edited = [cell for _, column, cell in changes.edited if column == position]
    return edited + [row[position] for row in changes.added]


def order_of(changes: FrameChanges, position: int, row_count: int) -> list[int]:
    """Where each cell of the new column comes from, counted in the old cells followed by the new ones."""
    edits = [row for row, column, _ in changes.edited if column == position]
    replaced = {row: row_count + number for number, row in enumerate(edits)}
    kept = [replaced.get(row, row) for row in changes.kept_rows(row_count)]
    first_added = row_count + len(edits)
    return kept + list(range(first_added, first_added + len(changes.added)))


def why_no_rows(columns: Sequence[Column]) -> str | None:
    """Why the columns allow no new rows, if they do not."""
    if not columns:
        return "No rows can be added: there are no columns."
    for column in columns:
        if column.kind == "other" and not column.nullable:
            return f"No rows can be added: the column “{column.name}” cannot be edited, nor be empty."
    return None
