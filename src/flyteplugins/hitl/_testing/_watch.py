"""Waiting for answers where all who answer are in this process: nothing has to be looked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .._background import background
from .._checking import Checking
from .._records import Request, Response
from .._service import Service
from .._waits import Wait
from .._watch import Watch
from .._watcher import Watcher

WaitedFor = Callable[[Request], Awaitable[bool]]
"""Is told that a request is waited for, and says whether it did something about it."""


class _Still(Watcher):
    """Looks for nothing, on no thread."""

    def look_at(self, request_id: str) -> None:
        pass

    def closed(self, request: Request, response: Response | None) -> None:
        pass

    def wake(self) -> None:
        pass


class AnsweredWatch(Watch):
    """Waits for outcomes that are told.

    Args:
        service: Where the outcomes come from.
        waited_for: Is told of each look at a request that is still open.
    """

    def __init__(self, service: Service, waited_for: WaitedFor) -> None:
        super().__init__(service)
        self._watcher = _Still(service, self._waits, self._outage, background)
        self._waited_for = waited_for

    def look_again(self) -> None:
        """Has all who wait look, because the time has moved. From any thread."""
        for request_id in self._waits.all():
            self._ring(request_id)

    async def _plain(self, wait: Wait) -> Response:
        while wait.response is None:
            standing = await self._service.settle(wait.request)
            if standing is not None:
                return standing
            if not await self._waited_for(wait.request):
                await wait.rung()
        return wait.response

    async def _look(self, request: Request, checking: Checking) -> Response | None:
        while True:
            response = await super()._look(request, checking)
            if response is not None or not await self._waited_for(request):
                return response
