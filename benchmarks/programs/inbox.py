"""Reads pages of the inbox over a store, and tells how long each took."""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from pathlib import Path

from benchmarks.programs import program
from flyteplugins.hitl._inbox import Inbox
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store

_PAGE = 50


async def inbox(*, rounds: int) -> dict[str, list[float]]:
    """Reads the first page and the next, each round by an inbox that has read nothing before.

    Returns:
        `first` and `second`: the seconds for each page; `grown`: by how many bytes the process's peak grew; `moments`:
        when the last first page was asked for, and when it was there.
    """
    store = os.environ["FLYTE_HITL_STORE"]
    # Loads what every use of a store loads.
    await Service(Store.at(store)).links()
    before = _peak_bytes()
    first, second, moments = [], [], [0.0, 0.0]
    for _ in range(rounds):
        reader = Inbox(Service(Store.at(store)))
        begun = time.time()
        after, seconds = await _timed(reader, None)
        moments = [begun, time.time()]
        first.append(seconds)
        _, seconds = await _timed(reader, after)
        second.append(seconds)
    return {"first": first, "second": second, "grown": [_peak_bytes() - before], "moments": moments}


async def _timed(reader: Inbox, after: str | None) -> tuple[str | None, float]:
    start = time.perf_counter()
    page = await reader.page(_PAGE, after)
    seconds = time.perf_counter() - start
    assert len(page.entries) == _PAGE
    return page.after, seconds


def _peak_bytes() -> float:
    # What Linux tells of a process by `getrusage` may be the peak of the one that started it.
    status = Path("/proc/self/status")
    peak = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE) if status.exists() else None
    if peak is not None:
        return 1024 * int(peak[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    program.run(inbox)
