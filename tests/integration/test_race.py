"""The page says "accepted" if and only if the workflow gets that answer (P1): many at once, and at the last moment."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

import httpx
import pytest

from flyteplugins.hitl._records import Origin, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._watch import Watch
from tests.support.apps import running_app
from tests.support.questions import asked, question
from tests.support.racers import Finish, Heat, running_racers
from tests.support.stores import DurableStore, applied

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

pytestmark = pytest.mark.slow

RACERS = 16
LAST_MOMENTS = 200
AT_A_TIME = 10
SPREAD_SECONDS = 0.020
AIM_SECONDS = 0.010
LEAD_SECONDS = 0.4
"""What it takes to ask ten questions and have their answers ready to be sent."""


async def ask(service: Service, timeout_seconds: float) -> Request:
    origin = Origin(run=uuid.uuid4().hex, action="a0")
    return await asked(service, question(int), origin=origin, timeout_seconds=timeout_seconds)


def run_heats(url: str, heats: list[Heat]) -> tuple[list[Finish], dict[str, Response]]:
    """Let the racers loose while a workflow waits; return how they fared, and what the workflow got."""
    watched = Service(Store.at(url))
    with running_racers(url, heats, RACERS) as finishes:
        outcomes = asyncio.run(wait_for_all(watched, heats))
        finished = collect(finishes, RACERS * len(heats))
    return finished, outcomes


async def wait_for_all(service: Service, heats: list[Heat]) -> dict[str, Response]:
    watch = Watch(service)
    requests = [await service.request(heat.request_id) for heat in heats]
    outcomes = await asyncio.gather(*(watch.outcome(request, 0.1) for request in requests))
    return {outcome.request_id: outcome for outcome in outcomes}


def collect(finishes: Queue[Finish], count: int) -> list[Finish]:
    found = []
    for _ in range(count):
        try:
            found.append(finishes.get(timeout=60))
        except Empty:
            pytest.fail(f"only {len(found)} of {count} racers came in")
    return found


def make_heats(url: str, count: int, endpoints: tuple[str, ...] = ()) -> list[Heat]:
    service = Service(Store.at(url))
    requests = [asyncio.run(ask(service, 300)) for _ in range(count)]
    return [
        Heat(request_id=request.request_id, response_path=request.response_path, endpoints=endpoints)
        for request in requests
    ]


def assert_one_winner_each(heats: list[Heat], finished: list[Finish], outcomes: dict[str, Response]) -> None:
    for heat in heats:
        field = [finish for finish in finished if finish.request_id == heat.request_id]
        assert Counter(finish.status for finish in field) == {200: 1, 409: RACERS - 1}
        [winner] = [finish for finish in field if finish.status == 200]
        outcome = outcomes[heat.request_id]
        assert (outcome.status, outcome.value) == ("completed", winner.sent)
        assert {finish.standing for finish in field} == {winner.sent}


def test_of_sixteen_processes_one_is_accepted_and_the_workflow_gets_its_value(store_url: str) -> None:
    heats = make_heats(store_url, 5)
    finished, outcomes = run_heats(store_url, heats)
    assert_one_winner_each(heats, finished, outcomes)
    assert sum(finish.resent for finish in finished) == 0


def test_of_sixteen_calls_to_two_apps_one_is_accepted_and_the_workflow_gets_its_value(
    store_url: str, two_apps: tuple[str, ...]
) -> None:
    heats = make_heats(store_url, 5, two_apps)
    finished, outcomes = run_heats(store_url, heats)
    assert_one_winner_each(heats, finished, outcomes)


def test_of_sixteen_processes_one_is_accepted_on_a_store_that_lets_losers_wait(seaweedfs_server: DurableStore) -> None:
    with applied(seaweedfs_server.environment):
        url = seaweedfs_server.fresh()
        heats = make_heats(url, 2)
        finished, outcomes = run_heats(url, heats)
    assert_one_winner_each(heats, finished, outcomes)


@pytest.fixture
def two_apps(store_url: str, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Two replicas of the app on one store."""
    with ExitStack() as running:
        yield tuple(running.enter_context(running_app(store_url, tmp_path)).url for _ in range(2))


def test_at_the_last_moment_an_answer_is_accepted_if_and_only_if_the_workflow_gets_it(
    store_url: str, tmp_path: Path
) -> None:
    with running_app(store_url, tmp_path) as app:
        results = asyncio.run(answer_at_the_last_moment(store_url, app.url))
    assert len(results) == LAST_MOMENTS
    for number, (reply, outcome) in enumerate(results):
        if reply.status_code == 200:
            assert (outcome.status, outcome.value) == ("completed", number)
        else:
            assert reply.status_code == 410, reply.text
            assert outcome.status == "timed_out"
            assert reply.json()["outcome"]["status"] == "timed_out"
    statuses = Counter(reply.status_code for reply, _ in results)
    assert min(statuses[200], statuses[410]) >= LAST_MOMENTS // 20, f"not at the last moment: {statuses}"


async def answer_at_the_last_moment(url: str, endpoint: str) -> list[tuple[httpx.Response, Response]]:
    service = Service(Store.at(url))
    watch = Watch(service)
    results: list[tuple[httpx.Response, Response]] = []
    async with httpx.AsyncClient(base_url=endpoint, timeout=30) as client:
        head_start = 0.0
        for first in range(0, LAST_MOMENTS, AT_A_TIME):
            numbers = range(first, first + AT_A_TIME)
            batch = await asyncio.gather(
                *(last_moment(service, watch, client, number, head_start) for number in numbers)
            )
            results += batch
            head_start += aim(batch)
    return results


def aim(batch: list[tuple[httpx.Response, Response]]) -> float:
    """How much sooner to send, in seconds: an answer takes its time to arrive, and more of it on a busy machine."""
    accepted = sum(reply.status_code == 200 for reply, _ in batch)
    return AIM_SECONDS * (1 - 2 * accepted / len(batch))


async def last_moment(
    service: Service, watch: Watch, client: httpx.AsyncClient, number: int, head_start: float
) -> tuple[httpx.Response, Response]:
    request = await ask(service, LEAD_SECONDS)
    outcome, reply = await asyncio.gather(
        watch.outcome(request, 0.1), answer_around_the_deadline(client, request, number, head_start)
    )
    return reply, outcome


async def answer_around_the_deadline(
    client: httpx.AsyncClient, request: Request, number: int, head_start: float
) -> httpx.Response:
    assert request.deadline is not None
    place_in_batch = number % AT_A_TIME / (AT_A_TIME - 1)
    moment = request.deadline.timestamp() + SPREAD_SECONDS * (2 * place_in_batch - 1) - head_start
    await asyncio.sleep(max(0.0, moment - time.time()))
    body = {"request_id": request.request_id, "response_path": request.response_path, "value": number}
    return await client.post("/submit/json", json=body)
