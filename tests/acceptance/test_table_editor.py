"""The table on a page, in a real browser: every key, the clipboard, what does not fit, and what a reload must not lose.

Holds P5 for tables: the frame that comes back is the initial one with just what the person changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from flyteplugins.hitl._frames import table_of
from flyteplugins.hitl._frames._changes import FrameChanges, read_changes
from flyteplugins.hitl._frames._table import FrameTable
from flyteplugins.hitl.app._static import STATIC_VERSION
from tests.support.browser import watched_page
from tests.support.frames import pandas_frames, polars_frames, sent_changes
from tests.support.inspection import inspect
from tests.support.table_page import TablePage, open_table

pytestmark = pytest.mark.slow

ROWS = 60
CITIES = ["Berlin", "Lagos", None, "São Paulo"]


def orders(rows: int = ROWS) -> Any:
    """A table with a column of each kind."""
    numbers = range(rows)
    return pd.DataFrame(
        {
            "order": np.arange(1000, 1000 + rows),
            "city": [CITIES[number % 4] for number in numbers],
            "amount": [number / 4 for number in numbers],
            "paid": [number % 3 > 0 for number in numbers],
            "state": pd.Categorical([["open", "shipped", "lost"][number % 3] for number in numbers]),
            "day": [date(2026, 1, 1 + number % 28) for number in numbers],
            "at": pd.date_range("2026-01-01 08:00", periods=rows, freq="37min"),
            "there": pd.date_range("2026-01-01 08:00", periods=rows, freq="37min", tz="Europe/Berlin"),
            "pieces": pd.array([number % 7 or None for number in numbers], dtype="UInt8"),
            "tags": [["a", "b"]] * rows,
        }
    )


ORDER, CITY, AMOUNT, PAID, STATE, DAY, AT, THERE, PIECES, TAGS = range(10)


@pytest.fixture
def table() -> Iterator[TablePage]:
    with open_table(orders()) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, table: TablePage) -> Iterator[Page]:
    """The page with the table, loaded."""
    with watched_page(browser, table.endpoint, locale="en-GB") as watched:
        watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        load(watched.page, table)
        yield watched.page


def load(page: Page, table: TablePage) -> None:
    page.goto(table.endpoint)
    expect(page.get_by_role("grid")).to_be_visible()


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f'.table-row[data-index="{row}"] [data-column="{column}"]')


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def go(page: Page, row: int, column: int) -> None:
    if not cell(page, row, column).count():
        page.locator(".table-scroll").evaluate("(element, row) => { element.scrollTop = row * 34 - 99; }", row)
    cell(page, row, column).click()
    expect(cell(page, row, column)).to_be_focused()


def type_into(page: Page, row: int, column: int, text: str) -> None:
    go(page, row, column)
    page.keyboard.type(text)
    press(page, "Enter")


def sent(page: Page, table: TablePage) -> FrameChanges:
    """Sends the answer and returns what was accepted."""
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("Answer accepted")).to_be_visible()
    assert table.changes is not None
    return table.changes


def status(page: Page) -> Locator:
    return page.locator(".table-status")


def note(page: Page) -> Locator:
    return page.locator(".table-note")


def clipboard(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_untouched_the_frame_comes_back_as_it_was(table: TablePage, page: Page) -> None:
    expect(status(page)).to_have_text("Nothing changed.")

    assert sent(page, table) == FrameChanges()
    pd.testing.assert_frame_equal(table.result, table.frame)


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        (ORDER, "-42", -42),
        (ORDER, str(2**63 - 1), 2**63 - 1),
        (CITY, 'Zoë, 東京 "x"', 'Zoë, 東京 "x"'),
        (AMOUNT, "-1.5e3", -1500.0),
        (DAY, "2026-12-31", date(2026, 12, 31)),
        (AT, "2027-01-31 13:45", pd.Timestamp("2027-01-31 13:45")),
        (THERE, "2026-10-25T02:30:00+01:00", pd.Timestamp("2026-10-25T01:30:00Z")),
        (THERE, "2026-07-01 12:00", pd.Timestamp("2026-07-01T10:00:00Z")),
        (PIECES, "255", 255),
    ],
)
def test_what_is_typed_over_a_cell_is_in_the_frame(
    column: int, typed: str, value: object, table: TablePage, page: Page
) -> None:
    type_into(page, 1, column, typed)
    expect(status(page)).to_have_text("1 cell changed")
    expect(cell(page, 1, column)).to_have_class(re.compile("is-changed"))

    sent(page, table)
    assert table.result.iloc[1, column] == value
    assert table.result.dtypes.tolist() == table.frame.dtypes.tolist()


@pytest.mark.parametrize(("column", "key", "value"), [(PAID, "f", False), (STATE, "l", "lost")])
def test_a_key_picks_the_choice_that_begins_with_it(
    column: int, key: str, value: object, table: TablePage, page: Page
) -> None:
    go(page, 1, column)
    press(page, key, "Enter")

    sent(page, table)
    assert table.result.iloc[1, column] == value


def test_space_turns_true_into_false_and_back(table: TablePage, page: Page) -> None:
    go(page, 1, PAID)
    press(page, "Space")
    expect(cell(page, 1, PAID)).to_have_text("false")
    press(page, "Space")
    expect(cell(page, 1, PAID)).to_have_text("true")
    expect(status(page)).to_have_text("Nothing changed.")


@pytest.mark.parametrize(
    ("column", "selector", "filled", "value"),
    [
        (DAY, "input[type=date]", "2026-03-04", date(2026, 3, 4)),
        (AT, "input[type=datetime-local]", "2026-03-04T05:06:07", pd.Timestamp("2026-03-04T05:06:07")),
        (STATE, "select", "lost", "lost"),
        (PAID, "select", "false", False),
        (CITY, "textarea", "Oslo", "Oslo"),
    ],
)
@pytest.mark.parametrize("key", ["F2", "Enter", "double click"])
def test_editing_opens_a_field_of_the_kind_of_the_column(
    key: str, column: int, selector: str, filled: str, value: object, table: TablePage, page: Page
) -> None:
    go(page, 1, column)
    if key == "double click":
        cell(page, 1, column).dblclick()
    else:
        press(page, key)
    field = cell(page, 1, column).locator(selector)
    expect(field).to_be_focused()
    if selector == "select":
        field.select_option(filled)
    else:
        field.fill(filled)
    press(page, "Enter")
    expect(cell(page, 2, column)).to_be_focused()

    sent(page, table)
    assert table.result.iloc[1, column] == value


def test_editing_goes_on_from_what_is_there_and_escape_forgets_it(table: TablePage, page: Page) -> None:
    go(page, 1, CITY)
    press(page, "F2")
    page.keyboard.type(" Island")
    press(page, "Escape")
    expect(cell(page, 1, CITY)).to_have_text("Lagos")
    expect(cell(page, 1, CITY)).to_be_focused()
    press(page, "F2", "Home")
    page.keyboard.type("Old ")
    press(page, "Alt+Enter")
    page.keyboard.type("x")
    press(page, "Tab")
    expect(cell(page, 1, AMOUNT)).to_be_focused()

    assert sent(page, table).edited == ((1, CITY, "Old \nxLagos"),)


def test_a_click_elsewhere_takes_what_was_typed(table: TablePage, page: Page) -> None:
    go(page, 1, AMOUNT)
    page.keyboard.type("7")
    cell(page, 3, CITY).click()
    expect(cell(page, 1, AMOUNT)).to_have_text("7")
    go(page, 2, AMOUNT)
    page.keyboard.type("8")

    assert sent(page, table).edited == ((1, AMOUNT, 7.0), (2, AMOUNT, 8.0))


def test_the_keys_go_where_those_of_a_spreadsheet_go(page: Page) -> None:
    go(page, 1, CITY)
    steps: list[tuple[str, int, int]] = [
        ("ArrowRight", 1, AMOUNT),
        ("ArrowDown", 2, AMOUNT),
        ("ArrowLeft", 2, CITY),
        ("ArrowUp", 1, CITY),
        ("Tab", 1, AMOUNT),
        ("Shift+Tab", 1, CITY),
        ("End", 1, TAGS),
        ("Home", 1, ORDER),
        ("Control+End", ROWS - 1, TAGS),
        ("ArrowDown", ROWS - 1, TAGS),
        ("Control+ArrowUp", 0, TAGS),
        ("Control+ArrowLeft", 0, ORDER),
        ("ArrowLeft", 0, ORDER),
        ("Control+ArrowDown", ROWS - 1, ORDER),
        ("Control+Home", 0, ORDER),
    ]
    for key, row, column in steps:
        press(page, key)
        expect(cell(page, row, column), key).to_be_focused()
        expect(cell(page, row, column), key).to_be_in_viewport()
    press(page, "PageDown")
    index = int(page.evaluate("() => document.activeElement.parentElement.dataset.index"))
    assert 5 < index < 30
    press(page, "PageUp")
    expect(cell(page, 0, ORDER)).to_be_focused()


def test_the_focus_stays_with_its_cell_however_far_one_scrolls(page: Page) -> None:
    go(page, 1, CITY)
    page.locator(".table-scroll").evaluate("element => { element.scrollTop = element.scrollHeight; }")
    expect(cell(page, ROWS - 1, CITY)).to_be_visible()
    expect(cell(page, 3, CITY)).to_have_count(0)
    expect(cell(page, 1, CITY)).to_be_focused()
    press(page, "ArrowDown")
    expect(cell(page, 2, CITY)).to_be_focused()
    expect(cell(page, 2, CITY)).to_be_in_viewport()


def test_nobody_is_caught_in_the_table(page: Page) -> None:
    go(page, 1, TAGS)
    press(page, "Tab")
    assert not page.evaluate("() => Boolean(document.activeElement.closest('.table-scroll'))")
    press(page, "Shift+Tab")
    expect(cell(page, 1, TAGS)).to_be_focused()
    press(page, "Home", "Shift+Tab")
    assert not page.evaluate("() => Boolean(document.activeElement.closest('.table-scroll'))")


def selected(page: Page) -> int:
    return page.locator('.table-cell[aria-selected="true"]').count()


def test_a_range_is_selected_with_keys_mouse_and_headers(page: Page) -> None:
    go(page, 1, CITY)
    press(page, "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown")
    assert selected(page) == 6
    press(page, "Shift+Space")
    assert selected(page) == 10
    press(page, "Escape")
    assert selected(page) == 1
    cell(page, 2, ORDER).hover()
    page.mouse.down()
    cell(page, 4, AMOUNT).hover()
    page.mouse.up()
    assert selected(page) == 9
    cell(page, 3, STATE).click(modifiers=["Shift"])
    assert selected(page) == 10
    page.get_by_role("rowheader", name="5", exact=True).click()
    assert selected(page) == 10
    page.get_by_role("columnheader", name="city").click()
    expect(page.get_by_role("button", name=f"Remove {ROWS} rows")).to_be_visible()
    press(page, "Control+A")
    expect(cell(page, 0, TAGS)).to_have_attribute("aria-selected", "true")


def test_delete_empties_what_may_be_empty(table: TablePage, page: Page) -> None:
    go(page, 0, CITY)
    press(page, "Shift+ArrowRight", "Delete")
    expect(cell(page, 0, CITY)).to_have_text("")
    go(page, 1, PIECES)
    press(page, "Backspace")
    expect(status(page)).to_have_text("3 cells changed")

    sent(page, table)
    assert table.result.iloc[[0, 1]].isna().sum().to_dict() == {
        **dict.fromkeys(table.frame.columns, 0),
        "city": 1,
        "amount": 1,
        "pieces": 2,
    }


def test_what_does_not_fit_is_said_at_once_and_is_not_sent(table: TablePage, page: Page) -> None:
    go(page, 1, PIECES)
    page.keyboard.type("256")
    expect(note(page)).to_contain_text("255 at most")
    expect(cell(page, 1, PIECES).locator("input")).to_have_attribute("aria-invalid", "true")
    press(page, "Enter")
    expect(cell(page, 1, PIECES)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".sr-only[role=status]")).to_contain_text("255 at most")
    go(page, 3, ORDER)
    press(page, "Delete")
    expect(note(page)).to_contain_text("cannot be empty")
    expect(status(page)).to_have_text("2 cells changed, 2 cells do not fit yet")
    press(page, "Control+End")
    page.get_by_role("button", name="Send answer").click()
    expect(cell(page, 1, PIECES)).to_be_focused()
    assert table.sent == []
    page.get_by_role("button", name="Next problem").click()
    expect(cell(page, 3, ORDER)).to_be_focused()
    page.keyboard.type("5")
    press(page, "Enter")
    page.get_by_role("button", name="Next problem").click()
    press(page, "F2", "Backspace", "Enter")

    assert sent(page, table).edited == ((1, PIECES, 25), (3, ORDER, 5))


@pytest.mark.parametrize(
    ("column", "typed", "reason"),
    [
        (ORDER, "1.5", "digits only"),
        (ORDER, str(2**63), "at most"),
        (AMOUNT, "1,5", "point"),
        (AMOUNT, "nan", "point"),
        (DAY, "2026-02-30", "calendar"),
        (AT, "2026-01-31 25:00", "clock"),
        (AT, "2026-01-31 12:00Z", "no time zone"),
        (THERE, "yesterday", "date with a time"),
    ],
)
def test_each_kind_has_its_reasons(column: int, typed: str, reason: str, page: Page) -> None:
    type_into(page, 1, column, typed)
    go(page, 1, column)

    expect(note(page).locator("strong")).to_contain_text(reason)
    expect(cell(page, 1, column)).to_have_text(typed)


def test_a_column_that_cannot_be_edited_says_so(table: TablePage, page: Page) -> None:
    go(page, 1, TAGS)
    expect(cell(page, 1, TAGS)).to_have_attribute("aria-readonly", "true")
    press(page, "F2")
    expect(page.locator(".sr-only[role=status]")).to_contain_text("cannot be edited")
    page.keyboard.type("x")
    press(page, "Delete")

    assert sent(page, table) == FrameChanges()


def test_rows_are_added_removed_and_brought_back(table: TablePage, page: Page) -> None:
    go(page, 2, CITY)
    press(page, "Shift+ArrowDown")
    page.get_by_role("button", name="Remove 2 rows").click()
    expect(status(page)).to_have_text("2 rows removed")
    expect(page.get_by_role("rowheader", name="3 removed")).to_be_visible()
    go(page, 3, CITY)
    page.get_by_role("button", name="Restore row").click()
    page.get_by_role("button", name="Add row").click()
    expect(cell(page, ROWS, ORDER)).to_be_focused()
    expect(status(page)).to_contain_text("1 row added, 1 row removed, 2 cells do not fit yet")
    page.keyboard.type("7")
    press(page, "Tab")
    page.keyboard.type("Rome")
    press(page, "Tab", "Tab", "t", "Enter")
    page.get_by_role("button", name="Add row").click()
    page.get_by_role("button", name="Remove row").click()

    changes = sent(page, table)
    assert changes == FrameChanges(added=((7, "Rome", None, True, None, None, None, None, None, None),), removed=(2,))
    assert table.result.index.tolist() == [*range(2), *range(3, ROWS + 1)]


def test_each_change_can_be_taken_back_and_done_again(table: TablePage, page: Page) -> None:
    type_into(page, 0, CITY, "one")
    type_into(page, 1, CITY, "two")
    page.get_by_role("button", name="Add row").click()
    go(page, ROWS - 1, CITY)
    page.get_by_role("button", name="Remove row").click()
    expect(status(page)).to_contain_text("2 cells changed, 1 row added, 1 row removed")
    press(page, "Control+z", "Control+z")
    expect(status(page)).to_have_text("2 cells changed")
    press(page, "Control+z", "Control+z", "Control+z")
    expect(status(page)).to_have_text("Nothing changed.")
    expect(page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    press(page, "Control+y", "Control+Shift+Z")
    expect(status(page)).to_have_text("2 cells changed")
    page.get_by_role("button", name="Redo").click()
    expect(status(page)).to_contain_text("1 row added")
    page.get_by_role("button", name="Undo all").click()
    expect(status(page)).to_have_text("Nothing changed.")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(status(page)).to_contain_text("2 cells changed, 1 row added")
    press(page, "Control+Home")
    page.get_by_role("button", name="Undo", exact=True).click()

    assert sent(page, table).edited == ((0, CITY, "one"), (1, CITY, "two"))


def test_what_is_changed_back_is_no_change(page: Page) -> None:
    type_into(page, 1, AMOUNT, "9")
    expect(cell(page, 1, AMOUNT)).to_have_attribute("title", "Before: 0.25")
    go(page, 1, AMOUNT)
    expect(note(page)).to_contain_text("Before: 0.25.")
    type_into(page, 1, AMOUNT, "0.250")
    type_into(page, 1, THERE, "2026-01-01 08:37")

    expect(status(page)).to_have_text("Nothing changed.")


def test_cells_of_a_spreadsheet_are_pasted(table: TablePage, page: Page) -> None:
    clipboard(page, '1\t"two\nlines ""quoted"""\t3.5\tTRUE\tlost\n4\t\t5\tFALSE\topen\r\n')
    go(page, ROWS - 1, ORDER)
    press(page, "Control+v")
    expect(status(page)).to_have_text("3 cells changed, 1 row added")

    changes = sent(page, table)
    # What was there already is no change: the order is paid, and lost.
    assert changes.edited == (
        (ROWS - 1, ORDER, 1),
        (ROWS - 1, CITY, 'two\nlines "quoted"'),
        (ROWS - 1, AMOUNT, 3.5),
    )
    assert changes.added == ((4, None, 5.0, False, "open", None, None, None, None, None),)


