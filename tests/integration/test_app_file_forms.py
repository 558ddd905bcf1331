"""Forms with files in them, as a browser sends them that runs no script: nothing that was sent is lost to an error."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urljoin

import httpx
import pytest
from flyte.io import File

from flyteplugins.hitl import Upload
from flyteplugins.hitl._form_link import FormLink
from tests.support.app_cases import FOREVER, MAX_BODY_BYTES, Broken, expired
from tests.support.apps import running_app
from tests.support.fault_proxy import Fault, matching
from tests.support.pages import Page
from tests.support.questions import question
from tests.support.replies import page_of
from tests.support.sites import Site
from tests.support.uploads import PDF, PNG, pattern, uploaded, uploads_in

pytestmark = pytest.mark.slow

Parts = list[tuple[str, tuple[str, bytes, str]]]


@dataclass
class Claim:
    title: str
    amount: int
    scan: Annotated[File, Upload(max_bytes=100_000, media_types=("application/pdf",))]
    photos: list[File]
    notes: File | None = None


SCAN = ("value.scan", ("scan.pdf", PDF, "application/pdf"))
PHOTOS: Parts = [
    ("value.photos", ("one.png", PNG + b"1", "image/png")),
    ("value.photos", ("two.png", PNG + b"2", "image/png")),
]
NOTHING_CHOSEN = ("value.notes", ("", b"", "application/octet-stream"))


def send(site: Site, link: FormLink, texts: dict[str, Any], files: Parts, path: str = "submit") -> httpx.Response:
    """Send a form as the page would have it sent."""
    page = page_of(site.client.get(link.form_url))
    address = urljoin(link.form_url, page.action).replace("/submit", f"/{path}")
    return site.client.post(address, data={**page.fields, **texts}, files=files)


def hidden(page: Page | str, name: str) -> list[str]:
    """The values of the hidden fields of a name, which the page's own form sends."""
    text = page if isinstance(page, str) else page.text
    return re.findall(rf'type="hidden" name="{re.escape(name)}" value="([^"]+)"', text)


def value_of(site: Site, link: FormLink) -> Any:
    response = site.outcome(link)
    assert response is not None
    return asyncio.run(site.service.value(link.request, response))


def test_files_in_a_form_are_stored_and_answered_with(site: Site) -> None:
    link = site.ask(question(Claim))
    reply = send(site, link, {"value.title": "t", "value.amount": "3"}, [SCAN, *PHOTOS, NOTHING_CHOSEN])
    assert reply.status_code == 303
    value = value_of(site, link)
    assert value["scan"]["name"] == "scan.pdf"
    assert [photo["name"] for photo in value["photos"]] == ["one.png", "two.png"]
    assert value["notes"] is None


def test_an_empty_file_is_a_file(site: Site) -> None:
    link = site.ask(question(File))
    assert send(site, link, {}, [("value", ("empty.txt", b"", "text/plain"))]).status_code == 303
    response = site.outcome(link)
    assert response is not None
    assert isinstance(response.value, dict)
    assert (response.value["name"], response.value["size"]) == ("empty.txt", 0)


def test_an_error_elsewhere_loses_no_file(site: Site) -> None:
    link = site.ask(question(Claim))
    reply = send(site, link, {"value.title": "kept", "value.amount": "no number"}, [SCAN, *PHOTOS])
    assert reply.status_code == 422
    for words in ("kept", "no number", "scan.pdf", "one.png", "two.png"):
        assert words in reply.text
    texts = {
        "value.title": "t",
        "value.amount": "3",
        "value.scan": hidden(reply.text, "value.scan"),
        "value.photos": hidden(reply.text, "value.photos"),
    }
    assert send(site, link, texts, [NOTHING_CHOSEN]).status_code == 303
    assert [photo["name"] for photo in value_of(site, link)["photos"]] == ["one.png", "two.png"]


