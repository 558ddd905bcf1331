"""Every page, in a real browser: readable for everybody, usable without script, without a mouse, on a phone.

Holds P1 (a page that says "accepted" is right), P5 (what is typed arrives as typed) and P8 (nothing that a workflow
shows runs in the reader's browser). Each page is watched: no other host is asked, nothing is logged as an error.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from flyteplugins.hitl._records import Channel, Request, Response
from flyteplugins.hitl._service import Proof, Service
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._submission import Submission
from tests.support.browser import Watched, watched_page
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.house import House, open_house, run
from tests.support.inspection import inspect
from tests.support.stores import RunningStore, applied

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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The app over a local store."""
    with open_house(str(tmp_path / "store")) as opened:
        yield opened


@pytest.fixture
def watched(browser: Browser, house: House) -> Iterator[Watched]:
    """A page that may talk to the house alone."""
    with watched_page(browser, house.endpoint, locale="en-GB") as opened:
        yield opened


@pytest.fixture
def page(watched: Watched) -> Page:
    """The page itself."""
    return watched.page


@pytest.fixture
def plain(browser: Browser, house: House) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    with watched_page(browser, house.endpoint, java_script_enabled=False) as opened:
        yield opened.page


def show(house: House, page: Page, request: Request) -> None:
    page.goto(house.link(request).url)


def status_of(page: Page, url: str) -> int:
    reply = page.goto(url)
    assert reply is not None
    return reply.status


def send(page: Page) -> None:
    page.get_by_role("button", name="Send answer").click()


def add_comment(page: Page, text: str) -> None:
    page.get_by_text("Add a comment").click()
    page.locator("#comment").fill(text)


def accepted(page: Page) -> Locator:
    return page.get_by_text("Answer accepted")


# --- Every page as a picture, and held to what is asked of all of them


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


@pytest.fixture
def strict_house(tmp_path: Path) -> Iterator[House]:
    """An app that takes short answers only."""
    with open_house(str(tmp_path / "strict"), settings=Settings(max_body_bytes=2000)) as opened:
        yield opened


def test_the_page_of_an_answer_that_is_too_large(strict_house: House, browser: Browser) -> None:
    request = strict_house.ask(str)
    with watched_page(browser, strict_house.endpoint) as watched:
        show(strict_house, watched.page, request)
        watched.page.locator("#value").fill("x" * 2000)
        # As a browser that runs no script sends it: the page's own script would not.
        watched.page.locator("form").evaluate("form => form.submit()")

        expect(watched.page.get_by_text("Error 413")).to_be_visible()
        inspect(watched.page, "too-large")
    assert strict_house.is_open(request)


def test_an_answer_that_is_too_large_is_not_sent_and_stays(strict_house: House, browser: Browser) -> None:
    request = strict_house.ask(str)
    with watched_page(browser, strict_house.endpoint) as watched:
        show(strict_house, watched.page, request)
        watched.page.locator("#value").fill("é" * 1000)
        send(watched.page)
        expect(watched.page.get_by_role("status")).to_contain_text("too large to be sent")
        assert watched.sent("POST", "/submit") == 0
        inspect(watched.page, "form-too-large")

        watched.page.locator("#value").fill("short")
        send(watched.page)
        expect(accepted(watched.page)).to_be_visible()
    assert strict_house.value(request) == "short"


@pytest.fixture
def proxy(s3_server: RunningStore) -> Iterator[FaultProxy]:
    """A network that can be cut, before the quick S3-compatible store."""
    with fault_proxy(s3_server.port) as running, applied(running.environment(s3_server)):
        yield running


