"""The app over HTTP: a real uvicorn on real stores, and every line of "What bad input gets", for people and programs.

Held here: only what the workflow gets is called accepted (P1), nothing from a client is a path, a type or an identity
(P6), reading never answers (P7), and what a workflow shows cannot run in a browser (P8).
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._links import Links
from flyteplugins.hitl._records import Channel
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app._headers import SECURITY_HEADERS
from tests.support.fault_proxy import Fault, FaultProxy, Headers, fault_proxy, matching
from tests.support.pages import Page
from tests.support.prefix_proxy import prefix_proxy
from tests.support.questions import asked, question
from tests.support.raw_objects import contents, raw_objects
from tests.support.sites import Site, running_site
from tests.support.stores import RunningStore, applied

MAX_BODY_BYTES = 100_000
NO_REQUEST = "a" * 26
FOREVER = 100_000


@pytest.fixture(scope="module", params=["local", "s3"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app on each kind of store; the tests of this module share it, each with questions of its own."""
    folder = tmp_path_factory.mktemp("site")
    limits = {"FLYTE_HITL_MAX_BODY_BYTES": str(MAX_BODY_BYTES)}
    if request.param == "local":
        with running_site(str(folder / "store"), folder, environment=limits) as running:
            yield running
        return
    server: RunningStore = request.getfixturevalue("s3_server")
    with applied(server.environment), running_site(server.fresh(), folder, environment=limits) as running:
        yield running


@dataclass(frozen=True)
class Broken:
    """An app whose store is reached through a fault proxy; `site.service` reaches it directly."""

    site: Site
    proxy: FaultProxy