@pytest.mark.parametrize(
    ("content", "reason"), [(PDF + pattern(100_000), "too large"), (PNG, "is not taken"), (b"MZ", "is not taken")]
)
def test_a_file_that_is_not_taken_is_told_at_its_field_and_loses_nothing_else(
    content: bytes, reason: str, site: Site
) -> None:
    link = site.ask(question(Claim))
    texts = {"value.title": "kept", "value.amount": "3", "comment": "kept too"}
    reply = send(site, link, texts, [("value.scan", ("wrong.pdf", content, "application/pdf")), *PHOTOS])
    assert reply.status_code == 422
    assert 'id="error-value.scan"' in reply.text
    assert reason in reply.text
    assert "kept too" in reply.text
    assert len(hidden(reply.text, "value.photos")) == 2
    assert not hidden(reply.text, "value.scan")
    assert site.outcome(link) is None


def test_another_file_takes_the_place_of_the_one_before(site: Site) -> None:
    link = site.ask(question(File))
    earlier = uploaded(site, link, name="earlier.pdf")
    reply = send(site, link, {"value": earlier}, [("value", ("later.pdf", PDF, "application/pdf"))])
    assert reply.status_code == 303
    assert value_of(site, link)["name"] == "later.pdf"


def test_a_button_of_a_row_keeps_the_files_that_were_chosen(site: Site) -> None:
    link = site.ask(question(list[Claim]))
    first = page_of(send(site, link, {"action": "add:value"}, [NOTHING_CHOSEN], "edit"))
    files: Parts = [("value.0.scan", SCAN[1])]
    second = send(site, link, {**first.fields, "value": "0", "action": "add:value"}, files, "edit")
    assert second.status_code == 200
    assert "scan.pdf" in second.text
    (upload_id,) = hidden(second.text, "value.0.scan")
    removed = {**first.fields, "value": "0", "value.0.scan": upload_id, "action": f"remove:value.0.scan:{upload_id}"}
    third = send(site, link, removed, [NOTHING_CHOSEN], "edit")
    assert "scan.pdf" not in third.text


def test_a_closed_question_stores_no_file_and_tells_what_was_sent(site: Site) -> None:
    link, late = site.ask(question(Claim)), expired(site, content=question(Claim))
    pages = {each: page_of(site.client.get(link.form_url)) for each in ("link",)}
    texts = {"value.title": "still here", "value.amount": "3"}
    address = urljoin(link.form_url, pages["link"].action)
    asyncio.run(site.service.cancel(link.request, "called off"))
    before = uploads_in(site.store)
    reply = site.client.post(address, data={**pages["link"].fields, **texts}, files=[SCAN])
    assert reply.status_code == 409
    assert "still here" in reply.text
    query = {"request_id": late.request.request_id, "token": late.token}
    assert site.client.post("/submit", params=query, data={**query, **texts}, files=[SCAN]).status_code == 410
    assert uploads_in(site.store) == before


@pytest.mark.parametrize(
    "query", ["", "request_id={id}", "request_id={id}&token=x", "request_id={other}&token={token}"]
)
def test_files_of_whoever_has_not_proved_a_right_are_not_stored(query: str, site: Site) -> None:
    link, other = site.ask(question(File)), site.ask(question(File))
    address = query.format(id=link.request.request_id, token=link.token, other=other.request.request_id)
    body = {"request_id": link.request.request_id, "token": link.token}
    before = uploads_in(site.store)
    reply = site.client.post(f"/submit?{address}", data=body, files=[("value", ("x.pdf", PDF, "application/pdf"))])
    assert reply.status_code in (400, 403)
    assert uploads_in(site.store) == before


def test_the_right_to_one_question_stores_no_file_for_another(site: Site) -> None:
    link, other = site.ask(question(File)), site.ask(question(File))
    query = {"request_id": other.request.request_id, "token": other.token}
    body = {"request_id": link.request.request_id, "token": link.token}
    before = uploads_in(site.store)
    files = [("value", ("x.pdf", PDF, "application/pdf"))]
    assert site.client.post("/submit", params=query, data=body, files=files).status_code == 400
    assert uploads_in(site.store) == before


def test_a_form_that_asks_for_no_file_takes_none_and_no_larger_body(site: Site) -> None:
    link = site.ask(question(str))
    query = {"request_id": link.request.request_id, "token": link.token}
    files = [("value", ("x.pdf", PDF, "application/pdf"))]
    assert site.client.post("/submit", params=query, data=query, files=files).status_code == 400
    large = {**query, "value": "x" * MAX_BODY_BYTES}
    assert site.client.post("/submit", params=query, data=large, files=[NOTHING_CHOSEN]).status_code == 413


