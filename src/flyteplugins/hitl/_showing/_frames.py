"""Data frames and files of CSV, as tables: the first rows on the page, all of it to download."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from .._quoting import shown as shown_value
from ..show import Table
from ._drafts import PREVIEW_BYTES, CannotShow, Draft, DraftFile, Workplace
from ._kinds import is_a
from ._sources import is_flyte_file, source_of

MAX_ROWS = 2_000
MAX_COLUMNS = 100
MAX_CELL = 500
"""Characters of one cell, rows and columns: more can be found in the file, and not by looking."""

Cell = str | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its heading.
        is_number: Whether its cells are compared as numbers, and stand on the right.
    """

    name: str
    is_number: bool


class Frame(Protocol):
    """What a table needs of a data frame, whichever library it is of."""

    columns: list[Column]
    rows: int

    def first(self, rows: int) -> Iterable[tuple[Cell, ...]]:
        """The first rows, as text; what is missing is `None`."""
        ...

    def write(self, file: Path) -> Path:
        """Writes all of it as CSV, and returns where it is."""
        ...


def table(shown: Table, workplace: Workplace) -> Draft:
    """Makes a draft of a data frame."""
    rows = _checked_rows(shown.rows)
    frame = _frame(shown.frame, workplace)
    if not frame.columns:
        raise CannotShow("it has no columns. Leave it out, or show what there is.")
    try:
        content = frame.write(workplace.folder / "table.csv")
        preview, is_cut = _preview(frame, rows)
    except CannotShow:
        raise
    except Exception as error:
        # The libraries raise errors of their own for what they cannot write, and so may objects in the cells.
        raise CannotShow(f"it cannot be written as CSV: {error}. Make its columns plain text and numbers.") from None
    return Draft(
        kind="table",
        files=(
            DraftFile(
                content=content,
                media_type="text/csv",
                file_name=workplace.named(shown.name or getattr(frame, "file_name", ""), ".csv"),
            ),
        ),
        preview=preview,
        details={"rows": frame.rows, "columns": len(frame.columns), "is_cut": is_cut},
    )


def is_frame(value: object) -> bool:
    """Whether an object is shown as a table if nobody says more."""
    names = (("pandas", "DataFrame"), ("pandas", "Series"), ("polars", "DataFrame"), ("polars", "LazyFrame"))
    return any(is_a(value, package, name) for package, name in names)


def _frame(value: Any, workplace: Workplace) -> Frame:
    if is_a(value, "pandas", "Series"):
        value = value.to_frame()
    if is_a(value, "pandas", "DataFrame"):
        return _Pandas(value)
    if is_a(value, "polars", "LazyFrame"):
        raise CannotShow("it is a lazy frame, which has no rows yet. Call `collect()` on it first.")
    if is_a(value, "polars", "DataFrame"):
        return _Polars(value)
    if isinstance(value, os.PathLike) or is_flyte_file(value):
        return _CsvFile(value, workplace)
    raise CannotShow(
        f"it is a {type(value).__name__}, not a table. Give a data frame of pandas or polars, or the path of a "
        "CSV file."
    )


def _checked_rows(rows: object) -> int:
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= MAX_ROWS:
        raise CannotShow(f"`rows={shown_value(rows)}` is not a number of rows. Give one from 1 to {MAX_ROWS:,}.")
    return rows


def _preview(frame: Frame, rows: int) -> tuple[bytes, bool]:
    columns = frame.columns[:MAX_COLUMNS]
    head = json.dumps([[_clipped(column.name), column.is_number] for column in columns], ensure_ascii=False)
    lines: list[str] = []
    room = PREVIEW_BYTES - len(head.encode())
    for row in frame.first(rows):
        cells = [None if cell is None else _clipped(cell) for cell in row[:MAX_COLUMNS]]
        line = json.dumps(cells, ensure_ascii=False)
        room -= len(line.encode(errors="replace")) + 2
        if room < 0:
            break
        lines.append(line)
    is_cut = len(lines) < frame.rows or len(columns) < len(frame.columns)
    body = ",\n".join(lines)
    return f'{{"columns": {head},\n"rows": [\n{body}\n]}}\n'.encode(errors="replace"), is_cut


