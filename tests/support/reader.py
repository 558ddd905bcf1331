"""What a reader does with a page in the browser: opens it, types, sends, and sees what came of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from flyteplugins.hitl._answers import answer_for
from flyteplugins.hitl._records import Request
from tests.support.house import House, run


def show(house: House, page: Page, request: Request) -> None:
    """Opens the question of a request."""
    page.goto(house.link(request).url)


def status_of(page: Page, url: str) -> int:
    """Opens an address and returns the status of the reply."""
    reply = page.goto(url)
    assert reply is not None
    return reply.status


def send(page: Page) -> None:
    """Presses the button of a form that takes a typed answer."""
    page.get_by_role("button", name="Send answer").click()


def add_comment(page: Page, text: str) -> None:
    """Opens the field for a comment and fills it."""
    page.get_by_text("Add a comment").click()
    page.locator("#comment").fill(text)


def accepted(page: Page) -> Locator:
    """The words that say that the answer counts."""
    return page.get_by_text("Answer accepted")


def tab_to(page: Page, target: Locator) -> None:
    """Goes to a field or button by the keyboard."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The key Tab does not lead to {target}.")


def gets(house: House, request: Request, data_type: Any) -> Any:
    """What the workflow gets."""
    response = house.response(request)
    assert response is not None, "The request is open."
    return answer_for(data_type, max_characters=1000).from_json(run(house.service.value(request, response)))
