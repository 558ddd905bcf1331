"""Files uploaded over HTTP, on each kind of store: every byte, every limit, and nobody else's.

Holds P5 and P6 for files: a client names an upload by an id that the app made, and nothing else it says is believed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import time
from pathlib import Path
from typing import Annotated, Any

import pytest
from flyte.io import File

from flyteplugins.hitl import Upload
from flyteplugins.hitl._large_objects import LargeObjects
from flyteplugins.hitl._store import Store
from tests.support.app_cases import NO_REQUEST, expired, snapshot
from tests.support.apps import running_app
from tests.support.questions import question
from tests.support.replies import problem_of
from tests.support.sites import Site
from tests.support.uploads import PDF, PNG, chunked, pattern, send_file, uploaded, uploads_in

pytestmark = pytest.mark.slow

Small = Annotated[File, Upload(max_bytes=100_000, media_types=("application/pdf",))]


def value_of(site: Site, link: Any) -> Any:
    """The answer as the workflow gets it, before it is made into Flyte's file."""
    response = site.outcome(link)
    assert response is not None
    return asyncio.run(site.service.value(link.request, response))


def stored(site: Site, path: str) -> bytes:
    """The bytes at a URL that was handed to a workflow, read as another program would."""
    prefix = site.store.rstrip("/") + "/"
    assert path.startswith(prefix)

    async def read() -> bytes:
        return await LargeObjects(Store.at(site.store)).whole(path[len(prefix) :], 64 * 1024 * 1024)

    return asyncio.run(read())


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 * 1024, 10_000_001])
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "chunked"])
def test_every_byte_reaches_the_workflow(size: int, is_declared: bool, site: Site) -> None:
    link, content = site.ask(question(File)), pattern(size)
    reply = send_file(site, link, content if is_declared else chunked(content), "text/csv", name="rows.csv")
    assert reply.status_code == 201
    told = reply.json()
    digest = hashlib.sha256(content).hexdigest()
    assert {**told, "upload": ""} == {
        "upload": "",
        "name": "rows.csv",
        "media_type": "text/csv",
        "size": size,
        "sha256": digest,
    }
    assert site.send_json(link, told["upload"]).json()["value"] == told
    value = value_of(site, link)
    assert (value["name"], value["hash"]) == ("rows.csv", digest)
    assert stored(site, value["path"]) == content


def test_several_files_are_answered_in_the_order_of_the_answer(site: Site) -> None:
    link = site.ask(question(list[File]))
    ids = [uploaded(site, link, content, name=f"{content.decode()}.txt") for content in (b"a", b"b", b"c")]
    assert site.send_json(link, [{"upload": each} for each in reversed(ids)]).status_code == 200
    assert [each["name"] for each in value_of(site, link)] == ["c.txt", "b.txt", "a.txt"]


def test_the_same_file_uploaded_twice_is_two_uploads(site: Site) -> None:
    link = site.ask(question(list[File]))
    ids = [uploaded(site, link, PDF) for _ in range(2)]
    assert len(set(ids)) == 2
    assert site.send_json(link, ids).status_code == 200


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "chunked"])
def test_a_file_beyond_the_limit_is_refused_and_nothing_of_it_kept(is_declared: bool, site: Site) -> None:
    link = site.ask(question(Small))
    before = snapshot(site)
    content = PDF + pattern(100_000)
    reply = send_file(site, link, content if is_declared else chunked(content))
    assert "at most 100 kB (100,000 bytes)" in problem_of(reply, 413)["detail"]
    assert snapshot(site) == before
    assert send_file(site, link, (PDF + pattern(100_000))[:100_000]).status_code == 201


