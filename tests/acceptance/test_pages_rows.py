"""Rows of an answer in a real browser, with an app that takes its time: what is typed or pressed meanwhile counts.

Holds P5 for answers of many parts, and that the key Enter in a field changes no row and sends no half of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import Watched, hold, until_held, watched_page
from tests.support.house import House, run
from tests.support.reader import accepted, gets, send, show
from tests.support.reviews import review_asked

pytestmark = pytest.mark.slow

EDITS = "**/edit*"


@dataclass
class Stop:
    place: str
    minutes: int


@dataclass
class Tour:
    day: int
    stops: list[Stop] = field(default_factory=list)
    hotel: Stop | None = None


TOUR = {"day": 3, "stops": [Stop("Bath", 10), Stop("Ely", 20), Stop("York", 30)]}


def places(page: Page) -> Locator:
    return page.locator("[id='value.stops'] textarea, [id='value.stops'] input[name$='.place']")


def expect_places(page: Page, *names: str) -> None:
    expect(places(page)).to_have_count(len(names))
    for number, name in enumerate(names):
        expect(places(page).nth(number)).to_have_value(name)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def let_go(page: Page, held: list[Route]) -> None:
    """Lets through what is held, and what comes after it."""
    for route in held:
        route.continue_()
    page.unroute(EDITS)


@pytest.fixture(params=["with script", "without"])
def reader(request: pytest.FixtureRequest, browser: Browser, house: House) -> Iterator[Page]:
    """A page with script and without."""
    with watched_page(browser, house.endpoint, java_script_enabled=request.param == "with script") as opened:
        yield opened.page


def test_an_answer_that_is_sent_while_a_row_is_removed_lacks_the_row(house: House, page: Page) -> None:
    request = house.ask(Tour, initial=TOUR)
    show(house, page, request)
    held = hold(page, EDITS)
    press(page, "Remove stop 2")
    until_held(page, held, 1)
    send(page)
    assert house.is_open(request)
    let_go(page, held)

    expect(accepted(page)).to_be_visible()
    assert gets(house, request, Tour) == Tour(3, [Stop("Bath", 10), Stop("York", 30)])


def test_what_is_typed_while_a_row_is_added_is_kept_and_its_place_too(house: House, page: Page) -> None:
    request = house.ask(Tour, initial=TOUR)
    show(house, page, request)
    held = hold(page, EDITS)
    press(page, "Add stop")
    until_held(page, held, 1)
    day = page.get_by_label("Day")
    day.fill("")
    day.press_sequentially("1")
    held[0].continue_()
    until_held(page, held, 2)
    expect(places(page)).to_have_count(3)
    let_go(page, held[1:])

    expect(places(page)).to_have_count(4)
    expect(day).to_be_focused()
    page.keyboard.type("4")
    expect(day).to_have_value("14")


def test_rows_are_added_as_often_as_the_button_is_pressed(house: House, page: Page) -> None:
    show(house, page, house.ask(Tour, initial=TOUR))
    held = hold(page, EDITS)
    for _ in range(3):
        press(page, "Add stop")
    until_held(page, held, 1)
    let_go(page, held)
    expect_places(page, "Bath", "Ely", "York", "", "", "")


def test_each_press_is_for_the_row_that_it_was_made_at(house: House, page: Page) -> None:
    show(house, page, house.ask(Tour, initial=TOUR))
    held = hold(page, EDITS)
    press(page, "Remove stop 1")
    until_held(page, held, 1)
    press(page, "Remove stop 1")
    press(page, "Remove stop 2")
    press(page, "Add stop")
    let_go(page, held)
    expect_places(page, "York", "")


def test_nothing_is_sent_when_a_row_could_not_be_changed(house: House, watched: Watched) -> None:
    page, request = watched.page, house.ask(Tour, initial=TOUR)
    show(house, page, request)
    held = hold(page, EDITS)
    press(page, "Remove stop 2")
    until_held(page, held, 1)
    send(page)
    held[0].abort()
    expect(page.locator("#live")).to_contain_text("The app could not be reached.")
    assert house.is_open(request)
    page.unroute(EDITS)
    press(page, "Remove stop 2")
    expect_places(page, "Bath", "York")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert watched.sent("POST", "/submit") == 1
    watched.faults[:] = [fault for fault in watched.faults if "ERR_FAILED" not in fault]


def test_what_is_missing_is_asked_for_when_an_answer_was_sent_meanwhile(house: House, watched: Watched) -> None:
    page, request = watched.page, house.ask(Tour)
    show(house, page, request)
    held = hold(page, EDITS)
    press(page, "Add stop")
    until_held(page, held, 1)
    send(page)
    let_go(page, held)
    expect(page.get_by_label("Day")).to_be_focused()
    assert house.is_open(request)
    assert watched.sent("POST", "/submit") == 0


def test_no_row_is_changed_once_the_answer_is_on_its_way(house: House, watched: Watched) -> None:
    page, request = watched.page, house.ask(Tour, initial=TOUR)
    show(house, page, request)
    held = hold(page, "**/submit")
    # By script: Playwright itself waits for the next page.
    page.evaluate("""document.querySelector("form.answer").addEventListener("submit", () =>
        setTimeout(() => document.querySelector("button[value^='remove:']").click()))""")
    page.get_by_role("button", name="Send answer").click(no_wait_after=True)
    until_held(page, held, 1)
    page.wait_for_timeout(300)
    held[0].continue_()
    expect(accepted(page)).to_be_visible()
    assert watched.sent("POST", "/edit") == 0
    assert gets(house, request, Tour).stops == TOUR["stops"]


@pytest.mark.parametrize(
    ("data_type", "initial", "label"),
    [(Tour, TOUR, "Minutes"), (Tour, {"day": 3}, "Day"), (list[int], [7], "Entry 1")],
    ids=["rows", "no row", "list"],
)
def test_enter_in_a_field_changes_no_row_and_sends_nothing(
    data_type: Any, initial: Any, label: str, house: House, reader: Page
) -> None:
    request = house.ask(data_type, initial=initial)
    show(house, reader, request)
    before = reader.locator("form.answer").inner_html()
    reader.get_by_label(label).first.press("Enter")
    reader.wait_for_timeout(300)
    assert reader.locator("form.answer").inner_html() == before
    assert house.is_open(request)
    send(reader)
    expect(accepted(reader)).to_be_visible()


def test_enter_in_the_only_field_sends(house: House, reader: Page) -> None:
    request = house.ask(int)
    show(house, reader, request)
    reader.locator("#value").fill("7")
    reader.locator("#value").press("Enter")
    expect(accepted(reader)).to_be_visible()
    assert gets(house, request, int) == 7


def test_rows_of_an_item_under_review_are_changed_and_kept(house: House, page: Page) -> None:
    request = run(review_asked(house.service, ["one", "two"], list[int]))
    show(house, page, request)
    expect(page.locator(".review-saved")).to_have_text("All kept")
    held = hold(page, EDITS)
    press(page, "Add entry")
    press(page, "Add entry")
    until_held(page, held, 1)
    let_go(page, held)
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".review-entry").first).to_contain_text("typed, not kept")
    page.get_by_label("Entry 1").fill("4")
    page.get_by_label("Entry 1").press("Enter")
    page.get_by_label("Entry 2").fill("5")
    press(page, "Keep and go on")
    expect(page.locator("#review-decided")).to_have_text("1")
    expect(page.locator(".review-saved")).to_have_text("All kept")
    assert dict(run(house.service.progress.standing(request.request_id)).decided) == {0: [4, 5]}
