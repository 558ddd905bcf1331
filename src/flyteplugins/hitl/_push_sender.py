"""Has the app wake the task that waits, by signalling its condition when there is something for it to find.

It comes after the answer is kept, and is never needed: what fails is said, and the task finds the answer by itself.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import suppress
from functools import partial

from ._background import BackgroundLoop, background
from ._event_loops import Once
from ._push_targets import PushTargets
from ._records import PushTarget
from ._service import Service
from ._settings import Settings

logger = logging.getLogger("flyteplugins.hitl")

_MOST_REMEMBERED = 10_000


def push_outcomes(service: Service, settings: Settings) -> None:
    """Has what a service decides pushed to those who wait for it, where that is set.

    Args:
        service: The one of the app.
        settings: What is set.
    """
    if settings.push:
        PushSender(service)


class PushSender:
    """Listens for outcomes, and for answers that a workflow has yet to check.

    Args:
        service: Where they are kept.
        runs_on: Where it runs; by default on the background thread of the process.
    """

    def __init__(self, service: Service, runs_on: BackgroundLoop = background) -> None:
        self._service = service
        self._targets = PushTargets(service.store)
        self._background = runs_on
        self._connected: Once[None] = Once()
        self._signalled: OrderedDict[str, None] = OrderedDict()
        self._has_failed = False
        service.listeners.on_outcome(lambda response: self._told(response.request_id))
        service.listeners.on_candidate(self._told)

    def _told(self, request_id: str) -> None:
        # The process may be at its end.
        with suppress(RuntimeError):
            self._background.submit(partial(self._push, request_id))

    async def _push(self, request_id: str) -> None:
        try:
            request = await self._service.request(request_id)
            target = await self._targets.of(request.origin)
            if target is not None and target.is_of(request.origin) and self._is_due(target):
                await self._signal(target)
        except Exception as error:
            self._failed(error)

    async def _signal(self, target: PushTarget) -> None:
        # Not loaded where nothing is pushed: Flyte's client takes long.
        from ._flyte_conditions import connect, is_over, signal

        await self._connected.get(connect)
        try:
            await signal(target)
        except Exception as error:
            if not is_over(error):
                raise

    def _is_due(self, target: PushTarget) -> bool:
        """Whether it was not signalled before: a task has the next condition before it looks for what came since."""
        if target.nonce in self._signalled:
            return False
        self._signalled[target.nonce] = None
        if len(self._signalled) > _MOST_REMEMBERED:
            self._signalled.popitem(last=False)
        return True

    def _failed(self, error: Exception) -> None:
        level = logging.DEBUG if self._has_failed else logging.WARNING
        self._has_failed = True
        logger.log(
            level,
            "A task could not be told by Flyte that its answer is there: %s. It finds it by itself, within its "
            "interval. Give the app a way to Flyte that may signal conditions, or set FLYTE_HITL_PUSH=false.",
            str(error) or type(error).__name__,
        )