def test_the_app_takes_no_more_than_its_operator_allows(site: Site, tmp_path: Path) -> None:
    link = site.ask(question(Annotated[File, Upload(max_bytes=10**12)]))
    with running_app(site.store, tmp_path, environment={"FLYTE_HITL_MAX_UPLOAD_BYTES": "1000"}) as small:
        reply = site.client.post(
            f"{small.url}/upload/{link.request.request_id}?token={link.token}", content=bytes(1001)
        )
    assert "at most 1 kB" in problem_of(reply, 413)["detail"]


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [(PNG, "application/pdf", "x.pdf"), (b"MZ", "application/pdf", "x.pdf"), (b"text", "text/plain", "x.txt")],
)
def test_a_file_of_another_type_is_refused_whatever_is_said_of_it(
    content: bytes, media_type: str, name: str, site: Site
) -> None:
    link = site.ask(question(Small))
    before = snapshot(site)
    assert "PDF" in problem_of(send_file(site, link, content, media_type, name=name), 415)["detail"]
    assert snapshot(site) == before


def test_an_upload_for_one_field_is_no_way_round_the_limits_of_another(site: Site) -> None:
    link = site.ask(question(dict[str, Small]))
    loose = site.ask(question(tuple[File, Small]))
    assert send_file(site, link, PNG, field="value.0.value").status_code == 415
    upload_id = uploaded(site, loose, PNG, field="value.0")
    problem = problem_of(site.send_json(loose, [upload_id, upload_id]), 422)
    assert [error["field"] for error in problem["errors"]] == ["value.1"]
    assert site.outcome(loose) is None


@pytest.mark.parametrize("field", ["value.scan", "value.0", "scan", "", "__class__", "value" + ".x" * 5000])
def test_a_field_that_takes_no_file_is_refused(field: str, site: Site) -> None:
    link = site.ask(question(File))
    problem = problem_of(send_file(site, link, PDF, field=field), 422)
    assert [error["field"] for error in problem["errors"]] == ["field"]


def test_a_question_that_asks_for_no_file_takes_none(site: Site) -> None:
    link = site.ask(question(str))
    before = snapshot(site)
    assert send_file(site, link, PDF).status_code == 422
    assert snapshot(site) == before


@pytest.mark.parametrize(
    "proof", [{"token": None}, {"token": "x"}, {"token": None, "response_path": "responses/x.json"}]
)
def test_whoever_may_not_answer_uploads_nothing(proof: dict[str, Any], site: Site) -> None:
    link = site.ask(question(File))
    before = snapshot(site)
    assert send_file(site, link, PDF, **proof).status_code == 403
    assert snapshot(site) == before


def test_the_response_path_is_proof_enough(site: Site) -> None:
    link = site.ask(question(File))
    uploaded(site, link, PDF, token=None, response_path=link.request.response_path)


def test_an_upload_of_another_request_is_none(site: Site) -> None:
    mine, others = site.ask(question(File)), site.ask(question(File))
    stolen = uploaded(site, others)
    problem = problem_of(site.send_json(mine, stolen), 422)
    assert "no such upload" in problem["errors"][0]["reason"]
    assert site.outcome(mine) is None
    assert site.client.get(f"/upload/{mine.request.request_id}/{stolen}?token={mine.token}").status_code == 404


@pytest.mark.parametrize(
    "forged",
    ["b" * 26, "../" * 8 + "aa", "%2e%2e%2fkeys%2fsigning", "", "A" * 26, {"upload": "x", "path": "/etc/passwd"}],
)
def test_a_forged_id_is_no_upload(forged: Any, site: Site) -> None:
    link = site.ask(question(File))
    uploaded(site, link)
    assert site.send_json(link, forged).status_code == 422
    assert site.outcome(link) is None
    if isinstance(forged, str) and forged:
        reply = site.client.get(f"/upload/{link.request.request_id}/{forged}", params={"token": link.token})
        assert reply.status_code == 404


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x", "x"),
        ("..\\..\\windows\\x.dll", "x.dll"),
        ("nul\0.txt", "nul.txt"),
        ("x" * 3000 + ".pdf", "x" * 196 + ".pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ('a"; filename=b\r\nX-Evil: 1', 'a"; filename=bX-Evil: 1'),
        ("年度 <b>.pdf", "年度 <b>.pdf"),
    ],
)
def test_a_name_is_shown_and_handed_on_but_never_a_path(name: str, kept: str, site: Site) -> None:
    link = site.ask(question(File))
    before = set(snapshot(site))
    reply = send_file(site, link, PDF, name=name)
    upload_id = reply.json()["upload"]
    assert reply.json()["name"] == kept
    folder = f"uploads/{link.request.request_id}/{upload_id}"
    assert set(snapshot(site)) - before == {folder, f"{folder}.json"}
    assert site.send_json(link, upload_id).status_code == 200
    page = site.client.get(link.form_url).text
    assert kept.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in page
    download = site.client.get(f"/upload/{link.request.request_id}/{upload_id}", params={"token": link.token})
    assert "x-evil" not in download.headers
    assert download.headers["content-disposition"].isascii()