def test_one_pasted_cell_fills_the_selection_and_one_undo_takes_it_all_back(table: TablePage, page: Page) -> None:
    clipboard(page, "Oslo")
    go(page, 0, CITY)
    press(page, "Shift+ArrowDown", "Shift+ArrowDown", "Control+v")
    expect(status(page)).to_have_text("3 cells changed")
    press(page, "Control+z")
    expect(status(page)).to_have_text("Nothing changed.")
    press(page, "Control+y")

    assert sent(page, table).edited == tuple((row, CITY, "Oslo") for row in range(3))


def test_a_range_is_copied_cut_and_pasted_as_a_spreadsheet_does(table: TablePage, page: Page) -> None:
    type_into(page, 0, CITY, 'a "b"')
    go(page, 0, CITY)
    press(page, "Shift+ArrowRight", "Shift+ArrowDown", "Control+c")
    assert page.evaluate("() => navigator.clipboard.readText()") == '"a ""b"""\t0\nLagos\t0.25'
    go(page, 4, CITY)
    press(page, "Control+v")
    expect(cell(page, 5, AMOUNT)).to_have_text("0.25")
    go(page, 8, CITY)
    press(page, "Control+x")
    expect(cell(page, 8, CITY)).to_have_text("")

    result = sent(page, table)
    assert {edit for edit in result.edited if edit[0] >= 4} == {
        (4, CITY, 'a "b"'),
        (4, AMOUNT, 0.0),
        (5, AMOUNT, 0.25),
        (8, CITY, None),
    }


