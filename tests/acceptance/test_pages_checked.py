"""Pages of a question whose answers the workflow checks, in a real browser, with and without script.

Held here: a page says "accepted" only once the workflow gets the answer (P1), what was typed is never lost, and each
page goes on to the result by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from flyteplugins.hitl import Invalid
from flyteplugins.hitl._records import Request
from tests.support.browser import watched_page
from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.questions import kept
from tests.support.reader import accepted, add_comment, send, show
from tests.support.workflows import Gate, running_workflow

pytestmark = pytest.mark.slow


@pytest.fixture(params=["script", "no script"])
def reader(request: pytest.FixtureRequest, browser: Browser, house: House) -> Iterator[Page]:
    """A page, with script and without."""
    with watched_page(browser, house.endpoint, java_script_enabled=request.param == "script") as opened:
        yield opened.page


def at_most_forty(hours: int) -> None:
    if hours > 40:
        raise Invalid(f"There are 40 hours left, and {hours} are more.")


def ask(house: House) -> Request:
    return house.ask(int, name="gpu_hours", prompt="How many **GPU hours**?", is_validated=True)


def answer(house: House, page: Page, request: Request, hours: str, comment: str = "") -> None:
    show(house, page, request)
    page.locator("#value").fill(hours)
    if comment:
        add_comment(page, comment)
    send(page)


def state(page: Page) -> Locator:
    return page.get_by_label("State of the check")


def test_an_answer_is_accepted_by_itself_once_the_check_accepts_it(house: House, reader: Page) -> None:
    request, gate = ask(house), Gate(at_most_forty, is_open=False)
    with running_workflow(house.service, request, gate) as workflow:
        answer(house, reader, request, "12", "as agreed")
        gate.wait_until_begun()
        expect(state(reader)).to_contain_text("Your answer is being checked")
        expect(state(reader)).to_contain_text("as agreed")
        expect(accepted(reader)).to_have_count(0)

        gate.open()

        expect(accepted(reader)).to_be_visible()
        assert workflow.outcome().value == 12
    expect(reader.get_by_text("The workflow gets this answer.")).to_be_visible()


def test_an_answer_that_is_refused_comes_back_with_the_reason_and_all_that_was_typed(
    house: House, reader: Page
) -> None:
    request, gate = ask(house), Gate(at_most_forty, is_open=False)
    with running_workflow(house.service, request, gate) as workflow:
        answer(house, reader, request, "41", "as agreed")
        gate.wait_until_begun()
        expect(state(reader)).to_be_visible()
        gate.open()

        field = reader.locator("#value")
        expect(field).to_have_value("41")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("There are 40 hours left, and 41 are more."))
        expect(reader.locator("#comment")).to_have_value("as agreed")
        assert workflow.is_waiting

        field.fill("40")
        send(reader)
        expect(accepted(reader)).to_be_visible()
        assert workflow.outcome().value == 40
        assert workflow.outcome().comment == "as agreed"


def test_an_answer_is_kept_while_the_workflow_is_down_and_checked_when_it_is_back(house: House, reader: Page) -> None:
    request = ask(house)
    answer(house, reader, request, "12")
    expect(state(reader)).to_contain_text("Your answer is kept")
    expect(state(reader)).to_contain_text("when it looks next or, if it is down, when it is back")
    assert house.is_open(request)

    with running_workflow(house.service, request, Gate(at_most_forty)) as workflow:
        expect(accepted(reader)).to_be_visible()
        assert workflow.outcome().value == 12


def test_a_check_that_stops_is_not_said_to_run(house: House, reader: Page) -> None:
    request, gate = ask(house), Gate(at_most_forty, is_open=False)
    with running_workflow(house.service, request, gate):
        answer(house, reader, request, "12")
        gate.wait_until_begun()
        expect(state(reader)).to_contain_text("is being checked")
    house.clock.move(60)

    expect(state(reader)).to_contain_text("Your answer is kept")


def test_another_answer_that_wins_is_shown_to_whoever_sent_one_too(house: House, reader: Page) -> None:
    request, gate = ask(house), Gate(at_most_forty)
    run(kept(house.service, request, "7", responder="Ada"))
    show(house, reader, request)
    expect(reader.get_by_text("An answer by Ada waits to be checked")).to_be_visible()
    reader.locator("#value").fill("12")
    send(reader)
    expect(state(reader)).to_contain_text("12")

    with running_workflow(house.service, request, gate) as workflow:
        assert workflow.outcome().value == 7

    expect(reader.get_by_role("alert")).to_contain_text("Your answer was not taken.")
    expect(reader.get_by_label("Outcome")).to_contain_text("This answer stands")
    expect(reader.get_by_label("Outcome")).to_contain_text("7")
    reader.get_by_text("What you sent").click()
    expect(reader.get_by_role("alert").locator("pre")).to_have_text("12")
    assert gate.calls == [7]


def test_a_cancel_while_the_check_runs_is_told(house: House, reader: Page) -> None:
    request, gate = ask(house), Gate(at_most_forty, is_open=False)
    with running_workflow(house.service, request, gate) as workflow:
        answer(house, reader, request, "12")
        gate.wait_until_begun()
        run(house.service.cancel(request, "The budget is settled."))

        expect(reader.get_by_role("alert")).to_contain_text("It was cancelled")
        assert workflow.outcome().status == "cancelled"


def test_an_app_that_goes_away_while_an_answer_is_kept_is_told_and_the_page_goes_on_when_it_is_back(
    house: House, browser: Browser
) -> None:
    request, context = ask(house), browser.new_context()
    page = context.new_page()
    answer(house, page, request, "12")
    expect(state(page)).to_contain_text("Your answer is kept")
    house.stop()
    expect(page.get_by_role("status")).to_contain_text("cannot be reached", timeout=10_000)
    inspect(page, "check-app-away")
    house.start_again()
    expect(page.get_by_role("status")).to_be_hidden(timeout=10_000)

    with running_workflow(house.service, request, Gate(at_most_forty)):
        expect(accepted(page)).to_be_visible(timeout=10_000)
    context.close()


def test_the_pages_of_a_check_are_readable_for_everybody(house: House, page: Page) -> None:
    request, gate = ask(house), Gate(at_most_forty, is_open=False)
    answer(house, page, request, "41", "As agreed\non Monday")
    expect(state(page)).to_contain_text("Your answer is kept")
    inspect(page, "check-kept")
    with running_workflow(house.service, request, gate):
        expect(state(page)).to_contain_text("is being checked")
        inspect(page, "check-running")
        gate.open()
        expect(page.locator("#value")).to_have_value("41")
        inspect(page, "check-refused")
    run(kept(house.service, request, "7", responder="Ada"))
    show(house, page, request)
    inspect(page, "check-of-another")
    house.clock.move(3601)
    show(house, page, request)
    expect(state(page)).to_contain_text("An answer is kept")
    inspect(page, "check-after-the-deadline")