def test_an_answer_that_the_store_could_not_take_is_kept_and_sent_again(
    browser: Browser, proxy: FaultProxy, s3_server: RunningStore
) -> None:
    with open_house(s3_server.fresh()) as house, watched_page(browser, house.endpoint) as watched:
        page, request = watched.page, house.ask(str)
        text = "\n  what I typed,\nand more 🎉 </textarea>"
        show(house, page, request)
        page.locator("#value").fill(text)
        add_comment(page, "why")
        proxy.down()
        send(page)

        expect(page.get_by_text("Error 503")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("It is not certain that your answer arrived.")
        expect(page.locator("#value")).to_have_value(text)
        inspect(page, "store-away-answer-kept")

        proxy.up()
        page.get_by_role("button", name="Send again").click()
        expect(accepted(page)).to_be_visible()
        assert house.value(request) == text
        assert watched.sent("POST", "/submit") == 2


def test_the_page_of_a_form_while_the_store_is_away(
    browser: Browser, proxy: FaultProxy, s3_server: RunningStore
) -> None:
    with open_house(s3_server.fresh()) as house, watched_page(browser, house.endpoint) as watched:
        link = house.link(house.ask(bool))
        proxy.down()

        assert status_of(watched.page, link.url) == 503
        inspect(watched.page, "store-away")


# --- Without script


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


# --- By keyboard alone


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The key Tab does not lead to {target}.")


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


# --- Sent when it is sent, and once


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

    async def answer(self, request: Request, proof: Proof, submission: Submission) -> Response:
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


# --- What happens elsewhere while the page is open


def test_an_answer_given_elsewhere_is_told_and_what_is_typed_stays(house: House, page: Page) -> None:
    request = house.ask(str)
    show(house, page, request)
    page.locator("#value").fill("half an ans")
    house.answer(request, "somebody was quicker")

    expect(page.get_by_role("status")).to_contain_text("closed while you were here", timeout=10_000)
    expect(page.locator("#value")).to_have_value("half an ans")
    inspect(page, "form-closed-elsewhere")
    page.get_by_role("link", name="See how").click()
    expect(page.get_by_text("somebody was quicker")).to_be_visible()


def test_an_app_that_went_away_is_told_and_its_return_as_well(house: House, browser: Browser) -> None:
    request = house.ask(str)
    context = browser.new_context()
    page = context.new_page()
    show(house, page, request)
    page.locator("#value").fill("typed before")
    house.stop()
    expect(page.get_by_role("status")).to_contain_text("cannot be reached", timeout=10_000)
    inspect(page, "form-app-away")

    house.start_again()
    expect(page.get_by_role("status")).to_be_hidden(timeout=10_000)
    send(page)
    expect(accepted(page)).to_be_visible()
    context.close()
    assert house.value(request) == "typed before"


@pytest.mark.parametrize(("zone", "minutes"), [("Asia/Kathmandu", 345), ("Pacific/Honolulu", -600)])
def test_times_are_told_in_the_readers_zone(zone: str, minutes: int, house: House, browser: Browser) -> None:
    request = house.ask(bool, timeout_seconds=3 * 24 * 3600)
    assert request.deadline is not None
    with watched_page(browser, house.endpoint, timezone_id=zone, locale="en-GB") as watched:
        show(house, watched.page, request)
        shown = watched.page.locator(".deadline time")

        here = request.deadline + timedelta(minutes=minutes)
        expect(shown).to_contain_text(f"{here:%H:%M}")
        expect(shown).to_have_attribute("title", f"{request.deadline.day} {request.deadline:%B %Y, %H:%M} UTC")
        expect(watched.page.locator(".deadline-left")).to_contain_text("in 2 days")


# --- What is typed arrives as it was typed


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


# --- Nothing that is shown can run

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
    assert page.locator("script").count() == 1
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


def test_a_link_in_a_prompt_tells_no_site_where_it_comes_from(house: House, page: Page) -> None:
    show(house, page, house.ask(bool, prompt="[there](https://example.org/x)"))

    assert page.locator(".prompt a").get_attribute("rel") == "noopener noreferrer nofollow"


# --- The way from an old question to the one in its place


def test_a_replaced_question_leads_to_the_new_one(house: House, page: Page) -> None:
    first = house.ask(bool, name="review", prompt="The first content")
    second = house.ask(bool, name="review", prompt="The second content")
    show(house, page, first)
    page.get_by_role("link", name="Open the question that is asked now").click()

    expect(page.get_by_text("The second content")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(accepted(page)).to_be_visible()
    assert house.value(second) is True
    replaced_by = house.response(first)
    assert replaced_by is not None
    assert replaced_by.status == "replaced"


def test_a_form_left_open_past_its_deadline_says_so(house: House, page: Page) -> None:
    request = house.ask(bool, timeout_seconds=3)
    assert request.deadline is not None
    show(house, page, request)
    expect(page.locator(".deadline-left")).to_have_text("the time is over", timeout=10_000)
    assert datetime.now(timezone.utc) >= request.deadline
