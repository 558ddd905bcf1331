"""Reading: each address by `GET`, `HEAD` and `OPTIONS`, with every query, the store compared before and after.

Holds P7: reading never answers.
"""

from __future__ import annotations

import pytest

from tests.support.app_cases import every_address, expired, snapshot
from tests.support.questions import question
from tests.support.replies import page_of
from tests.support.sites import Site


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_changes_nothing_whatever_the_query_says(site: Site, method: str) -> None:
    answered = site.ask()
    site.answer(answered, "true")
    links = [site.ask(), answered, expired(site), expired(site, content=question(int, on_timeout=1))]
    before = snapshot(site)
    for link in links:
        query = {
            "request_id": link.request.request_id,
            "token": link.token,
            "response_path": link.request.response_path,
            "value": "true",
            "answer": "true",
            "action": "approve",
            "_method": "POST",
        }
        for address in every_address(site, [link]):
            headers = {"X-HTTP-Method-Override": "POST"}
            assert site.client.request(method, address, params=query, headers=headers).status_code in (200, 404, 405)
    assert snapshot(site) == before


def test_a_body_on_a_get_answers_nothing(site: Site) -> None:
    link = site.ask()
    body = f"request_id={link.request.request_id}&token={link.token}&value=true"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    before = snapshot(site)
    for address in every_address(site, [link]):
        site.client.request("GET", address, params={"token": link.token}, content=body, headers=headers)
    assert snapshot(site) == before


def test_the_form_is_sent_by_post_only(site: Site) -> None:
    for data_type in (int, float, str, bool):
        page = page_of(site.client.get(site.ask(question(data_type)).form_url))
        [form] = page.find("form")
        assert form["method"] == "post"


def test_head_is_answered_as_get_without_the_body(site: Site) -> None:
    link = site.ask()
    for address in every_address(site, [link]):
        got = site.client.get(address, params={"token": link.token})
        head = site.client.head(address, params={"token": link.token})
        assert head.status_code == got.status_code
        assert head.content == b""
        assert set(head.headers) == set(got.headers)
        assert head.headers["content-type"] == got.headers["content-type"]
