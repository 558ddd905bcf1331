"""Answers to questions that are closed: answered, cancelled, or past their deadline; told is what stands, and why.

Holds P1 (what came too late is not called accepted) and P3 (the deadline is a moment).
"""

from __future__ import annotations

import asyncio

from tests.support.app_cases import expired
from tests.support.questions import question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site


def test_a_second_answer_is_told_the_outcome_that_stands(site: Site) -> None:
    link = site.ask(question(str))
    given = site.answer(link, "the first", comment="quick", responder="Ada")
    reply = site.send_form(link, "the <b>second</b>")
    problem = problem_of(site.send_json(link, "the third"), 409)
    assert reply.status_code == 409
    page = page_of(reply)
    assert problem["detail"] in page.text
    for shown in ("the first", "quick", "Ada", "the <b>second</b>"):
        assert shown in page.text
    assert page.find("time")[0]["datetime"] == given.responded_at.isoformat()
    outcome = problem["outcome"]
    assert (outcome["status"], outcome["value"], outcome["responder"], outcome["comment"]) == (
        "completed",
        "the first",
        "Ada",
        "quick",
    )
    assert site.outcome(link) == given


def test_an_answer_to_a_cancelled_event_is_told_why(site: Site) -> None:
    link = site.ask()
    asyncio.run(site.service.cancel(link.request, "not needed <i>now</i>"))
    reply = site.send_form(link, "true")
    problem = problem_of(site.send_json(link, "true"), 409)
    assert reply.status_code == 409
    assert problem["detail"] in page_of(reply).text
    assert "not needed <i>now</i>" in page_of(reply).text
    assert problem["outcome"]["status"] == "cancelled"


def test_an_answer_after_the_deadline_is_gone(site: Site) -> None:
    link = expired(site)
    reply = site.send_form(link, "true", comment="so close")
    problem = problem_of(site.send_json(link, "true"), 410)
    assert reply.status_code == 410
    assert problem["detail"] in page_of(reply).text
    assert problem["outcome"]["status"] == "timed_out"
    assert "accepted" not in page_of(reply).text
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.status == "timed_out"


def test_after_the_deadline_the_page_says_what_the_workflow_goes_on_with(site: Site) -> None:
    link = expired(site, content=question(int, on_timeout=41))
    assert site.send_form(link, "7").status_code == 410
    page = page_of(site.client.get(link.form_url))
    assert "41" in page.text
    assert page.action is None
