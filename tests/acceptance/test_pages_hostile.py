"""Hostile questions, answers, comments and reasons, in a real browser: none runs, and no other host is asked.

Holds P8: what a workflow shows cannot run in a reviewer's browser.
"""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from pydantic import BaseModel, Field

from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.reader import accepted, add_comment, send, show

pytestmark = pytest.mark.slow

HOSTILE = """<script>window.hacked = 1; alert(1)</script>
<img src=x onerror="window.hacked = 1"><svg onload="window.hacked = 1"></svg>
<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe><a href="javascript:window.hacked = 1">a</a>
[link](javascript:window.hacked=1) [link](data:text/html,<script>alert(1)</script>) <javascript:window.hacked=1>
![image](http://192.0.2.1/track.png) ![image][ref] <style>body { display: none }</style>
<form action="http://192.0.2.1/"><button>Send</button></form><meta http-equiv="refresh" content="0;url=http://192.0.2.1/">
" onmouseover="window.hacked = 1" autofocus onfocus="window.hacked = 1" x="
</textarea></title></style></pre><script>window.hacked = 1</script>{{ 7 * 7 }}{% raw %}

[ref]: http://192.0.2.1/track.png"""


def is_unharmed(page: Page) -> None:
    assert page.evaluate("() => window.hacked") is None
    ours = "[src*='/static/app.js?'], [src*='/static/fields.js?']"
    assert page.locator(f"script:not({ours})").count() == 0
    assert page.locator("main :is(script, img, iframe, svg, style, object, embed, meta)").count() == 0
    assert page.locator("a[href^='javascript' i], a[href^='data' i]").count() == 0
    listeners = (
        "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert page.evaluate(listeners) == []
    expect(page.locator("main")).to_be_visible()


def test_a_hostile_question_runs_nothing(house: House, page: Page) -> None:
    request = house.ask(bool, name=HOSTILE[:200], prompt=HOSTILE, labels=("<b onclick=alert(1)>Yes", "'\"><script>"))
    show(house, page, request)
    is_unharmed(page)
    assert page.locator("form").count() == 1
    inspect(page, "hostile-form")

    for link in page.locator(".prompt a").all():
        link.hover()
    page.get_by_role("button", name="<b onclick=alert(1)>Yes").click()
    expect(accepted(page)).to_be_visible()
    page.get_by_text("What was asked").click()
    is_unharmed(page)


def test_a_hostile_answer_and_comment_run_nothing(house: House, page: Page) -> None:
    request = house.ask(str, on_timeout=HOSTILE)
    show(house, page, request)
    is_unharmed(page)
    page.locator("#value").fill(HOSTILE)
    add_comment(page, HOSTILE)
    send(page)

    expect(accepted(page)).to_be_visible()
    is_unharmed(page)
    assert house.value(request) == HOSTILE
    inspect(page, "hostile-answer")


def test_a_hostile_value_in_an_error_runs_nothing(house: House, page: Page) -> None:
    request = house.ask(int)
    show(house, page, request)
    page.locator("#value").fill(HOSTILE.replace("\n", " "))
    send(page)

    expect(page.get_by_role("alert")).to_be_visible()
    is_unharmed(page)
    assert house.is_open(request)


def test_a_hostile_refused_answer_and_cancellation_run_nothing(house: House, page: Page) -> None:
    request = house.ask(str)
    show(house, page, request)
    run(house.service.cancel(request, HOSTILE))
    page.locator("#value").fill(HOSTILE)
    send(page)

    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_text("What you sent").click()
    is_unharmed(page)


def test_a_hostile_form_runs_nothing(house: House, page: Page) -> None:
    hostile = HOSTILE.replace("\n", " ")
    name = f"x{hostile[:40]}"

    class Form(BaseModel):
        """A form of which every word is hostile."""

        text: str = Field(title=hostile, description=HOSTILE, default=HOSTILE)
        choice: Literal[HOSTILE, "b"] = Field(alias=name)  # type: ignore[valid-type,literal-required]  # Made above.
