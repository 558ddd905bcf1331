"""What waiting asks a real store for: counted at the S3-compatible server's door, and at a folder's.

Holds P9 and P10 with the real store and the real app; `tests/unit/test_watcher.py` holds them in virtual time, for more
events and in every case.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._backend import Backend, Listed
from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._watch import Watch
from tests.support.apps import running_app
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.questions import answered, asked, question
from tests.support.stores import RunningStore, applied

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

INTERVAL = 0.5


class Waiting:
    """Many waits of one process, and the account of what they ask for."""

    def __init__(self, service: Service, requests: Sequence[Request]) -> None:
        self.service = service
        self.requests = requests
        self.watch = Watch(service)
        self.waits = [asyncio.create_task(self.watch.outcome(request, INTERVAL)) for request in requests]

    async def end(self) -> None:
        for wait in self.waits:
            wait.cancel()
        await asyncio.gather(*self.waits, return_exceptions=True)


@asynccontextmanager
async def waiting(service: Service, count: int) -> AsyncIterator[Waiting]:
    earlier = Earlier()
    requests = [
        await asked(service, question(int, name=f"number {number}"), earlier=earlier) for number in range(count)
    ]
    waits = Waiting(service, requests)
    try:
        yield waits
    finally:
        await waits.end()


@pytest.fixture
def proxy(s3_server: RunningStore) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.port) as proxy, applied(proxy.environment(s3_server)):
        yield proxy


async def all_looked(proxy: FaultProxy, count: int) -> None:
    """Returns when each wait has looked once, and only the ticks are left."""
    for _ in range(200):
        await asyncio.sleep(2 * INTERVAL)
        if sum(method == "GET" and "/responses/" in path for method, path in proxy.requests) >= count:
            return
    raise AssertionError("Not all of the waits looked.")


async def finished(service: Service, count: int) -> None:
    earlier = Earlier()
    for number in range(count):
        request = await asked(service, question(int, name=f"finished {number}"), earlier=earlier)
        await answered(service, request, "7")


@pytest.mark.parametrize(("count", "finished_count"), [(1, 0), (1, 300), (1_000, 0)])
async def test_an_s3_server_is_asked_once_a_tick_and_once_more_for_a_thousand_events(
    proxy: FaultProxy, s3_server: RunningStore, count: int, finished_count: int
) -> None:
    service = Service(Store.at(s3_server.fresh()))
    await finished(service, finished_count)
    proxy.forget_requests()
    async with waiting(service, count) as waits:
        await all_looked(proxy, count)
        # Their marks are swept away within half a minute; what is left of them fits into the same page.
        proxy.forget_requests()
        await asyncio.sleep(8 * INTERVAL)
        asked_for = Counter("list" if "list-type" in path else method for method, path in proxy.requests)
        assert not any(wait.done() for wait in waits.waits)
    assert 1 <= asked_for["list"] <= 9
    assert asked_for.total() - asked_for["list"] <= asked_for["list"] * count / 1_000


class CountingBackend(Backend):
    """A real folder, and the account of what it is asked for."""

    counts: Counter[str]

    async def get(self, path: str) -> bytes | None:
        self.counts["get"] += 1
        return await super().get(path)

    async def listed(self, folder: str) -> AsyncIterator[Listed]:
        self.counts["list"] += 1
        async for entry in super().listed(folder):
            self.counts["entries"] += 1
            yield entry


@pytest.mark.parametrize("finished_count", [0, 100_000])
async def test_a_folder_is_asked_once_a_tick_however_many_events_are_finished(
    local_store: str, finished_count: int
) -> None:
    backend = CountingBackend.at(local_store)
    assert isinstance(backend, CountingBackend)
    backend.counts = Counter()
    service = Service(Store(backend))
    await asyncio.to_thread(place_finished, Path(local_store), finished_count)
    async with waiting(service, 10) as waits:
        await asyncio.sleep(2 * INTERVAL)
        backend.counts.clear()
        await asyncio.sleep(8 * INTERVAL)
        assert not any(wait.done() for wait in waits.waits)
    assert 1 <= backend.counts["list"] <= 9
    assert backend.counts["get"] == 0
    assert backend.counts["entries"] == 0


def place_finished(store: Path, count: int) -> None:
    """Requests and outcomes of the same run, at their places; hollow, because nobody may even list them."""
    for folder in ("requests", "responses"):
        (store / folder).mkdir(parents=True, exist_ok=True)
        for number in range(count // 2):
            (store / folder / f"{number:026}.json").touch()


async def test_an_open_form_has_the_store_listed_often_until_its_answer_is_there(
    proxy: FaultProxy, s3_server: RunningStore, tmp_path: Path
) -> None:
    url = s3_server.fresh()
    service = Service(Store.at(url))
    request = await asked(service, question(int))
    token = (await service.links()).token(request.request_id)
    wait: asyncio.Task[Response] = asyncio.create_task(Watch(service).outcome(request, 2.0))
    with running_app(url, tmp_path, environment=s3_server.environment) as app:
        await asyncio.sleep(2.5)
        proxy.forget_requests()
        await asyncio.sleep(4.0)
        at_rest = len(proxy.requests)
        async with httpx.AsyncClient(timeout=30) as client:
            form = FormLink(request=request, endpoint=app.url, token=token).form_url
            assert (await client.get(form)).status_code == 200
            await asyncio.sleep(2.5)
            proxy.forget_requests()
            await asyncio.sleep(4.0)
            while_open = len(proxy.requests)
            body = {"request_id": request.request_id, "response_path": request.response_path, "value": 7}
            assert (await client.post(f"{app.url}/submit/json", json=body)).status_code == 200
    assert (await asyncio.wait_for(wait, 30)).value == 7
    assert 1 <= at_rest <= 3
    assert while_open >= 3 * at_rest
