"""Markup in all that is shown: questions, labels, answers, comments, reasons, and what a client sends.

Holds P8: what a workflow shows cannot run in a browser.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.app_cases import Broken
from tests.support.pages import Page
from tests.support.questions import question
from tests.support.replies import page_of
from tests.support.sites import Site

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)></textarea></title>&amp;{{7*7}}"

LINKS = (
    "[a](javascript:alert(1)) ![b](https://example.org/x.png) <javascript:alert(1)> [c](data:text/html,x) <b>bold</b>"
)


def assert_harmless(reply: httpx.Response) -> Page:
    page = page_of(reply)
    for element in page.elements:
        assert element.tag not in ("svg", "iframe", "object", "embed", "base", "b", "style"), element
        assert not any(name.startswith("on") or name == "style" for name in element.attributes), element
    for script in page.find("script"):
        assert re.fullmatch(r"(\.\./)*(\./)?static/[a-z]+\.js\?v=[0-9a-f]+", str(script.get("src"))), script
    for image in page.find("img"):
        assert "static/icon.svg" in str(image.get("src")), image
    for address in page.addresses():
        assert urlsplit(address).scheme in ("", "http", "https", "mailto"), address
    assert "49" not in page.title
    return page


@pytest.mark.parametrize("data_type", [str, int, float])
def test_markup_in_the_question_the_answer_and_the_comment_is_shown_as_text(site: Site, data_type: type[Any]) -> None:
    asked_question = question(data_type, name=MARKUP, prompt=f"{MARKUP}\n\n{LINKS}")
    link = site.ask(asked_question)
    assert "alert(1)" in assert_harmless(site.client.get(link.form_url)).text
    refused = site.send_form(link, MARKUP * 20, comment=MARKUP)
    assert refused.status_code == 422
    shown = assert_harmless(refused)
    assert shown.fields["value"] == MARKUP * 20
    assert shown.fields["comment"] == MARKUP
    answer = MARKUP if data_type is str else "1"
    assert site.send_form(link, answer, comment=MARKUP).status_code == 303
    closed = assert_harmless(site.client.get(link.form_url))
    assert MARKUP in closed.text
    assert_harmless(site.send_form(link, MARKUP, comment=MARKUP))


def test_markup_in_labels_in_a_fallback_and_in_a_reason_is_shown_as_text(site: Site) -> None:
    labelled = site.ask(question(bool, labels=("<b>Ship</b>", '"><b>')))
    assert "<b>Ship</b>" in assert_harmless(site.client.get(labelled.form_url)).text
    site.answer(labelled, "true")
    assert "<b>Ship</b>" in assert_harmless(site.client.get(labelled.form_url)).text
    fallback = site.ask(question(str, on_timeout=MARKUP))
    assert MARKUP in assert_harmless(site.client.get(fallback.form_url)).text
    asyncio.run(site.service.cancel(fallback.request, MARKUP))
    assert MARKUP in assert_harmless(site.client.get(fallback.form_url)).text


def test_markup_in_what_a_client_sends_is_shown_as_text(site: Site) -> None:
    link = site.ask()
    for reply in (
        site.client.get(f"/form/{MARKUP}"),
        site.client.get(f"/{MARKUP}"),
        site.client.get(link.form_url.partition("?")[0], params={"token": MARKUP}),
        site.send_form(link, "true", token=MARKUP),
        site.send_form(link, "true", request_id=MARKUP),
        site.send_form(link, MARKUP),
        site.send_form(link, "true", data_type=MARKUP),
        site.client.post("/submit", content=b"x", headers={"Content-Type": MARKUP}),
    ):
        assert reply.status_code >= 400
        assert_harmless(reply)


def test_markup_kept_by_the_page_of_a_store_that_is_down_is_shown_as_text(broken: Broken) -> None:
    link = broken.site.ask(question(str))
    broken.proxy.down()
    fields = dict.fromkeys(("comment", "data_type", "idempotency_key", "response_path"), MARKUP)
    shown = assert_harmless(broken.site.send_form(link, MARKUP, **fields))
    assert {name: shown.fields[name] for name in (*fields, "value")} == {**fields, "value": MARKUP}
