"""Processes that all answer the same requests at the same moment."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Channel, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._submission import Submission
from flyteplugins.hitl.errors import RequestClosed, StoreUnavailable

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

START_SECONDS = 90.0
_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Heat:
    """One request that all answer.

    Attributes:
        request_id: Names it.
        response_path: Proves the right to answer.
        endpoints: The apps through which it is answered, in turn; none for the service itself.
    """

    request_id: str
    response_path: str
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How one racer fared.

    Attributes:
        request_id: The request.
        sent: The value that the racer sent, which no other one sends.
        status: The HTTP status that it got.
        standing: The value of the outcome that it was told of.
        resent: How often it had to send again, because the store was out of reach.
    """

    request_id: str
    sent: int
    status: int
    standing: object
    resent: int = 0


@contextmanager
def running_racers(url: str, heats: Sequence[Heat], count: int) -> Iterator[Queue[Finish]]:
    """Start `count` processes that answer each heat at once, one after another; yield where they tell how it went."""
    context = multiprocessing.get_context("spawn")
    barrier, finishes = context.Barrier(count), context.Queue()
    racers = [
        context.Process(target=_run, args=(url, tuple(heats), number, barrier, finishes), daemon=True)
        for number in range(count)
    ]
    for racer in racers:
        racer.start()
    try:
        yield finishes
        for racer in racers:
            racer.join(10)
    finally:
        for racer in racers:
            racer.kill()
            racer.join()


def _run(url: str, heats: tuple[Heat, ...], number: int, barrier: Barrier, finishes: Queue[Finish]) -> None:
    asyncio.run(_race(Service(Store.at(url)), heats, number, barrier, finishes))


async def _race(
    service: Service, heats: tuple[Heat, ...], number: int, barrier: Barrier, finishes: Queue[Finish]
) -> None:
    await service.links()
    async with httpx.AsyncClient(timeout=30) as client:
        for heat in heats:
            await service.request(heat.request_id)  # All that is not the race itself is done before it.
            barrier.wait(START_SECONDS)
            if heat.endpoints:
                endpoint = heat.endpoints[number % len(heat.endpoints)]
                finishes.put(await _answer_by_http(client, endpoint, heat, number))
            else:
                finishes.put(await _answer(service, heat, number))


async def _answer(service: Service, heat: Heat, number: int) -> Finish:
    request = await service.request(heat.request_id)
    submission = Submission(value=number, channel=Channel.JSON, idempotency_key=f"racer-{number}")
    for resent in range(_TRIES):
        try:
            taken = await service.answer(request, Proof(response_path=heat.response_path), submission)
            assert isinstance(taken, Response)
        except RequestClosed as error:
            standing = None if error.response is None else error.response.value
            status = int(error.status)
        except StoreUnavailable:
            continue
        else:
            standing, status = taken.value, 200
        return Finish(request_id=heat.request_id, sent=number, status=status, standing=standing, resent=resent)
    return Finish(request_id=heat.request_id, sent=number, status=503, standing=None, resent=_TRIES)


async def _answer_by_http(client: httpx.AsyncClient, endpoint: str, heat: Heat, number: int) -> Finish:
    body = {"request_id": heat.request_id, "response_path": heat.response_path, "value": number}
    reply = await client.post(f"{endpoint}/submit/json", json=body)
    told = reply.json()
    standing = told["value"] if reply.status_code == 200 else told.get("outcome", {}).get("value")
    return Finish(request_id=heat.request_id, sent=number, status=reply.status_code, standing=standing)
