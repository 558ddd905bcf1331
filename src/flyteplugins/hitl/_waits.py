"""The waits of this process: who waits for which request, on which event loop, until when at the latest."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from ._marks import folders_of
from ._records import Request, Response

K = TypeVar("K")


class Wait:
    """One wait. Woken from any thread, on the event loop of whoever waits.

    Args:
        request: What is waited for.
        interval: After how many seconds to look at the latest.
        is_checked: Whether the answers are checked by whoever waits, who then also looks for them.
    """

    __slots__ = ("_future", "_is_rung", "_loop", "error", "interval", "is_checked", "request", "response")

    def __init__(self, request: Request, interval: float, *, is_checked: bool) -> None:
        self.request = request
        self.interval = interval
        self.is_checked = is_checked
        self.response: Response | None = None
        self.error: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._is_rung = False
        self._future: asyncio.Future[None] | None = None

    async def rung(self) -> None:
        """Returns when there was a reason to look since the last time."""
        if not self._is_rung:
            self._future = self._loop.create_future()
            try:
                await self._future
            finally:
                self._future = None
        self._is_rung = False

    def ring(self) -> None:
        # The loop of that wait may be closed: then nobody waits there any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ring)

    def end(self, response: Response) -> None:
        """Ends the wait with the outcome."""
        self.response = response
        self.ring()

    def fail(self, error: Exception) -> None:
        """Ends the wait with an error."""
        self.error = error
        self.ring()

    def _ring(self) -> None:
        self._is_rung = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


class Waits:
    """All waits of a process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: dict[str, list[Wait]] = {}
        self._intervals: Counter[float] = Counter()
        self._folders: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
        self._deadlines: list[tuple[datetime, str]] = []
        self._turns: list[str] = []

    def __len__(self) -> int:
        return len(self._waits)

    def __contains__(self, request_id: object) -> bool:
        return request_id in self._waits

    def enter(self, wait: Wait) -> None:
        request = wait.request
        with self._lock:
            self._waits.setdefault(request.request_id, []).append(wait)
            self._intervals[wait.interval] += 1
            for counter, folder in zip(self._folders, folders_of(request.origin), strict=True):
                counter[folder] += 1
            if request.deadline is not None:
                heapq.heappush(self._deadlines, (request.deadline, request.request_id))

    def leave(self, wait: Wait) -> None:
        request = wait.request
        with self._lock:
            waits = self._waits.get(request.request_id, [])
            if wait not in waits:
                return
            waits.remove(wait)
            if not waits:
                del self._waits[request.request_id]
                self._forget_deadlines()
            _forget(self._intervals, wait.interval)
            for counter, folder in zip(self._folders, folders_of(request.origin), strict=True):
                _forget(counter, folder)

    def _forget_deadlines(self) -> None:
        # Those of closed requests stay in the heap, but never more of them than of open ones.
        if len(self._deadlines) > 2 * len(self._waits) + 100:
            self._deadlines = [entry for entry in self._deadlines if entry[1] in self._waits]
            heapq.heapify(self._deadlines)

    def clear(self) -> None:
        with self._lock:
            self._waits.clear()
            self._intervals.clear()
            for counter in self._folders:
                counter.clear()
            self._deadlines.clear()

    def of(self, request_id: str) -> Sequence[Wait]:
        with self._lock:
            return tuple(self._waits.get(request_id, ()))

    def all(self) -> Sequence[str]:
        """The requests that are waited for."""
        with self._lock:
            return tuple(self._waits)

    def first(self, count: int) -> Sequence[Request]:
        """The requests that have been waited for longest."""
        with self._lock:
            return [waits[0].request for waits in islice(self._waits.values(), count)]

    def interval(self) -> float:
        """The shortest one that was asked for, in seconds."""
        with self._lock:
            return min(self._intervals, default=0.0)

    def folders(self) -> Sequence[str]:
        """The folders in which the marks of all of them lie: the narrowest that are no more than one for every 1,000
        requests, and one."""
        with self._lock:
            most = 1 + len(self._waits) // 1_000
            narrow = [counter for counter in self._folders if len(counter) <= most]
            return tuple(narrow[-1])

    def past_deadline(self, now: datetime) -> Sequence[str]:
        """The requests whose deadline has passed; each is told once."""
        with self._lock:
            past = []
            while self._deadlines and self._deadlines[0][0] <= now:
                past.append(heapq.heappop(self._deadlines)[1])
            return past

    def next_deadline(self) -> datetime | None:
        """The next one of a request that is still waited for."""
        with self._lock:
            while self._deadlines and self._deadlines[0][1] not in self._waits:
                heapq.heappop(self._deadlines)
            return self._deadlines[0][0] if self._deadlines else None

    def turns(self, count: int) -> Sequence[str]:
        """The next so many requests of a walk that comes to each in turn and begins again."""
        with self._lock:
            if not self._turns:
                self._turns = list(self._waits)
            taken = [self._turns.pop() for _ in range(min(count, len(self._turns)))]
            return [request_id for request_id in taken if request_id in self._waits]


def _forget(counter: Counter[K], key: K) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