def test_what_cannot_be_pasted_is_said(page: Page) -> None:
    clipboard(page, "1\t2\t3\t4")
    go(page, 0, PIECES)
    press(page, "Control+v")

    told = page.locator(".sr-only[role=status]")
    expect(told).to_contain_text("2 more columns than there are")
    expect(told).to_contain_text("“tags”, which cannot be edited")


def test_a_reload_loses_nothing(table: TablePage, page: Page) -> None:
    type_into(page, 0, CITY, "kept")
    type_into(page, 1, PIECES, "999")
    go(page, 5, CITY)
    page.get_by_role("button", name="Remove row").click()
    page.get_by_role("button", name="Add row").click()
    page.keyboard.type("7")
    press(page, "Enter")
    expected = "2 cells changed, 1 row added, 1 row removed, 2 cells do not fit yet"
    expect(status(page)).to_have_text(expected)
    page.reload()

    expect(status(page)).to_have_text(expected)
    expect(cell(page, 0, CITY)).to_have_text("kept")
    expect(cell(page, 1, PIECES)).to_have_text("999")


def test_what_the_app_refuses_is_shown_at_the_cell_and_nothing_is_lost(table: TablePage, page: Page) -> None:
    type_into(page, 3, CITY, "kept")
    type_into(page, 1, THERE, "2026-10-25 02:30")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("Add the offset").first).to_be_visible()
    expect(cell(page, 3, CITY)).to_have_text("kept")
    expect(cell(page, 1, THERE)).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Next problem").click()
    expect(note(page)).to_contain_text("twice or not at all")
    page.keyboard.type("2026-10-25 02:30+02:00")
    press(page, "Enter")

    assert sent(page, table).edited == ((1, THERE, "2026-10-25T02:30:00+02:00"), (3, CITY, "kept"))


