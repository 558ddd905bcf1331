"""Has a task on a cluster woken by Flyte: a condition of its own for each action that waits, which the app signals.

It only brings the next look into the store forward. Whatever goes wrong with it is said once, and the task waits on as
it does without.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ._background import BackgroundLoop, background
from ._push_targets import PushTargets
from ._records import Origin
from .errors import StoreUnavailable

if TYPE_CHECKING:
    from ._flyte_conditions import WakeUp

logger = logging.getLogger("flyteplugins.hitl")

PATIENCE_SECONDS = 2.0
"""How long something is waited for before Flyte hears of it: most of what a restart finds is answered already."""

_REST_SECONDS = 1.0
"""Between a signal and the next condition, so that many answers at once are a few conditions."""

_OUTAGE_SECONDS = 60.0
"""Before the next condition, where the store could not be told of one."""

_WITHDRAW_SECONDS = 5.0


@dataclass
class _Waiting:
    """What is waited for of one action."""

    count: int = 0
    receiving: Future[None] = field(default_factory=Future)


class PushReceiver:
    """Keeps a condition for each action of which something is waited for.

    Args:
        targets: Where the app finds it.
        look_now: Has the store looked at.
        runs_on: Where it runs; by default on the background thread of the process.
    """

    def __init__(
        self, targets: PushTargets, look_now: Callable[[], None], runs_on: BackgroundLoop = background
    ) -> None:
        self._targets = targets
        self._look_now = look_now
        self._background = runs_on
        self._lock = threading.Lock()
        self._waiting: dict[Origin, _Waiting] = {}
        self._is_given_up = False

    def begin(self, origin: Origin) -> None:
        """Is told, in the context of the task, that something of an action is waited for. From any thread."""
        with self._lock:
            waiting = self._waiting.setdefault(origin, _Waiting())
            waiting.count += 1
            if waiting.count == 1 and not self._is_given_up:
                # Flyte knows by the context for which task a condition is. A process that is closing starts nothing.
                with suppress(RuntimeError):
                    waiting.receiving = self._background.submit(partial(self._receive, origin), copy_context())

    def end(self, origin: Origin) -> None:
        """Is told that such a wait has ended. From any thread."""
        with self._lock:
            waiting = self._waiting[origin]
            waiting.count -= 1
            if waiting.count == 0:
                del self._waiting[origin]
                waiting.receiving.cancel()

    async def _receive(self, origin: Origin) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        try:
            while True:
                pause = await self._receive_once(origin)
                await asyncio.sleep(pause)
        except Exception as error:
            self._give_up(error)
        finally:
            await self._targets.forget(origin)

    async def _receive_once(self, origin: Origin) -> float:
        """Has one condition, until it is over; returns after how many seconds to have the next."""
        async with _standing() as wake_up:
            try:
                await self._targets.keep(origin, wake_up.target)
            except StoreUnavailable:
                # The watcher tells of it.
                return _OUTAGE_SECONDS
            # For what was answered before the app could know of the condition.
            self._look_now()
            if await wake_up.signalled():
                self._look_now()
        return _REST_SECONDS

    def _give_up(self, error: Exception) -> None:
        with self._lock:
            was_given_up, self._is_given_up = self._is_given_up, True
        if not was_given_up:
            logger.warning(
                "Flyte cannot wake this task when an answer is there: %s. It goes on looking into the store at its "
                "usual pace. Set FLYTE_HITL_PUSH=false where Flyte offers no conditions.",
                str(error) or type(error).__name__,
            )


@asynccontextmanager
async def _standing() -> AsyncIterator[WakeUp]:
    """A condition that is withdrawn at the end: else it would go on asking people in Flyte's UI."""
    # Not loaded where nothing is pushed: Flyte's client takes long. Nor may a wait fail because an SDK lacks a part.
    from ._flyte_conditions import register, signal

    registering = asyncio.ensure_future(register())
    try:
        yield await asyncio.shield(registering)
    finally:
        with suppress(Exception):
            wake_up = await asyncio.wait_for(registering, _WITHDRAW_SECONDS)
            if not wake_up.is_over:
                await signal(wake_up.target)
