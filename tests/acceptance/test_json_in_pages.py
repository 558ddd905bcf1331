"""Every block of JSON in a page is what the package writes, replies or takes.

A record is read and written again, a body is sent, and a reply is held against the one that comes.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pandas as pd
import pytest
from flyte.io import File
from pydantic import BaseModel

import flyteplugins.hitl as hitl
from flyteplugins.hitl import _records, cli, testing
from flyteplugins.hitl._records import Request
from flyteplugins.hitl.errors import FieldError
from tests.support.commands import COMMAND, Asker, environment
from tests.support.commands import hitl as command
from tests.support.documentation import ROOT, Block, Examples, blocks_of_pages
from tests.support.house import House, open_house, run
from tests.support.questions import question
from tests.support.reviews import review_asked

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.7\n"
COMMANDS = "docs/reference/cli.md"
HTTP = "docs/reference/http.md"
RECORDS = "docs/reference/records.md"
CALLS = "docs/how-to/answer-from-a-program.md"
UPLOADS = "docs/how-to/ask-for-a-file.md"

EXAMPLES = Examples([block for block in blocks_of_pages() if block.language in ("json", "yaml", "toml")])

KEPT: dict[type[BaseModel], str] = {
    _records.Request: '"fingerprint":',
    _records.Attachment: '"preview":',
    _records.Response: '  "replaced_by": null\n}\n',
    _records.Uploaded: '"upload_id":',
    _records.Candidate: '"response": {',
    _records.Verdict: '"accepted":',
    _records.Heartbeat: '"seen_at":',
    _records.OpenChunk: '"entries":',
    _records.StoreCheck: '"create_only":',
    _records.Endpoint: '"port":',
    _records.CheckedEndpoint: '"address":',
    _records.PushTarget: '"parent":',
    _records.Items: '"shown":',
    _records.Batch: '"made_at":',
    _records.Snapshot: '"nonces":',
}
"""The records on the page about them, each with a text that only its block holds."""

BLOCKS_OF_RECORDS = [(record, EXAMPLES.take(RECORDS, text)) for record, text in KEPT.items()]
ANSWER_WITH_UPLOAD = EXAMPLES.take(UPLOADS, '"token":')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app over a store of its own."""
    with open_house(str(tmp_path / "store")) as opened:
        yield opened


def same_shape(documented: Any, real: Any) -> bool:
    """Whether two are built alike: the same members, of the same types."""
    if isinstance(documented, dict):
        return (
            isinstance(real, dict)
            and documented.keys() == real.keys()
            and all(same_shape(value, real[key]) for key, value in documented.items())
        )
    if isinstance(documented, list):
        return isinstance(real, list) and all(same_shape(documented[0], value) for value in real)
    return type(documented) is type(real)


def body(block: Block, house: House, request: Request) -> dict[str, Any]:
    """A body on a page, with the id and the token of a request for those of the page."""
    ours = {"request_id": request.request_id, "token": house.link(request).token}
    documented = json.loads(block.text)
    assert isinstance(documented, dict)
    assert ours.keys() <= documented.keys()
    return {**documented, **ours}


