"""Data frames of pandas, made into tables and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InvalidParameter
from ._changes import FrameChanges
from ._columns import Cell, Column, numbers_as_json, whole_numbers_as_json
from ._library import FrameLibrary, new_cells, order_of, why_no_rows
from ._moments import DIGITS, moment_in_text, read_moment, zone_named
from ._table import MAX_ROWS, FrameTable, as_text, check_size, check_texts

_INTS = (
    *(pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype),
    *(pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype, pd.UInt64Dtype),
)
_FLOATS = (pd.Float32Dtype, pd.Float64Dtype)
_NOT_A_TIME = int(np.iinfo(np.int64).min)


class PandasFrames(FrameLibrary):
    """`pandas.DataFrame`. An emptied cell is what the type of its column has for it: `NaN`, `NaT`, `NA` or `None`."""

    def table(self, frame: pd.DataFrame) -> FrameTable:
        if isinstance(frame.columns, pd.MultiIndex):
            raise InvalidParameter(
                "The data frame has columns of several levels, which cannot be edited as a table. "
                'Flatten them first: `frame.columns = ["_".join(map(str, names)) for names in frame.columns]`.'
            )
        check_size(len(frame), frame.shape[1])
        columns = _columns(frame)
        return FrameTable(
            columns=columns,
            cells=[_cells(frame.iloc[:, position], column) for position, column in enumerate(columns)],
            row_count=len(frame),
            labels=None if _is_counted(frame.index) else _labels(frame.index),
            label_name=", ".join(as_text(name) for name in frame.index.names if name is not None),
            why_no_rows=_why_no_labels(frame.index) or why_no_rows(columns),
        )

    def apply(self, frame: pd.DataFrame, changes: FrameChanges) -> pd.DataFrame:
        series = {
            position: _changed(frame.iloc[:, position], column, changes, position)
            for position, column in enumerate(_columns(frame))
        }
        index = _index(frame.index, changes)
        result = pd.DataFrame(series) if series else pd.DataFrame(index=range(len(index)))
        result.index = index
        result.columns = frame.columns
        finished: pd.DataFrame = result.__finalize__(frame)
        return finished

    def names(self, frame: pd.DataFrame) -> list[Any]:
        return frame.columns.tolist()

    def labels(self, frame: pd.DataFrame) -> list[Any]:
        return frame.index.tolist()

    def rows(self, frame: pd.DataFrame, positions: Sequence[int]) -> list[tuple[Any, ...]]:
        if not frame.shape[1]:
            return [()] * len(positions)
        part = frame.take(list(positions))
        return list(zip(*(part.iloc[:, position].tolist() for position in range(part.shape[1])), strict=True))


def _columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    return tuple(_column(as_text(name), frame.iloc[:, position]) for position, name in enumerate(frame.columns))


def _column(name: str, series: pd.Series[Any]) -> Column:
    dtype: Any = series.dtype
    described: dict[str, Any] = {"name": name, "dtype": str(dtype)}
    if isinstance(dtype, _INTS) or getattr(dtype, "kind", "") in "iu":
        if isinstance(dtype, (*_INTS, np.dtype)):
            bounds = np.iinfo(_numpy_type(dtype))
            return Column(
                **described,
                kind="int",
                nullable=isinstance(dtype, _INTS),
                least=str(bounds.min),
                greatest=str(bounds.max),
            )
    elif isinstance(dtype, (*_FLOATS, np.dtype)) and dtype.kind == "f":
        bits = np.finfo(_numpy_type(dtype)).bits
        return Column(**described, kind="float" if bits <= 64 else "other", nullable=True, bits=bits)
    elif isinstance(dtype, (pd.BooleanDtype, np.dtype)) and dtype.kind == "b":
        return Column(**described, kind="bool", nullable=isinstance(dtype, pd.BooleanDtype))
    elif isinstance(dtype, pd.StringDtype):
        return Column(**described, kind="str", nullable=True)
    elif isinstance(dtype, pd.CategoricalDtype):
        choices = _choices(dtype)
        return Column(**described, kind="choice" if choices else "other", nullable=True, choices=choices)
    elif isinstance(dtype, pd.DatetimeTZDtype):
        if zone_named(str(dtype.tz)):
            return Column(**described, kind="datetime", nullable=True, unit=dtype.unit, zone=str(dtype.tz))
    elif isinstance(dtype, np.dtype) and dtype.kind == "M" and np.datetime_data(dtype)[0] in DIGITS:
        return Column(**described, kind="datetime", nullable=True, unit=np.datetime_data(dtype)[0])
    elif dtype == np.dtype(object):
        return Column(**described, kind=_kind_of_objects(series), nullable=True)
    return Column(**described, kind="other", nullable=_can_be_empty(dtype))


def _numpy_type(dtype: Any) -> Any:
    """What holds the numbers of a type that adds `NA` to them."""
    return getattr(dtype, "numpy_dtype", dtype)


def _choices(dtype: pd.CategoricalDtype) -> tuple[str, ...]:
    """The categories in words, or nothing if the words could not be told apart."""
    choices = tuple(as_text(category) for category in dtype.categories)
    return choices if len(set(choices)) == len(choices) and all(map(str.strip, choices)) else ()


def _kind_of_objects(series: pd.Series[Any]) -> Any:
    found = pd.api.types.infer_dtype(series, skipna=True)
    if found == "date" and not all(type(value) is date for value in series.dropna()):
        return "other"
    return {"string": "str", "empty": "str", "boolean": "bool", "date": "date"}.get(found, "other")


def _can_be_empty(dtype: Any) -> bool:
    try:
        return bool(pd.Series([None], dtype=dtype).dtype == dtype)
    except (TypeError, ValueError):
        return False


def _cells(series: pd.Series[Any], column: Column) -> list[Cell]:
    if column.kind == "float":
        return numbers_as_json(_floats(series, column))
    if column.kind == "choice":
        return [column.choices[code] if code >= 0 else None for code in series.cat.codes.tolist()]
    if column.kind == "datetime":
        unit, zone = column.unit or "ns", column.zone
        counts = series.to_numpy(dtype=f"datetime64[{unit}]").view("int64").tolist()
        return [None if count == _NOT_A_TIME else moment_in_text(count, unit, zone) for count in counts]
    empty = series.isna().tolist()
    values: list[Any] = [None if is_empty else value for value, is_empty in zip(series.tolist(), empty, strict=True)]
    if column.kind == "int":
        return whole_numbers_as_json(values)
    if column.kind == "bool":
        return [None if value is None else bool(value) for value in values]
    if column.kind == "date":
        return [None if value is None else value.isoformat() for value in values]
    if column.kind == "other":
        return [None if value is None else as_text(value) for value in values]
    check_texts(column.name, values)
    return values


def _floats(series: pd.Series[Any], column: Column) -> list[float]:
    numbers: np.ndarray[Any, Any] = series.to_numpy(dtype=f"float{column.bits}", na_value=np.nan)
    if column.bits == 64:
        return list(numbers.tolist())
    # In digits first: 0.1 of 32 bits is 0.10000000149011612 of 64, and nobody has typed that.
    return [float(text) for text in numbers.astype(str).tolist()]


def _is_counted(index: pd.Index[Any]) -> bool:
    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1


def _labels(index: pd.Index[Any]) -> list[str]:
    if isinstance(index, pd.MultiIndex):
        return [", ".join(as_text(part) for part in label) for label in index]
    return [as_text(label) for label in index]


def _is_numbered(index: pd.Index[Any]) -> bool:
    return isinstance(index.dtype, (*_INTS, np.dtype)) and index.dtype.kind in "iu" and not index.hasnans


def _why_no_labels(index: pd.Index[Any]) -> str | None:
    if not _is_numbered(index):
        return "No rows can be added: the rows have labels, and none could be made up for a new one."
    bounds = np.iinfo(_numpy_type(index.dtype))
    if _next_label(index) + _step(index) * MAX_ROWS not in range(int(bounds.min), int(bounds.max) + 1):
        return "No rows can be added: the labels of the rows are at the end of what their type can count."
    return None


def _step(index: pd.Index[Any]) -> int:
    return int(index.step) if isinstance(index, pd.RangeIndex) else 1


def _next_label(index: pd.Index[Any]) -> int:
    if isinstance(index, pd.RangeIndex):
        return int(index.start + len(index) * index.step)
    return int(index.max()) + 1 if len(index) else 0


def _changed(series: pd.Series[Any], column: Column, changes: FrameChanges, position: int) -> pd.Series[Any]:
    old = series.reset_index(drop=True)
    cells = new_cells(changes, position)
    combined = pd.concat([old, _series(cells, column, series.dtype)], ignore_index=True) if cells else old
    changed: pd.Series[Any] = combined.take(order_of(changes, position, len(series))).reset_index(drop=True)
    return changed


def _series(cells: list[Cell], column: Column, dtype: Any) -> Any:
    """New cells, of exactly the type of their column."""
    if column.kind == "choice":
        codes = {choice: code for code, choice in enumerate(column.choices)}
        return pd.Series(pd.Categorical.from_codes([codes.get(str(cell), -1) for cell in cells], dtype=dtype))
    if column.kind == "datetime":
        return _moments(cells, column, dtype)
    values: list[Any] = list(cells)
    if column.kind == "int":
        values = [None if cell is None else int(cell) for cell in cells]
    if column.kind == "date":
        values = [None if cell is None else date.fromisoformat(str(cell)) for cell in cells]
    return pd.Series(values, dtype=dtype)


def _moments(cells: list[Cell], column: Column, dtype: Any) -> Any:
    unit, zone = column.unit or "ns", column.zone
    counts = [_NOT_A_TIME if cell is None else read_moment(str(cell), unit, zone) for cell in cells]
    moments = pd.Series(np.array(counts, dtype="int64").view(f"datetime64[{unit}]"))
    return moments if zone is None else moments.dt.tz_localize("UTC").dt.tz_convert(dtype.tz)


def _index(index: pd.Index[Any], changes: FrameChanges) -> pd.Index[Any]:
    """The labels that are left, followed by new ones: a label that was ever taken is not given again."""
    added = len(changes.added)
    if isinstance(index, pd.RangeIndex) and not changes.removed:
        stop = index.start + (len(index) + added) * index.step
        longer: pd.Index[Any] = pd.RangeIndex(index.start, stop, index.step, name=index.name)
        return longer
    kept: pd.Index[Any] = index.take(changes.kept_rows(len(index))) if changes.removed else index
    if not added:
        return kept
    first, step = _next_label(index), _step(index)
    labels = list(range(first, first + added * step, step))
    whole: pd.Index[Any] = kept.append(pd.Index(labels, dtype=index.dtype, name=index.name))
    return whole
