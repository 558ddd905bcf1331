"""Makes events, and tells how many a second."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from benchmarks.programs import plugin, program
from benchmarks.programs.calls import Calls


async def asking(*, batches: int, events: int, gathered: bool, fsync: bool, beside_raw: bool) -> dict[str, list[float]]:
    """Makes events in batches.

    Args:
        batches: How many.
        events: How many events in each.
        gathered: Whether those of a batch are made at once, or one after another.
        fsync: Whether to wait for the disk, where the plugin does.
        beside_raw: Whether to write as many objects of the same size to the same bucket after each, with nothing
            but the client library.

    Returns:
        `rates`: events a second, in each batch; `raw`: how many times as long as the plain objects each batch took.
    """
    calls = Calls(keeps_contents=True)
    if beside_raw:
        calls.watch()
    if not fsync:
        plugin.leave_fsync_out()
    await plugin.ask("the first", 5)
    if beside_raw:
        # Both have their connections before the first batch that counts.
        await _made(-1, events, gathered)
        plain = _plain_store()
        await _written_raw(plain, -1, [b""] * events)
    rates, raw = [], []
    for batch in range(batches):
        calls.contents.clear()
        seconds = await _made(batch, events, gathered)
        rates.append(events / seconds)
        if beside_raw:
            # Of all that was written, the one object of each event: the largest.
            contents = sorted(calls.contents, key=len, reverse=True)[:events]
            raw.append(seconds / await _written_raw(plain, batch, contents))
    return {"rates": rates, "raw": raw}


async def _made(batch: int, events: int, gathered: bool) -> float:
    names = [f"event-{batch}-{number}" for number in range(events)]
    start = time.perf_counter()
    if gathered:
        await asyncio.gather(*(plugin.ask(name, 5) for name in names))
    else:
        for name in names:
            await plugin.ask(name, 5)
    return time.perf_counter() - start


def _plain_store() -> Any:
    from obstore.store import from_url

    return from_url(os.environ["RAW_DATA_PATH"])


async def _written_raw(store: Any, batch: int, contents: list[bytes]) -> float:
    import obstore

    start = time.perf_counter()
    await asyncio.gather(
        *(
            obstore.put_async(store, f"{batch}/{number}", content, mode="create")
            for number, content in enumerate(contents)
        )
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    program.run(asking)
