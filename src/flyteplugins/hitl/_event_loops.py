"""What works on any event loop: one that runs while the interpreter is closing, and one answer for several loops."""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_CANCEL_SECONDS = 1.0
"""How long what was given up on gets to end, at the most."""

_LEAVE_SECONDS = 0.1
"""How long threads of native libraries get to come back from Python when the process ends."""

_REST = 9.0
"""How often as long as paced work took it rests: so it takes a tenth of the time at the most."""


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop of its own, as `asyncio.run` does, in a thread that has none.

    `asyncio.run` starts a thread to close the loop's executor, and Python 3.12 starts none any more once it is closing,
    which is when the last request is cancelled and the app's thread ends.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def run_and_leave(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop of its own that is never closed: for what a process does last.

    A call to the store that was given up on ends later, in a thread of the store's client, and would print an error
    on a loop that is closed. Ctrl-C is raised where it comes, so a question to a person ends by it.
    """
    loop = _LeftLoop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        given_up = asyncio.all_tasks(loop)
        for task in given_up:
            task.cancel()
        if given_up:
            loop.run_until_complete(asyncio.wait(given_up, timeout=_CANCEL_SECONDS))


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Does work that takes long in another thread, as `asyncio.to_thread` does.

    A script that ends starts no more threads, and that is when its last page is fetched: then it is done in this one.
    """
    try:
        # It raises before anything has begun where there is no thread to be had.
        running = asyncio.get_running_loop().run_in_executor(None, partial(work, *arguments))
    except RuntimeError:
        return work(*arguments)
    return await running


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Waits for an event, for so long at the most; tells whether it came.

    Up to Python 3.11, `asyncio.wait_for` loses a cancel that comes at the moment at which time is over.
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((waiting,), timeout=seconds)
    finally:
        waiting.cancel()
    return event.is_set()


class Once(Generic[T]):
    """Something that is found out once, for all who ask for it at once, on whatever loop and in whatever thread.

    A failure is told to those who waited for it, and kept from those who come later: they try again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Future[T] | None = None

    async def get(self, find: Callable[[], Awaitable[T]]) -> T:
        """What was found, or is being found out, or is found out now.

        Args:
            find: Finds it out. Called where nobody did before.

        Raises:
            Exception: Whatever `find` raises.
        """
        while True:
            with self._lock:
                is_ours = self._found is None
                if self._found is None:
                    self._found = Future()
                    # From here on nobody who waits for it can cancel it for the others.
                    self._found.set_running_or_notify_cancel()
                found = self._found
            if is_ours:
                return await self._find(found, find)
            try:
                return found.result() if found.done() else await asyncio.wrap_future(found)
            except _Abandoned:
                continue

    async def _find(self, found: Future[T], find: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await find()
        except BaseException as error:
            with self._lock:
                self._found = None
            # Whoever is cancelled leaves it to the next; only an error is everybody's.
            found.set_exception(error if isinstance(error, Exception) else _Abandoned())
            raise
        found.set_result(result)
        return result


class Paced:
    """Work that is done after each change, and once for those that come close together.

    The first change has it done at once. After it the work rests, for as long as to take but a small share of the time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_due = False
        self._rests_until = 0.0
        self._busy: asyncio.AbstractEventLoop | None = None

    async def do(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does the work now, or has it done soon, on this loop.

        Args:
            work: Does all that is to be done by then. Of several that wait, the first is done, for all of them.

        Raises:
            Exception: Whatever `work` raises where it is done now.
        """
        with self._lock:
            self._is_due = True
            if self._busy is not None and not self._busy.is_closed():
                return
            self._busy = asyncio.get_running_loop()
            rest = self._rests_until - time.monotonic()
        if rest > 0:
            self._do_later(rest, work)
        else:
            await self._do(work)

    async def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        self._is_due = False
        began = time.monotonic()
        try:
            await work()
        finally:
            rest = _REST * (time.monotonic() - began)
            with self._lock:
                self._rests_until = time.monotonic() + rest
                is_due = self._is_due
                self._busy = asyncio.get_running_loop() if is_due else None
            if is_due:
                self._do_later(rest, work)

    def _do_later(self, rest: float, work: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()

        def begin() -> None:
            # Held by itself, since a loop forgets a task that nobody else holds.
            self._task = loop.create_task(self._do(work))

        loop.call_later(rest, begin)


class _LeftLoop(asyncio.SelectorEventLoop):
    """A loop that nobody closes, nor the collector of garbage: it may have closed the loop's sockets already, and then
    prints an error after all else.
    """

    def __del__(self) -> None:
        pass


class _Abandoned(Exception):
    """Whoever set out to find it was cancelled."""


def _let_native_threads_leave() -> None:
    """Lets the interpreter live a moment longer.

    A call of obstore ends on a thread of its own, which tells the event loop, and then has yet to come back from
    Python. If the interpreter goes away meanwhile, the whole process is aborted: with SIGABRT, and after all was well.
    """
    time.sleep(_LEAVE_SECONDS)


# Whatever calls the store at the end imports this first, so that its own handler runs before this one.
atexit.register(_let_native_threads_leave)