def sent(house: House, path: str, content: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{house.endpoint}{path}", json=content)


def answered(house: House, request: Request, value: object) -> httpx.Response:
    content = {"request_id": request.request_id, "token": house.link(request).token, "value": value}
    return sent(house, "/submit/json", content)


def status(house: House, request: Request) -> dict[str, Any]:
    link = httpx.URL(house.link(request).url)
    found = httpx.get(link.copy_with(path=f"/status/{request.request_id}")).json()
    assert isinstance(found, dict)
    return found


# Records


@pytest.mark.parametrize(("record", "block"), BLOCKS_OF_RECORDS, ids=[str(block) for _, block in BLOCKS_OF_RECORDS])
def test_a_record_is_shown_as_it_is_written(record: type[BaseModel], block: Block) -> None:
    read = record.model_validate_json(block.text)

    assert json.loads(read.model_dump_json()) == json.loads(block.text)


@EXAMPLES.given(RECORDS, '"secret":')
def test_the_key_is_shown_as_it_is_written_but_for_the_secret(block: Block) -> None:
    written = json.loads(block.text.replace("…", base64.b64encode(bytes(32)).decode()))

    assert json.loads(_records.SigningKey.model_validate(written).model_dump_json()) == written


def test_the_request_that_is_shown_is_one_that_is_asked_so() -> None:
    request = Request.model_validate_json(EXAMPLES.take(RECORDS, KEPT[Request]).text)
    asked = question(name="review_decision", prompt="Found **3** anomalies. Approve?", on_timeout=False)

    assert request.question == asked
    assert request.fingerprint == asked.fingerprint()


@EXAMPLES.given(RECORDS, '"edited":')
def test_changes_of_a_table_make_the_table_that_the_page_says(block: Block) -> None:
    frame = pd.DataFrame({"sensor": ["A1", "A2", "B7"], "celsius": [21.5, 215.0, 20.9], "valid": [True, True, True]})
    with testing.answers({"readings": json.loads(block.text)}):
        corrected = hitl.new_event("readings", data_type=pd.DataFrame, initial=frame).wait()

    assert corrected.to_numpy().tolist() == [["A1", 21.5, True], ["A2", 21.5, True], ["B8", 20.1, True]]


# Calls and replies


@EXAMPLES.given(CALLS, '"message":')
def test_the_reply_to_an_answer(block: Block, house: House) -> None:
    request = house.ask()
    reply = answered(house, request, "true")

    assert reply.status_code == 200
    assert reply.json() == {**json.loads(block.text), "request_id": request.request_id}


@EXAMPLES.given(CALLS, '"idempotency_key":')
def test_an_answer_with_a_key_is_safe_to_repeat(block: Block, house: House) -> None:
    content = body(block, house, house.ask())
    replies = [sent(house, "/submit/json", content) for _ in range(2)]
    other = sent(house, "/submit/json", {**content, "value": False})
    without_key = sent(house, "/submit/json", {name: content[name] for name in ("request_id", "token", "value")})

    assert [reply.status_code for reply in (*replies, other, without_key)] == [200, 200, 409, 409]
    assert without_key.json()["outcome"]["value"] is True


@EXAMPLES.given(UPLOADS, '"sha256":')
def test_the_reply_to_an_upload_and_the_answer_with_it(block: Block, house: House) -> None:
    request = house.ask(File)
    link = httpx.URL(house.link(request).url).copy_with(path=f"/upload/{request.request_id}")
    reply = httpx.post(link.copy_merge_params({"name": "scan.pdf"}), content=PDF).json()
    answer = body(ANSWER_WITH_UPLOAD, house, request)

    assert same_shape(json.loads(block.text), reply)
    assert answer["value"] == json.loads(block.text)["upload"]
    assert sent(house, "/submit/json", {**answer, "value": reply["upload"]}).status_code == 200


@EXAMPLES.given(HTTP, '"outcome": {')
def test_the_reply_that_tells_an_outcome(block: Block, house: House) -> None:
    request = house.ask(name="review_decision")
    house.answer(request, "true", comment="Looks right")

    assert same_shape(json.loads(block.text), status(house, request))


@EXAMPLES.given(HTTP, '"message": "The answer is kept')
def test_the_reply_to_an_answer_that_is_kept(block: Block, house: House) -> None:
    request = house.ask(int, is_validated=True)
    reply = answered(house, request, 41)

    assert reply.status_code == 202
    assert reply.json() == {**json.loads(block.text), "request_id": request.request_id}


@EXAMPLES.given(HTTP, '"check": {')
def test_the_reply_that_tells_of_a_check(block: Block, house: House) -> None:
    request = house.ask(int, is_validated=True)
    assert answered(house, request, 41).status_code == 202
    kept = status(house, request)["check"]
    documented = json.loads(block.text)["check"]

    assert same_shape({**documented, "errors": []}, kept)
    assert kept["state"] == "kept"
    assert all(FieldError(**error) for error in documented["errors"])


@EXAMPLES.given(HTTP, '"withdrawn":')
def test_decisions_of_a_review_are_kept_once(block: Block, house: House) -> None:
    request = run(review_asked(house.service, [f"caption {number}" for number in range(18)], Literal["good", "bad"]))
    content = body(block, house, request)
    replies = [sent(house, "/review/progress", content) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert [(reply.json()["seen"], reply.json()["decided"]) for reply in replies] == [(1, 2), (1, 2)]


@EXAMPLES.given(HTTP, '"type": "urn:')
def test_an_error_is_a_problem_with_these_words(block: Block, house: House) -> None:
    reply = answered(house, house.ask(), "maybe")

    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == json.loads(block.text)


@EXAMPLES.given(COMMANDS, '"exit_code":')
def test_an_error_of_a_command_is_this_object(block: Block, house: House) -> None:
    done = command("answer", house.ask().request_id, "maybe", "--json", store=house.service.store.url)
    documented = json.loads(block.text)

    assert done.code == documented["exit_code"]
    assert same_shape(documented, done.error)
    assert done.error["error"] == documented["error"]


def members_documented(name: str) -> list[set[str]]:
    """The members of each object that the page says a command prints with `--json`."""
    text = (ROOT / COMMANDS).read_text(encoding="utf-8")
    found = re.search(rf"^### {name}\b.*?^`--json`: (.+?)$", text, re.MULTILINE | re.DOTALL)
    assert found, f"{COMMANDS} does not say what `{name} --json` prints."
    forms = re.findall(r"`(\{.+?\})`", found[1])
    spelled = [form.replace("{…}", "{}").replace("[…]", "[]").replace("…", "null") for form in forms]
    return [set(json.loads(form.replace(": bool", ": true"))) for form in spelled]


@pytest.mark.parametrize("name", [name for name in cli.hitl.commands if name not in ("serve", "watch")])
def test_a_command_prints_the_object_that_the_page_says(name: str, house: House) -> None:
    request = house.ask()
    given = {
        "list": [],
        "doctor": [],
        "answer": [request.request_id, "yes"],
        "open": [request.request_id, "--endpoint", house.endpoint],
        "link": [request.request_id, "--endpoint", house.endpoint],
    }.get(name, [request.request_id])
    done = command(name, *given, "--json", store=house.service.store.url, BROWSER="true")

    assert members_documented(name) == [set(done.data)]


@pytest.mark.parametrize("name", ["serve", "watch"])
def test_a_command_that_goes_on_prints_the_object_that_the_page_says(name: str, tmp_path: Path) -> None:
    asker = Asker(str(tmp_path / "store"))
    asker.ask()
    options = ["--port", "0"] if name == "serve" else []
    arguments = [*COMMAND, name, "--json", "--store", asker.store, *options]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment(), text=True) as running:
        assert running.stdout is not None
        printed = json.loads(running.stdout.readline())
        running.kill()

    assert members_documented(name)[0] == set(printed)


def test_every_block_of_json_is_held() -> None:
    assert not EXAMPLES.untested(), (
        "These blocks are held by no test. Write one into this file that takes the block by "
        "`@EXAMPLES.given(page, text)`: a record belongs into `KEPT`, a body is sent, a reply is compared."
    )
