"""Uploaded files as Flyte's `File` in tasks, from a folder and a bucket; and large ones, which no app holds whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flyte.io import File

from tests.support.apps import running_app
from tests.support.questions import question
from tests.support.scripts import SCRIPTS, running_script
from tests.support.sites import Site, running_site
from tests.support.stores import RunningStore, applied
from tests.support.uploads import pattern, send_file

pytestmark = pytest.mark.slow

CONTENTS = (b"", b"1", pattern(10_000_001))
LARGE_BYTES = 300_000_000
MEMORY_BYTES = 150_000_000
"""How much an app may grow by while it takes a large file: some parts of it, and far from all."""


def environment_of(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """A store, and what plugin and Flyte need to reach it."""
    if kind == "local":
        return {}
    server: RunningStore = request.getfixturevalue("s3_server")
    flytes = {
        "FLYTE_AWS_ENDPOINT": server.environment["AWS_ENDPOINT_URL"],
        "FLYTE_AWS_ACCESS_KEY_ID": server.environment["AWS_ACCESS_KEY_ID"],
        "FLYTE_AWS_SECRET_ACCESS_KEY": server.environment["AWS_SECRET_ACCESS_KEY"],
    }
    return {**server.environment, **flytes, "FLYTE_HITL_STORE": server.fresh()}


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_a_task_reads_what_was_uploaded_and_hands_it_on(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with running_script(SCRIPTS / "uploaded.py", home=tmp_path, environment=environment_of(kind, request)) as script:
        link = script.link()
        address, proof = f"{link.endpoint}/upload/{link.request_id}", {"token": link.token}
        ids = []
        for content in CONTENTS:
            reply = httpx.post(address, params={**proof, "name": "../rows.csv"}, content=content, timeout=60)
            assert reply.status_code == 201, reply.text
            ids.append(reply.json()["upload"])
        body = {"request_id": link.request_id, **proof, "value": ids}
        assert httpx.post(f"{link.endpoint}/submit/json", json=body, timeout=20).status_code == 200
        script.succeeded()
        digests = [hashlib.sha256(content).hexdigest() for content in CONTENTS]
        assert [line for line in script.lines if line[:64] in digests] == [" ".join([each] * 3) for each in digests]


@pytest.fixture(params=["local", "s3"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """An app on each kind of store, for one test."""
    if request.param == "local":
        with running_site(str(tmp_path / "store"), tmp_path) as running:
            yield running
        return
    server: RunningStore = request.getfixturevalue("s3_server")
    with applied(server.environment), running_site(server.fresh(), tmp_path) as running:
        yield running


def most_memory(pid: int) -> int:
    """The most that a process has had in memory so far, in bytes."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def large() -> Iterator[bytes]:
    block = pattern(1_000_000)
    for _ in range(LARGE_BYTES // len(block)):
        yield block


@pytest.mark.parametrize("way", ["raw", "form"])
def test_a_large_file_goes_through_the_app_in_pieces(way: str, site: Site, tmp_path: Path) -> None:
    expected = hashlib.sha256()
    for block in large():
        expected.update(block)
    link = site.ask(question(File))
    with running_app(site.store, tmp_path) as app:
        pid = app.process.pid
        assert pid is not None
        query: dict[str, Any] = {"token": link.token, "request_id": link.request.request_id}
        # The first call loads what is loaded once.
        httpx.post(f"{app.url}/upload/{link.request.request_id}", params=query, content=b"x").raise_for_status()
        before = most_memory(pid)
        client = httpx.Client(base_url=app.url, timeout=120)
        if way == "raw":
            other = Site(url=app.url, store=site.store, service=site.service, log=site.log, client=client)
            reply = send_file(other, link, large())
            assert reply.json()["sha256"] == expected.hexdigest()
            upload_id = reply.json()["upload"]
            with client.stream("GET", f"/upload/{link.request.request_id}/{upload_id}", params=query) as download:
                received = hashlib.sha256()
                for chunk in download.iter_bytes():
                    received.update(chunk)
            assert received.hexdigest() == expected.hexdigest()
        else:
            file = tmp_path / "large.bin"
            with file.open("wb") as opened:
                opened.writelines(large())
            with file.open("rb") as opened:
                reply = client.post("/submit", params=query, data=query, files={"value": ("large.bin", opened)})
            assert reply.status_code == 303
            outcome = site.outcome(link)
            assert outcome is not None
            assert isinstance(outcome.value, dict)
            assert outcome.value["sha256"] == expected.hexdigest()
        assert most_memory(pid) - before < MEMORY_BYTES
