"""Forms are sent when they are sent, and once, in a real browser: not by a change, not twice by an impatient hand.

Holds P1: one answer is accepted, and whoever goes back to its form sees the one that stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flyteplugins.hitl._candidates import Check
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._submission import Submission
from tests.support.browser import Watched, watched_page
from tests.support.house import House, open_house
from tests.support.reader import accepted, add_comment, show

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("data_type", [int, float, str])
def test_changing_a_field_sends_nothing(data_type: type, house: House, watched: Watched) -> None:
    page, request = watched.page, house.ask(data_type)
    show(house, page, request)
    page.locator("#value").fill("12")
    page.locator("#value").dispatch_event("change")
    page.locator("#value").blur()
    add_comment(page, "and a comment")
    page.locator("#comment").blur()
    page.wait_for_timeout(300)

    assert watched.sent("POST", "/submit") == 0
    assert house.is_open(request)


class SlowService(Service):
    """Takes its time with an answer, as a store far away does, and counts how often it is sent one."""

    sent = 0

    async def answer(self, request: Request, proof: Proof, submission: Submission) -> Response | Check:
        self.sent += 1
        await asyncio.sleep(0.7)
        return await super().answer(request, proof, submission)


@pytest.fixture
def slow_house(tmp_path: Path) -> Iterator[House]:
    """An app that takes its time."""
    with open_house(str(tmp_path / "slow"), SlowService) as opened:
        yield opened


def click_twice(page: Page, name: str) -> None:
    box = page.get_by_role("button", name=name).bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + 5, box["y"] + 5, delay=40)


def press_twice(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter", delay=40)
    page.keyboard.press("Enter", delay=40)


@pytest.mark.parametrize("impatient", [click_twice, press_twice])
def test_an_impatient_hand_sends_once(
    impatient: Callable[[Page, str], None], slow_house: House, browser: Browser
) -> None:
    request = slow_house.ask(bool)
    with watched_page(browser, slow_house.endpoint) as watched:
        show(slow_house, watched.page, request)
        impatient(watched.page, "Approve")

        expect(accepted(watched.page)).to_be_visible()
    assert slow_house.value(request) is True
    assert isinstance(slow_house.service, SlowService)
    # Counted here: the browser does not tell of a request that the next one cut short.
    assert slow_house.service.sent == 1


def test_a_double_click_without_script_counts_once(slow_house: House, browser: Browser) -> None:
    request = slow_house.ask(bool)
    with watched_page(browser, slow_house.endpoint, java_script_enabled=False) as watched:
        show(slow_house, watched.page, request)
        click_twice(watched.page, "Approve")

        expect(accepted(watched.page)).to_be_visible()
        expect(watched.page.get_by_role("alert")).to_have_count(0)
    assert slow_house.value(request) is True


def test_going_back_to_the_form_shows_what_stands(house: House, page: Page) -> None:
    request = house.ask(bool)
    page.goto(house.endpoint)
    show(house, page, request)
    page.get_by_role("button", name="Approve").click()
    expect(accepted(page)).to_be_visible()
    page.go_back()

    expect(accepted(page)).to_be_visible()
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
