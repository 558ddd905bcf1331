"""What the tests of the app over HTTP put to it: odd requests, every address, and one reply of each status."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._listing import request_path
from tests.support.fault_proxy import FaultProxy
from tests.support.questions import question
from tests.support.raw_objects import contents, raw_objects
from tests.support.sites import Site

MAX_BODY_BYTES = 100_000
"""The limit of the app that these tests share."""

NO_REQUEST = "a" * 26
"""A request id that nobody has."""

FOREVER = 100_000
"""As many times as a fault can be met."""


@dataclass(frozen=True)
class Broken:
    """An app whose store is reached through a fault proxy; `site.service` reaches it directly."""

    site: Site
    proxy: FaultProxy


def snapshot(site: Site) -> dict[str, bytes]:
    """All that is in the store but for the marks, which say that somebody looked and decide nothing."""
    return {path: content for path, content in contents(site.store).items() if not path.startswith("marks/")}


def expired(site: Site, **details: Any) -> FormLink:
    """A question whose deadline has just passed, and that nobody has closed yet."""
    link = site.ask(timeout_seconds=0.05, **details)
    time.sleep(0.06)
    return link


def unforeseen(site: Site) -> FormLink:
    """A request that another program wrote: it is a record, but nobody foresaw a length that is no number."""
    link = site.ask()
    schema = {"type": "string", "minLength": "x"}
    odd_question = link.request.question.model_copy(update={"answer_schema": schema})
    odd = link.request.model_copy(update={"question": odd_question})
    raw_objects(site.store).put(request_path(odd.request_id), odd.to_bytes())
    return link


def every_address(site: Site, links: list[FormLink]) -> list[str]:
    """Every documented address for each link, the document itself, a script, and an address that leads nowhere."""
    paths = [*site.client.get("/openapi.json").json()["paths"], "/openapi.json", "/static/app.js", "/nowhere"]
    return [path.replace("{request_id}", link.request.request_id) for path in paths for link in links]


def one_reply_of_each_status(site: Site) -> dict[int, httpx.Response]:
    """A reply of each status that the app gives while its store is within reach."""
    link, closed, late = site.ask(question(int)), site.ask(question(str)), expired(site)
    site.answer(closed, "text")
    replies = [
        site.client.get("/"),
        site.client.get(link.form_url),
        site.client.get("/static/app.css"),
        site.client.post("/submit", content=b"x"),
        site.send_form(link, "1", token="x"),
        site.client.get("/nowhere"),
        site.client.get("/submit"),
        site.send_form(closed, "text"),
        site.send_form(late, "true"),
        site.client.post("/submit/json", content=b"x" * (MAX_BODY_BYTES + 1)),
        site.send_form(link, "no number"),
        site.client.get(unforeseen(site).form_url),
        site.send_form(link, "1"),
    ]
    return {reply.status_code: reply for reply in replies}
