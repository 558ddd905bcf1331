"""Reviews over HTTP on real stores: progress is kept, counts once, is for whoever has the link, and decides nothing.

Holds P1, P2, P6 and P7 for reviews.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

import httpx
import pytest
from pydantic import BaseModel

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._progress import SNAPSHOT_EVERY
from flyteplugins.hitl._records import Origin
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import FieldError
from tests.support.app_cases import snapshot
from tests.support.apps import running_app
from tests.support.processes import free_port
from tests.support.questions import question
from tests.support.replies import page_of
from tests.support.reviews import review_asked
from tests.support.sites import Site

pytestmark = pytest.mark.slow


class Invoice(BaseModel):
    """A record to be corrected."""

    customer: str
    total: float


def ask(site: Site, count: int = 5, data_type: Any = bool, items: list[Any] | None = None, **details: Any) -> FormLink:
    origin = Origin(run=uuid.uuid4().hex, action="a0")
    shown = items or [f"Item {number}" for number in range(count)]
    return site.link(asyncio.run(review_asked(site.service, shown, data_type, origin=origin, **details)))


def keep(site: Site, link: FormLink, decisions: dict[int, Any], **fields: Any) -> httpx.Response:
    body = {
        "request_id": link.request.request_id,
        "token": link.token,
        "decisions": [{"items": [number], "value": value} for number, value in decisions.items()],
        **fields,
    }
    return site.client.post("/review/progress", json=body)


def told(site: Site, link: FormLink, **parameters: Any) -> dict[str, Any]:
    parameters = {"token": link.token, **parameters}
    reply = site.client.get(f"/review/{link.request.request_id}/progress", params=parameters)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert isinstance(found, dict)
    return found


def submit(site: Site, link: FormLink, seen: int, **fields: str) -> httpx.Response:
    body = {"request_id": link.request.request_id, "token": link.token, "seen": str(seen), **fields}
    return site.client.post("/review/submit", data=body, headers={"Accept": "application/json"})


def pass_deadline(link: FormLink) -> None:
    deadline = link.request.deadline
    assert deadline is not None
    time.sleep(max(0.0, (deadline - datetime.now(timezone.utc)).total_seconds()) + 0.01)


def test_what_is_kept_is_told_and_what_is_submitted_is_the_list(site: Site) -> None:
    link = ask(site, 3)
    assert keep(site, link, {0: True, 2: "no"}).json()["decided"] == 2
    assert told(site, link)["decided"] == {"0": "true", "2": "false"}
    keep(site, link, {1: True}, withdrawn=[2])
    keep(site, link, {2: True})
    progress = told(site, link)
    assert progress["decided"] == dict.fromkeys("012", "true")
    assert told(site, link, known=progress["seen"])["decided"] is None

    assert submit(site, link, progress["seen"]).status_code == 303
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value == [True, True, True]


def test_many_writers_at_once_lose_nothing(site: Site) -> None:
    link = ask(site, 60)
    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(lambda number: keep(site, link, {number: number % 2 == 0}).status_code, range(60)))

    assert set(replies) == {200}
    assert told(site, link)["seen"] == 60
    assert told(site, link)["decided"] == {str(n): "true" if n % 2 == 0 else "false" for n in range(60)}


def test_the_same_batch_sent_again_counts_once(site: Site) -> None:
    link = ask(site)
    keep(site, link, {0: True}, key="k")
    keep(site, link, {0: False}, key="other")
    keep(site, link, {0: True}, key="k")

    assert told(site, link)["decided"] == {"0": "false"}
    assert told(site, link)["seen"] == 2


def test_a_batch_of_which_one_does_not_fit_is_not_kept_at_all(site: Site) -> None:
    link = ask(site, data_type=int)
    reply = keep(site, link, {0: 1, 1: "many", 2: 3})

    assert reply.status_code == 422
    assert [each["field"] for each in reply.json()["errors"]] == ["1.value"]
    assert told(site, link)["decided"] == {}


@pytest.mark.parametrize("number", [-1, 5, 10**12])
def test_an_item_that_is_not_there_is_refused(site: Site, number: int) -> None:
    link = ask(site, 5)

    assert keep(site, link, {number: True}).status_code == 422
    assert keep(site, link, {}, withdrawn=[number]).status_code == 422
    assert told(site, link)["seen"] == 0


def test_nothing_is_told_or_kept_without_the_link(site: Site) -> None:
    link, other = ask(site), ask(site)
    for token in (None, "x", other.token):
        assert keep(site, link, {0: True}, token=token).status_code == 403
        for what in ("items", "progress", "like"):
            parameters = {} if token is None else {"token": token}
            reply = site.client.get(f"/review/{link.request.request_id}/{what}", params=parameters)
            assert reply.status_code == 403
    assert told(site, link)["seen"] == 0


def test_a_question_that_is_no_review_has_no_items(site: Site) -> None:
    link = site.ask(question(int))
    for what in ("items", "progress", "like"):
        reply = site.client.get(f"/review/{link.request.request_id}/{what}", params={"token": link.token})
        assert reply.status_code == 404
    assert keep(site, link, {0: 1}).status_code == 404
    assert submit(site, link, 0).status_code == 404


def test_looking_at_a_review_changes_nothing(site: Site) -> None:
    link = ask(site, 250)
    keep(site, link, {0: True})
    before = snapshot(site)
    for address in (
        link.form_url,
        f"{link.form_url}&item=7",
        f"{link.form_url}&page=2",
        f"{link.form_url}&page=x&item=-1",
    ):
        assert site.client.get(address).status_code == 200
    for what in ("items", "progress", "like"):
        site.client.get(f"/review/{link.request.request_id}/{what}", params={"token": link.token})

    assert snapshot(site) == before


def test_after_the_outcome_no_progress_is_kept(site: Site) -> None:
    link = ask(site, 2)
    keep(site, link, {0: True, 1: True})
    submit(site, link, 1)
    before = snapshot(site)

    reply = keep(site, link, {0: False})
    assert reply.status_code == 409
    assert reply.json()["outcome"]["value"] == [True, True]
    assert snapshot(site) == before


def test_after_the_deadline_no_progress_is_kept(site: Site) -> None:
    link = ask(site, 2, timeout_seconds=0.5)
    pass_deadline(link)

    assert keep(site, link, {0: True}).status_code == 410
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.status == "timed_out"
    assert outcome.value is None


def test_an_incomplete_review_is_not_submitted_unless_that_is_allowed(site: Site) -> None:
    link, partial = ask(site, 3), ask(site, 3, allow_partial=True)
    for each in (link, partial):
        keep(site, each, {1: False})

    refused = submit(site, link, 1)
    assert refused.status_code == 422
    assert "2 of 3 items are undecided" in refused.text
    assert site.outcome(link) is None
    assert submit(site, partial, 1).status_code == 303
    outcome = site.outcome(partial)
    assert outcome is not None
    assert outcome.value == [None, False, None]


def test_what_was_not_seen_is_not_submitted(site: Site) -> None:
    link = ask(site, 1)
    keep(site, link, {0: True})
    keep(site, link, {0: False})

    refused = submit(site, link, 1)
    assert refused.status_code == 409
    assert "made elsewhere since you looked" in refused.json()["detail"]
    assert site.outcome(link) is None


def test_submitting_twice_counts_once(site: Site) -> None:
    link = ask(site, 1)
    keep(site, link, {0: True})

    assert submit(site, link, 1, idempotency_key="k").status_code == 303
    assert submit(site, link, 1, idempotency_key="k").status_code == 303
    assert submit(site, link, 1, idempotency_key="other").status_code == 409


def test_a_program_answers_with_the_whole_list(site: Site) -> None:
    link = ask(site, 4, Literal["a", "b"])

    short = site.send_json(link, ["a", "b"])
    assert short.status_code == 422
    wrong = site.send_json(link, ["a", "b", "c", "a"])
    assert [each["field"] for each in wrong.json()["errors"]] == ["value.2"]
    # Unlike a set of choices, the same decision may be there often.
    assert site.send_json(link, ["a", "b", "b", "a"]).json()["value"] == ["a", "b", "b", "a"]


def test_records_are_kept_as_the_form_sends_them(site: Site) -> None:
    items = [{"customer": "Firm", "total": 1.0}]
    link = ask(site, data_type=Invoice, items=items, initial=items)
    (item,) = site.client.get(f"/review/{link.request.request_id}/items", params={"token": link.token}).json()["items"]
    assert 'name="value.total"' in item["form"]
    entries = [["value.customer", "Firm"], ["value.total", "2.5"]]
    body = {
        "request_id": link.request.request_id,
        "token": link.token,
        "decisions": [{"items": [0], "entries": entries}],
    }

    assert site.client.post("/review/progress", json=body).status_code == 200
    assert submit(site, link, 1).status_code == 303
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value == [{"customer": "Firm", "total": 2.5}]


def test_what_the_workflow_refuses_is_told_by_item_on_each_page_that_one_goes_to(site: Site) -> None:
    link = ask(site, 12, Invoice, [{"customer": str(n), "total": 1.0} for n in range(12)], is_validated=True)
    keep(site, link, {number: {"customer": "<b>", "total": -1.0} for number in range(12)})
    sent = submit(site, link, told(site, link)["seen"], comment="the last of March")
    assert sent.status_code == 303
    errors = [
        FieldError(field="value.2.total", reason="It must not be <i>negative</i>."),
        FieldError(field="value.7", reason="The same customer as in item 3."),
        FieldError(field="value", reason="The sum does not fit."),
        *(FieldError(field=f"value.{number % 12}.total", reason="Too low.") for number in range(30)),
    ]
    asyncio.run(site.service.candidates(link.request).judge(0, tuple(errors)))
    page = page_of(site.client.get(urljoin(str(sent.url), sent.headers["location"])))

    assert "Item 3 of 12" in page.text
    assert page.fields["comment"] == "the last of March"
    (eighth,) = [each.attributes["href"] or "" for each in page.elements if each.attributes.get("data-item") == "8"][:1]
    for again in (page, page_of(site.client.get(urljoin(site.url, eighth)))):
        assert "The workflow did not accept these decisions." in again.text
        assert "Item 3, Total: It must not be <i>negative</i>." in again.text
        assert "Item 8: The same customer as in item 3." in again.text
        assert "The sum does not fit." in again.text
        assert "and 13 more" in again.text
    assert "Item 8 of 12" in again.text
    keep(site, link, {2: {"customer": "<b>", "total": 1.0}})
    assert submit(site, link, told(site, link)["seen"]).status_code == 303


def test_items_are_cleaned_and_escaped(site: Site) -> None:
    bad = "<script>alert(1)</script>"
    link = ask(site, items=[bad, {bad: bad}, [bad]])
    items = site.client.get(f"/review/{link.request.request_id}/items", params={"token": link.token}).json()["items"]
    pages = [site.client.get(f"{link.form_url}&item={number}").text for number in (1, 2, 3)]

    for text in (*(item["html"] for item in items), *pages, site.client.get(f"{link.form_url}&page=1").text):
        assert "<script>alert" not in text


def test_the_deadline_takes_what_was_decided_where_that_is_allowed(site: Site) -> None:
    link = ask(site, 3, allow_partial=True, timeout_seconds=2)
    assert keep(site, link, {2: True}).status_code == 200
    pass_deadline(link)

    response = asyncio.run(site.service.expire(link.request))
    assert response.status == "timed_out"
    assert response.value == [None, None, True]
    assert response.has_value(link.request)
    assert "1 of 3" in site.client.get(link.form_url).text


@pytest.mark.parametrize("batches", [3, SNAPSHOT_EVERY + 3])
def test_an_app_that_is_killed_has_lost_nothing(store_url: str, tmp_path: Path, batches: int) -> None:
    service = Service(Store.at(store_url))
    request = asyncio.run(review_asked(service, list(range(batches))))
    token = asyncio.run(service.links()).token(request.request_id)
    port = free_port()
    for number in range(2):
        with running_app(store_url, tmp_path, port=port) as app, httpx.Client(base_url=app.url, timeout=30) as client:
            if number == 0:
                for each in range(batches):
                    decision = {"items": [each], "value": each % 2 == 0}
                    body = {"request_id": request.request_id, "token": token, "decisions": [decision]}
                    assert client.post("/review/progress", json=body).status_code == 200
                app.process.kill()
                continue
            reply = client.get(f"/review/{request.request_id}/progress", params={"token": token}).json()
    assert reply["seen"] == batches
    assert reply["decided"] == {str(each): "true" if each % 2 == 0 else "false" for each in range(batches)}
