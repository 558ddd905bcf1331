"""Pages by keyboard alone, in a real browser: each field and button is reached, marked, and does what it says.

Holds P1 without a mouse: what is accepted is what was chosen, and a key pressed in a field sends no decision.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.house import House
from tests.support.reader import accepted, show, tab_to

pytestmark = pytest.mark.slow


def is_marked(target: Locator) -> bool:
    """Whether it can be seen that the keyboard is here."""
    return bool(target.evaluate("element => getComputedStyle(element).outlineStyle !== 'none'"))


@pytest.mark.parametrize("key", ["Enter", "Space"])
@pytest.mark.parametrize(("button", "value"), [("Approve", True), ("Reject", False)])
def test_by_keyboard_a_decision(key: str, button: str, value: bool, house: House, page: Page) -> None:
    request = house.ask(bool, prompt="Approve? See [this](https://example.org).")
    show(house, page, request)
    target = page.get_by_role("button", name=button)
    tab_to(page, target)
    assert is_marked(target)
    page.keyboard.press(key)

    expect(accepted(page)).to_be_visible()
    assert house.value(request) is value


def test_by_keyboard_enter_in_the_comment_sends_no_decision(house: House, page: Page) -> None:
    request = house.ask(bool)
    show(house, page, request)
    tab_to(page, page.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#comment"))
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")

    expect(page.locator("#comment")).to_have_value("one\ntwo")
    assert house.is_open(request)
    tab_to(page, page.get_by_role("button", name="Reject"))
    page.keyboard.press("Enter")
    expect(accepted(page)).to_be_visible()
    response = house.response(request)
    assert response is not None
    assert (response.value, response.comment) == (False, "one\ntwo")


def test_by_keyboard_a_number_and_its_correction(house: House, page: Page) -> None:
    request = house.ask(int)
    show(house, page, request)
    tab_to(page, page.locator("#value"))
    page.keyboard.type("1e3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()

    tab_to(page, page.locator("#value"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    expect(accepted(page)).to_be_visible()
    assert house.value(request) == 1000
