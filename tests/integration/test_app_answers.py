"""Good answers over HTTP: by form, as multipart, by the JSON call; each is taken whole, and once.

Holds P1: only what the workflow gets is called accepted, on the page, in the reply and by the status.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urljoin

import pytest

from flyteplugins.hitl._records import Channel
from tests.support.questions import asked, question
from tests.support.replies import page_of
from tests.support.sites import Site


def test_a_form_is_shown_sent_and_answered_with_a_page_that_says_so(site: Site) -> None:
    link = site.ask(question(bool, prompt="Ship **it**?"))
    form = page_of(site.client.get(link.form_url))
    assert "Ship it?" in form.text
    assert form.find("strong")
    assert [button.attributes["value"] for button in form.buttons] == ["true", "false"]
    sent = site.client.post(urljoin(link.form_url, form.action), data=form.fields | {"value": "true", "comment": "ok"})
    assert sent.status_code == 303
    closed = page_of(site.client.get(urljoin(str(sent.url), sent.headers["location"])))
    assert "Answer accepted" in closed.text
    assert "Approve" in closed.text
    assert "a holder of the link" in closed.text
    outcome = site.outcome(link)
    assert outcome is not None
    assert (outcome.value, outcome.comment, outcome.channel) == (True, "ok", Channel.FORM)
    assert closed.find("time")[0]["datetime"] == outcome.responded_at.isoformat()
    again = page_of(site.client.get(link.form_url))
    assert again.action is None
    assert "Answer accepted" in again.text


@pytest.mark.parametrize(("data_type", "text"), [(int, "-7"), (float, "1.5e3"), (str, "a\nb"), (bool, "false")])
def test_every_type_has_a_form_that_can_be_sent(site: Site, data_type: type[Any], text: str) -> None:
    link = site.ask(question(data_type))
    form = page_of(site.client.get(link.form_url))
    assert "value" in form.fields or form.buttons
    assert site.client.post("/submit", data=form.fields | {"value": text}).status_code == 303
    outcome = site.outcome(link)
    assert outcome is not None
    assert type(outcome.value) is data_type


def test_the_form_sent_twice_is_accepted_once(site: Site) -> None:
    link = site.ask()
    fields = page_of(site.client.get(link.form_url)).fields | {"value": "true"}
    assert [site.client.post("/submit", data=fields).status_code for _ in range(2)] == [303, 303]
    assert site.client.post("/submit", data=fields | {"value": "false"}).status_code == 409


def test_a_form_may_be_sent_as_multipart(site: Site) -> None:
    link = site.ask(question(str))
    parts = {"request_id": link.request.request_id, "token": link.token, "value": "żółć"}
    reply = site.client.post("/submit", files={name: (None, text) for name, text in parts.items()})
    assert reply.status_code == 303
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value == "żółć"


def test_the_json_call_answers_with_what_was_accepted(site: Site) -> None:
    link = site.ask(question(int))
    reply = site.send_json(link, 2**70, comment="big")
    assert reply.status_code == 200
    accepted = reply.json()
    assert accepted.pop("message")
    assert accepted == {
        "request_id": link.request.request_id,
        "status": "completed",
        "value": 2**70,
        "data_type": "int",
    }
    outcome = site.outcome(link)
    assert outcome is not None
    assert (outcome.value, outcome.comment, outcome.channel) == (2**70, "big", Channel.JSON)


def test_the_json_call_takes_the_token_of_the_link_too(site: Site) -> None:
    link = site.ask()
    assert site.send_json(link, False, response_path=None, token=link.token).status_code == 200


def test_the_status_of_an_open_and_of_a_closed_request(site: Site) -> None:
    link = site.ask(question(int, name="how many"))
    address = f"/status/{link.request.request_id}"
    by_token = site.client.get(address, params={"token": link.token}).json()
    assert (by_token["status"], by_token["outcome"], by_token["name"]) == ("pending", None, "how many")
    site.answer(link, "7", comment="lucky", responder="Ada")
    closed = site.client.get(address, params={"response_path": link.request.response_path}).json()
    assert closed["status"] == "completed"
    outcome = closed["outcome"]
    assert (outcome["value"], outcome["comment"], outcome["responder"], outcome["channel"]) == (
        7,
        "lucky",
        "Ada",
        "form",
    )


def test_a_replaced_question_leads_to_the_new_one(site: Site) -> None:
    old = site.ask(question(prompt="old"))
    origin = old.request.origin
    new = site.link(asyncio.run(asked(site.service, question(prompt="new"), origin=origin)))
    page = page_of(site.client.get(old.form_url))
    assert page.action is None
    assert "Replaced" in page.text
    onward = next(address for address in page.addresses() if "form/" in address)
    assert urljoin(old.form_url, onward) == new.form_url
    refused = site.send_form(old, "true")
    assert refused.status_code == 409
    assert any(urljoin(str(refused.url), address) == new.form_url for address in page_of(refused).addresses())
