"""Waits for many events at once, and tells what that costs while nothing happens."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from benchmarks.programs import plugin, program
from benchmarks.programs.calls import Calls

_LONGEST_START_SECONDS = 90.0
_LONGEST_WAKE_SECONDS = 60.0


async def waiting(*, events: int, interval: float, ticks: int, traced: bool) -> dict[str, Any]:
    """Asks, waits for all at once, looks on while nothing happens, and answers one.

    Args:
        events: How many.
        interval: How often the store is to be looked into, in seconds.
        ticks: For how many intervals to look on.
        traced: Whether Python is to count the memory that it hands out, which makes all of it slower.

    Returns:
        `moments`: The limits of the intervals, by the system's clock; `calls`: how many calls to the store fell into
        each; `cpu`: the share of a core in each; `event_bytes`: memory for each event; `wait_bytes`: and for each wait
        on top of that; `traced_bytes`: what Python counted of the latter; `woken`: how many waits one answer ended.
    """
    calls = Calls()
    calls.watch()
    plugin.leave_fsync_out()
    # What the first event brings with it (the app, modules, connections) is not what each of them costs.
    await plugin.ask("the first", interval)
    empty = _resident_bytes()
    asked = await plugin.ask_many(events, interval)
    if traced:
        tracemalloc.start()
    made, made_traced = _resident_bytes(), tracemalloc.get_traced_memory()[0]
    before = calls.ended
    waits = [asyncio.create_task(event.wait.aio()) for event in asked]
    await _settled(calls, before + events, interval)
    moments, shares = await _looked_on(interval, ticks)
    held, held_traced = _resident_bytes(), tracemalloc.get_traced_memory()[0]
    return {
        "moments": moments,
        "calls": in_each(moments, calls.moments),
        "cpu": shares,
        "event_bytes": (made - empty) / events,
        "wait_bytes": (held - made) / events,
        "traced_bytes": (held_traced - made_traced) / events,
        "woken": await _woken_by_one_answer(asked[0], waits, interval),
    }


def in_each(limits: Sequence[float], moments: Sequence[float]) -> list[int]:
    """How many moments fall between each two of the limits."""
    return [sum(start <= moment < end for moment in moments) for start, end in pairwise(limits)]


async def _settled(calls: Calls, ended: int, interval: float) -> None:
    """Returns when each wait has had its first look, or nothing happens any more; then in the middle of an interval."""
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    await asyncio.sleep(interval)
    quiet, seen = len(calls.moments) // 100, 0
    while calls.ended < ended and len(calls.moments) - seen > quiet and time.monotonic() < deadline:
        seen = len(calls.moments)
        await asyncio.sleep(interval)
    await asyncio.sleep(0.5 * interval)


async def _looked_on(interval: float, ticks: int) -> tuple[list[float], list[float]]:
    moments, shares = [time.time()], []
    for _ in range(ticks):
        begun, busy = time.perf_counter(), time.process_time()
        await asyncio.sleep(interval)
        shares.append((time.process_time() - busy) / (time.perf_counter() - begun))
        moments.append(time.time())
    return moments, shares


async def _woken_by_one_answer(event: Any, waits: list[asyncio.Task[Any]], interval: float) -> int:
    async with httpx.AsyncClient(timeout=30) as client:
        (await client.post(event.api_url, json=plugin.answer(event))).raise_for_status()
    assert await asyncio.wait_for(waits[0], _LONGEST_WAKE_SECONDS) is True
    # Any other would have gone on by its next look.
    await asyncio.sleep(interval)
    return sum(wait.done() for wait in waits)


def _resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    program.run(waiting)