def test_reasons_of_the_app_are_told_for_added_rows_too(table: TablePage, page: Page) -> None:
    page.get_by_role("button", name="Add row").click()
    page.keyboard.type("7")
    press(page, "Tab", "Tab", "Tab", "t", "Enter")
    table.refusals = {"added.0.1": "No such <b>city</b>."}
    page.get_by_role("button", name="Send answer").click()

    expect(status(page)).to_have_text("1 row added, 1 cell does not fit yet")
    page.get_by_role("button", name="Next problem").click()
    expect(cell(page, ROWS, CITY)).to_be_focused()
    expect(note(page).locator("strong")).to_have_text("No such <b>city</b>.")


def test_only_changed_rows_are_shown_when_asked_for(table: TablePage, page: Page) -> None:
    type_into(page, 2, CITY, "x")
    page.get_by_role("button", name="Add row").click()
    go(page, ROWS - 1, CITY)
    page.get_by_role("button", name="Remove row").click()
    page.get_by_label("Changed rows only").check()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "4")
    expect(page.get_by_role("rowheader")).to_have_text(["2", f"{ROWS - 1} removed", "new"])
    type_into(page, 0, CITY, "y")
    page.get_by_label("Changed rows only").uncheck()

    expect(cell(page, 2, CITY)).to_have_text("y")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(ROWS + 2))


