"""Addresses: unknown ones and unknown requests, methods that they do not take, and all of them behind a path prefix.

Holds P6: a client names a request, and what it names is not a path; for what is unknown it gets 404, and no form.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import httpx
import pytest

from tests.support.app_cases import NO_REQUEST
from tests.support.prefix_proxy import prefix_proxy
from tests.support.questions import asked, question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site


@pytest.mark.parametrize("request_id", [NO_REQUEST, "", "no-such", "../keys/signing", "é" * 26, "A" * 26, "a" * 5000])
def test_an_unknown_request_is_not_found(site: Site, request_id: str) -> None:
    link = site.ask()
    page = site.send_form(link, "true", request_id=request_id)
    problem = problem_of(site.send_json(link, "true", request_id=request_id), 404)
    assert page.status_code == 404
    assert problem["detail"] in page_of(page).text
    assert site.outcome(link) is None


@pytest.mark.parametrize(
    "path", [f"form/{NO_REQUEST}", "form/x", "form/..%2F..%2Fkeys", "nowhere", "static/nothing.js"]
)
def test_an_unknown_address_is_not_found(site: Site, path: str) -> None:
    page = site.client.get(f"/{path}?token=x")
    assert page.status_code == 404
    assert page_of(page).action is None


@pytest.mark.parametrize("path", [f"status/{NO_REQUEST}", "status/x"])
def test_the_status_of_an_unknown_request_is_not_found(site: Site, path: str) -> None:
    problem_of(site.client.get(f"/{path}?token=x"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/submit", "POST"),
        ("GET", "/submit/json", "POST"),
        ("POST", "/health", "GET"),
        ("PUT", "/submit", "POST"),
        ("DELETE", f"/form/{NO_REQUEST}", "GET"),
        ("POST", "/static/app.css", "GET"),
        ("OPTIONS", "/submit/json", "POST"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_refused(site: Site, method: str, path: str, allowed: str) -> None:
    reply = site.client.request(method, path)
    assert reply.status_code == 405
    assert reply.headers["allow"] == allowed


def test_a_page_answers_programs_that_ask_for_json_with_problem_details(site: Site) -> None:
    link = site.ask()
    reply = site.client.get(f"/form/{link.request.request_id}", headers={"Accept": "application/json"})
    problem_of(reply, 403)
    problem_of(site.client.get("/nowhere", headers={"Accept": "application/problem+json"}), 404)


def test_every_address_works_behind_a_path_prefix(site: Site) -> None:
    with prefix_proxy(site.url, "/teams/hitl") as base, httpx.Client() as client:
        link = site.ask(question(str))
        address = f"{base}/form/{link.request.request_id}?token={link.token}"
        assert_all_load(client, base, address)
        form = page_of(client.get(address))
        target = urljoin(address, form.action)
        refused = client.post(target, data=form.fields | {"value": "x" * 1001})
        assert refused.status_code == 422
        sent = client.post(urljoin(target, page_of(refused).action), data=form.fields | {"value": "text"})
        assert sent.status_code == 303
        assert_all_load(client, base, urljoin(target, sent.headers["location"]))
        assert "Answer accepted" in client.get(urljoin(target, sent.headers["location"])).text
        for path in ("", "nowhere", "no/where", f"form/{NO_REQUEST}"):
            assert_all_load(client, base, f"{base}/{path}")


def test_a_replaced_question_leads_to_the_new_one_behind_a_path_prefix(site: Site) -> None:
    old = site.ask(question(prompt="old"))
    new = asyncio.run(asked(site.service, question(prompt="new"), origin=old.request.origin))
    with prefix_proxy(site.url, "/teams/hitl") as base, httpx.Client() as client:
        address = f"{base}/form/{old.request.request_id}?token={old.token}"
        onward = next(target for target in page_of(client.get(address)).addresses() if "form/" in target)
        assert urljoin(address, onward).startswith(f"{base}/form/{new.request_id}?")
        assert "new" in page_of(client.get(urljoin(address, onward))).text


def assert_all_load(client: httpx.Client, base: str, address: str) -> None:
    for target in page_of(client.get(address)).addresses():
        absolute = urljoin(address, target)
        assert absolute.startswith(f"{base}/"), absolute
        if not absolute.endswith("/submit"):
            assert client.get(absolute).status_code == 200, absolute
