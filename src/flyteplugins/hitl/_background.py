"""An event loop on a thread of its own, for what a process does beside its workflow.

Workflows bring loops of their own, which come and go and may be blocked by the author's code. What has to go on
meanwhile runs here: one thread and one loop a process, whoever needs them.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass
from typing import Any, TypeVar

from . import _event_loops  # noqa: F401  # First, because what it does at the end comes after this module's.

T = TypeVar("T")

_STOP_SECONDS = 2.0
"""How long a process that ends waits for what it cancelled."""


@dataclass(frozen=True)
class _Running:
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread


class BackgroundLoop:
    """Runs coroutines on a daemon thread, which starts at the first of them and keeps no process alive.

    A fork starts a thread of its own: what its parent began goes on there alone.
    """

    def __init__(self) -> None:
        # Reentrant, because the garbage collector may call a finalizer that submits something while this is held.
        self._lock = threading.RLock()
        self._running: _Running | None = None
        self._inherited: list[_Running | None] = []
        _loops.add(self)

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]], context: Context | None = None) -> Future[T]:
        """Begins some work, from any thread, and returns at once.

        Args:
            work: Makes the coroutine.
            context: The context variables that it sees; by default none of the caller's, whom it may outlive.

        Returns:
            What becomes of it. To cancel this cancels the work. On this very loop, nobody may block on it.

        Raises:
            RuntimeError: The process is closing, and can start no thread any more.
        """
        with self._lock:
            loop = self._started().loop
            return (context or Context()).run(asyncio.run_coroutine_threadsafe, work(), loop)

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Cancels what runs, and returns when that has ended. What is submitted later starts another thread.

        Args:
            seconds: How long to wait for it at the longest.
        """
        with self._lock:
            running, self._running = self._running, None
            if running is None:
                return
            running.loop.call_soon_threadsafe(running.loop.stop)
        running.thread.join(seconds)

    def _started(self) -> _Running:
        if self._running is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(loop,), name="flyteplugins-hitl-background", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                loop.close()
                raise
            self._running = _Running(loop, thread)
        return self._running

    def _forget(self) -> None:
        # The thread is not here, and another one may have held the lock.
        self._lock = threading.RLock()
        # Kept, because to close it would take the parent's loop from what wakes it, which both share.
        self._inherited.append(self._running)
        self._running = None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(_cancelled())
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        # Not by `asyncio.run`, for the reason in `run_to_end`.
        loop.close()


async def _cancelled() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


_loops: weakref.WeakSet[BackgroundLoop] = weakref.WeakSet()


def _after_fork() -> None:
    for loop in _loops:
        loop._forget()  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

background = BackgroundLoop()
"""The one of this process."""

# Whoever uses it imports this first, so that its own handler runs before this one, and finds the loop alive.
atexit.register(background.stop)
