"""How every page looks, in a real browser: readable for everybody, in both themes, on a phone; with a picture of each.

Holds P1 for what is read: a page that says "accepted" is right, and each other outcome has a page that names it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from flyteplugins.hitl._records import Channel
from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.reader import accepted, add_comment, send, show, status_of

pytestmark = pytest.mark.slow

PROMPT = """Analysis of `s3://my-bucket/data.parquet` found **3 anomalies** with 87% confidence.

| check | rows | share |
|:--|--:|--:|
| duplicate keys | 1,204 | 0.8% |
| values out of range | 37 | 0.03% |

Approve for downstream processing? See the [run book](https://example.org/run-book)."""

LONG_PROMPT = f"""# A heading of the prompt

A word without end: {"x" * 300}

1. One
2. Two ~~three~~

> Somebody is quoted.

```
{"a line of code that is long " * 12}
```

| {" | ".join(f"column {number}" for number in range(12))} |
|{"--|" * 12}
| {" | ".join(f"value_{number}" for number in range(12))} |
"""

LONG_TEXT = "\n".join(f"{number}. A line of an answer that goes on for a while." for number in range(1, 20))

Decided = Callable[[House, Page], None]


def home(house: House, page: Page) -> None:
    page.goto(house.endpoint)


def form_bool(house: House, page: Page) -> None:
    show(house, page, house.ask(bool, name="review_decision", prompt=PROMPT))


def form_bool_in_the_authors_words(house: House, page: Page) -> None:
    labels = ("Ship it to every customer in the whole of the region", "Hold it back")
    show(house, page, house.ask(bool, labels=labels, on_timeout=False, timeout_seconds=200))


def form_bool_with_comment_open(house: House, page: Page) -> None:
    form_bool(house, page)
    add_comment(page, "The duplicates are known.")


def form_int(house: House, page: Page) -> None:
    show(house, page, house.ask(int, name="gpu_hours", prompt="How many GPU hours?", on_timeout=40))


def form_float(house: House, page: Page) -> None:
    show(house, page, house.ask(float, name="threshold", prompt="Which threshold?", timeout_seconds=None))


def form_str(house: House, page: Page) -> None:
    show(house, page, house.ask(str, name="summary", prompt="Correct the summary.", on_timeout=""))


def form_with_a_long_prompt(house: House, page: Page) -> None:
    show(house, page, house.ask(bool, name="n" * 200, prompt=LONG_PROMPT))


def errors_int(house: House, page: Page) -> None:
    form_int(house, page)
    page.locator("#value").fill("1.5")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("is not a whole number")


def errors_float(house: House, page: Page) -> None:
    form_float(house, page)
    page.locator("#value").fill("nan")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("is not a number")


def errors_str_and_comment(house: House, page: Page) -> None:
    form_str(house, page)
    page.locator("#value").fill("y" * 1001)
    add_comment(page, "z" * 10)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("1,001 characters")


def errors_bool_comment(house: House, page: Page) -> None:
    form_bool(house, page)
    add_comment(page, "z" * 5001)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("5,001 characters")


def accepted_bool(house: House, page: Page) -> None:
    form_bool(house, page)
    page.get_by_role("button", name="Approve").click()
    expect(accepted(page)).to_be_visible()


def accepted_with_comment(house: House, page: Page) -> None:
    form_bool_with_comment_open(house, page)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("The duplicates are known.")).to_be_visible()


def accepted_long_text(house: House, page: Page) -> None:
    form_str(house, page)
    page.locator("#value").fill(LONG_TEXT)
    send(page)
    expect(accepted(page)).to_be_visible()


def accepted_text_without_end(house: House, page: Page) -> None:
    request = house.ask(str)
    house.answer(request, "w" * 900, comment="c" * 900)
    show(house, page, request)


def accepted_endless_number(house: House, page: Page) -> None:
    request = house.ask(int)
    house.answer(request, "7" * 1000)
    show(house, page, request)


