"""Waiting for outcomes: one watch a process for all that it waits for.

An outcome that this process brings about, such as an answer through the app that it serves, wakes the wait at once;
so does an answer that it keeps for the workflow to check. Any other is found by the watcher.
"""

from __future__ import annotations

import asyncio

from ._background import BackgroundLoop, background
from ._checking import CheckAnswer, Checking
from ._outage import Outage
from ._records import Request, Response
from ._service import Service
from ._waits import Wait, Waits
from ._watcher import Watcher
from .errors import StoreUnavailable


class Watch:
    """Waits for outcomes, on any event loop of the process.

    Args:
        service: Where the outcomes come from.
        runs_on: Where the watcher runs; by default on the background thread of the process.
    """

    def __init__(self, service: Service, runs_on: BackgroundLoop = background) -> None:
        self._service = service
        self._waits = Waits()
        self._outage = Outage()
        self._watcher = Watcher(service, self._waits, self._outage, runs_on)
        service.listeners.on_outcome(self._end)
        service.listeners.on_candidate(self._ring)
        service.listeners.on_interest(self._waits.__contains__)

    @property
    def waits(self) -> Waits:
        """All that is waited for."""
        return self._waits

    async def outcome(
        self, request: Request, poll_interval_seconds: float, check: CheckAnswer | None = None
    ) -> Response:
        """Waits until a request is closed; closes it itself at its deadline.

        Goes on through a store that cannot be reached, with growing pauses, and says so once.

        Args:
            request: What to wait for.
            poll_interval_seconds: How often to look into the store at the longest, in seconds.
            check: Checks the answers, where the question is validated.

        Returns:
            The outcome.

        Raises:
            DamagedRecord: The outcome cannot be read.
            Exception: Whatever `check` raises.
        """
        wait = Wait(request, poll_interval_seconds, is_checked=check is not None)
        self._waits.enter(wait)
        response = None
        try:
            response = await (self._plain(wait) if check is None else self._checked(wait, check))
            return response
        finally:
            self._waits.leave(wait)
            self._outage.forget(request.request_id)
            self._watcher.closed(request, response)

    def look_now(self) -> None:
        """Has the store looked at for all waits at once, rather than after the interval. From any thread."""
        self._watcher.look_now()

    def stop(self) -> None:
        """Wakes nobody any more: the process ends, and what a wait would raise now would only look like a failure."""
        self._waits.clear()

    async def _plain(self, wait: Wait) -> Response:
        self._watcher.look_at(wait.request.request_id)
        while True:
            await wait.rung()
            if wait.error is not None:
                raise wait.error
            if wait.response is not None:
                return wait.response

    async def _checked(self, wait: Wait, check: CheckAnswer) -> Response:
        """Looks by itself when there is a reason to, because the author's function runs on the loop of who waits."""
        checking = Checking(self._service, wait.request, check, wait.ring)
        name = f"“{wait.request.question.name}”"
        # Has the watcher follow the marks of this request too.
        self._watcher.wake()
        try:
            while wait.response is None:
                try:
                    response = await self._look(wait.request, checking)
                except StoreUnavailable as error:
                    await asyncio.sleep(self._outage.failed(wait.request.request_id, name, error, wait.interval))
                    continue
                self._outage.over(wait.request.request_id, name)
                if response is not None:
                    self._service.listeners.tell_outcome(response)
                    return response
                checking.raise_failure()
                await wait.rung()
            return wait.response
        finally:
            checking.stop()

    async def _look(self, request: Request, checking: Checking) -> Response | None:
        response = await self._service.response(request) or await checking.look()
        # Past the deadline, an answer that came in time may still be checked.
        if response is not None or not request.is_past_deadline(self._service.clock.now()):
            return response
        return await self._service.settle(request)

    def _end(self, response: Response) -> None:
        for wait in self._waits.of(response.request_id):
            wait.end(response)

    def _ring(self, request_id: str) -> None:
        for wait in self._waits.of(request_id):
            wait.ring()
