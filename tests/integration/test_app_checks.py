"""Questions whose answers the workflow checks, over HTTP: by form and by the JSON call, and what is told meanwhile.

Holds P1 (nothing is called accepted before the workflow gets it), P5 (errors by field, with all that was typed), P7
(reading changes nothing) and P8 (what a check says cannot run in a browser).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast
from urllib.parse import urljoin

import httpx
import pytest

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Response
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import FieldError
from tests.support.app_cases import Broken, every_address, snapshot
from tests.support.pages import Page
from tests.support.questions import kept, question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></textarea>&amp;{{7*7}}"


def ask(site: Site, data_type: type[Any] = int, **details: Any) -> FormLink:
    return site.ask(question(data_type, is_validated=True), **details)


def judge(site: Site, link: FormLink, number: int, *errors: FieldError) -> None:
    """Says what the workflow's check would."""
    asyncio.run(site.service.candidates(link.request).judge(number, errors))


def settle(site: Site, link: FormLink) -> Response | None:
    """Goes on as the workflow would."""
    return asyncio.run(site.service.settle(link.request))


def page_after(site: Site, sent: httpx.Response) -> Page:
    """The page that a form leads to."""
    assert sent.status_code == 303
    return page_of(site.client.get(urljoin(str(sent.url), sent.headers["location"])))


def status(site: Site, link: FormLink, **query: Any) -> dict[str, Any]:
    reply = site.client.get(f"/status/{link.request.request_id}", params={"token": link.token, **query})
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert isinstance(found, dict)
    return found


def test_an_answer_by_a_program_is_kept_until_it_is_checked(site: Site) -> None:
    link = ask(site)
    reply = site.send_json(link, 3, comment="as agreed")
    assert reply.status_code == 202
    assert reply.json() == {
        "request_id": link.request.request_id,
        "status": "pending",
        "data_type": "int",
        "candidate": 0,
        "message": "The answer is kept. The workflow checks it before it is accepted.",
    }
    assert site.outcome(link) is None
    told = status(site, link)
    assert (told["status"], told["outcome"], told["check"]["state"]) == ("pending", None, "kept")

    judge(site, link, 0, FieldError(field="value", reason="3 is odd."))
    told = status(site, link)
    assert (told["status"], told["check"]["state"]) == ("pending", "refused")
    assert told["check"]["errors"] == [{"field": "value", "reason": "3 is odd."}]

    assert site.send_json(link, 4).json()["candidate"] == 1
    judge(site, link, 1)
    told = status(site, link)
    assert (told["status"], told["outcome"], told["check"]["state"]) == ("pending", None, "accepted")
    assert settle(site, link) is not None
    told = status(site, link)
    assert (told["status"], told["outcome"]["value"]) == ("completed", 4)
    assert status(site, link, candidate="0")["check"]["state"] == "refused"


def test_a_call_made_again_tells_what_became_of_the_answer(site: Site) -> None:
    link = ask(site)
    first = site.send_json(link, 3, idempotency_key="k")
    assert site.send_json(link, 3, idempotency_key="k").json() == first.json()
    problem = problem_of(site.send_json(link, 4, idempotency_key="k"), 422)
    assert [error["field"] for error in problem["errors"]] == ["idempotency_key"]

    judge(site, link, 0, FieldError(field="value.price", reason="Too high."))
    problem = problem_of(site.send_json(link, 3, idempotency_key="k"), 422)
    assert problem["errors"] == [{"field": "value.price", "reason": "Too high."}]

    assert site.send_json(link, 4, idempotency_key="l").status_code == 202
    judge(site, link, 1)
    accepted = site.send_json(link, 4, idempotency_key="l")
    assert (accepted.status_code, accepted.json()["status"], accepted.json()["value"]) == (200, "completed", 4)


def test_what_does_not_fit_is_refused_by_the_app_as_ever(site: Site) -> None:
    link = ask(site)
    assert problem_of(site.send_json(link, "many"), 422)["errors"][0]["field"] == "value"
    assert problem_of(site.send_json(link, 3, response_path="x"), 403)
    assert status(site, link)["check"] is None


def test_a_form_leads_to_the_page_of_its_answer_and_from_there_to_what_became_of_it(site: Site) -> None:
    link = ask(site)
    fields = page_of(site.client.get(link.form_url)).fields | {"value": "3", "comment": "as agreed"}
    sent = site.client.post("/submit", data=fields)
    kept_page = page_after(site, sent)
    assert "Your answer is kept" in kept_page.text
    assert "accepted" not in kept_page.title
    assert "Answer accepted" not in kept_page.text
    assert kept_page.action is None

    judge(site, link, 0, FieldError(field="value", reason="3 is odd."), FieldError(field="value", reason="And small."))
    again = page_after(site, sent)
    assert "3 is odd. And small." in again.text
    assert (again.fields["value"], again.fields["comment"]) == ("3", "as agreed")
    assert again.fields["idempotency_key"] != fields["idempotency_key"]

    sent = site.client.post("/submit", data=again.fields | {"value": "4"})
    judge(site, link, 1)
    assert "Your answer passed the check" in page_after(site, sent).text
    settle(site, link)
    assert "Answer accepted" in page_after(site, sent).text


def test_a_form_sent_twice_is_kept_once(site: Site) -> None:
    link = ask(site)
    fields = page_of(site.client.get(link.form_url)).fields | {"value": "3"}
    places = [site.client.post("/submit", data=fields).headers["location"] for _ in range(2)]
    assert places[0] == places[1]
    assert places[0].endswith("&candidate=0")


