"""Data frames of polars, made into tables and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from ._changes import FrameChanges
from ._columns import Cell, Column, numbers_as_json, whole_numbers_as_json
from ._library import FrameLibrary, new_cells, order_of, why_no_rows
from ._moments import day_in_text, moment_in_text, read_moment, zone_named
from ._table import FrameTable, as_text, check_size, check_texts

_SIZED = re.compile(r"(U?)(Int|Float)([0-9]+)")


class PolarsFrames(FrameLibrary):
    """`polars.DataFrame`. An emptied cell is `null`; a `NaN` is shown as empty, and stays as it is untouched."""

    def table(self, frame: pl.DataFrame) -> FrameTable:
        check_size(frame.height, frame.width)
        columns = _columns(frame)
        return FrameTable(
            columns=columns,
            cells=[_cells(series, column) for series, column in zip(frame.iter_columns(), columns, strict=True)],
            row_count=frame.height,
            why_no_rows=why_no_rows(columns),
        )

    def apply(self, frame: pl.DataFrame, changes: FrameChanges) -> pl.DataFrame:
        return pl.DataFrame(
            [
                _changed(series, column, changes, position)
                for position, (series, column) in enumerate(zip(frame.iter_columns(), _columns(frame), strict=True))
            ]
        )

    def names(self, frame: pl.DataFrame) -> list[Any]:
        return list(frame.columns)

    def labels(self, frame: pl.DataFrame) -> list[Any]:
        return list(range(frame.height))

    def rows(self, frame: pl.DataFrame, positions: Sequence[int]) -> list[tuple[Any, ...]]:
        part = [series.gather(list(positions)).to_list() for series in frame.iter_columns()]
        return list(zip(*part, strict=True)) if part else [()] * len(positions)


def _columns(frame: pl.DataFrame) -> tuple[Column, ...]:
    return tuple(_column(series) for series in frame.iter_columns())


def _column(series: pl.Series) -> Column:
    dtype = series.dtype
    described: dict[str, Any] = {"name": as_text(series.name), "dtype": str(dtype), "nullable": True}
    sized = _SIZED.fullmatch(str(dtype))
    if sized:
        return _sized_column(described, is_unsigned=bool(sized[1]), is_whole=sized[2] == "Int", bits=int(sized[3]))
    if dtype == pl.Boolean:
        return Column(**described, kind="bool")
    if dtype == pl.String:
        return Column(**described, kind="str")
    if dtype == pl.Date:
        return Column(**described, kind="date")
    if isinstance(dtype, pl.Datetime) and (dtype.time_zone is None or zone_named(dtype.time_zone)):
        return Column(**described, kind="datetime", unit=dtype.time_unit, zone=dtype.time_zone)
    if isinstance(dtype, pl.Enum):
        return _choice(described, dtype.categories.to_list())
    if isinstance(dtype, pl.Categorical):
        present = sorted(series.drop_nulls().unique().cast(pl.String).to_list())
        return _choice(described, present) if present else Column(**described, kind="str")
    return Column(**{**described, "nullable": dtype != pl.Object}, kind="other")


def _sized_column(described: dict[str, Any], *, is_unsigned: bool, is_whole: bool, bits: int) -> Column:
    if not is_whole:
        return Column(**described, kind="float", bits=bits)
    least, greatest = (0, 2**bits - 1) if is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return Column(**described, kind="int", least=str(least), greatest=str(greatest))


def _choice(described: dict[str, Any], choices: Sequence[str]) -> Column:
    can_be_told_apart = bool(choices) and all(choice.strip() for choice in choices)
    return Column(**described, kind="choice" if can_be_told_apart else "other", choices=tuple(choices))


def _cells(series: pl.Series, column: Column) -> list[Cell]:
    if column.kind == "int":
        return whole_numbers_as_json(series.to_list())
    if column.kind == "float":
        return numbers_as_json(_floats(series, column))
    if column.kind == "date":
        return [None if days is None else day_in_text(days) for days in series.to_physical().to_list()]
    if column.kind == "datetime":
        unit, zone = column.unit or "us", column.zone
        counts = series.to_physical().to_list()
        return [None if count is None else moment_in_text(count, unit, zone) for count in counts]
    if column.kind == "other":
        return [None if value is None else as_text(value) for value in series.to_list()]
    values = series.to_list()
    check_texts(column.name, values)
    return values


def _floats(series: pl.Series, column: Column) -> list[float | None]:
    if column.bits == 64:
        return series.to_list()
    # In digits first: 0.1 of 32 bits is 0.10000000149011612 of 64, and nobody has typed that.
    return [None if text is None else float(text) for text in series.cast(pl.String).to_list()]


def _changed(series: pl.Series, column: Column, changes: FrameChanges, position: int) -> pl.Series:
    cells = new_cells(changes, position)
    combined = pl.concat([series, _series(cells, column, series)]) if cells else series
    return combined.gather(order_of(changes, position, len(series)))


def _series(cells: list[Cell], column: Column, old: pl.Series) -> pl.Series:
    """New cells, of exactly the type of their column."""
    if isinstance(old.dtype, pl.Categorical) and column.kind == "choice":
        # Taken from the column itself, so that they are the same categories, whatever cache made them.
        first = {value: row for row, value in reversed(list(enumerate(old.to_list())))}
        return old.gather(pl.Series([None if cell is None else first[cell] for cell in cells], dtype=pl.UInt32))
    values: list[Any] = list(cells)
    if column.kind == "int":
        values = [None if cell is None else int(cell) for cell in cells]
    if column.kind == "date":
        values = [None if cell is None else date.fromisoformat(str(cell)) for cell in cells]
    if column.kind == "datetime":
        unit, zone = column.unit or "us", column.zone
        counts = [None if cell is None else read_moment(str(cell), unit, zone) for cell in cells]
        moments: pl.Series = pl.Series(old.name, counts, dtype=pl.Int64).cast(old.dtype)
        return moments
    return pl.Series(old.name, values, dtype=old.dtype)
