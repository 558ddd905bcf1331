"""Event loops that still run while the interpreter is closing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
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
