"""Holds the link and the ready-made call: they carry what the request needs, and survive a shell whatever they hold."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl._answers import answer_for
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Request
from tests.support.questions import ORIGIN, MovableClock, question

HOSTILE = [
    "'; touch broken; '",
    "$(touch broken)",
    "`touch broken`",
    "a b\tc\nd",
    '"quoted" \\ back\\slash',
    "'",
    "''\"'\"'",
    "!!",
    "*?[a-z]~#&|<>",
    "${HOME} $HOME %PATH%",
    "-d @/etc/passwd",
    "é👍\u2028\x7f",
    "\\\n",
]


def link(
    data_type: type[Any] = bool, *, path: str = "responses/abc.def.json", endpoint: str = "http://h", name: str = "n"
) -> FormLink:
    asked = question(data_type, name=name)
    now = MovableClock().now()
    request = Request(
        nonce="n",
        request_id="abc",
        origin=ORIGIN,
        question=asked,
        fingerprint=asked.fingerprint(),
        occurrence=1,
        turn=1,
        generation=0,
        created_at=now,
        deadline=now,
        response_path=path,
    )
    return FormLink(request=request, endpoint=endpoint, token="the-token")


def words_of_bash(command: str) -> list[str]:
    """The words that a real bash makes of a call of curl, which is replaced by a function that prints them."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + command
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, timeout=20)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def words_of_shlex(command: str) -> list[str]:
    """The same by Python's rules, which read the backslash before a line break as a word where a shell drops it."""
    return [word for word in shlex.split(command) if word != "\n"][1:]


def body_of(words: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(words[words.index("-d") + 1])
    return body


def test_the_form_is_below_the_endpoint_and_the_token_is_in_the_query() -> None:
    parts = urlsplit(link(endpoint="https://example.org/below").form_url)

    assert (parts.scheme, parts.netloc, parts.path) == ("https", "example.org", "/below/form/abc")
    assert parse_qs(parts.query) == {"token": ["the-token"]}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_token_survives_the_link(token: str) -> None:
    made = FormLink(request=link().request, endpoint="http://h", token=token)

    assert parse_qs(urlsplit(made.form_url).query)["token"] == [token]


def test_the_call_is_the_documented_one() -> None:
    made = link()

    assert made.api_url == "http://h/submit/json"
    assert made.curl == (
        "curl -X POST http://h/submit/json \\\n"
        '  -H "Content-Type: application/json" \\\n'
        "  -d '{\n"
        '  "request_id": "abc",\n'
        '  "response_path": "responses/abc.def.json",\n'
        '  "value": "true",\n'
        '  "data_type": "bool"\n'
        "}'"
    )


@pytest.mark.parametrize("data_type", [int, float, str, bool])
def test_the_call_holds_an_answer_of_the_type(data_type: type[Any]) -> None:
    body = body_of(words_of_shlex(link(data_type).curl))
    answer = answer_for(data_type, max_characters=1000)

    assert body["data_type"] == answer.name
    assert type(answer.from_json(answer.form().parse_json(body["value"]))) is data_type


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_the_call_survives_bash(hostile: str) -> None:
    made = link(path=hostile, endpoint=f"http://{hostile}", name=hostile)

    words = words_of_bash(made.curl)

    assert words[:5] == ["-X", "POST", made.api_url, "-H", "Content-Type: application/json"]
    assert words == words_of_shlex(made.curl)
    assert body_of(words)["response_path"] == hostile


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_the_call_survives_the_rules_of_a_shell(hostile: str) -> None:
    made = link(path=hostile, endpoint=f"http://{hostile}", name=hostile)

    words = words_of_shlex(made.curl)

    assert words[:3] == ["-X", "POST", made.api_url]
    assert len(words) == 7
    assert body_of(words)["response_path"] == hostile


def test_repr_shows_no_secret() -> None:
    """What is logged by accident must not open the form."""
    shown = repr(link(path="responses/abc.capability.json"))

    assert "the-token" not in shown
    assert "capability" not in shown
