"""A table in its real form: corrected in the browser, refused at its cell, and gone on with by the workflow."""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import quote

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from playwright.sync_api import Page, Route, expect

from flyteplugins.hitl._records import Request
from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.questions import asked
from tests.support.tables import AskedTable, asked_table

pytestmark = pytest.mark.slow


def frame() -> pd.DataFrame:
    given: pd.DataFrame = pd.DataFrame(
        {"sensor": ["A1", "A2", "B7"], "celsius": [21.5, 215.0, 20.9], "count": [1, 2, 3]}
    )
    return given


def ask(house: House, given: pd.DataFrame | None = None) -> tuple[AskedTable, Request]:
    table = run(_kept(house, frame() if given is None else given))
    return table, run(asked(house.service, table.question))


async def _kept(house: House, given: pd.DataFrame) -> AskedTable:
    return await asyncio.to_thread(asked_table, house.service.store, given)


def correct(page: Page, cell: str, text: str) -> None:
    page.get_by_role("gridcell", name=cell, exact=True).first.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_frame_is_corrected_and_the_workflow_gets_it(house: House, page: Page) -> None:
    table, request = ask(house)
    page.goto(house.link(request).url)
    correct(page, "215", "21.4")
    page.get_by_role("button", name="Add row").click()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Send answer").click()

    expect(page.get_by_text("Answer accepted")).to_be_visible()
    expect(page.get_by_text("row 1, celsius")).to_be_visible()
    expected = frame()
    expected.loc[1, "celsius"] = 21.4
    assert_frame_equal(table.answer.from_json(house.value(request)), expected)


def test_a_table_that_nobody_touched_is_the_frame_as_it_was(house: House, page: Page) -> None:
    table, request = ask(house)
    page.goto(house.link(request).url)
    expect(page.get_by_role("gridcell", name="A2")).to_be_visible()
    page.get_by_role("button", name="Send answer").click()

    expect(page.get_by_text("nothing changed")).to_be_visible()
    assert_frame_equal(table.answer.from_json(house.value(request)), frame())


def test_what_the_app_refuses_is_marked_at_its_cell_and_nothing_is_lost(house: House, page: Page) -> None:
    _, request = ask(house)
    page.goto(house.link(request).url)
    correct(page, "A2", "A2b")

    def spoiled(route: Route) -> None:
        # Only a page that was tampered with sends this: the table itself takes no such cell.
        sent = quote(json.dumps({"edited": [[1, 0, "A2b"], [1, 2, "x"]]}))
        route.continue_(post_data=re.sub(r"\bvalue=[^&]*", f"value={sent}", route.request.post_data or ""))

    page.route("**/submit", spoiled)
    page.get_by_role("button", name="Send answer").click()
    page.unroute("**/submit")

    expect(page.get_by_role("gridcell", name="A2b")).to_be_visible()
    expect(page.locator('[role="gridcell"][aria-invalid="true"]')).to_have_count(1)
    assert house.is_open(request)


def test_it_is_accessible_and_fits_in_every_look(house: House, page: Page) -> None:
    _, request = ask(house)
    page.goto(house.link(request).url)
    expect(page.get_by_role("gridcell", name="A2")).to_be_visible()

    inspect(page, "table-form")
