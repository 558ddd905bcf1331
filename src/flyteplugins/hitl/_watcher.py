"""Finds out what became of requests, for all waits of a process: one listing of marks a tick, however many they are.

A tick comes at the shortest interval that was asked for, and every 0.2 seconds while somebody looks at a form. The
arithmetic is in `docs/scaling.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from itertools import chain, islice

from ._attention import QUICK_SECONDS, Attention
from ._background import BackgroundLoop
from ._event_loops import set_within
from ._marks import LIFE, news_path
from ._outage import Outage
from ._records import Channel, Request, Response
from ._service import Service
from ._waits import Waits
from .errors import StoreUnavailable

logger = logging.getLogger("flyteplugins.hitl")

LONGEST_INTERVAL = 600.0
"""Between two ticks, in seconds, whatever was asked for: marks live for an hour only."""

TICKS_A_TURN = 2_000
"""In so many ticks each request is looked at once by itself, whatever the marks say: somebody may have deleted them."""

_LOOKS_AT_ONCE = 64

_KEPT_SECONDS = 30.0
"""How long the marks of a closed request stay for another process that may wait for it too."""

_PAUSE_AFTER_A_FAULT = 5.0

_SHORTEST_PAUSE = 0.001
"""Clocks are not exact: without it, a moment that is nearly there would be waited for in a spin."""

_WATCHER = "the watcher"


class Watcher:
    """Looks, as long as anybody waits.

    Args:
        service: Where the outcomes come from; all who listen to it are told of those that are found.
        waits: Who waits.
        outage: What is known of the store being out of reach.
        background: Where it runs.
    """

    def __init__(self, service: Service, waits: Waits, outage: Outage, background: BackgroundLoop) -> None:
        self._service = service
        self._waits = waits
        self._outage = outage
        self._background = background
        self._lock = threading.Lock()
        self._process = 0
        self._woken: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._asked: set[str] = set()
        self._is_hurried = False
        self._closed: deque[tuple[Request, Response | None]] = deque()
        self._attention = Attention()
        self._urgent: dict[str, None] = {}
        self._due: dict[str, None] = {}
        self._spent: deque[tuple[float, str]] = deque()
        self._ticked = float("-inf")
        self._listed_at: datetime | None = None
        self._turn = 0.0

    def look_at(self, request_id: str) -> None:
        """Has a request looked at as soon as can be. From any thread."""
        with self._lock:
            self._asked.add(request_id)
        self.wake()

    def look_now(self) -> None:
        """Has the next tick come at once. From any thread."""
        self._is_hurried = True
        self.wake()

    def closed(self, request: Request, response: Response | None) -> None:
        """Is told that a request is waited for no more, and of its outcome, if it has one. From any thread."""
        self._closed.append((request, response))

    def wake(self) -> None:
        """Has what is due done now. From any thread."""
        with self._lock:
            # In a fork nothing runs yet.
            if self._process != os.getpid():
                self._process = os.getpid()
                self._woken = None
                self._background.submit(self._run)
            elif self._woken is not None:
                loop, woken = self._woken
                # The process may be at its end.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(woken.set)

    async def _run(self) -> None:
        woken = asyncio.Event()
        with self._lock:
            self._woken = asyncio.get_running_loop(), woken
        try:
            while self._goes_on():
                woken.clear()
                pause = await self._safe_step()
                await set_within(woken, max(pause, _SHORTEST_PAUSE))
        except BaseException:
            with self._lock:
                self._process = 0
            raise

    def _goes_on(self) -> bool:
        with self._lock:
            if self._asked or self._closed or self._spent or len(self._waits):
                return True
            self._process = 0
            return False

    async def _safe_step(self) -> float:
        try:
            return await self._step()
        except Exception:
            logger.exception("A fault in looking for answers; it goes on.")
            return _PAUSE_AFTER_A_FAULT

    async def _step(self) -> float:
        """Does what is due; returns how long to wait, in seconds."""
        loop = asyncio.get_running_loop()
        self._take_in(loop.time())
        pace = self._pace(loop.time())
        try:
            if len(self._waits) and (self._is_hurried or loop.time() >= self._ticked + pace):
                await self._tick()
            self._urgent.update(dict.fromkeys(self._waits.past_deadline(self._service.clock.now())))
            self._urgent.update(dict.fromkeys(self._attention.with_news(loop.time())))
            await self._look(until=self._ticked + self._pace(loop.time()))
        except StoreUnavailable as error:
            # What was waited for when this began may be answered by now, and then nobody misses the store.
            if len(self._waits):
                return self._outage.failed(_WATCHER, self._waiting_for(), error, pace)
        if len(self._waits):
            self._outage.over(_WATCHER, self._waiting_for())
        else:
            self._outage.forget(_WATCHER)
        await self._clean_up(loop.time())
        return self._pause(loop.time())

    def _take_in(self, now: float) -> None:
        with self._lock:
            self._due.update(dict.fromkeys(self._asked))
            self._asked.clear()
        while self._closed:
            request, response = self._closed.popleft()
            if request.request_id in self._waits:
                continue  # Somebody else waits for it.
            paths = {*self._attention.forget(request.request_id)}
            if response is not None and response.channel is not Channel.TIMER:
                paths.add(news_path(request, response.nonce))
            self._spend(paths, now + _KEPT_SECONDS)

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        stale: list[str] = []
        # Taken back before the marks are listed: one that is missed because it comes meanwhile hurries the next tick.
        was_hurried, self._is_hurried = self._is_hurried, False
        try:
            for folder in self._waits.folders():
                async for mark in self._service.marks.found(folder):
                    if self._service.clock.now() - mark.left_at > LIFE:
                        stale.append(mark.path)
                    elif mark.request_id in self._waits:
                        self._attention.note(mark, now)
        except StoreUnavailable:
            self._is_hurried |= was_hurried
            raise
        self._ticked = now
        self._spend([*stale, *self._attention.spent(now)], now)
        self._take_turns()

    def _take_turns(self) -> None:
        """Adds the requests that are to be looked at by themselves."""
        now = self._service.clock.now()
        if self._listed_at is not None and now - self._listed_at > LIFE / 2:
            # The store was out of reach, or the machine asleep, for so long that marks may have come and gone.
            self._due.update(dict.fromkeys(self._waits.all()))
        self._listed_at = now
        self._turn += len(self._waits) / TICKS_A_TURN
        self._due.update(dict.fromkeys(self._waits.turns(int(self._turn))))
        self._turn %= 1

    async def _look(self, until: float) -> None:
        """Looks at what is due, some at once, for as long as there is time. What could not be read stays due.

        Raises:
            StoreUnavailable: None of some could be read. That one of many fails is usual.
        """
        while self._urgent or self._due:
            some = list(islice(chain(self._urgent, self._due), _LOOKS_AT_ONCE))
            failures = [error for error in await asyncio.gather(*map(self._try, some)) if error is not None]
            if len(failures) == len(some):
                raise failures[0]
            if asyncio.get_running_loop().time() >= until:
                return

    async def _try(self, request_id: str) -> StoreUnavailable | None:
        queue = self._urgent if request_id in self._urgent else self._due
        try:
            await self._look_at(request_id)
        except StoreUnavailable as error:
            # Behind the others.
            queue.pop(request_id, None)
            queue[request_id] = None
            return error
        self._urgent.pop(request_id, None)
        self._due.pop(request_id, None)
        return None

    async def _look_at(self, request_id: str) -> None:
        waits = self._waits.of(request_id)
        plain = [wait for wait in waits if not wait.is_checked]
        for wait in waits:
            if wait.is_checked:
                wait.ring()
        if not waits:
            return
        response = None
        try:
            if plain:
                response = await self._service.settle(plain[0].request)
        except StoreUnavailable:
            raise
        except Exception as error:
            for wait in plain:
                wait.fail(error)
        if response is not None:
            self._service.listeners.tell_outcome(response)
        else:
            interval = min(self._waits.interval() or LONGEST_INTERVAL, LONGEST_INTERVAL)
            self._attention.found_nothing(request_id, asyncio.get_running_loop().time(), interval)

    async def _clean_up(self, now: float) -> None:
        paths = []
        while self._spent and self._spent[0][0] <= now:
            paths.append(self._spent.popleft()[1])
        if paths:
            await self._service.marks.delete(paths)

    def _spend(self, paths: Iterable[str], when: float) -> None:
        for path in paths:
            self._spent.append((when, path))

    def _pace(self, now: float) -> float:
        interval = min(self._waits.interval() or LONGEST_INTERVAL, LONGEST_INTERVAL)
        return min(interval, QUICK_SECONDS) if self._attention.is_quick(now) else interval

    def _pause(self, now: float) -> float:
        if self._urgent or self._due:
            return 0.0
        pauses = [self._ticked + self._pace(now) - now] if len(self._waits) else []
        deadline, next_look = self._waits.next_deadline(), self._attention.next_look()
        if deadline is not None:
            pauses.append((deadline - self._service.clock.now()).total_seconds())
        if next_look is not None:
            pauses.append(next_look - now)
        if self._spent:
            pauses.append(self._spent[0][0] - now)
        return min(pauses, default=0.0)

    def _waiting_for(self) -> str:
        request_ids = self._waits.all()
        if len(request_ids) == 1:
            waits = self._waits.of(request_ids[0])
            if waits:
                return f"“{waits[0].request.question.name}”"
        return f"{len(request_ids):,} answers"
