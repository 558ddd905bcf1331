"""Answers arrive as they were typed, in a real browser: every digit, every space, every script; also after an error.

Holds P5: the workflow gets the type it asked for, and not a guess at what was meant.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.house import House
from tests.support.reader import accepted, add_comment, send, show

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [2**53 + 1, -(10**40) - 1, int("9" * 4300)], ids=["2**53+1", "-10**40-1", "9*4300"])
def test_a_whole_number_arrives_exactly(number: int, house: House, page: Page) -> None:
    request = house.ask(int)
    show(house, page, request)
    page.locator("#value").fill(str(number))
    send(page)

    expect(page.locator(".outcome-answer")).to_have_text(str(number))
    assert house.value(request) == number


TEXTS = {
    "lines": "\n\nfirst\n\n  last\n\n",
    "spaces": "  \t leading and trailing \t ",
    "scripts": "مرحبا שלום 你好 ภาษาไทย नमस्ते",
    "joined": "🎉 👩‍👩‍👧‍👦 🇳🇵 e\u0301 ‮override‬ \u2028 \u00a0 \ufeff",
    "markup": "</textarea><script>alert(1)</script> &amp; &lt; %0A + %2B \\n",
    "planes": "\U00010348 \U0001d11e \U000e0041 \U0010fffd \ue000",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_text_arrives_as_it_was_typed(text: str, house: House, page: Page) -> None:
    request = house.ask(str)
    show(house, page, request)
    page.locator("#value").fill(text)
    send(page)

    expect(accepted(page)).to_be_visible()
    assert house.value(request) == text
    assert page.locator(".outcome-text").evaluate("element => element.textContent") == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_text_comes_back_unchanged_with_an_error(text: str, house: House, page: Page) -> None:
    request = house.ask(str)
    show(house, page, request)
    page.locator("#value").fill(text)
    add_comment(page, "c" * 5001)
    send(page)

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#value")).to_have_value(text)
    page.locator("#comment").fill("")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert house.value(request) == text
