"""Waiting for outcomes: one watch a process for all that it waits for.

An outcome that this process brings about, such as an answer through the app that it serves, wakes the wait at once;
so does an answer that it keeps for the workflow to check.
Any other is found by looking into the store, at the interval that the event asked for at the longest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from collections import defaultdict

from ._checking import CheckAnswer, Checking
from ._records import Request, Response
from ._service import Service
from .errors import StoreUnavailable

logger = logging.getLogger("flyteplugins.hitl")

_LONGEST_PAUSE = 60.0
"""Between two tries at a store that is out of reach, in seconds."""


class Watch:
    """Waits for outcomes, on any event loop of the process.

    Args:
        service: Where the outcomes come from.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[_Bell]] = defaultdict(set)
        service.on_outcome(lambda response: self._ring(response.request_id))
        service.on_candidate(self._ring)

    async def outcome(
        self, request: Request, poll_interval_seconds: float, check: CheckAnswer | None = None
    ) -> Response:
        """Waits until a request is closed; closes it itself at its deadline.

        Goes on through a store that cannot be reached, with growing pauses, and says so once.

        Args:
            request: What to wait for.
            poll_interval_seconds: How often to look into the store, in seconds.
            check: Checks the answers, where the question is validated.

        Returns:
            The outcome.

        Raises:
            DamagedRecord: The outcome cannot be read.
            Exception: Whatever `check` raises.
        """
        bell = _Bell(asyncio.get_running_loop())
        checking = None if check is None else Checking(self._service, request, check, bell.ring)
        with self._lock:
            self._waiting[request.request_id].add(bell)
        try:
            return await self._look_until_closed(request, poll_interval_seconds, bell, checking)
        finally:
            self._forget(request.request_id, bell)
            if checking is not None:
                checking.stop()

    def stop(self) -> None:
        """Wakes nobody any more: the process ends, and what a wait would raise now would only look like a failure."""
        with self._lock:
            self._waiting.clear()

    async def _look_until_closed(
        self, request: Request, interval: float, bell: _Bell, checking: Checking | None
    ) -> Response:
        failures = 0
        while True:
            pause = interval
            try:
                response = await self._look(request, checking)
            except StoreUnavailable as error:
                failures += 1
                if failures == 1:
                    logger.warning("Still waiting for “%s”. %s", request.question.name, error)
                pause = _backoff(interval, failures)
            else:
                if response is not None:
                    return response
                if checking is not None:
                    checking.raise_failure()
                if failures:
                    logger.warning("The store is back; still waiting for “%s”.", request.question.name)
                failures = 0
                pause = self._capped_at_deadline(request, pause)
            await bell.wait(pause)

    async def _look(self, request: Request, checking: Checking | None) -> Response | None:
        if checking is not None:
            response = await self._service.response(request) or await checking.look()
            if response is not None or not request.is_past_deadline(self._service.clock.now()):
                return response
        return await self._service.settle(request)

    def _capped_at_deadline(self, request: Request, pause: float) -> float:
        if request.deadline is None:
            return pause
        left = (request.deadline - self._service.clock.now()).total_seconds()
        # Past it, an answer that came in time is being checked.
        return min(pause, left) if left > 0 else pause

    def _ring(self, request_id: str) -> None:
        with self._lock:
            bells = tuple(self._waiting.get(request_id, ()))
        for bell in bells:
            bell.ring()

    def _forget(self, request_id: str, bell: _Bell) -> None:
        with self._lock:
            self._waiting[request_id].discard(bell)
            if not self._waiting[request_id]:
                del self._waiting[request_id]


class _Bell:
    """Wakes one wait on its own loop, from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()

    def ring(self) -> None:
        # The loop of that wait may be closed: then nobody waits there any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except asyncio.TimeoutError:
            return
        self._event.clear()


def _backoff(interval: float, failures: int) -> float:
    """Doubles with each failure up to a minute; the jitter keeps many processes from coming back at once."""
    pause: float = min(max(interval, 1.0) * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311
