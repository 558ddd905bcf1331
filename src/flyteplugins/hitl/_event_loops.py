"""Event loops that still run while the interpreter is closing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


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