def test_whoever_opens_the_form_meanwhile_is_told_and_may_answer_too(site: Site) -> None:
    link = ask(site)
    asyncio.run(kept(site.service, link.request, 3, responder="Ada"))
    form = page_of(site.client.get(link.form_url))
    assert "An answer by Ada waits to be checked" in form.text
    sent = site.send_form(link, "4", comment="mine")
    judge(site, link, 0)
    settle(site, link)

    page = page_after(site, sent)
    assert "Your answer was not taken." in page.text
    assert "This answer stands" in page.text
    assert "What you sent" in page.text
    judged = status(site, link, candidate="1")
    assert (judged["status"], judged["check"]["state"]) == ("completed", "kept")


def test_after_the_deadline_an_answer_that_came_in_time_is_waited_for_and_no_other_taken(site: Site) -> None:
    link = ask(site, timeout_seconds=1.5)
    sent = site.send_form(link, "3")
    assert link.request.deadline is not None
    time.sleep(max(0.0, link.request.deadline.timestamp() - time.time()) + 0.01)

    assert "Your answer is kept" in page_after(site, sent).text
    everybody = page_of(site.client.get(link.form_url))
    assert "The time to answer is over." in everybody.text
    assert everybody.action is None
    assert status(site, link)["status"] == "pending"
    problem = problem_of(site.send_json(link, 4), 410)
    assert "outcome" not in problem
    late = site.send_form(link, "4")
    assert late.status_code == 410
    assert "has yet to check" in page_of(late).text
    assert "What you sent" in page_of(late).text

    judge(site, link, 0, FieldError(field="value", reason="3 is odd."))
    assert status(site, link)["status"] == "timed_out"
    refused = page_after(site, sent)
    assert "The time to answer is over" in refused.text
    assert "3 is odd." in refused.text
    outcome = settle(site, link)
    assert outcome is not None
    assert outcome.status == "timed_out"


@pytest.mark.parametrize("number", ["7", "-1", "00009999999", "x", "", "..", "1/../0", "٣", "0x1", "1e3"])
def test_a_number_that_is_none_shows_the_form_as_if_it_was_not_there(site: Site, number: str) -> None:
    link = ask(site)
    site.send_form(link, "3")
    query = {"token": link.token, "candidate": number}
    form = page_of(site.client.get(f"/form/{link.request.request_id}", params=query))
    assert form.fields["value"] == ""
    check = status(site, link, candidate=number)["check"]
    assert check is None if number == "7" else check["candidate"] == 0


def test_reading_changes_nothing_in_any_state_of_a_check(site: Site) -> None:
    links = [ask(site) for _ in range(4)]
    for link in links:
        site.send_form(link, "3")
    judge(site, links[1], 0)
    judge(site, links[2], 0, FieldError(field="value", reason="Odd."))
    late = ask(site, timeout_seconds=0.3)
    site.send_form(late, "3")
    judge(site, late, 0, FieldError(field="value", reason="Odd."))
    asyncio.run(site.service.candidates(links[3].request).beat(0))
    assert late.request.deadline is not None
    time.sleep(max(0.0, late.request.deadline.timestamp() - time.time()) + 0.01)
    before = snapshot(site)
    for link in [*links, late]:
        for candidate in ("0", "1", ""):
            query = {"token": link.token, "candidate": candidate, "value": "4"}
            for address in every_address(site, [link]):
                assert site.client.get(address, params=query).status_code in (200, 404, 405)
                assert site.client.head(address, params=query).status_code in (200, 404, 405)
    assert snapshot(site) == before


def test_markup_in_what_a_check_says_is_shown_as_text(site: Site) -> None:
    link = ask(site, str)
    sent = site.send_form(link, MARKUP, comment=MARKUP)
    for errors in ((), (FieldError(field=f"value.{MARKUP}", reason=MARKUP), FieldError(field="value", reason=MARKUP))):
        if errors:
            judge(site, link, 0, *errors)
        page = page_after(site, sent)
        assert "alert(1)" in page.text + page.fields.get("value", "")
        assert {str(script["src"]).rpartition("/")[2].partition("?")[0] for script in page.find("script")} <= {
            "app.js",
            "checking.js",
            "fields.js",
        }
        assert all("static/icon.svg" in str(image.get("src")) for image in page.find("img"))
    # The field's name and the two reasons; the answer and the comment are in the form.
    assert page.text.count(MARKUP) == 3
    assert page.fields["comment"] == MARKUP
    assert page.fields["value"] == MARKUP


def test_an_answer_is_kept_or_comes_back_when_the_store_goes_away(broken: Broken) -> None:
    link = ask(broken.site)
    fields = page_of(broken.site.client.get(link.form_url)).fields | {"value": "3"}
    broken.proxy.down()
    lost = broken.site.client.post("/submit", data=fields)
    assert lost.status_code == 503
    broken.proxy.up()
    again = page_of(lost).fields
    assert again["idempotency_key"] == fields["idempotency_key"]
    places = {broken.site.client.post("/submit", data=again).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert places.pop().endswith("&candidate=0")


def test_the_workflow_gets_what_was_kept_through_the_app(site: Site) -> None:
    link = ask(site)
    site.send_form(link, "3")
    site.send_json(link, 4)

    async def even(answer: Response) -> tuple[FieldError, ...]:
        return () if cast(int, answer.value) % 2 == 0 else (FieldError(field="value", reason="Odd."),)

    assert asyncio.run(Watch(site.service).outcome(link.request, 0.05, even)).value == 4