def accepted_empty_text(house: House, page: Page) -> None:
    request = house.ask(str)
    house.answer(request, "")
    show(house, page, request)


def refused_because_answered(house: House, page: Page) -> None:
    request = house.ask(str, name="summary", prompt="Correct the summary.")
    show(house, page, request)
    house.answer(request, "the first answer")
    page.locator("#value").fill(LONG_TEXT)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("Your answer was not taken.")
    expect(page.locator(".outcome-text")).to_have_text("the first answer")
    page.get_by_text("What you sent").click()


def refused_because_of_the_deadline(house: House, page: Page) -> None:
    request = house.ask(bool, on_timeout=False, timeout_seconds=60)
    show(house, page, request)
    house.clock.move(61)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("The deadline has passed")


def timed_out_unnoticed(house: House, page: Page) -> None:
    request = house.ask(bool, timeout_seconds=60)
    house.clock.move(61)
    show(house, page, request)


def timed_out(house: House, page: Page) -> None:
    request = house.ask(bool, timeout_seconds=60)
    house.clock.move(61)
    run(house.service.expire(request))
    show(house, page, request)


def timed_out_with_fallback(house: House, page: Page) -> None:
    request = house.ask(int, on_timeout=40, timeout_seconds=60)
    house.clock.move(61)
    run(house.service.expire(request))
    show(house, page, request)
    expect(page.get_by_text("the workflow goes on with")).to_be_visible()


def cancelled(house: House, page: Page) -> None:
    request = house.ask(int)
    run(house.service.cancel(request, "The budget is settled."))
    show(house, page, request)


def cancelled_by_the_end_of_its_run(house: House, page: Page) -> None:
    request = house.ask(int)
    run(house.service.cancel(request, "The run ended before anybody answered.", channel=Channel.RUN_ENDED))
    show(house, page, request)


def replaced(house: House, page: Page) -> None:
    first = house.ask(bool, name="review", prompt="The first content")
    house.ask(bool, name="review", prompt="The second content")
    show(house, page, first)
    expect(page.get_by_role("link", name="Open the question that is asked now")).to_be_visible()


def refused_because_replaced(house: House, page: Page) -> None:
    first = house.ask(bool, name="review", prompt="The first content")
    show(house, page, first)
    house.ask(bool, name="review", prompt="The second content")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("answer that instead")


def access_denied(house: House, page: Page) -> None:
    link = house.link(house.ask(bool))
    assert status_of(page, f"{link.url}x") == 403


def token_missing(house: House, page: Page) -> None:
    link = house.link(house.ask(bool))
    assert status_of(page, link.url.partition("?")[0]) == 403


def no_such_question(house: House, page: Page) -> None:
    assert status_of(page, f"{house.endpoint}/form/{'a' * 26}?token=t") == 404


def no_such_address(house: House, page: Page) -> None:
    assert status_of(page, f"{house.endpoint}/some/where/else") == 404


STATES: tuple[Decided, ...] = (
    home,
    form_bool,
    form_bool_in_the_authors_words,
    form_bool_with_comment_open,
    form_int,
    form_float,
    form_str,
    form_with_a_long_prompt,
    errors_int,
    errors_float,
    errors_str_and_comment,
    errors_bool_comment,
    accepted_bool,
    accepted_with_comment,
    accepted_long_text,
    accepted_text_without_end,
    accepted_endless_number,
    accepted_empty_text,
    refused_because_answered,
    refused_because_of_the_deadline,
    timed_out_unnoticed,
    timed_out,
    timed_out_with_fallback,
    cancelled,
    cancelled_by_the_end_of_its_run,
    replaced,
    refused_because_replaced,
    access_denied,
    token_missing,
    no_such_question,
    no_such_address,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_page_is_readable_for_everybody(state: Decided, house: House, page: Page) -> None:
    state(house, page)

    assert page.evaluate("() => getComputedStyle(document.querySelector('.card')).borderRadius") != "0px"
    inspect(page, state.__name__.replace("_", "-"))
