"""The requests that this process asked and nobody has answered yet, on a laptop: when the run ends, so do they.

A process that is killed closes nothing, so that it finds its requests when it is started again. Nor is one closed to
which an answer was kept that has yet to be checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import Counter

from ._event_loops import run_to_end
from ._records import Channel, Request, Response
from ._service import Service
from .errors import HitlError

_GRACE_SECONDS = 30.0
"""How long a cancelled wait may take to be taken up again, such as by a retry of its task."""

_CLOSING_SECONDS = 5.0

_RUN_ENDED = "The run ended before anybody answered."


class OpenRequests:
    """Keeps account of open requests and closes those that nobody can wait for any more.

    Args:
        service: Closes them.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        # Reentrant, because the garbage collector may drop an event, and call `_released`, while this thread holds it.
        self._lock = threading.RLock()
        self._open: dict[str, Request] = {}
        self._holders: Counter[str] = Counter()
        self._cancelled: set[str] = set()
        service.listeners.on_outcome(self.closed)

    def hold(self, holder: object, request: Request) -> None:
        """Counts a request as open and waited for as long as its holder lives."""
        with self._lock:
            self._open[request.request_id] = request
            self._holders[request.request_id] += 1
            self._cancelled.discard(request.request_id)
        weakref.finalize(holder, self._released, request.request_id).atexit = False

    def wait_cancelled(self, request: Request) -> None:
        """Notes that a wait was cancelled. If its event is dropped as well and not asked again, it is closed."""
        with self._lock:
            self._cancelled.add(request.request_id)

    def closed(self, response: Response) -> None:
        """Forgets a request that has an outcome."""
        with self._lock:
            self._open.pop(response.request_id, None)
            self._cancelled.discard(response.request_id)

    async def close_all(self) -> None:
        """Closes what is still open, because the process ends."""
        with self._lock:
            requests = tuple(self._open.values())
        if requests:
            closing = asyncio.gather(*(self._close(request) for request in requests), return_exceptions=True)
            await asyncio.wait({closing}, timeout=_CLOSING_SECONDS)

    def _released(self, request_id: str) -> None:
        with self._lock:
            self._holders[request_id] -= 1
            if self._holders[request_id] == 0:
                del self._holders[request_id]
            is_left = self._is_left(request_id)
        if is_left:
            timer = threading.Timer(_GRACE_SECONDS, self._close_if_left, [request_id])
            timer.daemon = True
            timer.start()

    def _is_left(self, request_id: str) -> bool:
        return request_id in self._open and request_id in self._cancelled and request_id not in self._holders

    def _close_if_left(self, request_id: str) -> None:
        with self._lock:
            request = self._open[request_id] if self._is_left(request_id) else None
        if request is not None:
            run_to_end(self._close(request))

    async def _close(self, request: Request) -> None:
        # With the store out of reach, the deadline closes it, or the next attempt finds it.
        with contextlib.suppress(HitlError):
            check = await self._service.latest_check(request)
            if check is not None and check.is_open:
                return  # Somebody was told that this answer is kept: started again, the run finds and checks it.
            await self._service.cancel(request, _RUN_ENDED, channel=Channel.RUN_ENDED)
