"""FLYTE_HITL_ENDPOINT: an app on the workflow's store answers there, or one error names the setting."""

from __future__ import annotations

import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

import flyteplugins.hitl as hitl
from flyteplugins.hitl._app_probe import Answering, probe
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._serving import Pace, Serving
from flyteplugins.hitl._settings import ServingSettings, Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import AppUnavailable
from tests.support.apps import running_app
from tests.support.fault_proxy import fault_proxy
from tests.support.house import run
from tests.support.processes import LOOPBACK, free_port
from tests.support.stores import RunningStore

pytestmark = pytest.mark.slow

PACE = Pace(look=0.02, probe=3.0, endpoint=0.3)


def serving(store: str) -> Serving:
    service = Service(Store.at(store))

    async def store_id() -> str:
        return (await service.links()).store_id()

    return Serving(store, store_id, Settings(), ServingSettings(), PACE)


async def refused(store: str, endpoint: str) -> str:
    with pytest.raises(AppUnavailable) as caught:
        await serving(store).check_endpoint(endpoint)
    return str(caught.value)


@contextmanager
def something_else(status: int, body: bytes = b"<h1>Hello</h1>") -> Iterator[str]:
    """A server that is no app of ours."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status in (301, 302):
                self.send_header("Location", "http://127.0.0.1:1/sign-in")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{LOOPBACK}:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.asyncio
async def test_an_app_on_the_workflows_store_is_taken(local_store: str, tmp_path: Path) -> None:
    with running_app(local_store, tmp_path) as app:
        await serving(local_store).check_endpoint(app.url)


@pytest.mark.asyncio
async def test_an_app_on_another_store_is_refused_before_anybody_meets_a_question_that_is_not_there(
    local_store: str, tmp_path: Path
) -> None:
    with running_app(f"{local_store}-of-others", tmp_path) as app:
        told = await refused(local_store, app.url)

    assert f"FLYTE_HITL_ENDPOINT={app.url} is on another store" in told
    assert f"whose store is {local_store}" in told
    assert "Set FLYTE_HITL_STORE to one and the same store for both" in told


@pytest.mark.asyncio
async def test_an_app_that_cannot_reach_its_store_is_refused(
    local_store: str, s3_server: RunningStore, tmp_path: Path
) -> None:
    unreachable = {**s3_server.environment, "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}
    with running_app(s3_server.fresh(), tmp_path, environment=unreachable) as app:
        told = await refused(local_store, app.url)

    assert "cannot use its store" in told
    assert "FLYTE_HITL_STORE" in told


@pytest.mark.asyncio
async def test_where_nobody_answers_it_is_tried_for_a_while(local_store: str) -> None:
    endpoint = f"http://{LOOPBACK}:{free_port()}"
    began = time.monotonic()

    told = await refused(local_store, endpoint)

    assert 0.3 <= time.monotonic() - began < 5
    assert f"No app answers at FLYTE_HITL_ENDPOINT={endpoint}" in told
    assert "FLYTE_HITL_CHECK_ENDPOINT=false" in told


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<h1>Hello</h1>"), (200, b'{"status": "healthy"}'), (200, b"[]"), (404, b"{}")]
)
async def test_where_something_else_answers_that_is_told(local_store: str, status: int, body: bytes) -> None:
    with something_else(status, body) as endpoint:
        told = await refused(local_store, endpoint)

    assert f"FLYTE_HITL_ENDPOINT={endpoint} (status {status}" in told


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [302, 401, 403])
async def test_a_sign_in_is_taken_for_what_is_behind_it(local_store: str, status: int) -> None:
    with something_else(status) as endpoint:
        await serving(local_store).check_endpoint(endpoint)


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE])
async def test_a_gateway_whose_app_is_still_to_come_is_nobody_yet(status: HTTPStatus) -> None:
    with something_else(status) as endpoint:
        assert (await probe(endpoint)).who is Answering.NOBODY


@pytest.mark.asyncio
async def test_an_address_that_is_slow_takes_no_longer_than_it_may() -> None:
    began = time.monotonic()
    # Takes the call, and never answers.
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), http.server.BaseHTTPRequestHandler) as server:
        assert (await probe(f"http://{LOOPBACK}:{server.server_port}", 0.3)).who is Answering.NOBODY
    assert time.monotonic() - began < 15


@pytest.mark.asyncio
async def test_a_question_is_asked_while_the_app_is_down_once_it_was_there(
    local_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restarted workflow waits on; only an address that was never right is an error."""
    monkeypatch.setenv("FLYTE_HITL_STORE", local_store)
    with running_app(local_store, tmp_path) as app:
        monkeypatch.setenv("FLYTE_HITL_ENDPOINT", app.url)
        first = await hitl.new_event.aio("first", data_type=bool, idempotency_key="first")
        app.process.kill()

        # Another setting, so that this process forgets what it knows.
        monkeypatch.setenv("FLYTE_HITL_MAX_BODY_BYTES", "5000")
        again = await hitl.new_event.aio("first", data_type=bool, idempotency_key="first")

    assert again.form_url == first.form_url