def _clipped(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[:MAX_CELL] + "…"


class _Pandas:
    def __init__(self, frame: Any) -> None:
        # Rows that are merely counted need no column for it; an index that says something does.
        is_counted = is_a(frame.index, "pandas", "RangeIndex") and frame.index.name is None
        self._frame = frame
        self._with_index = not is_counted
        self.rows = len(frame)
        levels = [] if is_counted else [_level(name, number) for number, name in enumerate(frame.index.names)]
        self._index_is_number = [] if is_counted else _kinds_of_index(frame.index)
        self._formats = [_format_of(dtype) for dtype in frame.dtypes]
        self.columns = [
            *(Column(name=name, is_number=kind) for name, kind in zip(levels, self._index_is_number, strict=True)),
            *(
                Column(name=_heading(name), is_number=getattr(dtype, "kind", "O") in "iuf")
                for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
            ),
        ]

    def first(self, rows: int) -> Iterator[tuple[Cell, ...]]:
        head = self._frame.head(rows)
        for label, *values in head.itertuples(index=True, name=None):
            levels = label if isinstance(label, tuple) else (label,)
            index = [_cell(level, "g") for level in levels] if self._with_index else []
            yield (*index, *(_cell(value, format_) for value, format_ in zip(values, self._formats, strict=True)))

    def write(self, file: Path) -> Path:
        self._frame.to_csv(file, index=self._with_index, encoding="utf-8", lineterminator="\n")
        return file


class _Polars:
    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.rows = int(frame.height)
        self._formats = [".7g" if str(dtype) == "Float32" else ".15g" for dtype in frame.dtypes]
        self.columns = [
            Column(name=name, is_number=bool(dtype.is_numeric()))
            for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
        ]

    def first(self, rows: int) -> Iterator[tuple[Cell, ...]]:
        for row in self._frame.head(rows).iter_rows():
            yield tuple(_cell(value, format_) for value, format_ in zip(row, self._formats, strict=True))

    def write(self, file: Path) -> Path:
        if not any(dtype.is_nested() for dtype in self._frame.dtypes):
            self._frame.write_csv(file)
            return file
        # Polars writes no lists and structs: they stand in the file as they do on the page.
        with file.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(self._frame.columns)
            writer.writerows(self._frame.iter_rows())
        return file


class _CsvFile:
    """A file of CSV that is there already: read row by row, and kept as it is."""

    def __init__(self, value: Any, workplace: Workplace) -> None:
        source = source_of(value, workplace)
        assert isinstance(source.content, Path)  # noqa: S101
        self._path = source.content
        self.file_name = source.file_name
        self._delimiter = "\t" if source.ending == ".tsv" else ","
        self._first: list[tuple[Cell, ...]] = []
        self.rows = 0
        try:
            self._read()
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CannotShow(f"it is no CSV in UTF-8: {error}. Show it with `hitl.show.File`.") from None

    def _read(self) -> None:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            names = next(reader, [])
            for row in reader:
                self.rows += 1
                if len(self._first) < MAX_ROWS:
                    # A row may be shorter or longer than the heading says.
                    padded = [*row, *[""] * len(names)][: len(names)]
                    self._first.append(tuple(cell or None for cell in padded))
        numbers = [_are_numbers(cells) for cells in zip(*self._first, strict=True)] or [False] * len(names)
        self.columns = [Column(name=name, is_number=is_number) for name, is_number in zip(names, numbers, strict=True)]

    def first(self, rows: int) -> Iterator[tuple[Cell, ...]]:
        return islice(self._first, rows)

    def write(self, file: Path) -> Path:
        return self._path


def _are_numbers(cells: tuple[Cell, ...]) -> bool:
    present = [cell for cell in cells if cell is not None]
    try:
        return bool(present) and all(math.isfinite(float(cell)) for cell in present)
    except ValueError:
        return False


def _level(name: object, number: int) -> str:
    return "" if name is None and number == 0 else str(name if name is not None else f"level {number}")


def _heading(name: object) -> str:
    return " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _kinds_of_index(index: Any) -> list[bool]:
    if index.nlevels > 1:
        return [getattr(level.dtype, "kind", "O") in "iuf" for level in index.levels]
    return [getattr(index.dtype, "kind", "O") in "iuf"]


def _format_of(dtype: Any) -> str:
    is_short = getattr(dtype, "kind", "O") == "f" and getattr(dtype, "itemsize", 8) <= 4
    return ".7g" if is_short else ".15g"


def _cell(value: Any, format_: str) -> Cell:
    """One cell as text, or `None` where nothing is."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, float) or is_a(value, "numpy", "floating"):
        # All the digits that a number of this size has, and none that only its binary form has.
        return None if math.isnan(value) else format(float(value), format_)
    return str(value)
