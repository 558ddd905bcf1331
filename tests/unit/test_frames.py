"""Holds data frames as answers: what a person changes is in the frame that comes back, and nothing else is touched."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flyteplugins.hitl import FrameChange
from flyteplugins.hitl._answers import InvalidValue
from flyteplugins.hitl._frames._changes import (
    CHANGES_SCHEMA,
    FrameChanges,
    InvalidChanges,
    changes_from_text,
    read_changes,
)
from flyteplugins.hitl._frames._columns import MAX_CELL_CHARACTERS
from flyteplugins.hitl._frames._frames import (
    apply_changes,
    is_frame,
    is_frame_type,
    list_changes,
    table_of,
)
from flyteplugins.hitl._frames._table import MAX_COLUMNS, MAX_ROWS, FrameTable
from flyteplugins.hitl.errors import DamagedRecord, InvalidParameter
from tests.support.frames import PANDAS, POLARS, TEXT, ZONE, pandas_frames, polars_frames, sent_changes


class TestPandas:
    """`pandas.DataFrame`."""

    @given(st.data())
    def test_the_frame_that_comes_back_is_the_initial_one_with_the_changes(self, data: st.DataObject) -> None:
        frame = data.draw(pandas_frames())
        table = table_of(frame)
        untouched = frame.copy(deep=True)
        changes = read_changes(table, data.draw(sent_changes(table)))

        result = apply_changes(frame, changes)

        pd.testing.assert_frame_equal(frame, untouched)
        kept = changes.kept_rows(len(frame))
        assert result.dtypes.tolist() == frame.dtypes.tolist()
        pd.testing.assert_index_equal(result.columns, frame.columns, exact=True)
        assert result.index[: len(kept)].equals(frame.index[kept])
        assert (result.index.dtype, result.index.names) == (frame.index.dtype, frame.index.names)
        pd.testing.assert_frame_equal(
            without(changes, result.iloc[: len(kept)]),
            without(changes, frame.iloc[kept]),
            check_index_type="equiv",
            check_freq=False,
        )
        assert_cells(table, changes, table_of(result))

    @given(pandas_frames())
    def test_with_no_change_the_frame_is_the_same(self, frame: pd.DataFrame) -> None:
        result = apply_changes(frame, FrameChanges())

        assert result is not frame
        pd.testing.assert_frame_equal(result, frame, check_exact=True)
        assert type(result.index) is type(frame.index)

    @pytest.mark.parametrize("kind", sorted(PANDAS))
    def test_a_column_of_no_rows_keeps_its_type_when_one_is_added(self, kind: str) -> None:
        frame = pd.DataFrame({"a": PANDAS[kind][0]([])})
        table = table_of(frame)
        content = {"int": 1, "bool": True, "choice": table.columns[0].choices[:1]}.get(table.columns[0].kind)
        cell = content[0] if isinstance(content, tuple) else content

        result = apply_changes(frame, read_changes(table, {"added": [[cell], [cell]]}))

        assert result["a"].dtype == frame["a"].dtype
        pd.testing.assert_index_equal(result.index, pd.RangeIndex(2), exact=True)

    @given(pandas_frames(), st.integers(1, 3))
    def test_rows_that_are_added_go_on_counting(self, frame: pd.DataFrame, count: int) -> None:
        frame = pd.DataFrame({"a": [True] * len(frame)}, index=frame.index)
        if table_of(frame).why_no_rows:
            assert not isinstance(frame.index, pd.RangeIndex)
            return
        index = apply_changes(frame, FrameChanges(added=((True,),) * count)).index

        assert type(index) is type(frame.index)
        assert index.name == frame.index.name
        assert index.dtype == frame.index.dtype
        assert not set(index[len(frame) :]) & set(frame.index)

    def test_the_label_of_a_row_that_is_removed_is_not_given_again(self) -> None:
        frame = pd.DataFrame({"a": [1, 2, 3]})

        result = apply_changes(frame, FrameChanges(added=((4,),), removed=(0, 2)))

        assert result.index.tolist() == [1, 3]
        assert result["a"].tolist() == [2, 4]

    def test_empty_cells_are_those_of_the_type(self) -> None:
        frame = pd.DataFrame(
            {
                "number": [1.5],
                "words": pd.Series(["a"], dtype=object),
                "moment": pd.to_datetime(["2026-01-01"]),
                "count": pd.array([1], dtype="Int64"),
            }
        )
        changes = read_changes(table_of(frame), {"edited": [[0, column, None] for column in range(4)]})

        number, words, moment, count = apply_changes(frame, changes).iloc[0].tolist()

        assert math.isnan(number)
        assert words is None
        assert moment is pd.NaT
        assert count is pd.NA

    def test_a_moment_that_a_zone_has_twice_wants_its_offset(self) -> None:
        frame = pd.DataFrame({"at": pd.to_datetime(["2026-01-01"]).tz_localize(ZONE)})
        table = table_of(frame)

        for text in ("2026-10-25 02:30:00", "2026-03-29 02:30:00"):
            assert "offset" in reasons(table, {"edited": [[0, 0, text]]})["edited.0"]
        changes = read_changes(table, {"edited": [[0, 0, "2026-10-25 02:30+01:00"]]})
        assert changes.edited == ((0, 0, "2026-10-25T02:30:00+01:00"),)
        assert apply_changes(frame, changes)["at"][0] == pd.Timestamp("2026-10-25T01:30:00Z")

    def test_columns_of_several_levels_are_refused_with_the_mend(self) -> None:
        frame = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))

        with pytest.raises(InvalidParameter, match="Flatten them"):
            table_of(frame)

    def test_rows_are_not_added_to_labels_that_nobody_can_go_on_with(self) -> None:
        for index in (["x"], pd.date_range("2026-01-01", periods=1), pd.Index([2**63 - 5])):
            table = table_of(pd.DataFrame({"a": [1]}, index=index))

            assert table.why_no_rows is not None
            assert reasons(table, {"added": [[1]]}) == {"added": table.why_no_rows}

    def test_rows_are_not_added_where_there_are_no_columns(self) -> None:
        for frame in (pd.DataFrame(index=[0, 1]), pl.DataFrame()):
            assert "no columns" in str(table_of(frame).why_no_rows)

    def test_rows_are_not_added_where_a_cell_could_be_neither_edited_nor_empty(self) -> None:
        table = table_of(pd.DataFrame({"span": pd.arrays.IntervalArray.from_breaks([1, 2])}))

        assert table.columns[0].kind == "other"
        assert "“span”" in str(table.why_no_rows)

    def test_labels_are_shown_unless_rows_are_just_counted(self) -> None:
        assert table_of(pd.DataFrame({"a": [1]})).labels is None
        named = table_of(pd.DataFrame({"a": [1]}, index=pd.Index(["x"], name="key")))
        assert (named.labels, named.label_name) == (["x"], "key")
        several = pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([("x", 1)], names=["k", "n"]))
        assert (table_of(several).labels, table_of(several).label_name) == (["x, 1"], "k, n")

    def test_attributes_of_the_frame_are_kept(self) -> None:
        frame = pd.DataFrame({"a": [1]})
        frame.attrs["source"] = "s3"

        assert apply_changes(frame, FrameChanges()).attrs == {"source": "s3"}

    def test_objects_that_cannot_be_edited_read_the_same_in_each_attempt(self) -> None:
        frame = pd.DataFrame({"a": [object(), {"b", "a"}, [1, 2]]})

        assert table_of(frame).cells[0] == ["<object object>", "['a', 'b']", "[1, 2]"]

    def test_categories_that_read_alike_cannot_be_edited(self) -> None:
        for categories in ([1, "1"], [""], [" ", "a"]):
            assert table_of(pd.DataFrame({"a": pd.Categorical([], categories)})).columns[0].kind == "other"


class TestPolars:
    """`polars.DataFrame`."""

    @given(st.data())
    def test_the_frame_that_comes_back_is_the_initial_one_with_the_changes(self, data: st.DataObject) -> None:
        frame = data.draw(polars_frames())
        table = table_of(frame)
        untouched = frame.clone()
        changes = read_changes(table, data.draw(sent_changes(table)))

        result = apply_changes(frame, changes)

        polars.testing.assert_frame_equal(frame, untouched)
        assert result.schema == frame.schema
        assert_cells(table, changes, table_of(result))

    @given(polars_frames())
    def test_with_no_change_the_frame_is_the_same(self, frame: pl.DataFrame) -> None:
        polars.testing.assert_frame_equal(apply_changes(frame, FrameChanges()), frame, check_exact=True)

    @pytest.mark.parametrize("kind", sorted(POLARS))
    def test_a_column_of_no_rows_keeps_its_type_when_one_is_added(self, kind: str) -> None:
        frame = pl.DataFrame([POLARS[kind][0]([]).alias("a")])

        result = apply_changes(frame, read_changes(table_of(frame), {"added": [[None], [None]]}))

        assert result.schema == frame.schema
        assert result["a"].to_list() == [None, None]

    def test_not_a_number_stays_one_unless_it_is_edited(self) -> None:
        frame = pl.DataFrame({"a": [math.nan, None, 1.0]})
        table = table_of(frame)

        assert table.cells[0] == [None, None, 1.0]
        changes = read_changes(table, {"edited": [[0, 0, None], [2, 0, 2]]})
        polars.testing.assert_frame_equal(apply_changes(frame, changes), pl.DataFrame({"a": [math.nan, None, 2.0]}))

    def test_objects_of_python_are_shown_and_kept(self) -> None:
        thing = object()
        frame = pl.DataFrame([pl.Series("a", [thing, None], dtype=pl.Object)])
        table = table_of(frame)

        assert table.cells[0] == ["<object object>", None]
        assert table.why_no_rows
        assert apply_changes(frame, FrameChanges(removed=(1,)))["a"][0] is thing

    def test_a_category_may_be_taken_that_another_row_has(self) -> None:
        frame = pl.DataFrame([pl.Series("a", ["x", "y", None], dtype=pl.Categorical)])
        table = table_of(frame)
        changes = read_changes(table, {"edited": [[0, 0, "y"], [1, 0, None]], "added": [["x"]]})

        result = apply_changes(frame, changes)

        assert table.columns[0].choices == ("x", "y")
        assert result.schema == frame.schema
        assert result["a"].to_list() == ["y", None, None, "x"]


def without(changes: FrameChanges, frame: Any) -> Any:
    """The columns that no cell was edited in."""
    edited = {column for _, column, _ in changes.edited}
    return frame.iloc[:, [column for column in range(frame.shape[1]) if column not in edited]]


def assert_cells(table: FrameTable, changes: FrameChanges, result: FrameTable) -> None:
    """The table of the result is the initial one with just the changes, cell by cell."""
    edits = {(row, column): cell for row, column, cell in changes.edited}
    kept = changes.kept_rows(table.row_count)
    assert result.row_count == len(kept) + len(changes.added)
    for number, column in enumerate(table.columns):
        expected = [edits.get((row, number), table.cells[number][row]) for row in kept]
        expected += [row[number] for row in changes.added]
        found = result.cells[number]
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert column.is_same(one, other), (column, one, other)


def reasons(table: FrameTable, value: object) -> dict[str, str]:
    with pytest.raises(InvalidChanges) as caught:
        read_changes(table, value)
    return caught.value.reasons


def tried(value: object) -> tuple[FrameChanges | None, dict[str, str]]:
    """The changes, or the reasons why there are none."""
    try:
        return read_changes(TABLE, value), {}
    except InvalidChanges as error:
        return None, error.reasons


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)

TABLE = table_of(
    pd.DataFrame(
        {
            "count": np.array([1, 2, 3], dtype="uint8"),
            "share": [0.5, None, math.inf],
            "words": ["a", "", None],
            "yes": [True, False, True],
            "colour": pd.Categorical(["red", "blue", None]),
            "day": [date(2026, 1, 31), None, None],
            "at": pd.to_datetime(pd.Series(["2026-01-31T13:45:00.5", None, None])).astype("datetime64[us]"),
            "list": [[1], [2], [3]],
            "long": pd.array([2**63 - 1, None, 1], dtype="Int64"),
        }
    )
)


class TestChanges:
    """What is sent, held against the table."""

    @given(st.data(), st.sampled_from(["pandas", "polars"]))
    def test_they_are_brought_into_one_form_and_stay_in_it(self, data: st.DataObject, library: str) -> None:
        table = table_of(data.draw(pandas_frames() if library == "pandas" else polars_frames()))
        sent = data.draw(sent_changes(table))

        changes = read_changes(table, sent)

        kept = json.loads(json.dumps(changes.to_json(), allow_nan=False))
        assert read_changes(table, kept) == changes
        assert changes_from_text(table, json.dumps(kept)) == changes
        shuffled = {key: list(reversed(value)) for key, value in sent.items() if isinstance(value, list)}
        assert read_changes(table, {**shuffled, "added": sent["added"]}) == changes
        assert Draft202012Validator(CHANGES_SCHEMA).is_valid(kept)
        stored = FrameTable.from_bytes(table.to_bytes(), "tables/x")
        assert read_changes(stored, sent) == changes

    @given(st.data())
    def test_what_is_there_already_is_no_change(self, data: st.DataObject) -> None:
        table = table_of(data.draw(pandas_frames()))
        stored = json.loads(table.to_bytes())
        editable = [number for number, column in enumerate(table.columns) if column.kind != "other"]
        same = [
            [row, column, stored["cells"][column][row]]
            for column in editable
            for row in range(table.row_count)
            if stored["cells"][column][row] not in ("inf", "-inf")
        ]

        assert read_changes(table, {"edited": same}) == FrameChanges()

    @given(ANY_JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(("edited", "added", "removed"), ANY_JSON)))
    def test_anything_else_is_refused_with_reasons_and_never_fails(self, value: object) -> None:
        changes, found = tried(value)
        assert (changes is None) is bool(found)
        assert all(reason and reason.encode() for reason in found.values())
        if changes:
            assert isinstance(value, dict)
            assert read_changes(TABLE, changes.to_json()) == changes

    @given(st.integers(-2, 4), st.integers(-2, 10), ANY_JSON)
    def test_any_content_of_a_cell_fits_or_is_refused(self, row: int, column: int, content: object) -> None:
        changes, found = tried({"edited": [[row, column, content]]})
        if changes is None:
            assert list(found) == ["edited.0"]
        else:
            assert [edit[:2] for edit in changes.edited] in ([], [(row, column)])
            assert read_changes(TABLE, changes.to_json()) == changes

    @pytest.mark.parametrize(
        ("column", "content", "reason"),
        [
            (0, 256, "at most"),
            (0, -1, "too small"),
            (0, 1.0, "not a whole number"),
            (0, "1e1", "not a whole number"),
            (0, True, "not a whole number"),
            (0, None, "cannot be empty"),
            (0, "", "cannot be empty"),
            (0, "9" * 5000, "at most 4300 digits"),
            (1, "nan", "not a number"),
            (1, "inf", "not a number"),
            (1, "1,5", "not a number"),
            (1, 10**400, "too large"),
            (1, False, "not a number"),
            (2, 5, "not text"),
            (2, "\ud800", "surrogate"),
            (2, "x" * (MAX_CELL_CHARACTERS + 1), "characters"),
            (3, None, "cannot be empty"),
            (3, "maybe", "neither yes nor no"),
            (4, "green", "none of the choices"),
            (4, 0, "not text"),
            (5, "2026-02-30", "no 2026-02-30 in the calendar"),
            (5, "31.1.2026", "not a date"),
            (5, "0000-01-01", "no 0000-01-01"),
            (6, "2026-01-31 24:00", "no 24:00:00 on the clock"),
            (6, "2026-01-31T10:00:00Z", "no time zone"),
            (6, "2026-01-31 10:00:00.1234567", "finer"),
            (6, 1769860000, "not text"),
            (7, "x", "cannot be edited"),
            (7, None, "cannot be edited"),
            (8, 2**63, "too large"),
            (0, [1], "A list"),
            (2, {"a": 1}, "An object"),
        ],
    )
    def test_a_cell_that_does_not_fit_is_named_with_the_reason(self, column: int, content: object, reason: str) -> None:
        found = reasons(TABLE, {"edited": [[1, 2, "fits"], [1, column, content] if column != 2 else [0, 2, content]]})

        assert list(found) == ["edited.1"]
        assert reason in found["edited.1"]

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"edited": [[3, 0, 1]]}, "edited.0"),
            ({"edited": [[-1, 0, 1]]}, "edited.0"),
            ({"edited": [[0, 9, 1]]}, "edited.0"),
            ({"edited": [[True, 0, 1]]}, "edited.0"),
            ({"edited": [[0.0, 0, 1]]}, "edited.0"),
            ({"edited": [["0", 0, 1]]}, "edited.0"),
            ({"edited": [[0, 0, 5], [0, 0, 6]]}, "edited.1"),
            ({"edited": [[0, 0]]}, "edited.0"),
            ({"edited": [{}]}, "edited.0"),
            ({"edited": {}}, "edited"),
            ({"removed": [0, 0]}, "removed.1"),
            ({"removed": [3]}, "removed.0"),
            ({"removed": [True]}, "removed.0"),
            ({"removed": [None]}, "removed.0"),
            ({"removed": "0"}, "removed"),
            ({"added": [[]]}, "added.0"),
            ({"added": [{}]}, "added.0"),
            ({"added": [[1, None, None, "x", None, None, None, None, None]]}, "added.0.3"),
            ({"added": [[1, None, None, True, None, None, None, "x", None]]}, "added.0.7"),
            ({"added": [[]] * (MAX_ROWS + 1)}, "added"),
            ({"moved": []}, ""),
            ([], ""),
            (None, ""),
            ("{}", ""),
        ],
    )
    def test_changes_that_fit_no_place_are_refused(self, changes: object, path: str) -> None:
        assert list(reasons(TABLE, changes)) == [path]

    @pytest.mark.parametrize("text", ["", " ", "{", "nan", '{"edited": [[0, 1, NaN]]}', "[" * 100_000, "9" * 9999])
    def test_a_field_that_holds_no_changes_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidChanges) as caught:
            changes_from_text(TABLE, text)

        assert list(caught.value.reasons) == [""]
        assert isinstance(caught.value, InvalidValue)

    def test_the_reasons_are_no_more_than_a_page_can_show(self) -> None:
        table = table_of(pd.DataFrame({"a": range(1000)}))

        assert len(reasons(table, {"edited": [[row, 0, "x"] for row in range(1000)]})) == 100

    def test_they_are_in_the_order_of_the_table(self) -> None:
        changes = read_changes(TABLE, {"edited": [[1, 2, "x"], [1, 0, 9], [1, 1, 9]], "removed": [2, 0]})

        assert changes == FrameChanges(edited=((1, 0, 9), (1, 1, 9.0), (1, 2, "x")), removed=(0, 2))

    def test_edits_of_a_row_that_is_removed_are_dropped(self) -> None:
        changes = read_changes(TABLE, {"edited": [[1, 0, 9], [0, 0, 9]], "removed": [1]})

        assert changes == FrameChanges(edited=((0, 0, 9),), removed=(1,))

    def test_empty_text_and_no_text_are_two(self) -> None:
        sent = {"edited": [[0, 2, ""], [1, 2, ""], [2, 2, None]]}

        assert read_changes(TABLE, sent).edited == ((0, 2, ""),)
        assert read_changes(TABLE, {"edited": [[1, 2, None], [2, 2, ""]]}).edited == ((1, 2, None), (2, 2, ""))

    def test_a_number_that_a_script_would_round_is_kept_in_digits(self) -> None:
        assert TABLE.cells[8] == [str(2**63 - 1), None, 1]
        assert read_changes(TABLE, {"edited": [[2, 8, 2**53]]}).edited == ((2, 8, str(2**53)),)
        assert read_changes(TABLE, {"edited": [[2, 8, str(2**53 - 1)]]}).edited == ((2, 8, 2**53 - 1),)

    def test_floats_of_32_bits_that_are_kept_alike_are_one(self) -> None:
        table = table_of(pd.DataFrame({"a": np.array([0.1, 1], dtype="float32")}))

        assert table.cells[0] == [0.1, 1.0]
        assert read_changes(table, {"edited": [[0, 0, 0.1000000001], [1, 0, 0.2000000001]]}).edited == ((1, 0, 0.2),)
        assert "too large" in reasons(table, {"edited": [[0, 0, 1e39]]})["edited.0"]
        # Rounded twice, this one would be written in two ways.
        changes = read_changes(table, {"edited": [[0, 0, 1.651863350197037e-17]]})
        assert read_changes(table, changes.to_json()) == changes

    def test_they_are_counted_in_words(self) -> None:
        assert FrameChanges().in_words() == "nothing changed"
        changes = FrameChanges(edited=((0, 0, 1),) * 1200, added=((1,),), removed=(1, 2))
        assert changes.in_words() == "1,200 cells changed, 1 row added, 2 rows removed"


class TestListOfChanges:
    """What the workflow gets besides the frame."""

    def test_it_has_the_labels_the_names_and_the_values_of_the_frame(self) -> None:
        frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, index=[10, 20, 30])
        changes = read_changes(table_of(frame), {"edited": [[2, 1, "w"]], "added": [[4, "v"]], "removed": [0]})

        assert list_changes(frame, changes) == (
            FrameChange(kind="edited", row=30, column="b", before="z", after="w"),
            FrameChange(kind="added", row=31, after=(4, "v")),
            FrameChange(kind="removed", row=10, before=(1, "x")),
        )

    def test_in_polars_rows_are_counted(self) -> None:
        frame = pl.DataFrame({"a": [1, 2, 3], "day": [date(2026, 1, 1), None, None]})
        sent = {"edited": [[2, 1, "2026-01-31"]], "added": [[4, None]], "removed": [0]}

        assert list_changes(frame, read_changes(table_of(frame), sent)) == (
            FrameChange(kind="edited", row=2, column="day", before=None, after=date(2026, 1, 31)),
            FrameChange(kind="added", row=2, after=(4, None)),
            FrameChange(kind="removed", row=0, before=(1, date(2026, 1, 1))),
        )

    def test_without_changes_it_is_empty(self) -> None:
        assert list_changes(pd.DataFrame({"a": [1]}), FrameChanges()) == ()
        assert list_changes(pd.DataFrame(index=[0]), FrameChanges(removed=(0,)))[0].before == ()


class TestTable:
    """A table as it is stored."""

    @given(st.data(), st.sampled_from(["pandas", "polars"]))
    def test_it_comes_back_from_the_store_as_it_went(self, data: st.DataObject, library: str) -> None:
        frame = data.draw(pandas_frames() if library == "pandas" else polars_frames())
        stored = table_of(frame).to_bytes()

        assert FrameTable.from_bytes(stored, "tables/x").to_bytes() == stored
        assert table_of(apply_changes(frame, FrameChanges())).to_bytes() == stored

    def test_another_type_makes_another_table(self) -> None:
        kept = {table_of(pd.DataFrame({"a": pd.Series([1], dtype=kind)})).to_bytes() for kind in ("int64", "int32")}

        assert len(kept) == 2

    @pytest.mark.parametrize(
        "content", [b"", b"{}", b"[]", b"null", b"\xff", TABLE.to_bytes()[:-1], TABLE.to_bytes().replace(b"[", b"{")]
    )
    def test_what_is_no_table_is_named(self, content: bytes) -> None:
        with pytest.raises(DamagedRecord, match="tables/x"):
            FrameTable.from_bytes(content, "tables/x")

    @pytest.mark.parametrize("key", ["format", "row_count"])
    def test_a_table_of_another_version_or_with_cells_missing_is_named(self, key: str) -> None:
        content = json.loads(TABLE.to_bytes()) | {key: 9}

        with pytest.raises(DamagedRecord, match="tables/x"):
            FrameTable.from_bytes(json.dumps(content).encode(), "tables/x")

    @pytest.mark.parametrize(
        ("frame", "reason"),
        [
            (pd.DataFrame({"a": np.zeros(MAX_ROWS + 1, dtype="int8")}), "rows"),
            (pd.DataFrame(np.zeros((1, MAX_COLUMNS + 1))), "columns"),
            (pl.DataFrame({"a": ["x" * (MAX_CELL_CHARACTERS + 1)]}), "characters in row 0"),
            (pd.Series([1]), "not a data frame"),
            (pl.LazyFrame({"a": [1]}), "not a data frame"),
            ([[1]], "not a data frame"),
        ],
    )
    def test_what_no_page_can_show_is_refused(self, frame: Any, reason: str) -> None:
        with pytest.raises(InvalidParameter, match=reason):
            table_of(frame)

    def test_half_a_surrogate_pair_is_refused(self) -> None:
        frame = pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)})

        with pytest.raises(InvalidParameter, match="surrogate"):
            table_of(frame).to_bytes()

    def test_frames_are_known_by_their_type(self) -> None:
        assert is_frame(pd.DataFrame())
        assert is_frame(pl.DataFrame())
        assert is_frame_type(pd.DataFrame)
        for other in (pd.Series([1]), pl.LazyFrame(), 5, None, pd.DataFrame):
            assert not is_frame(other)
        for kind in (dict, "DataFrame", None, list[int], type("DataFrame", (), {"__module__": "pandaset"})):
            assert not is_frame_type(kind)
