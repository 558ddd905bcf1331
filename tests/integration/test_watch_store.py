"""Waiting goes on through a store that is down, slow or failing, and loses nothing of what happens then (P2, P3)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl import _backend, _outage
from flyteplugins.hitl._records import Channel, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import DamagedRecord
from tests.support.apps import running_app
from tests.support.fault_proxy import Fault, FaultProxy, fault_proxy, matching
from tests.support.questions import answered, asked, question
from tests.support.raw_objects import raw_objects
from tests.support.stores import RunningStore, applied

pytestmark = pytest.mark.asyncio

FOREVER = 100_000
INTERVAL = 0.1
PATIENCE = 20.0
"""Far more than any wait here takes; what matters is what comes, not how soon."""


class Far:
    """A store behind a fault proxy, as the workflow reaches it, and directly, as the rest of the world does."""

    def __init__(self, proxy: FaultProxy, url: str, workflow: Service, world: Service) -> None:
        self.proxy = proxy
        self.url = url
        self.workflow = workflow
        self.world = world

    @asynccontextmanager
    async def waiting(self, request: Request, interval: float = INTERVAL) -> AsyncIterator[asyncio.Task[Response]]:
        """Wait for a request in the background, and leave no wait behind."""
        task = asyncio.create_task(Watch(self.workflow).outcome(request, interval))
        try:
            await asyncio.sleep(2 * interval)
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def far(s3_server: RunningStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    # The pauses between tries and the bound of a call are for people; the tests need no minute.
    monkeypatch.setattr(_outage, "_LONGEST_PAUSE", 0.3)
    monkeypatch.setattr(_backend, "CALL_SECONDS", 1.0)
    url = s3_server.fresh()
    with fault_proxy(s3_server.port) as proxy:
        with applied(proxy.environment(s3_server)):
            workflow = Service(Store.at(url))
        with applied(s3_server.environment):
            world = Service(Store.at(url))
        yield Far(proxy, url, workflow, world)


async def ended(task: asyncio.Task[Response]) -> Response:
    return await asyncio.wait_for(task, PATIENCE)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


FAULTS = {
    "503": Fault.status(503),
    "500": Fault.status(500),
    "429": Fault.status(429),
    "reset": Fault.reset(),
    "truncate": Fault.truncate(),
    "hang": Fault.hang(60),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_an_answer_given_while_the_store_failed_is_got_when_it_is_back(far: Far, fault: Fault) -> None:
    request = await asked(far.workflow, question(int))
    far.proxy.fail(matching(None, "responses/"), fault, times=FOREVER)
    async with far.waiting(request) as wait:
        await asyncio.sleep(1.0)
        given = await answered(far.world, request, "7")
        assert not wait.done()
        far.proxy.clear()
        assert await ended(wait) == given


async def test_an_answer_given_while_the_store_was_down_is_got_and_it_is_said_once(
    far: Far, caplog: pytest.LogCaptureFixture
) -> None:
    request = await asked(far.workflow, question(int, name="how many"))
    async with far.waiting(request) as wait:
        far.proxy.down()
        await asyncio.sleep(2.5)
        given = await answered(far.world, request, "7")
        assert not wait.done()
        far.proxy.up()
        assert await ended(wait) == given
    # That it is back may come before or after the answer, and is told to those who still wait only.
    said, *back = warnings(caplog)
    assert [message.partition(";")[0] for message in back] in ([], ["The store is back"])
    assert "how many" in said
    assert "/marks/" in said
    assert request.response_path not in said


async def test_each_time_the_store_goes_away_and_comes_back_is_said_once(
    far: Far, caplog: pytest.LogCaptureFixture
) -> None:
    request = await asked(far.workflow, question(int))
    async with far.waiting(request) as wait:
        for _ in range(2):
            far.proxy.down()
            await asyncio.sleep(2.0)
            far.proxy.up()
            await asyncio.sleep(1.5)
        assert not wait.done()
    said = warnings(caplog)
    assert ["back" in message for message in said] == [False, True, False, True]


async def test_a_slow_store_is_waited_for(far: Far, caplog: pytest.LogCaptureFixture) -> None:
    request = await asked(far.workflow, question(int))
    far.proxy.fail(matching("GET", "responses/"), Fault.delay(0.5), times=FOREVER)
    async with far.waiting(request) as wait:
        given = await answered(far.world, request, "7")
        assert await ended(wait) == given
    assert warnings(caplog) == []


async def test_a_deadline_that_passes_while_the_store_is_down_stands_when_it_is_back(far: Far) -> None:
    request = await asked(far.workflow, question(int, on_timeout=3), timeout_seconds=0.6)
    async with far.waiting(request) as wait:
        far.proxy.down()
        await asyncio.sleep(1.0)
        assert not wait.done()
        far.proxy.up()
        outcome = await ended(wait)
    assert (outcome.status, outcome.value, outcome.channel) == ("timed_out", 3, Channel.TIMER)
    assert await far.world.response(request) == outcome


async def test_an_answer_before_a_deadline_that_passed_while_the_store_was_down_is_got(far: Far) -> None:
    request = await asked(far.workflow, question(int, on_timeout=3), timeout_seconds=0.6)
    async with far.waiting(request) as wait:
        far.proxy.down()
        given = await answered(far.world, request, "7")
        await asyncio.sleep(0.8)
        far.proxy.up()
        assert await ended(wait) == given


async def test_a_lost_reply_to_the_timers_own_write_is_its_own_win(far: Far) -> None:
    request = await asked(far.workflow, question(int), timeout_seconds=0.3)
    far.proxy.fail(matching("PUT", "responses/"), Fault.drop_reply(), times=2)
    async with far.waiting(request) as wait:
        assert (await ended(wait)).status == "timed_out"


async def test_a_damaged_outcome_ends_the_wait_with_an_error_that_names_it(far: Far, s3_server: RunningStore) -> None:
    request = await asked(far.workflow, question(int))
    async with far.waiting(request) as wait:
        with applied(s3_server.environment):
            raw_objects(far.url).put(request.response_path, b"{not json")
            await far.world.marks.leave_news(request, "nonce")
        with pytest.raises(DamagedRecord, match=f"responses/{request.request_id}"):
            await ended(wait)


async def test_waiting_asks_the_store_once_an_interval(far: Far) -> None:
    request = await asked(far.workflow, question(int))
    async with far.waiting(request, 0.25):
        far.proxy.forget_requests()
        await asyncio.sleep(2.0)
        asked_for = far.proxy.requests
    assert {method for method, _ in asked_for} == {"GET"}
    assert all("prefix=" in path for _, path in asked_for), "it lists the marks"
    assert 2 <= len(asked_for) <= 9


async def test_an_answer_through_this_process_is_noticed_at_once(store_url: str) -> None:
    service = Service(Store.at(store_url))
    request = await asked(service, question(int))
    wait = asyncio.create_task(Watch(service).outcome(request, 300))
    await asyncio.sleep(0.2)
    given = await answered(service, request, "7")
    assert await asyncio.wait_for(wait, 5) == given


@pytest.mark.slow
@pytest.mark.parametrize("interval", [0.2, 2.0])
async def test_an_answer_through_another_process_is_noticed_within_the_poll_interval(
    store_url: str, tmp_path: Path, interval: float
) -> None:
    service = Service(Store.at(store_url))
    with running_app(store_url, tmp_path) as app:
        async with httpx.AsyncClient(base_url=app.url, timeout=30) as client:
            for number in range(3):
                request = await asked(service, question(int, name=f"number {number}"))
                wait = asyncio.create_task(Watch(service).outcome(request, interval))
                await asyncio.sleep(0.3)
                body = {"request_id": request.request_id, "response_path": request.response_path, "value": number}
                assert (await client.post("/submit/json", json=body)).status_code == 200
                accepted_at = time.monotonic()
                outcome = await asyncio.wait_for(wait, PATIENCE)
                assert outcome.value == number
                # The rest is one call to the store on a busy machine.
                assert time.monotonic() - accepted_at < interval + 1.0
