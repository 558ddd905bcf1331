"""Replies of the app, read: the page of one for people, the problem detail of one for programs."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.pages import Page


def page_of(reply: httpx.Response) -> Page:
    """The page of a reply, which must be one."""
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return Page(reply.text)


def problem_of(reply: httpx.Response, status: int) -> dict[str, Any]:
    """The problem detail of a reply, which must be one as RFC 9457 has it."""
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = json.loads(reply.text)
    assert isinstance(problem, dict)
    assert problem["status"] == status
    for member in ("type", "title", "detail"):
        assert isinstance(problem[member], str)
        assert problem[member]
    assert urlsplit(problem["type"]).scheme == "urn"
    return problem
