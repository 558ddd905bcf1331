"""The security headers: on every status, also while the store is down, with a policy that allows no foreign code.

Holds the second half of P8: a strict policy backs up what is escaped and cleaned.
"""

from __future__ import annotations

from flyteplugins.hitl.app._headers import SECURITY_HEADERS
from tests.support.app_cases import Broken, one_reply_of_each_status
from tests.support.sites import Site


def test_every_status_carries_the_security_headers(site: Site) -> None:
    replies = one_reply_of_each_status(site)
    assert set(replies) == {200, 303, 400, 403, 404, 405, 409, 410, 413, 422, 500}
    for status, reply in replies.items():
        expected = {name: value for name, value in SECURITY_HEADERS.items() if name != "Cache-Control"}
        assert {name: reply.headers.get(name) for name in expected} == expected, status
        assert "server" not in reply.headers
        if "/static/" not in str(reply.url):
            assert reply.headers["cache-control"] == "no-store"


def test_a_store_that_is_down_takes_no_header_away(broken: Broken) -> None:
    link = broken.site.ask()
    broken.proxy.down()
    for reply in (broken.site.send_json(link, True), broken.site.send_form(link, "true")):
        assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_allows_no_foreign_and_no_inline_code(site: Site) -> None:
    policy = site.client.get("/").headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["form-action"] == "'self'"
    assert directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
