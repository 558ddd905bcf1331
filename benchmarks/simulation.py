"""The watcher with 100,000 events, over a store with 30 ms latency and 1 % errors, in virtual time.

What cannot be run on one small machine. `python benchmarks/simulation.py` prints what `docs/scaling.md` cites.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flyteplugins.hitl._answers import answer_for
from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._marks import Interest
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Channel, Origin, Question, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._submission import Submission
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import StoreUnavailable
from tests.support.simulated_store import SameLoop, SimulatedBackend, in_virtual_time, simulated_service

EVENTS = 100_000
LATENCY = 0.03
ERROR_RATE = 0.01
INTERVAL = 5.0
ANSWERS = 200

_ORIGIN = Origin(run="simulation", action="a0")


@dataclass(frozen=True)
class Simulated:
    """What the simulation found.

    Attributes:
        first_looks: Seconds until each event had been looked at once.
        requests_a_tick: Requests to the store in an ordinary tick.
        unseen: Seconds from the sending of each answer to the workflow going on, with no form open before.
        seen: The same with the form open for longer than one interval.
        at_once: The same for 1,000 answers sent in the same second.
        real_seconds: How long it took to simulate.
    """

    first_looks: float
    requests_a_tick: float
    unseen: list[float]
    seen: list[float]
    at_once: list[float]
    real_seconds: float


def simulate(events: int = EVENTS) -> Simulated:
    """Runs the simulation."""
    began = time.perf_counter()
    first_looks, requests_a_tick, unseen, seen, at_once = in_virtual_time(_simulation(events))
    return Simulated(first_looks, requests_a_tick, unseen, seen, at_once, time.perf_counter() - began)


async def _simulation(events: int) -> tuple[float, float, list[float], list[float], list[float]]:
    backend = SimulatedBackend()
    workflow, app = simulated_service(backend), simulated_service(backend)
    requests = await _asked(workflow, events)
    backend.latency, backend.error_rate = LATENCY, ERROR_RATE
    watch = Watch(workflow, SameLoop())
    waits = {each.request_id: asyncio.create_task(_waited(watch, each)) for each in requests}
    first_looks = await _until_quiet(backend)
    requests_a_tick = await _requests_a_tick(backend)

    chance, unseen, seen = random.Random(0), [], []
    for request in requests[:ANSWERS]:
        await asyncio.sleep(chance.uniform(0, INTERVAL))
        unseen.append(await _answered(app, request, waits))
    for request in requests[ANSWERS : 2 * ANSWERS]:
        await app.seen(request, Interest.OPENED)
        await asyncio.sleep(2 * INTERVAL)
        seen.append(await _answered(app, request, waits))
    await asyncio.sleep(700)
    burst = requests[2 * ANSWERS : 2 * ANSWERS + 1_000]
    at_once = list(await asyncio.gather(*(_answered(app, request, waits) for request in burst)))
    for wait in waits.values():
        wait.cancel()
    return first_looks, requests_a_tick, unseen, seen, at_once


async def _asked(service: Service, count: int) -> list[Request]:
    answer, earlier = answer_for(bool, max_characters=1_000), Earlier()
    requests = []
    for number in range(count):
        question = Question(name=f"event {number}", prompt="Go on?", data_type="bool", answer_schema=answer.schema)
        put = await service.ask(question, origin=_ORIGIN, turn=1, occurrence=1, timeout_seconds=None, earlier=earlier)
        requests.append(put.request)
    return requests


async def _waited(watch: Watch, request: Request) -> float:
    """Returns the moment at which the workflow went on."""
    await watch.outcome(request, INTERVAL)
    return asyncio.get_running_loop().time()


async def _until_quiet(backend: SimulatedBackend) -> float:
    began = asyncio.get_running_loop().time()
    while True:
        backend.requests.clear()
        await asyncio.sleep(INTERVAL)
        if backend.requests["get"] < 1_000:
            return asyncio.get_running_loop().time() - began - INTERVAL


async def _requests_a_tick(backend: SimulatedBackend) -> float:
    backend.requests.clear()
    await asyncio.sleep(100 * INTERVAL)
    return backend.requests.total() / 100


async def _answered(app: Service, request: Request, waits: dict[str, asyncio.Task[float]]) -> float:
    """Sends an answer, again where the store failed; returns after how many seconds the workflow went on."""
    sent = asyncio.get_running_loop().time()
    submission = Submission(value=True, channel=Channel.JSON, idempotency_key=request.request_id)
    proof = Proof(token=(await app.links()).token(request.request_id))
    while True:
        try:
            await app.answer(request, proof, submission)
        except StoreUnavailable:
            await asyncio.sleep(0.5)
        else:
            return await waits[request.request_id] - sent


def _told(what: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95, worst = ordered[int(0.95 * len(ordered))], ordered[-1]
    return f"{what}: median {statistics.median(ordered):.2f} s, p95 {p95:.2f} s, longest {worst:.2f} s"


if __name__ == "__main__":
    found = simulate()
    print(f"{EVENTS:,} events, {1000 * LATENCY:.0f} ms latency, {ERROR_RATE:.0%} errors, {INTERVAL:.0f} s interval")
    print(f"each looked at once after {found.first_looks:.0f} s; then {found.requests_a_tick:.1f} requests a tick")
    print(_told("form open", found.seen))
    print(_told("form not opened", found.unseen))
    print(_told("1,000 answers at once", found.at_once))
    print(f"simulated in {found.real_seconds:.0f} s")
