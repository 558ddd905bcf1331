"""Holds the waits: woken at once by what this process knows, else by a look into the store, and by the deadline."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl import _outage
from flyteplugins.hitl._event_loops import run_to_end
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._waits import Wait
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import DamagedRecord, StoreUnavailable
from tests.support.questions import MovableClock, answered, asked, question

LONG = 3600.0
"""An interval at which nothing is found by looking while a test lasts."""

SHORT = 0.02


async def waiting(watch: Watch, request: Request, interval: float = LONG) -> asyncio.Task[Response]:
    """A wait that has looked once, found nothing, and sleeps."""
    task = asyncio.create_task(watch.outcome(request, interval))
    await asyncio.sleep(0.1)
    assert not task.done()
    return task


async def soon(task: asyncio.Task[Response], seconds: float = 5) -> Response:
    return await asyncio.wait_for(task, seconds)


@pytest.mark.asyncio
async def test_an_outcome_that_stands_is_returned_at_once(service: Service) -> None:
    request = await asked(service)
    outcome = await answered(service, request)

    assert await asyncio.wait_for(Watch(service).outcome(request, LONG), 5) == outcome


@pytest.mark.asyncio
async def test_an_answer_in_this_process_wakes_the_wait_at_once(service: Service) -> None:
    request = await asked(service)
    task = await waiting(Watch(service), request)

    outcome = await answered(service, request)

    assert await soon(task) == outcome


@pytest.mark.asyncio
async def test_a_cancel_in_this_process_wakes_the_wait_at_once(service: Service) -> None:
    request = await asked(service)
    task = await waiting(Watch(service), request)

    outcome = await service.cancel(request, "not needed")

    assert await soon(task) == outcome


@pytest.mark.asyncio
async def test_an_answer_on_another_thread_and_loop_wakes_the_wait_at_once(service: Service) -> None:
    """The embedded app runs in a thread with a loop of its own."""
    request = await asked(service)
    task = await waiting(Watch(service), request)

    outcome = await asyncio.to_thread(lambda: asyncio.run(answered(service, request)))

    assert await soon(task) == outcome


def answer_later(service: Service, request: Request) -> None:
    time.sleep(0.3)
    asyncio.run(answered(service, request))


@pytest.mark.asyncio
async def test_an_answer_on_another_thread_wakes_a_loop_that_sleeps(service: Service) -> None:
    """Nothing else happens on the loop that would have it look around."""
    request = await asked(service)
    thread = threading.Thread(target=answer_later, args=(service, request))
    thread.start()

    await asyncio.wait_for(Watch(service).outcome(request, LONG), 20)

    thread.join()


@pytest.mark.asyncio
async def test_all_waits_for_one_request_wake(service: Service) -> None:
    request = await asked(service)
    watch = Watch(service)
    tasks = [await waiting(watch, request) for _ in range(3)]

    outcome = await answered(service, request)

    assert [await soon(task) for task in tasks] == [outcome] * 3


@pytest.mark.asyncio
async def test_a_wait_for_another_request_sleeps_on(service: Service) -> None:
    watch = Watch(service)
    other = await waiting(watch, await asked(service, question(name="other")))
    request = await asked(service)

    await answered(service, request)
    await asyncio.sleep(0.1)

    assert not other.done()
    other.cancel()


@pytest.mark.asyncio
async def test_an_answer_through_another_process_is_found_at_the_interval(
    service: Service, local_store: str, clock: MovableClock
) -> None:
    """Another service over the same store is to this one as another process is: it rings no bell here."""
    elsewhere, third = (Service(Store.at(local_store, clock=clock), clock=clock) for _ in range(2))
    request = await asked(service)
    quick = await waiting(Watch(service), request, SHORT)
    slow = await waiting(Watch(third), request, LONG)

    outcome = await answered(elsewhere, request)

    assert await soon(quick) == outcome
    assert not slow.done()
    slow.cancel()


@pytest.mark.asyncio
async def test_the_wait_closes_the_request_at_its_deadline(service: Service, clock: MovableClock) -> None:
    request = await asked(service, question(bool, on_timeout=False), timeout_seconds=60)
    task = await waiting(Watch(service), request, SHORT)

    clock.move(59.9)
    await asyncio.sleep(0.1)
    assert not task.done()
    clock.move(0.1)

    outcome = await soon(task)
    assert (outcome.status, outcome.value) == ("timed_out", False)
    assert await service.response(request) == outcome


@pytest.mark.asyncio
async def test_the_deadline_is_met_whatever_the_interval(tmp_path: Path) -> None:
    service = Service(Store.at(str(tmp_path / "store")))
    request = await asked(service, timeout_seconds=0.3)
    assert request.deadline is not None

    outcome = await asyncio.wait_for(Watch(service).outcome(request, LONG), 10)

    assert outcome.status == "timed_out"
    assert 0 <= (outcome.responded_at - request.deadline).total_seconds() < 2


@pytest.mark.asyncio
async def test_an_answer_before_the_deadline_stands_after_it(service: Service, clock: MovableClock) -> None:
    request = await asked(service, timeout_seconds=60)
    outcome = await answered(service, request)
    clock.move(1000)

    assert await Watch(service).outcome(request, LONG) == outcome


@pytest.mark.asyncio
async def test_with_no_deadline_the_wait_goes_on(service: Service, clock: MovableClock) -> None:
    request = await asked(service, timeout_seconds=None)
    task = await waiting(Watch(service), request, SHORT)

    clock.move(100 * 365 * 24 * 3600)
    await asyncio.sleep(0.1)

    assert not task.done()
    outcome = await answered(service, request)
    assert await soon(task) == outcome


class UnreliableService(Service):
    """The real rules, over a store that is out of reach for the next so many looks."""

    failures = 0
    looks = 0

    @classmethod
    def of_the_same_listeners(cls, other: Service) -> Service:
        """A service that reaches the store and tells whom the other one tells."""
        reachable = Service(other.store, clock=other.clock)
        reachable.listeners = other.listeners
        return reachable

    async def response(self, request: Request) -> Response | None:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("The store could not read this.")
        return await super().response(request)


@pytest.fixture
def unreliable(local_store: str, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> UnreliableService:
    """The service, with pauses after failures that a test can wait for."""
    monkeypatch.setattr(_outage, "backoff", lambda pace, failures: SHORT)
    return UnreliableService(Store.at(local_store, clock=clock), clock=clock)


@pytest.mark.asyncio
async def test_the_wait_goes_on_through_a_store_that_is_out_of_reach(unreliable: UnreliableService) -> None:
    request = await asked(unreliable)
    outcome = await answered(unreliable, request)
    unreliable.failures = 4

    assert await asyncio.wait_for(Watch(unreliable).outcome(request, LONG), 5) == outcome


@pytest.mark.asyncio
async def test_it_says_so_once_and_once_when_it_is_back(
    unreliable: UnreliableService, caplog: pytest.LogCaptureFixture
) -> None:
    request = await asked(unreliable, question(name="review"))
    unreliable.failures = 4

    with caplog.at_level(logging.INFO, "flyteplugins.hitl"):
        task = await waiting(Watch(unreliable), request, SHORT)
        await asyncio.sleep(30 * SHORT)
        assert not unreliable.failures
        await answered(unreliable, request)
        await soon(task)

    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("Still waiting for “review”. The store could not read this.")
    assert second.startswith("The store is back")


@pytest.mark.asyncio
async def test_an_outage_over_the_deadline_ends_in_the_timeout(
    unreliable: UnreliableService, clock: MovableClock
) -> None:
    request = await asked(unreliable, timeout_seconds=60)
    unreliable.failures = 3
    task = asyncio.create_task(Watch(unreliable).outcome(request, SHORT))
    await asyncio.sleep(SHORT)
    clock.move(61)

    assert (await soon(task)).status == "timed_out"


@pytest.mark.asyncio
async def test_an_outcome_that_this_process_knows_is_not_looked_for(unreliable: UnreliableService) -> None:
    """The outcome is there, and just then the store is out of reach."""
    request = await asked(unreliable)
    task = await waiting(Watch(unreliable), request)
    unreliable.failures = 1_000_000
    looks = unreliable.looks

    outcome = await answered(UnreliableService.of_the_same_listeners(unreliable), request)

    assert await soon(task) == outcome
    assert unreliable.looks == looks


@pytest.mark.asyncio
async def test_a_store_out_of_reach_is_not_asked_without_a_pause(unreliable: UnreliableService) -> None:
    request = await asked(unreliable)
    unreliable.failures = 1_000_000
    unreliable.looks = 0
    task = asyncio.create_task(Watch(unreliable).outcome(request, LONG))

    await asyncio.sleep(0.4)
    task.cancel()

    assert 1 <= unreliable.looks <= 30


@pytest.mark.parametrize("pace", [0.1, 1.0, 5.0, 600.0])
def test_the_pauses_grow_up_to_a_minute_and_are_spread(pace: float) -> None:
    spread = [[_outage.backoff(pace, failures) for _ in range(50)] for failures in range(1, 40)]

    first = min(max(pace, 0.25), 1.0)
    assert 0.5 * first <= min(spread[0]) <= max(spread[0]) <= 1.5 * first
    assert max(max(pauses) for pauses in spread) <= 90.0
    assert min(spread[-1]) >= 30.0
    assert all(len(set(pauses)) > 10 for pauses in spread)


@pytest.mark.asyncio
async def test_an_outcome_that_cannot_be_read_is_raised(service: Service, local_store: str) -> None:
    request = await asked(service)
    file = Path(local_store) / request.response_path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("not a record")

    with pytest.raises(DamagedRecord):
        await asyncio.wait_for(Watch(service).outcome(request, LONG), 5)


@pytest.mark.asyncio
async def test_a_cancelled_wait_leaves_the_request_open_and_nothing_behind(service: Service) -> None:
    request = await asked(service)
    watch = Watch(service)
    task = await waiting(watch, request)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await service.response(request) is None
    assert not len(watch._waits)


@pytest.mark.asyncio
async def test_a_wait_that_is_over_leaves_nothing_behind(service: Service) -> None:
    request = await asked(service)
    watch = Watch(service)
    tasks = [await waiting(watch, request) for _ in range(2)]

    await answered(service, request)
    for task in tasks:
        await soon(task)

    assert not len(watch._waits)


@pytest.mark.asyncio
async def test_a_wait_whose_loop_was_closed_hurts_nobody(service: Service) -> None:
    """A script that stops its loop in the middle of a wait leaves its bell behind."""
    request = await asked(service)
    watch = Watch(service)
    watch._waits.enter(await asyncio.to_thread(run_to_end, made(request)))
    task = await waiting(watch, request)

    outcome = await answered(service, request)

    assert await soon(task) == outcome


async def made(request: Request) -> Wait:
    return Wait(request, LONG, is_checked=False)


@pytest.mark.asyncio
async def test_a_waits_thread_is_free_while_it_waits(service: Service) -> None:
    request = await asked(service)
    threads = threading.active_count()
    tasks = [await waiting(Watch(service), request) for _ in range(3)]
    started = time.process_time()

    await asyncio.sleep(0.3)

    assert time.process_time() - started < 0.25
    assert threading.active_count() <= threads + 3
    for task in tasks:
        task.cancel()


def wait_and_get(watch: Watch, request: Request, results: list[Any]) -> None:
    results.append(asyncio.run(asyncio.wait_for(watch.outcome(request, LONG), 10)))


@pytest.mark.asyncio
async def test_waits_on_several_loops_all_wake(service: Service) -> None:
    """Blocking waits run on Flyte's loop, awaited ones on the caller's own."""
    request = await asked(service)
    watch = Watch(service)
    results: list[Any] = []
    threads = [threading.Thread(target=wait_and_get, args=(watch, request, results)) for _ in range(3)]
    for thread in threads:
        thread.start()
    await asyncio.sleep(0.5)
    assert len(watch._waits.of(request.request_id)) == 3

    outcome = await answered(service, request)

    for thread in threads:
        await asyncio.to_thread(thread.join, 10)
    assert results == [outcome] * 3