def test_the_grid_tells_where_one_is(page: Page) -> None:
    grid = page.get_by_role("grid", name="Orders")
    expect(grid).to_have_attribute("aria-rowcount", str(ROWS + 1))
    expect(grid).to_have_attribute("aria-colcount", "11")
    press(page, "Tab")
    go(page, 4, CITY)
    expect(cell(page, 4, CITY)).to_have_attribute("aria-colindex", "3")
    expect(cell(page, 4, CITY).locator("..")).to_have_attribute("aria-rowindex", "6")
    expect(cell(page, 4, CITY)).to_have_accessible_description(re.compile("city: Text"))
    assert page.locator('.table-cell[tabindex="0"]').count() == 1


def test_a_table_that_cannot_be_loaded_can_be_asked_for_again(browser: Browser, table: TablePage) -> None:
    table.is_broken = True
    context = browser.new_context()
    page = context.new_page()
    page.goto(table.endpoint)
    expect(page.get_by_text("could not be loaded")).to_be_visible()
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("not loaded yet")).to_be_visible()
    assert table.sent == []
    page.reload()
    expect(page.get_by_text("could not be loaded")).to_be_visible()
    table.is_broken = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("grid")).to_be_visible()
    context.close()


def test_without_script_the_page_says_what_to_do(browser: Browser, table: TablePage) -> None:
    with watched_page(browser, table.endpoint, java_script_enabled=False) as watched:
        watched.page.goto(table.endpoint)
        expect(watched.page.locator("noscript p")).to_be_visible()
        expect(watched.page.locator("noscript p")).to_contain_text("only where scripts are on")
        watched.page.get_by_role("button", name="Send answer").click()
        expect(watched.page.get_by_text("had not loaded the table")).to_be_visible()
    assert table.changes is None


