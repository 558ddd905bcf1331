"""A review in the browser: by keyboard, without script, offline, by two at once, and with the browser closed half-way.

Holds P1 and P2 for reviews: what the page says is kept is kept, and what is submitted is what was seen.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import BaseModel

from flyteplugins.hitl._records import Request
from flyteplugins.hitl.errors import FieldError
from tests.support.browser import Watched, accessibility_faults, hold, overflows, until_held, watched_page
from tests.support.house import House, run
from tests.support.inboxes import soon
from tests.support.reader import accepted, gets, show
from tests.support.reviews import decided, review_asked

pytestmark = pytest.mark.slow

Label = Literal["good", "bad", "unsure"]


class Invoice(BaseModel):
    """A record to be corrected."""

    customer: str
    total: float


INVOICES = [{"customer": f"Firm {number}", "total": 10.0 * number} for number in range(4)]


def ask(house: House, items: list[Any], data_type: Any = bool, **content: Any) -> Request:
    return run(review_asked(house.service, items, data_type, **content))


def texts(count: int) -> list[str]:
    return [f"Item **{number}**" for number in range(count)]


def standing(house: House, request: Request) -> dict[int, Any]:
    return dict(run(house.service.progress.standing(request.request_id)).decided)


def heading(page: Page, number: int, count: int) -> None:
    expect(page.get_by_role("heading", name=re.compile(rf"^Item {number} of {count}$"))).to_be_visible()


def ready(page: Page) -> None:
    """Waits until the script has taken over."""
    expect(page.locator(".review-saved")).to_have_text("All kept")


def all_kept(page: Page) -> None:
    expect(page.locator(".review-saved")).to_have_text("All kept")


def confirm(page: Page, button: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=button).click()


def test_a_review_goes_by_keyboard_from_the_first_item_to_the_list(house: House, page: Page) -> None:
    request = ask(house, texts(6), Label)
    show(house, page, request)
    ready(page)
    heading(page, 1, 6)
    page.keyboard.press("1")
    heading(page, 2, 6)
    page.keyboard.press("2")
    heading(page, 3, 6)
    for key, number in (("j", 4), ("ArrowRight", 5), ("k", 4), ("ArrowLeft", 3), ("n", 4), ("p", 3)):
        page.keyboard.press(key)
        heading(page, number, 6)
    page.keyboard.press("/")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    heading(page, 6, 6)
    page.keyboard.press("3")
    heading(page, 3, 6)
    page.keyboard.press("u")
    heading(page, 6, 6)
    expect(page.locator(".review-state")).to_contain_text("Undecided")
    page.keyboard.press("2")
    heading(page, 3, 6)
    for _ in range(3):
        page.keyboard.press("1")
    expect(page.locator("#review-decided")).to_have_text("6")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Submit all 6 decisions?")
    page.keyboard.press("Enter")

    expect(accepted(page)).to_be_visible()
    assert house.value(request) == ["good", "bad", "good", "good", "good", "bad"]


def test_yes_and_no_have_keys_of_their_own(house: House, page: Page) -> None:
    request = ask(house, texts(3))
    show(house, page, request)
    ready(page)
    for key, number in (("y", 2), ("n", 3), ("Control+z", 2), ("y", 3), ("n", 3)):
        page.keyboard.press(key)
        heading(page, number, 3)
    all_kept(page)

    assert standing(house, request) == {0: True, 1: True, 2: False}


def test_a_decision_is_applied_to_the_rest_like_it_and_taken_back_at_once(house: House, page: Page) -> None:
    request = ask(house, texts(9), groups=["even" if number % 2 == 0 else "odd" for number in range(9)])
    show(house, page, request)
    ready(page)
    page.keyboard.press("n")
    heading(page, 2, 9)
    page.keyboard.press("k")
    heading(page, 1, 9)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Apply “Reject” to 4 more items like this one?")
    confirm(page, "Apply")
    expect(page.locator("#review-decided")).to_have_text("5")
    all_kept(page)
    assert standing(house, request) == dict.fromkeys((0, 2, 4, 6, 8), False)

    page.keyboard.press("u")
    expect(page.locator("#review-decided")).to_have_text("1")
    all_kept(page)
    assert standing(house, request) == {0: False}


def test_each_decision_is_told_to_who_cannot_see_it(house: House, page: Page) -> None:
    show(house, page, ask(house, texts(3)))
    ready(page)
    page.keyboard.press("1")

    expect(page.locator("#review-said")).to_have_text("Approve. Item 2 of 3: Item 1")


def test_what_was_decided_is_there_when_the_browser_is_opened_elsewhere(
    browser: Browser, house: House, page: Page
) -> None:
    request = ask(house, texts(30))
    show(house, page, request)
    ready(page)
    for key in "yynyn":
        page.keyboard.press(key)
    expect(page.locator("#review-decided")).to_have_text("5")
    # At once, before anything had to be sent.
    page.close()
    # A page that is opened before follows what is decided, and stays at its item.
    soon(lambda: len(standing(house, request)) == 5)
    with watched_page(browser, house.endpoint) as other:
        show(house, other.page, request)
        ready(other.page)
        expect(other.page.locator("#review-decided")).to_have_text("5")
        heading(other.page, 6, 30)

    assert standing(house, request) == {0: True, 1: True, 2: False, 3: True, 4: False}


def test_offline_nothing_is_lost_and_online_all_of_it_is_kept(house: House, browser: Browser) -> None:
    request = ask(house, texts(12))
    context = browser.new_context()
    page = context.new_page()
    show(house, page, request)
    ready(page)
    context.set_offline(True)
    for key in "yyny":
        page.keyboard.press(key)
    expect(page.locator(".review-saved")).to_have_text("Offline: 4 on this device")
    assert standing(house, request) == {}
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_contain_text("not kept yet")
    context.set_offline(False)

    all_kept(page)
    assert standing(house, request) == {0: True, 1: True, 2: False, 3: True}
    context.close()


def test_what_a_closed_tab_could_not_send_is_sent_by_the_next(house: House, browser: Browser) -> None:
    request = ask(house, texts(12))
    context = browser.new_context()
    page = context.new_page()
    show(house, page, request)
    ready(page)
    context.set_offline(True)
    page.keyboard.press("y")
    page.keyboard.press("n")
    expect(page.locator(".review-saved")).to_have_text("Offline: 2 on this device")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    show(house, page, request)

    expect(page.locator("#review-decided")).to_have_text("2")
    ready(page)
    assert standing(house, request) == {0: True, 1: False}
    context.close()


def test_two_reviewers_see_each_others_decisions_and_submit_what_they_saw(
    browser: Browser, house: House, page: Page
) -> None:
    request = ask(house, texts(3))
    show(house, page, request)
    ready(page)
    with watched_page(browser, house.endpoint) as other:
        show(house, other.page, request)
        ready(other.page)
        page.keyboard.press("y")
        expect(other.page.locator("#review-decided")).to_have_text("1")
        other.page.get_by_role("button", name="Next").click()
        other.page.keyboard.press("n")
        expect(page.locator("#review-decided")).to_have_text("2")
        page.keyboard.press("/")
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        heading(page, 3, 3)
        page.keyboard.press("y")
        all_kept(page)
        page.keyboard.press("Enter")
        confirm(page, "Submit")
        expect(accepted(page)).to_be_visible()
        expect(other.page.locator("#live")).to_contain_text("closed while you were here")

    assert house.value(request) == [True, False, True]


def test_what_others_decided_unseen_is_shown_before_it_is_submitted(house: House, plain: Page) -> None:
    request = ask(house, texts(2))
    run(decided(house.service, request, {0: True, 1: True}))
    show(house, plain, request)
    run(decided(house.service, request, {1: False}))
    plain.get_by_role("button", name="Submit").click()

    expect(plain.get_by_role("alert")).to_contain_text("made elsewhere since you looked")
    assert house.is_open(request)
    plain.get_by_role("button", name="Submit").click()
    expect(accepted(plain)).to_be_visible()
    assert house.value(request) == [True, False]


def test_without_script_each_item_has_a_page(house: House, plain: Page) -> None:
    request = ask(house, texts(3), Label)
    show(house, plain, request)
    heading(plain, 1, 3)
    expect(plain.get_by_role("button", name="Submit")).to_be_disabled()
    plain.get_by_role("button", name="bad").click()
    heading(plain, 2, 3)
    plain.get_by_role("link", name="Next").click()
    heading(plain, 3, 3)
    plain.get_by_role("button", name="good").click()
    heading(plain, 2, 3)
    plain.get_by_role("link", name="All items").click()
    expect(plain.get_by_role("listitem").filter(has_text="undecided")).to_have_count(1)
    plain.get_by_role("link", name="Item 0").click()
    plain.get_by_role("button", name="Take the decision back").click()
    expect(plain.locator(".review-state")).to_contain_text("Undecided")
    plain.get_by_role("button", name="unsure").click()
    heading(plain, 2, 3)
    plain.get_by_role("button", name="good").click()
    plain.get_by_role("button", name="Submit").click()

    expect(accepted(plain)).to_be_visible()
    assert house.value(request) == ["unsure", "good", "good"]


def test_without_script_a_record_that_does_not_fit_is_given_back_as_typed(house: House, plain: Page) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, plain, request)
    plain.get_by_label("Total").fill("a lot")
    plain.get_by_role("button", name="Keep and go on").click()
    expect(plain.get_by_role("alert")).to_contain_text("“a lot” is not a number")
    expect(plain.get_by_label("Total")).to_have_value("a lot")
    assert standing(house, request) == {}
    plain.get_by_label("Total").fill("12.5")
    plain.get_by_role("button", name="Keep and go on").click()

    heading(plain, 2, 4)
    assert standing(house, request) == {0: {"customer": "Firm 0", "total": 12.5}}


def test_records_are_corrected_kept_and_undone_with_script(house: House, watched: Watched) -> None:
    page = watched.page
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("12.5")
    page.get_by_label("Total").press("Control+Enter")
    heading(page, 2, 4)
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 3, 4)
    page.get_by_role("button", name="Previous").click()
    page.get_by_role("button", name="Previous").click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("12.5")
    page.get_by_label("Total").fill("99")
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 3, 4)
    page.get_by_role("button", name="Undo").click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("12.5")
    all_kept(page)

    assert standing(house, request) == {0: {"customer": "Firm 0", "total": 12.5}, 1: INVOICES[1]}
    page.get_by_label("Total").fill("a lot")
    page.get_by_role("button", name="Keep and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("“a lot” is not a number")
    watched.faults.clear()  # The browser logs the 422 that is provoked here.
    assert standing(house, request)[0] == {"customer": "Firm 0", "total": 12.5}


def test_what_is_typed_at_an_item_is_there_when_one_comes_back_and_is_not_kept_by_itself(
    house: House, page: Page
) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES, allow_partial=True)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("99")
    entry = page.locator(".review-entry").first
    expect(entry).to_contain_text("typed, not kept")
    page.get_by_role("button", name="Next").click()
    heading(page, 2, 4)
    page.get_by_label("Customer").fill("Firm two")
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 3, 4)
    expect(entry).to_contain_text("typed, not kept")
    page.locator("#review-send").click()
    expect(page.get_by_role("dialog")).to_contain_text("What is typed at item 1 is not kept, and is left out.")
    confirm(page, "Cancel")
    entry.click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("99")
    all_kept(page)
    assert standing(house, request) == {1: {"customer": "Firm two", "total": 10.0}}

    page.get_by_role("button", name="Keep and go on").click()
    expect(entry).not_to_contain_text("typed")
    all_kept(page)
    page.locator("#review-send").click()
    expect(page.get_by_role("dialog")).not_to_contain_text("typed")
    confirm(page, "Submit")
    expect(accepted(page)).to_be_visible()
    assert [each and each["total"] for each in gets(house, request, list[Any])] == [99.0, 10.0, None, None]


def test_what_is_typed_and_taken_back_by_hand_is_not_called_typed(house: House, page: Page) -> None:
    show(house, page, ask(house, INVOICES, Invoice, initial=INVOICES))
    ready(page)
    entry = page.locator(".review-entry").first
    for text, words in (("5", "typed, not kept"), ("0.0", "undecided")):
        page.get_by_label("Total").fill(text)
        expect(entry).to_contain_text(words)


def test_what_is_typed_after_a_refusal_is_there_when_one_comes_back(house: House, watched: Watched) -> None:
    page, request = watched.page, ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("a lot")
    page.get_by_role("button", name="Keep and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("is not a number")
    page.get_by_role("button", name="Next").click()
    heading(page, 2, 4)
    expect(page.locator(".review-entry").first).to_contain_text("typed, not kept")
    page.get_by_role("button", name="Previous").click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("a lot")
    watched.faults.clear()  # The browser logs the 422 that is provoked here.


def test_records_that_are_kept_on_the_device_are_shown_as_they_are(house: House, browser: Browser) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    context = browser.new_context()
    page = context.new_page()
    show(house, page, request)
    ready(page)
    context.set_offline(True)
    page.get_by_label("Total").fill("99")
    page.get_by_role("button", name="Keep and go on").click()
    expect(page.locator(".review-saved")).to_have_text("Offline: 1 on this device")
    heading(page, 2, 4)
    page.get_by_role("button", name="Previous").click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("99")
    expect(page.locator(".review-entry").first).to_contain_text("99")
    context.set_offline(False)
    all_kept(page)
    assert standing(house, request) == {0: {"customer": "Firm 0", "total": 99.0}}
    context.close()


def test_what_another_reviewer_made_of_a_record_is_shown(house: House, page: Page) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("5")
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 2, 4)
    all_kept(page)
    run(decided(house.service, request, {0: {"customer": "Firm 0", "total": 77.0}}))
    expect(page.locator(".review-entry").first).to_contain_text("77")
    page.get_by_role("button", name="Previous").click()
    heading(page, 1, 4)
    expect(page.get_by_label("Total")).to_have_value("77.0")


def test_undo_shows_the_record_as_it_was(house: House, page: Page) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("5")
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 2, 4)
    page.get_by_role("button", name="Previous").click()
    heading(page, 1, 4)
    page.get_by_label("Total").fill("6")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Total")).to_have_value("0.0")
    all_kept(page)
    assert standing(house, request) == {}


def test_a_record_that_was_taken_back_comes_back_by_undo(house: House, page: Page) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES)
    show(house, page, request)
    ready(page)
    page.get_by_label("Total").fill("5")
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, 2, 4)
    page.get_by_role("button", name="Previous").click()
    page.get_by_role("button", name="Take the decision back").click()
    expect(page.locator("#review-decided")).to_have_text("0")
    all_kept(page)
    assert standing(house, request) == {}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Total")).to_have_value("5.0")
    all_kept(page)
    assert standing(house, request) == {0: {"customer": "Firm 0", "total": 5.0}}


def test_the_field_that_one_types_in_is_not_taken_away_when_the_script_begins(house: House, page: Page) -> None:
    show(house, page, ask(house, INVOICES, Invoice, initial=INVOICES))
    page.get_by_label("Total").evaluate("field => { window.field = field; }")
    ready(page)
    assert page.evaluate("window.field.isConnected")


def test_what_the_workflow_refuses_leads_to_the_items_and_stays_in_sight(house: House, page: Page) -> None:
    request = ask(house, INVOICES, Invoice, initial=INVOICES, is_validated=True)
    run(decided(house.service, request, dict(enumerate(INVOICES))))
    show(house, page, request)
    ready(page)
    page.locator("#review-send").click()
    confirm(page, "Submit")
    expect(page.get_by_text("Your answer is kept")).to_be_visible()
    errors = (FieldError(field="value.1.total", reason="Too high."), FieldError(field="value.3", reason="Not ours."))
    run(house.service.candidates(request).judge(0, errors))
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("Item 2, Total: Too high.")
    heading(page, 2, 4)
    ready(page)
    page.get_by_label("Total").fill("99")
    notice.get_by_role("link", name="Item 4").click()
    heading(page, 4, 4)
    expect(notice).to_contain_text("Item 2, Total: Too high.")
    page.get_by_role("button", name="Previous").click()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_label("Total")).to_have_value("99")
    assert not accessibility_faults(page)


def test_a_closed_review_shows_what_was_decided(house: House, page: Page) -> None:
    request = ask(house, texts(250), initial=[True] * 250)
    house.answer(request, [number % 5 != 0 for number in range(250)])
    show(house, page, request)

    expect(page.locator(".outcome")).to_contain_text("250 of 250")
    expect(page.locator(".outcome")).to_contain_text(re.compile(r"Approve\s*200"))
    expect(page.locator(".review-row")).to_have_count(100)
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".review-row").first).to_contain_text("Item 100")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_state_of_a_review_is_accessible_and_fits(
    browser: Browser, house: House, scheme: Any, width: int
) -> None:
    choices = ask(house, texts(120), Label, initial=["good"] * 120, name="choices")
    records = ask(house, INVOICES, Invoice, initial=INVOICES, name="records", allow_partial=True)
    closed = ask(house, texts(120), name="closed")
    house.answer(closed, [True] * 120)
    viewport: Any = {"width": width, "height": 800}
    with watched_page(browser, house.endpoint, color_scheme=scheme, viewport=viewport) as opened:
        page = opened.page
        for request in (choices, records):
            show(house, page, request)
            ready(page)
            page.keyboard.press("1")
            assert not accessibility_faults(page)
            assert not overflows(page)
            page.keyboard.press("?")
            assert not accessibility_faults(page)
            page.keyboard.press("Escape")
        for url in (f"{house.link(choices).url}&page=2", house.link(closed).url):
            page.goto(url)
            assert not accessibility_faults(page)
            assert not overflows(page)
    with watched_page(
        browser, house.endpoint, color_scheme=scheme, viewport=viewport, java_script_enabled=False
    ) as off:
        show(house, off.page, choices)
        assert not overflows(off.page)


def test_nobody_decides_on_an_item_that_is_not_shown_yet(house: House, page: Page) -> None:
    request = ask(house, texts(200))
    show(house, page, request)
    ready(page)
    held = hold(page, "**/items?*")
    page.keyboard.press("/")
    page.keyboard.type("180")
    page.keyboard.press("Enter")
    until_held(page, held, 1)
    page.keyboard.press("y")
    page.keyboard.press("1")
    for route in held:
        route.continue_()

    heading(page, 180, 200)
    expect(page.locator("#review-decided")).to_have_text("0")
    page.keyboard.press("y")
    expect(page.locator("#review-decided")).to_have_text("1")
    all_kept(page)
    assert standing(house, request) == {179: True}
