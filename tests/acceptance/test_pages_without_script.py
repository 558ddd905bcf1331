"""Pages in a browser that runs no script: answers, comments, errors and times, all of them usable.

Holds P1 and P5 without script: what is typed arrives as typed, and an error names its field and loses nothing.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.house import House
from tests.support.reader import accepted, add_comment, send, show

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [(int, " -7 ", -7), (float, "1.5e-3", 0.0015), (str, "one\n\n two ", "one\n\n two ")],
)
def test_without_script_text_is_sent(data_type: type, text: str, value: object, house: House, plain: Page) -> None:
    request = house.ask(data_type)
    show(house, plain, request)
    plain.locator("#value").fill(text)
    send(plain)

    expect(accepted(plain)).to_be_visible()
    assert house.value(request) == value


@pytest.mark.parametrize(("button", "value"), [("Approve", True), ("Reject", False)])
def test_without_script_a_decision_is_sent_with_a_comment(button: str, value: bool, house: House, plain: Page) -> None:
    request = house.ask(bool)
    show(house, plain, request)
    add_comment(plain, "because\nof this")
    plain.get_by_role("button", name=button).click()

    expect(accepted(plain)).to_be_visible()
    response = house.response(request)
    assert response is not None
    assert response.value is value
    assert response.comment == "because\nof this"


def test_without_script_an_error_names_the_field_and_keeps_what_was_typed(house: House, plain: Page) -> None:
    request = house.ask(int)
    show(house, plain, request)
    plain.locator("#value").fill("a dozen")
    add_comment(plain, "a comment")
    send(plain)

    field = plain.locator("#value")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("“a dozen” is not a whole number"))
    expect(field).to_have_value("a dozen")
    expect(plain.locator("#comment")).to_have_value("a comment")
    assert house.is_open(request)

    field.fill("12")
    send(plain)
    expect(accepted(plain)).to_be_visible()
    assert house.value(request) == 12


def test_without_script_times_are_told_in_utc(house: House, plain: Page) -> None:
    request = house.ask(bool)
    show(house, plain, request)

    expect(plain.locator("time").first).to_have_text(re.compile(rf"{request.created_at:%H:%M} UTC$"))