@pytest.fixture(scope="module")
def broken_site(s3_server: RunningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    folder = tmp_path_factory.mktemp("broken")
    url = s3_server.fresh()
    with applied(s3_server.environment):
        direct = Service(Store.at(url))
    with (
        fault_proxy(s3_server.port) as proxy,
        applied(proxy.environment(s3_server)),
        running_site(url, folder, service=direct) as site,
    ):
        yield Broken(site, proxy)


@pytest.fixture
def broken(broken_site: Broken) -> Iterator[Broken]:
    yield broken_site
    broken_site.proxy.clear()
    broken_site.proxy.up()


def page_of(reply: httpx.Response) -> Page:
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


def snapshot(site: Site) -> dict[str, bytes]:
    return contents(site.store)


def expired(site: Site, **details: Any) -> FormLink:
    """A question whose deadline has just passed, and that nobody has closed yet."""
    link = site.ask(timeout_seconds=0.05, **details)
    time.sleep(0.06)
    return link


# The good case


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


# The documented call

DOCUMENTED_CALL = """
curl -X POST https://<hitl-app-endpoint>/submit/json \\
  -H "Content-Type: application/json" \\
  -d '{
    "request_id": "<request_id>",
    "response_path": "<response_path>",
    "value": "true",
    "data_type": "bool"
  }'
"""


def run_in_shell(command: str, folder: Path) -> str:
    assert shutil.which("curl"), "curl is not installed"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_documented_call_works_word_for_word(site: Site, tmp_path: Path) -> None:
    link = site.ask()
    command = (
        DOCUMENTED_CALL.replace("https://<hitl-app-endpoint>", site.url)
        .replace("<request_id>", link.request.request_id)
        .replace("<response_path>", link.request.response_path)
    )
    assert json.loads(run_in_shell(command, tmp_path))["status"] == "completed"
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value is True


@pytest.mark.parametrize("data_type", [int, float, str, bool])
def test_the_call_that_the_report_shows_works_as_it_is(site: Site, data_type: type[Any], tmp_path: Path) -> None:
    link = site.ask(question(data_type, prompt='What\'s "it" $(touch here) `touch here`?'))
    assert json.loads(run_in_shell(link.curl, tmp_path))["status"] == "completed"
    assert list(tmp_path.iterdir()) == []
    assert site.outcome(link) is not None


# What bad input gets: the right to answer


Proof = dict[str, str | None]


def of_token(token: str | None) -> Proof:
    return {"token": token, "response_path": None}


def of_path(path: str) -> Proof:
    return {"token": None, "response_path": path}


WRONG_PROOFS: dict[str, Callable[[FormLink, FormLink], Proof]] = {
    "none": lambda link, other: of_token(None),
    "empty token": lambda link, other: of_token(""),
    "garbage": lambda link, other: of_token("x" * len(link.token)),
    "not ASCII": lambda link, other: of_token("żółć"),
    "cut off": lambda link, other: of_token(link.token[:-1]),
    "token of another request": lambda link, other: of_token(other.token),
    "token of another store": lambda link, other: of_token(Links("x" * 43).token(link.request.request_id)),
    "empty path": lambda link, other: of_path(""),
    "path of another request": lambda link, other: of_path(other.request.response_path),
    "path cut off": lambda link, other: of_path(link.request.response_path[:-6]),
    "path without its capability": lambda link, other: of_path(f"responses/{link.request.request_id}.json"),
    "path of the key": lambda link, other: of_path("keys/signing.json"),
    "path out of the store": lambda link, other: of_path(f"../store/{link.request.response_path}"),
    "path from the root": lambda link, other: of_path("/etc/passwd"),
    "path in another bucket": lambda link, other: of_path(f"s3://other/{link.request.response_path}"),
    "path but for a dot": lambda link, other: of_path(f"./{link.request.response_path}"),
    "right token, foreign path": lambda link, other: {
        "token": link.token,
        "response_path": other.request.response_path,
    },
    "right path, foreign token": lambda link, other: {
        "token": other.token,
        "response_path": link.request.response_path,
    },
}


@pytest.mark.parametrize("proof", WRONG_PROOFS)
def test_without_the_right_to_answer_nothing_is_read_or_written(site: Site, proof: str) -> None:
    link, other = site.ask(), site.ask(question(name="other"))
    fields = WRONG_PROOFS[proof](link, other)
    before = snapshot(site)
    page = site.send_form(link, "true", **fields)
    problem = problem_of(site.send_json(link, "true", **fields), 403)
    assert page.status_code == 403
    assert problem["detail"] in page_of(page).text
    assert page_of(page).action is None
    for secret in (link.request.question.prompt, link.token, link.request.response_path, other.token):
        assert secret not in html.unescape(page.text)
        assert secret not in json.dumps(problem)
    assert snapshot(site) == before


def test_a_foreign_path_is_not_even_looked_at(broken: Broken) -> None:
    link, other = broken.site.ask(), broken.site.ask(question(name="other"))
    broken.site.send_json(other, "maybe")  # The app has read its key by now.
    broken.proxy.forget_requests()
    reply = broken.site.send_json(link, "true", response_path=other.request.response_path)
    assert reply.status_code == 403
    assert {method for method, _ in broken.proxy.requests} == {"GET"}
    assert all(f"requests/{link.request.request_id}.json" in path for _, path in broken.proxy.requests)


@pytest.mark.parametrize("token", [None, "", "x", "żółć", "x" * 100_0, "\0", "../../keys/signing.json"])
def test_a_form_and_a_status_open_with_the_token_only(site: Site, token: str | None) -> None:
    link = site.ask()
    parameters = {} if token is None else {"token": token}
    page = site.client.get(f"/form/{link.request.request_id}", params=parameters)
    problem = problem_of(site.client.get(f"/status/{link.request.request_id}", params=parameters), 403)
    assert page.status_code == 403
    assert problem["detail"] in page_of(page).text
    assert link.request.question.prompt not in page.text


def test_the_token_of_another_request_opens_neither_form_nor_status(site: Site) -> None:
    link, other = site.ask(), site.ask(question(name="other"))
    for path in ("form", "status"):
        address = f"/{path}/{link.request.request_id}"
        assert site.client.get(address, params={"token": other.token}).status_code == 403
        assert site.client.get(address, params={"token": link.token}).status_code == 200


# What bad input gets: no such request


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


# What bad input gets: a value of the wrong type

WRONG_VALUES: list[tuple[type[Any], str]] = [
    (int, "1.5"),
    (int, "1e3"),
    (int, ""),
    (int, "seven"),
    (int, "7" * 5000),
    (int, '"><script>alert(1)</script>'),
    (float, "nan"),
    (float, "1e999"),
    (float, "1,5"),
    (bool, "maybe"),
    (bool, ""),
    (str, "x" * 1001),
]


@pytest.mark.parametrize(("data_type", "value"), WRONG_VALUES, ids=lambda value: str(value)[:20])
def test_a_value_of_the_wrong_type_names_the_field_and_the_reason(site: Site, data_type: type[Any], value: str) -> None:
    link = site.ask(question(data_type))
    before = snapshot(site)
    reply = site.send_form(link, value, comment="a <b>comment</b>", idempotency_key="kept")
    problem = problem_of(site.send_json(link, value), 422)
    assert reply.status_code == 422
    [error] = problem["errors"]
    assert error["field"] == "value"
    form = page_of(reply)
    assert " ".join(error["reason"].split()) in form.text
    if data_type is not bool:
        assert form.fields["value"] == value
    assert form.fields["comment"] == "a <b>comment</b>"
    assert form.fields["idempotency_key"] == "kept"
    assert form.fields["token"] == link.token
    assert not form.find("b")
    assert snapshot(site) == before
    assert site.client.post(urljoin(str(reply.url), form.action), data=form.fields | fit(data_type)).status_code == 303


def fit(data_type: type[Any]) -> dict[str, str]:
    return {"value": {int: "1", float: "1", bool: "true", str: "text"}[data_type]}


def test_another_type_than_asked_for_is_refused(site: Site) -> None:
    link = site.ask(question(int))
    for reply in (site.send_form(link, "1", data_type="str"), site.send_json(link, 1, data_type="<b>str</b>")):
        assert reply.status_code == 422
    problem = problem_of(site.send_json(link, "1", data_type="str"), 422)
    assert [error["field"] for error in problem["errors"]] == ["data_type"]
    assert "int" in problem["errors"][0]["reason"]
    assert site.send_json(link, "1", data_type="int").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request_id": None}, "request_id"),
        ({"request_id": 7}, "request_id"),
        ({"value": None}, "value"),
        ({"comment": 7}, "comment"),
        ({"comment": "x" * 5001}, "comment"),
        ({"data_type": ["bool"]}, "data_type"),
        ({"response_path": {}}, "response_path"),
        ({"token": True}, "token"),
        ({"idempotency_key": 1}, "idempotency_key"),
    ],
    ids=str,
)
def test_a_field_that_is_missing_or_no_text_is_named(site: Site, change: dict[str, Any], field: str) -> None:
    link = site.ask()
    body = {"request_id": link.request.request_id, "response_path": link.request.response_path, "value": "true"}
    content = {name: value for name, value in (body | change).items() if value is not None}
    problem = problem_of(site.client.post("/submit/json", json=content), 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert site.outcome(link) is None


@pytest.mark.parametrize("field", ["request_id", "value"])
def test_a_form_without_a_field_is_refused(site: Site, field: str) -> None:
    link = site.ask(question(str))
    fields = page_of(site.client.get(link.form_url)).fields | {"value": "x"}
    del fields[field]
    assert site.client.post("/submit", data=fields).status_code == 422
    assert site.outcome(link) is None


# What bad input gets: an outcome stands, or the time is over


def test_a_second_answer_is_told_the_outcome_that_stands(site: Site) -> None:
    link = site.ask(question(str))
    given = site.answer(link, "the first", comment="quick", responder="Ada")
    reply = site.send_form(link, "the <b>second</b>")
    problem = problem_of(site.send_json(link, "the third"), 409)
    assert reply.status_code == 409
    page = page_of(reply)
    assert problem["detail"] in page.text
    for shown in ("the first", "quick", "Ada", "the <b>second</b>"):
        assert shown in page.text
    assert page.find("time")[0]["datetime"] == given.responded_at.isoformat()
    outcome = problem["outcome"]
    assert (outcome["status"], outcome["value"], outcome["responder"], outcome["comment"]) == (
        "completed",
        "the first",
        "Ada",
        "quick",
    )
    assert site.outcome(link) == given


def test_an_answer_to_a_cancelled_event_is_told_why(site: Site) -> None:
    link = site.ask()
    asyncio.run(site.service.cancel(link.request, "not needed <i>now</i>"))
    reply = site.send_form(link, "true")
    problem = problem_of(site.send_json(link, "true"), 409)
    assert reply.status_code == 409
    assert problem["detail"] in page_of(reply).text
    assert "not needed <i>now</i>" in page_of(reply).text
    assert problem["outcome"]["status"] == "cancelled"


def test_an_answer_after_the_deadline_is_gone(site: Site) -> None:
    link = expired(site)
    reply = site.send_form(link, "true", comment="so close")
    problem = problem_of(site.send_json(link, "true"), 410)
    assert reply.status_code == 410
    assert problem["detail"] in page_of(reply).text
    assert problem["outcome"]["status"] == "timed_out"
    assert "accepted" not in page_of(reply).text
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.status == "timed_out"


def test_after_the_deadline_the_page_says_what_the_workflow_goes_on_with(site: Site) -> None:
    link = expired(site, content=question(int, on_timeout=41))
    assert site.send_form(link, "7").status_code == 410
    page = page_of(site.client.get(link.form_url))
    assert "41" in page.text
    assert page.action is None


# What bad input gets: too much, or what cannot be read


def exchange(site: Site, head: list[str], body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes and read the reply, however early it comes."""
    address = urlsplit(site.url)
    assert address.hostname is not None
    lines = [*head, f"Host: {address.netloc}", "Connection: close", "", ""]
    with socket.create_connection((address.hostname, address.port or 80), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    start, _, rest = received.partition(b"\r\n")
    fields, _, content = rest.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(": ", 1) for line in fields.decode("latin-1").split("\r\n"))
    return int(start.split()[1]), headers, content


@pytest.mark.parametrize(
    ("path", "media_type", "answered_as"),
    [
        ("/submit/json", "application/json", "application/problem+json"),
        ("/submit", "application/x-www-form-urlencoded", "text/html; charset=utf-8"),
        ("/submit", "multipart/form-data; boundary=b", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True], ids=["by its declared length", "by its chunks"])
def test_a_body_over_the_limit_is_refused_before_it_is_whole(
    site: Site, path: str, media_type: str, answered_as: str, is_chunked: bool
) -> None:
    size = MAX_BODY_BYTES + 1
    head = [f"POST {path} HTTP/1.1", f"Content-Type: {media_type}"]
    if is_chunked:
        # No last chunk: the sender is not done, and still gets its answer.
        status, headers, content = exchange(
            site, [*head, "Transfer-Encoding: chunked"], b"%x\r\n%s\r\n" % (size, b"x" * size)
        )
    else:
        status, headers, content = exchange(site, [*head, f"Content-Length: {10**18}"])
    assert status == 413
    assert headers["content-type"] == answered_as
    assert "FLYTE_HITL_MAX_BODY_BYTES" in content.decode()


def test_a_body_just_within_the_limit_is_read(site: Site) -> None:
    link = site.ask(question(str, max_characters=MAX_BODY_BYTES))
    assert site.send_json(link, "x" * (MAX_BODY_BYTES - 500)).status_code == 200


def with_value(link: FormLink, literal: str) -> str:
    body = {"request_id": link.request.request_id, "response_path": link.request.response_path}
    return f'{json.dumps(body)[:-1]}, "value": {literal}}}'


UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"request_id": "x"',
    "no UTF-8": b'{"request_id": "\xff"}',
    "UTF-16 half": b"\xff\xfe{",
    "a list": b"[]",
    "text": b'"true"',
    "null": b"null",
    "two objects": b"{}{}",
    "single quotes": b"{'request_id': 'x'}",
    "a form": b"request_id=x&value=true",
    "control characters": b'{"request_id": "\x00"}',
}


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_json_object_is_refused(site: Site, body: str) -> None:
    reply = site.client.post("/submit/json", content=UNREADABLE[body], headers={"Content-Type": "application/json"})
    problem_of(reply, 400)


@pytest.mark.parametrize(
    "literal", ["NaN", "Infinity", "-Infinity", "1" * 10_000, "[" * 40_000, "[" * 40_000 + "]" * 40_000]
)
def test_a_value_that_is_no_json_is_refused(site: Site, literal: str) -> None:
    link = site.ask(question(float))
    problem_of(site.client.post("/submit/json", content=with_value(link, literal)), 400)
    assert site.outcome(link) is None


@pytest.mark.parametrize("data_type", [int, float, str, bool])
@pytest.mark.parametrize(
    "literal",
    [
        '"\\ud800"',
        '"\\udfff tail"',
        '["\\ud800"]',
        '{"\\ud800": 1}',
        "[" * 500 + "]" * 500,
        "{}",
        "null",
        '"' + "9" * 10_000 + '"',
        "1e400",
    ],
    ids=lambda literal: literal[:12],
)
def test_a_value_of_odd_json_does_not_fit_or_is_taken_whole(site: Site, data_type: type[Any], literal: str) -> None:
    link = site.ask(question(data_type))
    before = snapshot(site)
    problem = problem_of(site.client.post("/submit/json", content=with_value(link, literal)), 422)
    assert [error["field"] for error in problem["errors"]] == ["value"]
    assert snapshot(site) == before


@pytest.mark.parametrize(
    "name", ["request_id", "response_path", "token", "comment", "data_type", "idempotency_key", "x"]
)
def test_half_a_surrogate_pair_in_any_field_is_an_error_of_the_caller(site: Site, name: str) -> None:
    link = site.ask()
    body = {"request_id": link.request.request_id, "response_path": link.request.response_path, "value": "maybe"}
    reply = site.client.post("/submit/json", content=json.dumps(body | {name: "\ud800"}))
    assert reply.status_code in (403, 404, 422)
    problem_of(reply, reply.status_code)


def test_a_huge_number_as_text_is_kept_exactly(site: Site) -> None:
    link = site.ask(question(int))
    digits = "9" * 4000
    assert site.send_json(link, digits).status_code == 200
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value == int(digits)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "image/png", "no/such; charset=x"])
def test_a_form_of_another_content_type_is_refused(site: Site, content_type: str) -> None:
    link = site.ask()
    body = f"request_id={link.request.request_id}&token={link.token}&value=true"
    reply = site.client.post("/submit", content=body, headers={"Content-Type": content_type})
    assert reply.status_code == 400
    assert "/submit/json" in page_of(reply).text
    assert site.outcome(link) is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--b\r\n"),
        ("multipart/form-data; boundary=b", b"garbage"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="value"; filename="f"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(2000))),
    ],
    ids=["no boundary", "garbage", "no name", "a file", "too many fields"],
)
def test_a_form_that_cannot_be_read_is_refused(site: Site, content_type: str, body: bytes) -> None:
    reply = site.client.post("/submit", content=body, headers={"Content-Type": content_type})
    assert reply.status_code in (400, 422)
    assert page_of(reply).text


@pytest.mark.parametrize("body", [b"%", b"=%ff%fe", b"value=%ed%a0%80&request_id=%00", b"\xff\xfe=\x00", b""])
def test_odd_bytes_in_a_form_are_an_error_of_the_caller(site: Site, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = site.client.post("/submit", content=body, headers=headers)
    assert reply.status_code in (400, 404, 422)
    assert page_of(reply).text


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


# What bad input gets: the store is out of reach


def assert_comes_back(reply: httpx.Response) -> None:
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


def test_with_the_store_down_nothing_is_said_to_be_accepted(broken: Broken) -> None:
    link = broken.site.ask(question(str))
    form = page_of(broken.site.client.get(link.form_url))
    broken.proxy.down()
    program = broken.site.send_json(link, "text")
    assert_comes_back(program)
    problem = problem_of(program, 503)
    person = broken.site.client.post("/submit", data=form.fields | {"value": "text"})
    assert_comes_back(person)
    assert problem["title"] in page_of(person).text
    for reply in (program, person):
        assert "accepted" not in reply.text
        assert link.request.response_path not in reply.text
    for path in ("form", "status"):
        reply = broken.site.client.get(f"/{path}/{link.request.request_id}", params={"token": link.token})
        assert_comes_back(reply)
    assert broken.site.client.get("/health").status_code == 200


def test_an_answer_that_met_a_store_that_is_down_is_kept_and_sent_again(broken: Broken) -> None:
    link = broken.site.ask(question(str))
    form = page_of(broken.site.client.get(link.form_url))
    broken.proxy.down()
    typed = form.fields | {"value": "\nline one\nline <b>two</b>", "comment": "a\ncomment"}
    failed = broken.site.client.post("/submit", data=typed)
    kept = page_of(failed)
    assert kept.fields == {**typed, "request_id": link.request.request_id}
    still_failed = page_of(broken.site.client.post(urljoin(str(failed.url), kept.action), data=kept.fields))
    assert still_failed.fields == kept.fields
    broken.proxy.up()
    replies = [broken.site.client.post(urljoin(str(failed.url), kept.action), data=kept.fields) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [303, 303]
    outcome = broken.site.outcome(link)
    assert outcome is not None
    assert (outcome.value, outcome.comment) == ("\nline one\nline <b>two</b>", "a\ncomment")


def test_an_answer_that_was_stored_though_nobody_was_told_is_accepted_when_it_is_sent_again(broken: Broken) -> None:
    """The reply to the write is lost, and then the store goes down: the app cannot know, and must not say."""
    link = broken.site.ask()
    form = page_of(broken.site.client.get(link.form_url))
    lose_every_reply_from_the_write_on(broken.proxy)
    uncertain = broken.site.client.post("/submit", data=form.fields | {"value": "true"})
    assert_comes_back(uncertain)
    assert broken.site.outcome(link) is not None
    broken.proxy.clear()
    kept = page_of(uncertain)
    sent_again = broken.site.client.post(urljoin(str(uncertain.url), kept.action), data=kept.fields)
    assert sent_again.status_code == 303
    assert (
        "Answer accepted" in broken.site.client.get(urljoin(str(sent_again.url), sent_again.headers["location"])).text
    )


def lose_every_reply_from_the_write_on(proxy: FaultProxy) -> None:
    written = False

    def is_write(method: str, path: str, headers: Headers) -> bool:
        nonlocal written
        written = written or (method == "PUT" and "responses/" in path)
        return method == "PUT" and "responses/" in path

    def is_read_after_it(method: str, path: str, headers: Headers) -> bool:
        return written and method == "GET" and "responses/" in path

    proxy.fail(is_write, Fault.drop_reply(), times=FOREVER)
    proxy.fail(is_read_after_it, Fault.reset(), times=FOREVER)


@pytest.mark.parametrize("fault", [Fault.drop_reply(), Fault.status(409), Fault.status(503), Fault.reset()], ids=str)
def test_a_passing_fault_of_the_store_is_not_seen(broken: Broken, fault: Fault) -> None:
    link = broken.site.ask()
    broken.proxy.fail(matching("PUT", "responses/"), fault)
    assert broken.site.send_json(link, True).status_code == 200
    outcome = broken.site.outcome(link)
    assert outcome is not None
    assert outcome.value is True


# Reading never answers (P7)


def every_address(site: Site, links: list[FormLink]) -> list[str]:
    paths = [*site.client.get("/openapi.json").json()["paths"], "/openapi.json", "/static/app.js", "/nowhere"]
    return [path.replace("{request_id}", link.request.request_id) for path in paths for link in links]


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


# Headers


def one_reply_of_each_status(site: Site) -> dict[int, httpx.Response]:
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


def unforeseen(site: Site) -> FormLink:
    """A request that another program wrote: it is a record, but nobody foresaw a decision without words."""
    link = site.ask()
    presented = link.request.question.model_copy(update={"presentation": {"labels": []}})
    odd = link.request.model_copy(update={"question": presented})
    raw_objects(site.store).put(f"requests/{odd.request_id}.json", odd.to_bytes())
    return link


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


def test_what_was_not_foreseen_is_an_error_page_that_tells_nothing(site: Site) -> None:
    link = unforeseen(site)
    reply = site.client.get(link.form_url)
    assert reply.status_code == 500
    assert "not foreseen" in page_of(reply).text
    for secret in ("Traceback", "jinja", link.request.response_path, link.token):
        assert secret not in reply.text
    problem_of(site.client.get(link.form_url, headers={"Accept": "application/json"}), 500)


# What must not be told


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


# What a workflow shows cannot run (P8)

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
        assert re.fullmatch(r"(\.\./)*(\./)?static/app\.js\?v=[0-9a-f]+", str(script.get("src"))), script
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


# Who answers


IDENTITY_HEADER = "X-Signed-In"


@pytest.fixture(scope="module")
def signed_in_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app behind a proxy that signs people in."""
    folder = tmp_path_factory.mktemp("signed-in")
    environment = {"FLYTE_HITL_IDENTITY_HEADER": IDENTITY_HEADER}
    with running_site(str(folder / "store"), folder, environment=environment) as running:
        yield running


@pytest.mark.parametrize("path", ["/submit", "/submit/json"])
def test_the_person_named_by_the_trusted_header_is_recorded(signed_in_site: Site, path: str) -> None:
    link = signed_in_site.ask()
    reply = post(signed_in_site, path, link, [(IDENTITY_HEADER.lower(), "ada@example.org")])
    assert reply.status_code in (200, 303)
    outcome = signed_in_site.outcome(link)
    assert outcome is not None
    assert outcome.responder == "ada@example.org"
    assert "ada@example.org" in page_of(signed_in_site.client.get(link.form_url)).text


@pytest.mark.parametrize("path", ["/submit", "/submit/json"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(IDENTITY_HEADER, "")],
        [(IDENTITY_HEADER, "ada"), (IDENTITY_HEADER, "eve")],
        [(IDENTITY_HEADER, "ada"), (IDENTITY_HEADER.upper(), "ada")],
        [("X-Forwarded-User", "eve")],
    ],
    ids=["missing", "empty", "duplicated", "duplicated in another case", "another header"],
)
def test_without_exactly_one_name_in_the_trusted_header_nothing_is_taken(
    signed_in_site: Site, path: str, headers: list[tuple[str, str]]
) -> None:
    link = signed_in_site.ask()
    reply = post(signed_in_site, path, link, headers)
    assert reply.status_code == 403
    assert "signed in" in reply.text
    assert signed_in_site.outcome(link) is None


def post(site: Site, path: str, link: FormLink, headers: list[tuple[str, str]]) -> httpx.Response:
    body = {"request_id": link.request.request_id, "token": link.token, "value": "true"}
    if path.endswith("json"):
        return site.client.post(path, json=body, headers=headers)
    return site.client.post(path, data=body, headers=headers)


@pytest.mark.parametrize("name", ["responder", "user", "identity", IDENTITY_HEADER])
def test_a_client_cannot_say_who_it_is(site: Site, name: str) -> None:
    link = site.ask()
    fields = {name: "the queen"}
    reply = site.client.post(
        "/submit/json",
        json={"request_id": link.request.request_id, "token": link.token, "value": True, **fields},
        headers=fields,
    )
    assert reply.status_code == 200
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.responder == "a holder of the link"


# Behind a path


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


# The process


def test_an_app_that_cannot_use_its_settings_says_so_and_ends(tmp_path: Path) -> None:
    environment = {**os.environ, "FLYTE_HITL_MAX_BODY_BYTES": "lots"}
    command = [sys.executable, "-m", "flyteplugins.hitl.app", "--store", str(tmp_path / "store"), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment, check=False)
    assert done.returncode == 1
    assert "FLYTE_HITL_MAX_BODY_BYTES" in done.stderr
    assert "Traceback" not in done.stderr