def test_a_file_comes_back_as_bytes_to_keep_and_never_as_a_page(site: Site) -> None:
    link, content = site.ask(question(File)), b"<script>alert(1)</script>"
    upload_id = uploaded(site, link, content, media_type="text/html", name="page.html")
    for outcome in (None, upload_id):
        if outcome:
            assert site.send_json(link, outcome).status_code == 200
        reply = site.client.get(f"/upload/{link.request.request_id}/{upload_id}", params={"token": link.token})
        assert reply.content == content
        assert reply.headers["content-type"] == "application/octet-stream"
        assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''page.html"
        assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert reply.headers["x-content-type-options"] == "nosniff"
    assert site.client.get(f"/upload/{link.request.request_id}/{upload_id}").status_code == 403


def test_a_closed_question_takes_no_file(site: Site) -> None:
    link, late = site.ask(question(File)), expired(site, content=question(File))
    assert site.send_json(link, uploaded(site, link)).status_code == 200
    before = uploads_in(site.store)
    assert problem_of(send_file(site, link, PDF), 409)["outcome"]["status"] == "completed"
    assert problem_of(send_file(site, late, PDF), 410)["outcome"]["status"] == "timed_out"
    assert problem_of(send_file(site, link, PDF, token="x"), 403)
    assert site.client.post(f"/upload/{NO_REQUEST}", content=PDF).status_code == 404
    assert uploads_in(site.store) == before


def begin(site: Site, link: Any, url: str) -> socket.socket:
    """Send most of a large file, and leave the connection open in the middle of it."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    head = (
        f"POST /upload/{link.request.request_id}?token={link.token}&name=x HTTP/1.1\r\n"
        f"Host: {host}\r\nContent-Length: 40000000\r\n\r\n"
    )
    connection.sendall(head.encode() + pattern(25_000_000))
    return connection


def test_a_connection_that_is_cut_leaves_nothing_that_counts(site: Site) -> None:
    link = site.ask(question(File))
    before = snapshot(site)
    begin(site, link, site.url).close()
    # The next call is taken, so the app has met the end of the one before, or will; then nothing is left of it.
    upload_id = uploaded(site, link)
    deadline = time.monotonic() + 20
    while set(snapshot(site)) - set(before) != {
        f"uploads/{link.request.request_id}/{upload_id}",
        f"uploads/{link.request.request_id}/{upload_id}.json",
    }:
        assert time.monotonic() < deadline, set(snapshot(site)) - set(before)
        time.sleep(0.05)
    assert "Traceback" not in site.log.read_text()


def test_an_app_killed_in_the_middle_leaves_nothing_that_counts(site: Site, tmp_path: Path) -> None:
    link = site.ask(question(File))
    before = set(snapshot(site))
    with running_app(site.store, tmp_path) as app, begin(site, link, app.url):
        assert app.process.pid is not None
        os.killpg(app.process.pid, signal.SIGKILL)
    # A local disk keeps what was half written under a name that no reader looks at.
    seen = {path for path in set(snapshot(site)) - before if "#" not in path}
    assert not seen
    assert site.send_json(link, uploaded(site, link)).status_code == 200
