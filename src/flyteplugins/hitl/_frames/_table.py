"""A data frame as the page shows it: plain JSON, with nothing left of the library that it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .._quoting import shown
from ..errors import DamagedRecord, InvalidParameter
from ._columns import MAX_CELL_CHARACTERS, Cell, Column

MAX_ROWS = 100_000
"""What a browser scrolls through without a hitch."""

MAX_COLUMNS = 100
"""What a person can find a way in; every column of the rows in sight is on the page."""

MAX_TABLE_BYTES = 32 * 1024 * 1024
"""What a browser loads over a slow line within a minute or so, and reads at once."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_MAX_SHOWN_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True)
class FrameTable:
    """A table to be edited.

    Attributes:
        columns: The columns, in order.
        cells: The cells by column, then by row.
        row_count: How many rows there are, also where there is no column.
        labels: What each row is called, or `None` where they are just counted.
        label_name: What the labels are called together; may be empty.
        why_no_rows: Why no rows can be added, as a sentence, or `None` if they can.
    """

    columns: tuple[Column, ...]
    cells: Sequence[Sequence[Cell]]
    row_count: int
    labels: Sequence[str] | None = None
    label_name: str = ""
    why_no_rows: str | None = None

    def to_bytes(self) -> bytes:
        """The table as it is stored and as the page gets it; equal tables have equal bytes.

        Raises:
            InvalidParameter: It is too large for a page, or holds text that is no Unicode.
        """
        content = {
            "format": 1,
            "columns": [column.model_dump(mode="json") for column in self.columns],
            "row_count": self.row_count,
            "labels": self.labels,
            "label_name": self.label_name,
            "why_no_rows": self.why_no_rows,
            "cells": self.cells,
        }
        try:
            encoded = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            raise InvalidParameter(
                "The data frame holds half of a surrogate pair, which is no Unicode character. "
                "Read its text with the right encoding."
            ) from None
        if len(encoded) > MAX_TABLE_BYTES:
            raise InvalidParameter(
                f"The data frame makes {len(encoded):,} bytes for the page; at most {MAX_TABLE_BYTES:,} are taken. "
                "Ask for a part of its rows or columns."
            )
        return encoded

    @classmethod
    def from_bytes(cls, content: bytes, path: str) -> FrameTable:
        """The one way from the store to a table.

        Raises:
            DamagedRecord: The content is no table; the message names `path`.
        """
        try:
            fields = json.loads(content)
            table = cls(
                columns=tuple(Column.model_validate(column) for column in fields["columns"]),
                cells=fields["cells"],
                row_count=fields["row_count"],
                labels=fields["labels"],
                label_name=fields["label_name"],
                why_no_rows=fields["why_no_rows"],
            )
            is_whole = fields["format"] == 1 and len(table.cells) == len(table.columns)
            is_whole = is_whole and all(len(cells) == table.row_count for cells in table.cells)
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedRecord(
                f"{path} is no table: {type(error).__name__}. Has another program changed it?"
            ) from None
        if not is_whole:
            raise DamagedRecord(f"{path} is no table that this version can read. Use the version that wrote it.")
        return table


def check_size(rows: int, columns: int) -> None:
    """Refuses a data frame that no page could show.

    Raises:
        InvalidParameter: It is too large.
    """
    if rows > MAX_ROWS:
        raise InvalidParameter(
            f"The data frame has {rows:,} rows; at most {MAX_ROWS:,} can be edited. Ask for a part of them."
        )
    if columns > MAX_COLUMNS:
        raise InvalidParameter(
            f"The data frame has {columns:,} columns; at most {MAX_COLUMNS} can be edited. Ask for a part of them."
        )


def check_texts(name: str, cells: Sequence[Cell]) -> None:
    """Refuses text that is longer than what the page could send back.

    Raises:
        InvalidParameter: There is such text; the message names the column.
    """
    for row, cell in enumerate(cells):
        if isinstance(cell, str) and len(cell) > MAX_CELL_CHARACTERS:
            raise InvalidParameter(
                f"The column {shown(name)} holds text of {len(cell):,} characters in row {row}; a cell takes at most "
                f"{MAX_CELL_CHARACTERS:,}. Shorten it, or leave the column out."
            )


def as_text(value: object) -> str:
    """A value that cannot be edited, to be read: the same text in each attempt, and not too long."""
    ordered = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
    try:
        text = str(ordered)
    except Exception:
        text = shown(value)
    text = _ADDRESS.sub("", text[:2000])
    text = text if len(text) <= _MAX_SHOWN_CHARACTERS else text[:_MAX_SHOWN_CHARACTERS] + "…"
    return text.encode(errors="backslashreplace").decode()
