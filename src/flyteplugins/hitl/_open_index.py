"""Keeps the index of open requests: those that this process asked, many an object, and always a moment late.

A request is put with one write, and nothing is added to that: the index follows on a thread of its own. It decides
nothing, so asking and answering neither wait for it nor fail because of it.

A chunk is written once, and from then on only loses entries, those that are closed. So its writer and all who read and
mend it may write it whenever they like: the worst is that a closed entry shows up again, and readers look for the
outcome of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from ._background import BackgroundLoop, background
from ._event_loops import set_within
from ._open_account import Account, Chunk, Kept
from ._records import Request
from ._store import Store

logger = logging.getLogger("flyteplugins.hitl")

_ADD_SECONDS = 0.2
"""How long a new request waits for others to be written with it."""
_REMOVE_SECONDS = 1.0
"""How long a closed one does: readers leave it out by themselves, and its whole chunk is written anew."""
_LOST_SHARE = 0.25
"""The share of a chunk that must be closed before it is written anew, so that each entry costs a few writes at most."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
"""Between two tries at a store that is out of reach, in seconds."""
_END_SECONDS = 3.0
"""How long a process that ends waits for what is not yet written."""
_WRITES_AT_ONCE = 8


class OpenIndex:
    """Writes the index of open requests, on the process's background loop.

    Args:
        store: Where it is.
        loop: Does the writing.
    """

    def __init__(self, store: Store, *, loop: BackgroundLoop = background) -> None:
        self._store = store
        self._loop = loop
        self._account = Account()
        # Reentrant for the same reason as the account's.
        self._lock = threading.RLock()
        self._due = math.inf
        self._not_before = 0.0
        self._is_ending = False
        self._writing: Future[None] | None = None
        self._wake: Callable[[], object] = _nobody

    def add(self, request: Request) -> None:
        """Has a request listed as open, soon. Never waits, and a request that is listed already is left at that."""
        if self._account.add(request):
            self._begin(_ADD_SECONDS)

    def remove(self, request_id: str) -> None:
        """Has a request listed no more, soon. Never waits, and one that this process did not list is left at that."""
        if self._account.remove(request_id):
            self._begin(_REMOVE_SECONDS)

    def close(self, seconds: float = _END_SECONDS) -> None:
        """Writes what is not yet written, because the process ends.

        Args:
            seconds: How long to wait for it at the longest.
        """
        with self._lock:
            # What is being written counts as written in the account, and is not yet.
            if self._account.is_exact and (self._writing is None or self._writing.done()):
                return
            self._is_ending = True
            self._begin(0)
            writing = self._writing
        if writing is not None:
            # What is not written then, whoever asks again will list.
            with contextlib.suppress(FutureTimeoutError, CancelledError):
                writing.result(seconds)

    def _begin(self, seconds: float) -> None:
        with self._lock:
            due = time.monotonic() + seconds
            # At the end, what was due may rest because the store was out of reach.
            if due < self._due or self._is_ending:
                self._due = due
                self._wake()
            if self._writing is None or self._writing.done():
                # A process that is closing may start no thread.
                with contextlib.suppress(RuntimeError):
                    self._writing = self._loop.submit(self._write_until_settled)

    async def _write_until_settled(self) -> None:
        loop, bell = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._wake = lambda: loop.call_soon_threadsafe(bell.set)
        failures = 0
        while True:
            await self._until_due(bell)
            failures = await self._try_to_write(failures)
            with self._lock:
                is_done = self._account.is_exact if self._is_ending else self._account.is_settled
                if is_done or (self._is_ending and failures):
                    self._writing, self._wake, self._due = None, _nobody, math.inf
                    return

    async def _until_due(self, bell: asyncio.Event) -> None:
        while True:
            bell.clear()
            with self._lock:
                left = max(self._due, self._not_before) - time.monotonic()
                if self._is_ending or left <= 0:
                    self._due = math.inf
                    return
            await set_within(bell, left)

    async def _try_to_write(self, failures: int) -> int:
        """Writes all that is due; returns how often that failed in a row."""
        try:
            await self._write()
        except Exception as error:
            # Whatever it is, it goes on: the index is no reason to trouble a workflow.
            if failures == 0:
                logger.warning("The list of open questions lags behind; asking and answering do not. %s", error)
            with self._lock:
                self._not_before = self._due = time.monotonic() + _pause(failures)
            return failures + 1
        if failures:
            logger.warning("The list of open questions is written again.")
        self._not_before = 0.0
        return 0

    async def _write(self) -> None:
        chunks = self._account.new_chunks()
        for start in range(0, len(chunks), _WRITES_AT_ONCE):
            await _all(self._add(chunk) for chunk in chunks[start : start + _WRITES_AT_ONCE])
        changes = self._account.changes(0 if self._is_ending else _LOST_SHARE)
        shrunk = [(chunk, left) for chunk, left in changes.items() if left]
        try:
            await self._store.remove([chunk.path for chunk, left in changes.items() if not left])
            for start in range(0, len(shrunk), _WRITES_AT_ONCE):
                await _all(self._shrink(chunk, left) for chunk, left in shrunk[start : start + _WRITES_AT_ONCE])
        except BaseException:
            # Some may be done: to do them again is harmless.
            self._account.not_changed(changes)
            raise

    async def _add(self, chunk: Chunk) -> None:
        await self._store.leave(chunk.path, chunk.record(tuple(chunk.entries.values())).to_bytes())
        self._account.added(chunk)

    async def _shrink(self, chunk: Chunk, left: Sequence[Kept]) -> None:
        await self._store.leave(chunk.path, chunk.record(left).to_bytes())
        self._account.changed(chunk, len(left))


async def _all(writes: Iterable[Awaitable[None]]) -> None:
    """Waits for all of them, and then raises what one has raised."""
    for outcome in await asyncio.gather(*writes, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def _pause(failures: int) -> float:
    """Doubles with each failure; the jitter keeps many processes from coming back at once."""
    pause: float = min(_FIRST_PAUSE * 2.0 ** min(failures, 10), _LONGEST_PAUSE)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311


def _nobody() -> None:
    """Wakes nobody: nothing is being written."""