def test_on_a_phone_a_second_touch_edits(browser: Browser, table: TablePage) -> None:
    size = {"width": 375, "height": 720}
    with watched_page(browser, table.endpoint, viewport=size, has_touch=True, is_mobile=True) as watched:
        page = watched.page
        load(page, table)
        cell(page, 2, CITY).tap()
        expect(cell(page, 2, CITY)).to_be_focused()
        cell(page, 2, CITY).tap()
        cell(page, 2, CITY).locator("textarea").fill("Bonn")
        page.get_by_role("button", name="Send answer").tap()
        expect(page.get_by_text("Answer accepted")).to_be_visible()
    assert table.result.iloc[2, CITY] == "Bonn"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """A page from which the scripts of the table can be called."""
    with open_table(orders(1)) as table, watched_page(browser, table.endpoint) as watched:
        load(watched.page, table)
        yield watched.page


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([pandas_frames(), polars_frames()]))
def test_what_the_page_makes_of_what_is_typed_is_what_the_app_reads(
    scripts: Page, data: st.DataObject, frames: st.SearchStrategy[Any]
) -> None:
    table = table_of(data.draw(frames))
    changes = data.draw(sent_changes(table))
    changes["edited"] = [edit for edit in changes["edited"] if edit[0] not in changes["removed"]]

    made = scripts.evaluate(TYPED, [table.to_bytes().decode(), with_digits(changes), STATIC_VERSION])

    assert made["again"] == []
    assert made["reasons"] == []
    assert read_changes(table, made["changes"]) == read_changes(table, as_typed(table, changes))
    assert made["restored"] == made["changes"]


