"""Holds the watcher in virtual time, over a simulated store: what it asks for, and how soon it finds what there is.

P9 (waiting is cheap) is in the counts, P10 (who looks is answered at once) in the delays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._marks import FOLDER, Interest
from flyteplugins.hitl._records import Origin, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl._watcher import LONGEST_INTERVAL, TICKS_A_TURN
from flyteplugins.hitl.errors import StoreUnavailable
from tests.support.questions import ORIGIN, answered, asked, question
from tests.support.simulated_store import SameLoop, SimulatedBackend, in_virtual_time, simulated_service

INTERVAL = 5.0


class Simulation:
    """A process that waits, and another that answers, over one store."""

    def __init__(self, *, latency: float = 0.0, error_rate: float = 0.0) -> None:
        self.backend = SimulatedBackend(latency=latency, error_rate=error_rate)
        self.workflow = simulated_service(self.backend)
        self.app = simulated_service(self.backend)
        self.watch = Watch(self.workflow, SameLoop())
        self.waits: dict[str, asyncio.Task[Response]] = {}
        self.ended: dict[str, float] = {}
        self._earlier = Earlier()

    async def ask(self, number: int = 0, *, origin: Origin = ORIGIN, timeout_seconds: float | None = None) -> Request:
        content = question(int, name=f"number {number}")
        return await asked(
            self.workflow, content, origin=origin, timeout_seconds=timeout_seconds, earlier=self._earlier
        )

    def wait(self, request: Request, interval: float = INTERVAL) -> asyncio.Task[Response]:
        async def waited() -> Response:
            response = await self.watch.outcome(request, interval)
            self.ended[request.request_id] = now()
            return response

        self.waits[request.request_id] = task = asyncio.get_running_loop().create_task(waited())
        return task

    async def waiting(self, count: int, interval: float = INTERVAL) -> list[Request]:
        """So many waits that have looked once each."""
        requests = [await self.ask(number) for number in range(count)]
        for request in requests:
            self.wait(request, interval)
        await asyncio.sleep(2 * interval)
        return requests

    async def place_finished(self, count: int) -> None:
        """So many more requests of the same run, and their outcomes, hollow: nobody may even list them."""
        for number in range(count):
            await self.backend.put(f"requests/{number:026}.json", b"", "create")
            await self.backend.put(f"responses/{number:026}.json", b"", "create")

    async def answer(self, request: Request) -> float:
        """Answers; returns after how many seconds the workflow went on."""
        sent = now()
        given = await answered(self.app, request, "7")
        assert await asyncio.wait_for(self.waits[request.request_id], 10_000) == given
        return self.ended[request.request_id] - sent

    async def requests_during(self, seconds: float) -> int:
        self.backend.requests.clear()
        await asyncio.sleep(seconds)
        return self.backend.requests.total()


def now() -> float:
    return asyncio.get_running_loop().time()


def simulated(work: Coroutine[Any, Any, None]) -> None:
    in_virtual_time(work)


@pytest.mark.parametrize(("count", "finished"), [(1, 0), (1_000, 0), (10_000, 0), (1, 100_000)])
def test_a_tick_takes_one_request_and_one_more_for_each_thousand_events(count: int, finished: int) -> None:
    async def work() -> None:
        simulation = Simulation()
        await simulation.place_finished(finished)
        await simulation.waiting(count)
        ticks = 20
        assert await simulation.requests_during(ticks * INTERVAL) <= ticks * (1 + count / 1_000)
        assert simulation.backend.requests["list"] == ticks

    simulated(work())


def test_finished_events_of_the_run_cost_nothing() -> None:
    async def work() -> None:
        simulation = Simulation()
        requests = await simulation.waiting(3_000)
        for request in requests[:2_990]:
            await answered(simulation.app, request, "7")
        await asyncio.sleep(60)
        assert all(simulation.waits[request.request_id].done() for request in requests[:2_990])
        ticks = 20
        assert await simulation.requests_during(ticks * INTERVAL) == ticks
        assert simulation.backend.below(FOLDER) == []

    simulated(work())


def test_events_of_many_actions_and_runs_cost_no_listing_each() -> None:
    async def work(origins: Sequence[Origin]) -> None:
        simulation = Simulation()
        for number, origin in enumerate(origins):
            simulation.wait(await simulation.ask(number, origin=origin))
        await asyncio.sleep(2 * INTERVAL)
        assert await simulation.requests_during(20 * INTERVAL) <= 20
        for wait in simulation.waits.values():
            assert not wait.done()

    simulated(work([Origin(run="r", action=f"a{number}") for number in range(50)]))
    simulated(work([Origin(run=f"r{number}", action="a") for number in range(50)]))


def test_what_others_wait_for_is_not_listed() -> None:
    async def work() -> None:
        simulation = Simulation()
        await simulation.waiting(1)
        for number in range(2_500):
            other = await simulation.ask(number, origin=Origin(run="other", action="a0"))
            await simulation.app.seen(other, Interest.OPENED)
        assert await simulation.requests_during(10 * INTERVAL) == 10

    simulated(work())


def test_a_word_to_hurry_finds_an_answer_at_once_and_costs_one_listing() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request, *others] = await simulation.waiting(5, LONGEST_INTERVAL)
        # The next tick is far away.
        await asyncio.sleep(30)
        sent = now()
        await answered(simulation.app, request, "7")
        simulation.backend.requests.clear()
        simulation.watch.look_now()
        await asyncio.sleep(1)
        assert simulation.ended[request.request_id] - sent < 1
        assert simulation.backend.requests["list"] == 1
        for other in others:
            # Another wait for the same has it looked at by itself, with no listing.
            simulation.wait(other, LONGEST_INTERVAL)
            await asyncio.sleep(1)
        assert simulation.backend.requests["list"] == 1

    simulated(work())


def test_a_word_to_hurry_is_kept_while_the_store_is_out_of_reach() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1, LONGEST_INTERVAL)
        await asyncio.sleep(30)
        await answered(simulation.app, request, "7")
        simulation.backend.is_down = True
        simulation.watch.look_now()
        await asyncio.sleep(1)
        simulation.backend.is_down = False
        back = now()
        await simulation.waits[request.request_id]
        assert now() - back < 60

    simulated(work())


def test_a_store_that_goes_away_when_nobody_waits_any_more_is_nothing_to_warn_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> None:
        simulation = Simulation(latency=0.1)
        [request] = await simulation.waiting(1)
        simulation.watch.look_now()
        await asyncio.sleep(0.01)
        simulation.waits[request.request_id].cancel()
        simulation.backend.is_down = True
        await asyncio.sleep(60)

    simulated(work())
    assert caplog.records == []


@pytest.mark.parametrize("seconds", [0.0, 1.3, 2.6, 4.9])
def test_an_answer_is_found_within_the_interval(seconds: float) -> None:
    async def work() -> None:
        simulation = Simulation(latency=0.03)
        [request] = await simulation.waiting(1)
        await asyncio.sleep(seconds)
        assert 0 < await simulation.answer(request) <= INTERVAL + 0.5

    simulated(work())


@pytest.mark.parametrize("interest", list(Interest))
def test_an_answer_is_found_at_once_where_the_form_was_open_for_an_interval(interest: Interest) -> None:
    async def work() -> None:
        simulation = Simulation(latency=0.03)
        [request] = await simulation.waiting(1)
        await simulation.app.seen(request, interest)
        await asyncio.sleep(INTERVAL + 1)
        assert await simulation.answer(request) <= 0.5

    simulated(work())


def test_a_page_that_says_that_it_is_looked_at_keeps_the_pace_for_as_long() -> None:
    async def work() -> None:
        simulation = Simulation(latency=0.03)
        [request] = await simulation.waiting(1)
        await simulation.app.seen(request, Interest.OPENED)
        for _ in range(900):
            await asyncio.sleep(4)
            await simulation.app.seen(request, Interest.LOOKING)
        assert await simulation.requests_during(10) >= 40
        assert await simulation.answer(request) <= 0.5

    simulated(work())


@pytest.mark.parametrize(("interest", "lasts"), [(Interest.LOOKING, 60), (Interest.OPENED, 600)])
def test_the_pace_is_the_usual_one_again_when_nobody_looks_any_more(interest: Interest, lasts: float) -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        await simulation.app.seen(request, interest)
        await asyncio.sleep(lasts - 10)
        assert await simulation.requests_during(5) >= 20
        await asyncio.sleep(20)
        assert await simulation.requests_during(10 * INTERVAL) <= 11
        assert simulation.backend.below(FOLDER) == []

    simulated(work())


def test_a_form_that_is_opened_again_is_looked_for_again() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        for _ in range(2):
            await simulation.app.seen(request, Interest.LOOKING)
            await asyncio.sleep(INTERVAL + 1)
            assert await simulation.requests_during(5) >= 20
            await asyncio.sleep(100)

    simulated(work())


def test_an_outcome_written_long_after_its_mark_is_found() -> None:
    """The app was stopped between the two, such as by a machine that was put to sleep."""

    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        await simulation.app.marks.leave_news(request, "nonce")
        await asyncio.sleep(1_000)
        waits = simulation.waits[request.request_id]
        assert not waits.done()
        assert await simulation.requests_during(10 * INTERVAL) <= 21
        response = await _answer_without_mark(simulation.app, request)
        assert await asyncio.wait_for(waits, INTERVAL + 1) == response

    simulated(work())


def test_an_outcome_whose_mark_somebody_deleted_is_found_in_its_turn() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        await _answer_without_mark(simulation.app, request)
        await asyncio.wait_for(simulation.waits[request.request_id], 2 * TICKS_A_TURN * INTERVAL)

    simulated(work())


def test_after_an_hour_without_the_store_each_request_is_looked_at() -> None:
    async def work() -> None:
        simulation = Simulation()
        requests = await simulation.waiting(10)
        simulation.backend.is_down = True
        await asyncio.sleep(5_000)
        simulation.backend.is_down = False
        for request in requests:
            await _answer_without_mark(simulation.app, request)
        await asyncio.sleep(120)
        assert all(wait.done() for wait in simulation.waits.values())

    simulated(work())


def test_two_processes_that_wait_for_one_request_both_get_it() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1, interval=1.0)
        second = asyncio.create_task(Watch(simulated_service(simulation.backend), SameLoop()).outcome(request, 20.0))
        await asyncio.sleep(1)
        given = await answered(simulation.app, request, "7")
        assert await asyncio.wait_for(second, 25) == given

    simulated(work())


def test_a_mark_that_nobody_needed_is_deleted_by_whoever_lists_it() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        gone = await simulation.ask(1)
        await simulation.app.marks.leave_news(gone, "nonce")
        await asyncio.sleep(3_000)
        assert len(simulation.backend.below(FOLDER)) == 1
        await asyncio.sleep(1_000)
        assert simulation.backend.below(FOLDER) == []
        assert await simulation.answer(request) <= INTERVAL + 1

    simulated(work())


def test_the_deadline_is_met_to_the_moment() -> None:
    async def work() -> None:
        simulation = Simulation()
        request = await simulation.ask(timeout_seconds=123.4)
        outcome = await simulation.wait(request, 50.0)
        assert outcome.status == "timed_out"
        assert request.deadline is not None
        assert abs((outcome.responded_at - request.deadline).total_seconds()) < 0.01

    simulated(work())


def test_a_long_interval_does_not_outlast_the_marks() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1, interval=100_000.0)
        assert await simulation.answer(request) <= LONGEST_INTERVAL + 1

    simulated(work())


def test_the_shortest_interval_holds_while_it_is_waited_for() -> None:
    async def work() -> None:
        simulation = Simulation()
        await simulation.waiting(1, interval=10.0)
        quick = simulation.wait(await simulation.ask(1), 1.0)
        await asyncio.sleep(10)
        assert 95 <= await simulation.requests_during(100) <= 101
        quick.cancel()
        await asyncio.sleep(10)
        assert 9 <= await simulation.requests_during(100) <= 11

    simulated(work())


def test_no_wait_asks_for_nothing() -> None:
    async def work() -> None:
        simulation = Simulation()
        [request] = await simulation.waiting(1)
        await simulation.answer(request)
        await asyncio.sleep(120)
        assert await simulation.requests_during(10_000) == 0
        wait = simulation.wait(await simulation.ask(1))
        await asyncio.sleep(INTERVAL)
        wait.cancel()
        await asyncio.sleep(INTERVAL)
        assert await simulation.requests_during(10_000) == 0

    simulated(work())


def test_one_outcome_wakes_only_its_own() -> None:
    async def work() -> None:
        simulation = Simulation()
        requests = await simulation.waiting(100)
        await simulation.answer(requests[50])
        assert [simulation.waits[request.request_id].done() for request in requests].count(True) == 1
        assert simulation.backend.requests["get"] < 3 * 100

    simulated(work())


def test_an_outage_is_said_once_for_all_and_asks_ever_less(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        simulation = Simulation()
        await simulation.waiting(1_000)
        simulation.backend.is_down = True
        assert await simulation.requests_during(1_000) <= 60
        simulation.backend.is_down = False
        await asyncio.sleep(100)
        assert all(not wait.done() for wait in simulation.waits.values())

    with caplog.at_level(logging.INFO, "flyteplugins.hitl"):
        simulated(work())
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("Still waiting for 1,000 answers. The store could not list")
    assert second == "The store is back; still waiting for 1,000 answers."


def test_through_a_slow_store_that_fails_at_times_all_is_found_soon() -> None:
    async def work() -> None:
        simulation = Simulation(latency=0.03, error_rate=0.01)
        simulation.backend.error_rate = 0.0
        requests = [await simulation.ask(number) for number in range(2_000)]
        simulation.backend.error_rate = 0.01
        for request in requests:
            simulation.wait(request)
        await asyncio.sleep(60)
        simulation.backend.error_rate = 0.0
        sent = now()
        for request in requests[:20]:
            await simulation.app.seen(request, Interest.OPENED)
        simulation.backend.error_rate = 0.01
        await asyncio.sleep(20)
        sent = now()
        await asyncio.gather(*(_tried(simulation.app, request) for request in requests[:20]))
        await asyncio.sleep(30)
        delays = sorted(simulation.ended[request.request_id] - sent for request in requests[:20])
        assert delays[10] <= 0.6
        assert delays[-1] <= 3.0

    simulated(work())


async def _tried(service: Service, request: Request) -> None:
    for _ in range(10):
        try:
            await answered(service, request, "7", idempotency_key=request.request_id)
        except StoreUnavailable:
            continue
        return


async def _answer_without_mark(service: Service, request: Request) -> Response:
    elsewhere = Service(service.store, clock=service.clock)

    async def lost(request: Request, nonce: str) -> None:
        """The mark is gone before anybody lists it."""

    elsewhere.marks.leave_news = lost  # type: ignore[method-assign]
    return await answered(elsewhere, request, "7")
