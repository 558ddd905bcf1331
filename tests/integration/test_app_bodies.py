"""Bodies that are too large or cannot be read: an error of the caller, never one of the app, and nothing is written.

Holds P5: what is not wholly read is not an answer, and what is read is kept to the last digit.
"""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from flyteplugins.hitl._form_link import FormLink
from tests.support.app_cases import MAX_BODY_BYTES, snapshot
from tests.support.questions import question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site


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
