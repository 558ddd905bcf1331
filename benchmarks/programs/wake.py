"""Asks, waits, answers by the JSON call, and tells how long each wait went on after its answer was sent."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from benchmarks.programs import plugin, program


async def wake(*, events: int, interval: float, first: float, last: float, opened: bool) -> list[float]:
    """Waits for all events at once, each answered at a moment of its own.

    Args:
        events: How many.
        interval: How often the store is to be looked into, in seconds.
        first: When the first answer is sent, in seconds after the waits began.
        last: When the last one is.
        opened: Whether somebody opens each form before.

    Returns:
        Seconds from the sending of each answer until its wait returned.
    """
    asked = await plugin.ask_many(events, interval)
    step = (last - first) / max(events - 1, 1)
    async with httpx.AsyncClient(timeout=30) as client:
        if opened:
            for event in asked:
                (await client.get(event.form_url)).raise_for_status()
        return await asyncio.gather(
            *(_woken(client, event, first + number * step) for number, event in enumerate(asked))
        )


async def _woken(client: httpx.AsyncClient, event: Any, moment: float) -> float:
    waiting = asyncio.create_task(_end_of(event))
    await asyncio.sleep(moment)
    sent = time.perf_counter()
    woken, _ = await asyncio.gather(waiting, _send(client, event))
    return woken - sent


async def _end_of(event: Any) -> float:
    assert await event.wait.aio() is True
    return time.perf_counter()


async def _send(client: httpx.AsyncClient, event: Any) -> None:
    (await client.post(event.api_url, json=plugin.answer(event))).raise_for_status()


if __name__ == "__main__":
    program.run(wake)
