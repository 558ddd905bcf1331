"""Secrets: no page, error or line of the log tells a token, a response path, or what others were asked.

Holds what P6 rests on: who proves a right to answer was given the link, and did not read it from the app.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._form_link import FormLink
from tests.support.app_cases import FOREVER, MAX_BODY_BYTES, Broken, every_address, one_reply_of_each_status, unforeseen
from tests.support.fault_proxy import Fault, matching
from tests.support.questions import question
from tests.support.raw_objects import raw_objects
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site, running_site


def test_what_was_not_foreseen_is_an_error_page_that_tells_nothing(site: Site) -> None:
    link = unforeseen(site)
    reply = site.client.get(link.form_url)
    assert reply.status_code == 500
    assert "not foreseen" in page_of(reply).text
    for secret in ("Traceback", "jinja", link.request.response_path, link.token):
        assert secret not in reply.text
    problem_of(site.client.get(link.form_url, headers={"Accept": "application/json"}), 500)


def test_the_first_page_says_nothing_of_requests(site: Site) -> None:
    link = site.ask(question(name="a-secret-name", prompt="a secret prompt"))
    site.answer(link, "true", comment="a secret comment")
    for path in ("/", "/health", "/openapi.json"):
        text = site.client.get(path).text
        for secret in ("secret", link.request.request_id, link.request.origin.run):
            assert secret not in text
    assert site.client.get("/").text == site.client.get("/", params={"token": link.token}).text


@pytest.mark.slow
def test_the_log_of_a_whole_session_holds_no_token_and_no_response_path(store_url: str, tmp_path: Path) -> None:
    with running_site(store_url, tmp_path, environment={"FLYTE_HITL_MAX_BODY_BYTES": str(MAX_BODY_BYTES)}) as site:
        links = [site.ask(question(str)), site.ask(question(int)), unforeseen(site), damaged(site)]
        for link in links:
            use_in_every_way(site, link)
        for reply in one_reply_of_each_status(site).values():
            assert reply.status_code
        log = site.log.read_text()
    assert "responses/" + links[3].request.request_id in log, "the damaged outcome was not logged"
    assert "Traceback" in log, "the failure that was not foreseen was not logged"
    assert "token=" not in log
    for link in links:
        assert link.token not in log
        assert link.request.response_path not in log
        assert link.request.response_path.split(".")[1] not in log


def damaged(site: Site) -> FormLink:
    link = site.ask(question(float))
    raw_objects(site.store).put(link.request.response_path, b"{not json")
    return link


def use_in_every_way(site: Site, link: FormLink) -> None:
    path = link.request.response_path
    for address in every_address(site, [link]):
        for method in ("GET", "HEAD", "POST"):
            site.client.request(method, address, params={"token": link.token, "response_path": path})
    for value in ("not a number", "1", "1", "2"):
        site.send_form(link, value)
        site.send_json(link, value)
        site.send_json(link, value, token=link.token, response_path=path + "x")


def test_the_log_of_a_store_that_is_down_holds_no_token_and_no_response_path(broken: Broken) -> None:
    link = broken.site.ask()
    broken.proxy.fail(matching(None, "responses/"), Fault.status(503), times=FOREVER)
    for reply in (broken.site.send_form(link, "true"), broken.site.send_json(link, True)):
        assert reply.status_code == 503
        assert link.request.response_path.split(".")[1] not in problem_or_text_without_form(reply)
    broken.proxy.down()
    broken.site.client.get(link.form_url)
    broken.site.send_json(link, True)
    log = broken.site.log.read_text()
    assert link.request.request_id in log
    assert link.token not in log
    assert link.request.response_path.split(".")[1] not in log


def problem_or_text_without_form(reply: httpx.Response) -> str:
    return reply.text if "json" in reply.headers["content-type"] else page_of(reply).text