def test_what_is_typed_is_bounded_where_files_are_not(site: Site) -> None:
    link = site.ask(question(Claim))
    texts = {f"value.title{number}": "x" * 10_000 for number in range(MAX_BODY_BYTES // 10_000 + 1)}
    assert send(site, link, texts, [SCAN]).status_code == 413


@pytest.fixture
def narrow(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app on the same store that takes small files only."""
    folder = tmp_path_factory.mktemp("narrow")
    limits = {"FLYTE_HITL_MAX_UPLOAD_BYTES": "1000", "FLYTE_HITL_MAX_BODY_BYTES": "10000"}
    with running_app(site.store, folder, environment=limits) as app:
        yield app.url


def test_files_are_bounded_together(site: Site, narrow: str) -> None:
    link = site.ask(question(list[File]))
    query = {"request_id": link.request.request_id, "token": link.token}
    before = uploads_in(site.store)
    files = [("value", (f"{number}.txt", bytes(900), "text/plain")) for number in range(20)]
    reply = httpx.post(f"{narrow}/submit", params=query, data=query, files=files)
    assert reply.status_code == 413
    assert "at most 1 kB" in reply.text
    assert uploads_in(site.store) == before


def test_a_store_that_goes_away_in_the_middle_costs_only_the_file_that_was_on_its_way(broken: Broken) -> None:
    site = broken.site
    link = site.ask(question(Claim))
    texts = {"value.title": "kept", "value.amount": "3", "comment": "kept too"}
    page = page_of(site.client.get(link.form_url))
    files: Parts = [SCAN, PHOTOS[0], ("value.notes", ("notes.txt", pattern(9_000_000), "text/plain"))]
    # Large files go in parts, and the parts are what is lost.
    broken.proxy.fail(matching("PUT", "partNumber=2"), Fault.status(500), times=FOREVER)
    reply = site.client.post(urljoin(link.form_url, page.action), data={**page.fields, **texts}, files=files)
    assert reply.status_code == 503
    again = page_of(reply)
    assert again.fields["value.title"] == "kept"
    assert again.fields["comment"] == "kept too"
    assert "Choose this file again: notes.txt" in reply.text
    assert 'enctype="multipart/form-data"' in reply.text
    assert site.outcome(link) is None
    broken.proxy.clear()
    sent = site.client.post(urljoin(str(reply.url), again.action), data=again.fields, files=[files[2]])
    assert sent.status_code == 303
    value = value_of(site, link)
    assert (value["scan"]["name"], value["notes"]["name"]) == ("scan.pdf", "notes.txt")
    assert [photo["name"] for photo in value["photos"]] == ["one.png"]


def test_a_form_with_uploads_is_sent_again_without_showing_their_ids(broken: Broken) -> None:
    site = broken.site
    link = site.ask(question(File))
    page = page_of(site.client.get(link.form_url))
    upload_id = uploaded(site, link)
    broken.proxy.fail(matching("PUT", "responses/"), Fault.status(500), times=FOREVER)
    sent = {**page.fields, "value": upload_id}
    files: Parts = [("value", ("", b"", "application/octet-stream"))]
    reply = site.client.post(urljoin(link.form_url, page.action), data=sent, files=files)
    assert reply.status_code == 503
    assert hidden(reply.text, "value") == [upload_id]
    assert reply.text.count(upload_id) == 1
    assert "Your answer" not in reply.text
    assert "are kept" in reply.text
    broken.proxy.clear()
    again = page_of(reply)
    kept = {**again.fields, "value": hidden(reply.text, "value")}
    assert site.client.post(urljoin(str(reply.url), again.action), data=kept).status_code == 303


def test_an_upload_meets_a_store_that_is_down_and_works_when_it_is_back(broken: Broken) -> None:
    site = broken.site
    link = site.ask(question(File))
    address = f"/upload/{link.request.request_id}?token={link.token}"
    broken.proxy.fail(matching("PUT", "uploads/"), Fault.reset(), times=FOREVER)
    broken.proxy.fail(matching("POST", "uploads/"), Fault.reset(), times=FOREVER)
    failed = site.client.post(address, content=PDF)
    assert failed.status_code == 503
    assert int(failed.headers["retry-after"]) > 0
    broken.proxy.clear()
    assert site.client.post(address, content=PDF).status_code == 201
