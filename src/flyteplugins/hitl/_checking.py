"""Has the answers to one request checked by the author's function, one after another, while its workflow waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from ._candidates import HEARTBEAT_SECONDS
from ._records import Request, Response, Verdict
from ._service import Service
from .errors import FieldError, StoreUnavailable

logger = logging.getLogger("flyteplugins.hitl")

CheckAnswer = Callable[[Response], Coroutine[Any, Any, Sequence[FieldError]]]
"""Checks an answer; returns why it is refused, or nothing."""


class Checking:
    """Takes one step at each look, so that whoever looks can see meanwhile that the request was closed.

    Killed between any two steps, the next workflow goes on where this one stopped: what the function said is first
    written as the verdict, and only then acted upon.

    Args:
        service: The rules.
        request: The request, whose question is validated.
        check: Checks an answer.
        wake: Called when there is reason to look again. It must not block.
    """

    def __init__(self, service: Service, request: Request, check: CheckAnswer, wake: Callable[[], None]) -> None:
        self._service = service
        self._request = request
        self._check = check
        self._wake = wake
        self._candidates = service.candidates(request)
        self._number = 0
        self._running: asyncio.Task[Sequence[FieldError]] | None = None
        self._beating: asyncio.Task[None] | None = None

    async def look(self) -> Response | None:
        """Goes on as far as it can without waiting for the function.

        Returns:
            The outcome, or `None` while there is none.

        Raises:
            StoreUnavailable: The store could not be reached. What the function said is not lost.
        """
        while True:
            verdict = await self._verdict()
            if verdict is None:
                return None
            self.stop()
            if verdict.accepted:
                return await self._service.settle(self._request)
            self._number += 1

    def stop(self) -> None:
        """Lets go of the answer that is being checked. With no verdict on it, the next workflow checks it."""
        for task in (self._running, self._beating):
            if task is not None:
                task.cancel()
        self._running = self._beating = None

    def raise_failure(self) -> None:
        """Raises whatever the function raised that is no verdict: a fault of the function. The answer is kept."""
        if self._running is not None and self._running.done() and self._has_failed(self._running):
            self._running.result()

    async def _verdict(self) -> Verdict | None:
        """What is said of the present answer; has the function asked where nothing is said yet."""
        if self._running is None:
            check = await self._candidates.check(self._number)
            if check is None or check.verdict is not None:
                return None if check is None else check.verdict
            self._begin(check.response)
        elif self._running.done() and not self._has_failed(self._running):
            return await self._candidates.judge(self._number, self._running.result())
        return None

    def _begin(self, answer: Response) -> None:
        self._running = asyncio.create_task(self._check(answer))
        self._running.add_done_callback(self._ended)
        self._beating = asyncio.create_task(self._beat())

    def _ended(self, running: asyncio.Task[Sequence[FieldError]]) -> None:
        has_failed = self._has_failed(running)
        if running is not self._running:
            return  # It was let go of.
        if has_failed:
            logger.warning(
                "The function given as `validate=` failed on an answer to “%s”. The answer is kept, and checked when "
                "the event is waited for again.",
                self._request.question.name,
            )
        self._wake()

    @staticmethod
    def _has_failed(running: asyncio.Task[Sequence[FieldError]]) -> bool:
        return running.cancelled() or running.exception() is not None

    async def _beat(self) -> None:
        while True:
            # It decides nothing: with no mark, the page only says less.
            with contextlib.suppress(StoreUnavailable):
                await self._candidates.beat(self._number)
            await asyncio.sleep(HEARTBEAT_SECONDS)
