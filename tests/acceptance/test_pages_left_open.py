"""Pages left open while things happen elsewhere, in a real browser: an answer, an app that goes away, a new question.

Holds P1 (the page tells what stands, and what is typed stays) and P4 (an old question leads to the new one).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.house import House
from tests.support.inspection import inspect
from tests.support.reader import accepted, send, show

pytestmark = pytest.mark.slow


def test_an_answer_given_elsewhere_is_told_and_what_is_typed_stays(house: House, page: Page) -> None:
    request = house.ask(str)
    show(house, page, request)
    page.locator("#value").fill("half an ans")
    house.answer(request, "somebody was quicker")

    expect(page.get_by_role("status")).to_contain_text("closed while you were here", timeout=10_000)
    expect(page.locator("#value")).to_have_value("half an ans")
    inspect(page, "form-closed-elsewhere")
    page.get_by_role("link", name="See how").click()
    expect(page.get_by_text("somebody was quicker")).to_be_visible()


def test_an_app_that_went_away_is_told_and_its_return_as_well(house: House, browser: Browser) -> None:
    request = house.ask(str)
    context = browser.new_context()
    page = context.new_page()
    show(house, page, request)
    page.locator("#value").fill("typed before")
    house.stop()
    expect(page.get_by_role("status")).to_contain_text("cannot be reached", timeout=10_000)
    inspect(page, "form-app-away")

    house.start_again()
    expect(page.get_by_role("status")).to_be_hidden(timeout=10_000)
    send(page)
    expect(accepted(page)).to_be_visible()
    context.close()
    assert house.value(request) == "typed before"


def test_a_replaced_question_leads_to_the_new_one(house: House, page: Page) -> None:
    first = house.ask(bool, name="review", prompt="The first content")
    second = house.ask(bool, name="review", prompt="The second content")
    show(house, page, first)
    page.get_by_role("link", name="Open the question that is asked now").click()

    expect(page.get_by_text("The second content")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(accepted(page)).to_be_visible()
    assert house.value(second) is True
    replaced_by = house.response(first)
    assert replaced_by is not None
    assert replaced_by.status == "replaced"
