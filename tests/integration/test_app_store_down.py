"""The app while its store is out of reach: it says so, keeps what was typed, and takes it when it is sent again.

Holds P1: what is not known to be stored is not called accepted, and a reply that was lost costs nobody an answer.
"""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
import pytest

from tests.support.app_cases import FOREVER, Broken
from tests.support.fault_proxy import Fault, FaultProxy, Headers, matching
from tests.support.questions import question
from tests.support.replies import page_of, problem_of


def assert_comes_back(reply: httpx.Response) -> None:
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


def test_with_the_store_down_nothing_is_said_to_be_accepted(broken: Broken) -> None:
    link = broken.site.ask(question(str))
    form = page_of(broken.site.client.get(link.form_url))
    broken.proxy.down()
    program = broken.site.send_json(link, "text")
    assert_comes_back(program)
    problem = problem_of(program, 503)
    person = broken.site.client.post("/submit", data=form.fields | {"value": "text"})
    assert_comes_back(person)
    assert problem["title"] in page_of(person).text
    for reply in (program, person):
        assert "accepted" not in reply.text
        assert link.request.response_path not in reply.text
    for path in ("form", "status"):
        reply = broken.site.client.get(f"/{path}/{link.request.request_id}", params={"token": link.token})
        assert_comes_back(reply)
    assert broken.site.client.get("/health").status_code == 200


def test_an_answer_that_met_a_store_that_is_down_is_kept_and_sent_again(broken: Broken) -> None:
    link = broken.site.ask(question(str))
    form = page_of(broken.site.client.get(link.form_url))
    broken.proxy.down()
    typed = form.fields | {"value": "\nline one\nline <b>two</b>", "comment": "a\ncomment"}
    failed = broken.site.client.post("/submit", data=typed)
    kept = page_of(failed)
    assert kept.fields == {**typed, "request_id": link.request.request_id}
    still_failed = page_of(broken.site.client.post(urljoin(str(failed.url), kept.action), data=kept.fields))
    assert still_failed.fields == kept.fields
    broken.proxy.up()
    replies = [broken.site.client.post(urljoin(str(failed.url), kept.action), data=kept.fields) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [303, 303]
    outcome = broken.site.outcome(link)
    assert outcome is not None
    assert (outcome.value, outcome.comment) == ("\nline one\nline <b>two</b>", "a\ncomment")


def test_an_answer_that_was_stored_though_nobody_was_told_is_accepted_when_it_is_sent_again(broken: Broken) -> None:
    """The reply to the write is lost, and then the store goes down: the app cannot know, and must not say."""
    link = broken.site.ask()
    form = page_of(broken.site.client.get(link.form_url))
    lose_every_reply_from_the_write_on(broken.proxy)
    uncertain = broken.site.client.post("/submit", data=form.fields | {"value": "true"})
    assert_comes_back(uncertain)
    assert broken.site.outcome(link) is not None
    broken.proxy.clear()
    kept = page_of(uncertain)
    sent_again = broken.site.client.post(urljoin(str(uncertain.url), kept.action), data=kept.fields)
    assert sent_again.status_code == 303
    assert (
        "Answer accepted" in broken.site.client.get(urljoin(str(sent_again.url), sent_again.headers["location"])).text
    )


def lose_every_reply_from_the_write_on(proxy: FaultProxy) -> None:
    written = False

    def is_write(method: str, path: str, headers: Headers) -> bool:
        nonlocal written
        written = written or (method == "PUT" and "responses/" in path)
        return method == "PUT" and "responses/" in path

    def is_read_after_it(method: str, path: str, headers: Headers) -> bool:
        return written and method == "GET" and "responses/" in path

    proxy.fail(is_write, Fault.drop_reply(), times=FOREVER)
    proxy.fail(is_read_after_it, Fault.reset(), times=FOREVER)


@pytest.mark.parametrize("fault", [Fault.drop_reply(), Fault.status(409), Fault.status(503), Fault.reset()], ids=str)
def test_a_passing_fault_of_the_store_is_not_seen(broken: Broken, fault: Fault) -> None:
    link = broken.site.ask()
    broken.proxy.fail(matching("PUT", "responses/"), fault)
    assert broken.site.send_json(link, True).status_code == 200
    outcome = broken.site.outcome(link)
    assert outcome is not None
    assert outcome.value is True


def test_a_refusal_is_told_even_if_the_store_goes_away_just_then(broken: Broken) -> None:
    link = broken.site.ask()
    form = page_of(broken.site.client.get(link.form_url))
    assert broken.site.send_json(link, True).status_code == 200
    lose_the_store_once_the_outcome_was_read(broken.proxy)

    refused = broken.site.client.post("/submit", data=form.fields | {"value": "false"})

    assert refused.status_code == 409
    assert "Your answer was not taken" in page_of(refused).text


def lose_the_store_once_the_outcome_was_read(proxy: FaultProxy) -> None:
    reads = 0

    def is_later_read(method: str, path: str, headers: Headers) -> bool:
        nonlocal reads
        reads += method == "GET" and "responses/" in path
        return reads > 1

    proxy.fail(is_later_read, Fault.reset(), times=FOREVER)