def with_digits(content: Any) -> Any:
    """Large whole numbers as people type them: in digits, which a number of JavaScript's may not hold."""
    if isinstance(content, dict):
        return {name: with_digits(each) for name, each in content.items()}
    if isinstance(content, list | tuple):
        return [with_digits(each) for each in content]
    is_large = isinstance(content, int) and abs(content) > 2**53 - 1
    return str(content) if is_large else content


def as_typed(table: FrameTable, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes as a page can tell them: it knows one zero only, and emptied text is none, unless it was empty."""

    def told(column: int, content: Any, before: object = None) -> object:
        kind = table.columns[column].kind
        if kind == "str" and content in ("", None):
            return "" if before == "" else None
        if kind == "float" and content is not None and float(content) == 0:
            return before if before == 0 else 0.0
        return content

    edited = [
        [row, column, told(column, content, table.cells[column][row])] for row, column, content in changes["edited"]
    ]
    added = [[told(column, content) for column, content in enumerate(row)] for row in changes["added"]]
    return {**changes, "edited": edited, "added": added}


TYPED = """async ([text, changes, version]) => {
  const { TableModel } = await import(`./static/${version}/table-model.js`);
  const { isEditable, isSame, read, show } = await import(`./static/${version}/table-cells.js`);
  const model = new TableModel(JSON.parse(text));
  const typed = (content) => (content === null ? "" : String(content));
  const again = [];
  model.columns.forEach((column, number) => model.cells[number].forEach((value) => {
    if (!isEditable(column) || value === null || value === "inf" || value === "-inf") return;
    const cell = read(column, show(column, value));
    if (!("value" in cell && isSame(column, cell.value, value))) again.push([column, value, cell]);
  }));
  for (const [row, column, content] of changes.edited) model.type(row, column, typed(content));
  for (const cells of changes.added) {
    const row = model.addRow();
    cells.forEach((content, column) => model.type(row, column, typed(content)));
  }
  model.removeRows(changes.removed);
  const restored = new TableModel(JSON.parse(text));
  restored.restore(JSON.parse(JSON.stringify(model.changes())));
  return {
    again,
    reasons: model.faults().map(({ row, column }) => [model.columns[column], model.cell(row, column)]),
    changes: model.changes(),
    restored: restored.changes(),
  };
}"""

TYPED_CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=4) | st.sampled_from(
    ['"', "\t", "\n", '""', '"a"', '"\t', 'a"b', ""]
)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(TYPED_CELLS, min_size=width, max_size=width), min_size=1))
)
def test_what_is_copied_is_pasted_as_it_was(scripts: Page, rows: list[list[str]]) -> None:
    script = """async ([rows, version]) => {
      const { fromText, toText } = await import(`./static/${version}/table-clipboard.js`);
      return fromText(toText(rows));
    }"""

    assert scripts.evaluate(script, [rows, STATIC_VERSION]) == rows


def show_changes(page: Page) -> None:
    type_into(page, 0, AMOUNT, "12.5")
    type_into(page, 1, AMOUNT, "abc")
    go(page, 3, CITY)
    press(page, "Shift+ArrowDown")
    page.get_by_role("button", name="Remove 2 rows").click()
    page.get_by_role("button", name="Add row").click()
    press(page, "Control+Home", "ArrowDown", "ArrowRight", "ArrowRight")


def show_editor(page: Page) -> None:
    go(page, 2, DAY)
    press(page, "F2")


def show_filter(page: Page) -> None:
    show_changes(page)
    page.get_by_label("Changed rows only").check()


def show_nothing(page: Page) -> None:
    pass


@pytest.mark.parametrize(
    "state", [show_nothing, show_changes, show_editor, show_filter], ids=lambda state: state.__name__
)
def test_the_table_is_readable_for_everybody(state: Any, page: Page) -> None:
    state(page)

    inspect(page, f"table-{state.__name__.removeprefix('show_')}")


def test_tables_with_nothing_in_them_are_readable_for_everybody(browser: Browser) -> None:
    for name, frame in {"empty": orders(1).iloc[:0], "without-columns": pd.DataFrame(index=["a", "b"])}.items():
        with open_table(frame) as table, watched_page(browser, table.endpoint) as watched:
            load(watched.page, table)
            inspect(watched.page, f"table-{name}")
            if name == "empty":
                watched.page.get_by_role("button", name="Add row").click()
                type_into(watched.page, 0, ORDER, "1")
                type_into(watched.page, 0, PAID, "t")
                sent(watched.page, table)
                assert table.result.dtypes.tolist() == frame.dtypes.tolist()
                assert len(table.result) == 1


def test_ten_thousand_rows_stay_quick(browser: Browser, record_property: Any) -> None:
    frame = orders(10_000)
    with open_table(frame) as table, watched_page(browser, table.endpoint) as watched:
        page = watched.page
        load(page, table)
        figures = {
            "table shown after ms": page.evaluate("() => performance.now()"),
            "one scroll ms": timed(page, "() => { scroller.scrollTop += 400; }", 100),
            "a jump to anywhere ms": timed(page, "() => { scroller.scrollTop = Math.random() * 340000; }", 100),
        }
        assert rows_on_page(page) < 200
        go(page, 5_000, CITY)
        figures["one key ms"] = timed(page, "() => press(document.activeElement, 'ArrowDown')", 100)
        figures["to the end by keys ms"] = timed(page, "() => press(document.activeElement, 'End', true)", 1)
        lines = "\n".join(f"{row}\tcity {row}\t{row}.5" for row in range(10_000))
        clipboard_text = json.dumps(lines)
        go(page, 0, ORDER)
        figures["paste of 30,000 cells ms"] = timed(page, f"() => paste({clipboard_text})", 1)
        expect(status(page)).to_have_text(re.compile("29,9|30,000"))
        figures["one edit after that ms"] = timed(page, "() => press(document.activeElement, 'Delete')", 5)
        figures["undo of the paste ms"] = timed(page, "() => press(document.activeElement, 'z', true)", 2)
        press(page, "Control+y")
        assert rows_on_page(page) < 200
        press(page, "Control+End")
        expect(cell(page, 9_999, TAGS)).to_be_focused()
        type_into(page, 9_999, CITY, "last")
        changes = sent(page, table)
    assert (9_999, CITY, "last") in changes.edited
    assert len(changes.edited) > 29_000
    assert table.result["amount"].tolist()[1:] == [row + 0.5 for row in range(1, 10_000)]
    for what, milliseconds in figures.items():
        record_property(what, round(milliseconds, 1))
        print(f"{what}: {milliseconds:.1f}")


HELPERS = """
  const scroller = document.querySelector('.table-scroll');
  const press = (target, key, ctrlKey = false) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }));
  const paste = (text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
  };
"""


def timed(page: Page, work: str, times: int) -> float:
    """How long it takes until what was done can be seen, in milliseconds: the mean of some times."""
    script = f"""async () => {{
      {HELPERS}
      const work = {work};
      const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      let spent = 0;
      for (let time = 0; time < {times}; time += 1) {{
        const start = performance.now();
        work();
        scroller.getBoundingClientRect();
        scroller.dispatchEvent(new Event('scroll'));
        spent += performance.now() - start;
        await drawn();
      }}
      return spent / {times};
    }}"""
    return float(page.evaluate(script))


def rows_on_page(page: Page) -> int:
    return page.locator(".table-row").count()
