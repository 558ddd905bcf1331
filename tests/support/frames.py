"""Data frames of every kind that can be edited, and changes that a person might make in them, for Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from hypothesis import strategies as st
from pydantic import JsonValue

from flyteplugins.hitl._frames._columns import Column
from flyteplugins.hitl._frames._table import FrameTable

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORDS = ["red", "green", "blue"]
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
MOMENTS = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
ZONE = "Europe/Berlin"


def whole(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


def floats(bits: Any) -> st.SearchStrategy[float]:
    return st.floats(width=bits)


def moments_of(unit: str) -> st.SearchStrategy[Any]:
    return MOMENTS.map(lambda moment: np.datetime64(moment.isoformat()).astype(f"M8[{unit}]"))


Made = Callable[[list[Any]], Any]
"""Makes a column of values, in which `None` is an empty cell."""


def as_dtype(dtype: Any) -> Made:
    return lambda values: pd.Series(values, dtype=dtype)


def as_zoned(values: list[Any]) -> Any:
    naive = pd.Series(np.array([np.datetime64("NaT", "us") if value is None else value for value in values], "M8[us]"))
    return naive.dt.tz_localize("UTC").dt.tz_convert(ZONE)


def as_moments(unit: Any) -> Made:
    return lambda values: pd.Series(
        np.array([np.datetime64("NaT", unit) if value is None else value for value in values], f"M8[{unit}]")
    )


def as_polars(dtype: Any) -> Made:
    return lambda values: pl.Series(values, dtype=dtype, strict=True)


PANDAS: dict[str, tuple[Made, st.SearchStrategy[Any], bool]] = {
    **{
        f"{'' if signed else 'u'}int{bits}": (
            as_dtype(f"{'' if signed else 'u'}int{bits}"),
            whole(bits, signed=signed),
            False,
        )
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    },
    "Int64": (as_dtype("Int64"), whole(64, signed=True), True),
    "UInt8": (as_dtype("UInt8"), whole(8, signed=False), True),
    "UInt64": (as_dtype("UInt64"), whole(64, signed=False), True),
    "float16": (as_dtype("float16"), floats(16), True),
    "float32": (as_dtype("float32"), floats(32), True),
    "float64": (as_dtype("float64"), floats(64), True),
    "Float32": (as_dtype("Float32"), st.floats(width=32, allow_nan=False), True),
    "Float64": (as_dtype("Float64"), st.floats(allow_nan=False), True),
    "bool": (as_dtype("bool"), st.booleans(), False),
    "boolean": (as_dtype("boolean"), st.booleans(), True),
    "object of bool": (as_dtype("object"), st.booleans(), True),
    "object of str": (as_dtype("object"), TEXT, True),
    "object of date": (as_dtype("object"), DAYS, True),
    "str": (as_dtype("str"), TEXT, True),
    "string": (as_dtype("string"), TEXT, True),
    "category": (as_dtype(pd.CategoricalDtype(WORDS, ordered=True)), st.sampled_from(WORDS), True),
    "category of int": (as_dtype(pd.CategoricalDtype([3, 1, 2])), st.sampled_from([1, 2, 3]), True),
    "datetime64[s]": (as_moments("s"), moments_of("s"), True),
    "datetime64[ms]": (as_moments("ms"), moments_of("ms"), True),
    "datetime64[us]": (as_moments("us"), moments_of("us"), True),
    "datetime64[ns]": (as_moments("ns"), moments_of("ns"), True),
    "datetime64 with a zone": (as_zoned, moments_of("us"), True),
    "timedelta64": (as_dtype("timedelta64[us]"), st.timedeltas(timedelta(-9), timedelta(9)), True),
    "object of lists": (as_dtype("object"), st.lists(st.integers(0, 3), max_size=2), True),
}

POLARS: dict[str, tuple[Made, st.SearchStrategy[Any], bool]] = {
    **{
        f"{'' if signed else 'U'}Int{bits}": (
            as_polars(getattr(pl, f"{'' if signed else 'U'}Int{bits}")),
            whole(bits, signed=signed),
            True,
        )
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    },
    "Float32": (as_polars(pl.Float32), floats(32), True),
    "Float64": (as_polars(pl.Float64), floats(64), True),
    "Boolean": (as_polars(pl.Boolean), st.booleans(), True),
    "String": (as_polars(pl.String), TEXT, True),
    "Date": (as_polars(pl.Date), DAYS, True),
    "Datetime[ms]": (as_polars(pl.Datetime("ms")), MOMENTS, True),
    "Datetime[ns]": (as_polars(pl.Datetime("ns")), MOMENTS, True),
    "Datetime with a zone": (
        as_polars(pl.Datetime("us", ZONE)),
        MOMENTS.map(lambda moment: moment.replace(tzinfo=timezone.utc)),
        True,
    ),
    "Enum": (as_polars(pl.Enum(WORDS)), st.sampled_from(WORDS), True),
    "Categorical": (as_polars(pl.Categorical), st.sampled_from(WORDS), True),
    "Duration": (as_polars(pl.Duration("us")), st.timedeltas(timedelta(-9), timedelta(9)), True),
    "List": (as_polars(pl.List(pl.Int64)), st.lists(st.integers(0, 3), max_size=2), True),
}


@st.composite
def columns(draw: st.DrawFn, kinds: dict[str, Any], rows: int) -> Any:
    made, values, nullable = kinds[draw(st.sampled_from(sorted(kinds)))]
    cells = values | st.none() if nullable else values
    return made(draw(st.lists(cells, min_size=rows, max_size=rows)))


INDEXES: dict[str, Callable[[int], Any]] = {
    "counted": pd.RangeIndex,
    "a range": lambda rows: pd.RangeIndex(5, 5 + 3 * rows, 3, name="id"),
    "a falling range": lambda rows: pd.RangeIndex(rows, 0, -1),
    "numbers": lambda rows: pd.Index([7 * row % 5 for row in range(rows)], dtype="int64", name="id"),
    "words": lambda rows: pd.Index([f"row {row}" for row in range(rows)], dtype="str"),
    "days": lambda rows: pd.date_range("2026-01-01", periods=rows),
    "levels": lambda rows: pd.MultiIndex.from_arrays([range(rows), ["x"] * rows]),
}


@st.composite
def pandas_frames(draw: st.DrawFn) -> Any:
    rows = draw(st.integers(0, 5))
    width = draw(st.integers(0, 4))
    frame = pd.DataFrame({number: draw(columns(PANDAS, rows)) for number in range(width)}, index=range(rows))
    frame.index = INDEXES[draw(st.sampled_from(sorted(INDEXES)))](rows)
    names: list[Any] = draw(
        st.sampled_from([list("abcd"), ["a", "a", "b", "b"], [1, 2, 3, 4], [None, "", 0.5, ("x",)]])
    )
    frame.columns = pd.Index(names[:width], dtype=object)
    return frame


@st.composite
def polars_frames(draw: st.DrawFn) -> Any:
    rows = draw(st.integers(0, 5))
    width = draw(st.integers(0, 4))
    return pl.DataFrame([draw(columns(POLARS, rows)).alias(f"c{number}") for number in range(width)])


def contents(column: Column) -> st.SearchStrategy[JsonValue]:
    """What may be typed into a column, or sent to it."""
    least, greatest = int(column.least or 0), int(column.greatest or 0)
    bound = {16: 65504.0, 32: 3e38, 64: 1e308}[column.bits or 64]
    numbers = st.floats(-bound, bound)
    local = MOMENTS.map(lambda moment: moment.replace(microsecond=0, hour=12).isoformat(" "))
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "int": st.integers(least, greatest) | st.integers(least, greatest).map(str),
        "float": numbers | numbers.map(repr) | st.integers(-1000, 1000),
        "bool": st.booleans() | st.sampled_from(["true", "No", "1"]),
        "str": TEXT,
        "date": DAYS.map(lambda day: day.isoformat()),
        "datetime": local | (local.map(lambda text: f"{text}+05:30") if column.zone else st.nothing()),
        "choice": st.sampled_from(column.choices or ("",)),
        "other": st.nothing(),
    }
    kept = by_kind[column.kind]
    return kept | st.none() if column.nullable else kept


@st.composite
def sent_changes(draw: st.DrawFn, table: FrameTable) -> dict[str, Any]:
    """Changes that a page might send."""
    editable = [number for number, column in enumerate(table.columns) if column.kind != "other"]
    places = (
        st.tuples(st.integers(0, table.row_count - 1), st.sampled_from(editable))
        if table.row_count and editable
        else st.nothing()
    )
    edited = [
        [row, column, draw(contents(table.columns[column]))] for row, column in draw(st.lists(places, unique=True))
    ]
    rows = st.tuples(*(st.none() if column.kind == "other" else contents(column) for column in table.columns))
    added = [] if table.why_no_rows else [list(row) for row in draw(st.lists(rows, max_size=3))]
    removed = draw(st.lists(st.integers(0, max(0, table.row_count - 1)), unique=True)) if table.row_count else []
    return {"edited": edited, "added": added, "removed": list(removed)}