@pytest.mark.asyncio
async def test_links_lead_to_the_public_address(
    local_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYTE_HITL_STORE", local_store)
    monkeypatch.setenv("FLYTE_HITL_PUBLIC_ADDRESS", "https://hitl.example.org/below")
    with running_app(local_store, tmp_path) as app:
        monkeypatch.setenv("FLYTE_HITL_ENDPOINT", app.url)
        event = await hitl.new_event.aio("first", data_type=bool)

    assert event.form_url.startswith("https://hitl.example.org/below/form/")


def test_an_app_tells_which_store_it_is_on_and_not_where_that_is(local_store: str, tmp_path: Path) -> None:
    with running_app(local_store, tmp_path) as app:
        told = httpx.get(f"{app.url}/ready", timeout=10)

    assert told.status_code == 200
    assert set(told.json()) == {"store"}
    assert local_store not in told.text


def test_an_app_is_ready_while_its_store_is_within_reach(s3_server: RunningStore, tmp_path: Path) -> None:
    url = s3_server.fresh()
    with (
        fault_proxy(s3_server.port) as proxy,
        running_app(url, tmp_path, environment=proxy.environment(s3_server)) as app,
    ):
        before = httpx.get(f"{app.url}/ready", timeout=10)
        proxy.down()
        meanwhile = httpx.get(f"{app.url}/ready", timeout=10)
        proxy.up()
        after = httpx.get(f"{app.url}/ready", timeout=10)

    assert (before.status_code, meanwhile.status_code, after.status_code) == (200, 503, 200)
    assert after.json() == before.json()


def test_an_app_takes_up_the_new_key_of_a_store_that_was_emptied(local_store: str, tmp_path: Path) -> None:
    with running_app(local_store, tmp_path) as app:
        before = httpx.get(f"{app.url}/ready", timeout=10).json()
        shutil.rmtree(local_store)
        anew = run(Service(Store.at(local_store)).links())
        told = httpx.get(f"{app.url}/ready", timeout=10).json()

    assert told != before
    assert told == {"store": anew.store_id()}


def test_an_app_that_was_told_no_store_is_up_and_shows_none(tmp_path: Path) -> None:
    """Deployed before any task asked: `flyte deploy` must come to its end, and nothing is served from elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    with running_app(None, tmp_path, environment={"HOME": str(home), "FLYTE_HITL_STORE": ""}) as app:
        assert httpx.get(f"{app.url}/health").status_code == 200
        for path in ("/ready", "/", "/form/x?token=y", "/status/x"):
            reply = httpx.get(f"{app.url}{path}")
            assert reply.status_code == 503
            assert "FLYTE_HITL_STORE" in reply.text
            assert "Content-Security-Policy" in reply.headers
        assert httpx.post(f"{app.url}/submit").status_code == 503
    assert [*home.iterdir()] == []
