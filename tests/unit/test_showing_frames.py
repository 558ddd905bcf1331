"""Holds that a data frame is shown by its first rows, told honestly, and can be had whole."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from flyteplugins.hitl import show
from flyteplugins.hitl._showing._drafts import PREVIEW_BYTES
from tests.support.shown import content_of, draft, preview_of, refusal


def rows_of(made: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content_of(made).decode())))


FRAMES = [
    pytest.param(pd.DataFrame({"n": [1, 2], "x": [0.1 + 0.2, None], "t": ["a", None]}), id="pandas"),
    pytest.param(pl.DataFrame({"n": [1, 2], "x": [0.1 + 0.2, None], "t": ["a", None]}), id="polars"),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_is_shown_as_text_with_what_is_missing_told_apart(frame: Any) -> None:
    made = draft(frame)

    assert made.kind == "table"
    assert preview_of(made) == {
        "columns": [["n", True], ["x", True], ["t", False]],
        "rows": [["1", "0.3", "a"], ["2", None, None]],
    }
    assert made.details == {"rows": 2, "columns": 3, "is_cut": False}


@pytest.mark.parametrize("frame", FRAMES)
def test_all_of_a_frame_can_be_downloaded_as_it_is(frame: Any) -> None:
    made = draft(frame)

    assert made.files[0].file_name == "shown-1.csv"
    assert rows_of(made) == [["n", "x", "t"], ["1", "0.30000000000000004", "a"], ["2", "", ""]]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_of_many_rows_the_first_are_shown_and_all_are_counted(kind: Any) -> None:
    made = draft(show.Table(kind({"n": range(1000)}), rows=3))

    assert preview_of(made)["rows"] == [["0"], ["1"], ["2"]]
    assert made.details == {"rows": 1000, "columns": 1, "is_cut": True}
    assert len(rows_of(made)) == 1001


def test_two_hundred_rows_are_shown_if_nobody_says_more() -> None:
    assert len(preview_of(draft(pd.DataFrame({"n": range(1000)})))["rows"]) == 200


def test_of_many_columns_the_first_are_shown_and_all_are_counted() -> None:
    made = draft(pd.DataFrame({f"c{number}": [number] for number in range(300)}))

    assert len(preview_of(made)["columns"]) == len(preview_of(made)["rows"][0]) == 100
    assert made.details == {"rows": 1, "columns": 300, "is_cut": True}


def test_wide_rows_do_not_make_a_page_that_nobody_can_load() -> None:
    made = draft(pd.DataFrame({f"c{number}": ["x" * 400] * 200 for number in range(90)}))

    assert made.preview is not None
    assert len(made.preview) <= PREVIEW_BYTES + 1000
    assert 0 < len(preview_of(made)["rows"]) < 200
    assert made.details["is_cut"]


def test_a_long_cell_is_cut_on_the_page_only() -> None:
    made = draft(pd.DataFrame({"t": ["y" * 10_000]}))

    assert preview_of(made)["rows"] == [["y" * 500 + "…"]]
    assert rows_of(made)[1] == ["y" * 10_000]


def test_an_index_that_says_something_is_shown_and_one_that_counts_is_not() -> None:
    named = pd.DataFrame({"n": [1]}, index=pd.Index(["Ada"], name="who"))
    nested = pd.DataFrame({"n": [1]}, index=pd.MultiIndex.from_tuples([("a", 2)], names=["k", "j"]))

    assert preview_of(draft(named))["columns"] == [["who", False], ["n", True]]
    assert preview_of(draft(named))["rows"] == [["Ada", "1"]]
    assert rows_of(draft(named)) == [["who", "n"], ["Ada", "1"]]
    assert preview_of(draft(nested)) == {"columns": [["k", False], ["j", True], ["n", True]], "rows": [["a", "2", "1"]]}


def test_cells_of_every_kind_are_shown_as_they_read() -> None:
    frame = pd.DataFrame(
        {
            "when": [datetime(2026, 1, 2, tzinfo=timezone.utc), pd.NaT],
            "flag": pd.array([True, None], dtype="boolean"),
            "short": np.array([0.1, 1e9], dtype="float32"),
            "endless": [float("inf"), -1e300],
            "category": pd.Categorical(["a", "b"]),
        }
    )

    made = preview_of(draft(frame))

    assert [is_number for _, is_number in made["columns"]] == [False, False, True, True, False]
    assert made["rows"][0] == ["2026-01-02 00:00:00+00:00", "True", "0.1", "inf", "a"]
    assert made["rows"][1] == [None, None, "1e+09", "-1e+300", "b"]


def test_columns_of_polars_that_hold_lists_are_shown_and_written() -> None:
    made = draft(pl.DataFrame({"n": [1], "l": [[1, 2]]}))

    assert preview_of(made)["rows"] == [["1", "[1, 2]"]]
    assert rows_of(made) == [["n", "l"], ["1", "[1, 2]"]]


def test_a_series_is_a_table_of_one_column() -> None:
    assert preview_of(draft(pd.Series([1, 2], name="n")))["columns"] == [["n", True]]


def test_a_frame_without_rows_is_shown_by_its_columns() -> None:
    made = draft(pl.DataFrame({"n": []}, schema={"n": pl.Int64}))

    assert preview_of(made) == {"columns": [["n", True]], "rows": []}
    assert made.details == {"rows": 0, "columns": 1, "is_cut": False}


def test_a_file_of_csv_is_a_table_and_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes('\ufeffwho,how much\nAda,1.5\n"Grace, H.",\nx\n'.encode())

    made = draft(file)

    assert made.kind == "table"
    assert preview_of(made) == {
        "columns": [["who", False], ["how much", True]],
        "rows": [["Ada", "1.5"], ["Grace, H.", None], ["x", None]],
    }
    assert made.files[0].file_name == "sales.csv"
    assert content_of(made) == file.read_bytes()


def test_a_file_of_tab_separated_values_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "sales.tsv"
    file.write_text("a\tb\n1\t2\n")

    assert preview_of(draft(file))["rows"] == [["1", "2"]]


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (pl.LazyFrame({"n": [1]}), "Call `collect()`"),
        (pd.DataFrame(), "no columns"),
        (show.Table([1]), "it is a list, not a table"),
        (show.Table(pd.DataFrame({"n": [1]}), rows=0), "`rows=0`"),
        (show.Table(pd.DataFrame({"n": [1]}), rows=True), "`rows=True`"),
        (show.Table(pd.DataFrame({"n": [1]}), rows=2001), "from 1 to 2,000"),
        (pd.DataFrame({"n": ["\ud800"]}), "cannot be written as CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_the_mend(thing: Any, reason: str) -> None:
    assert reason in refusal(thing)


def test_a_file_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes(b"a,b\n" * 2000 + b"\xff\xfe")

    assert "no CSV in UTF-8" in refusal(file)
