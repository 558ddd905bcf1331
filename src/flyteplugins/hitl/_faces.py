"""Two faces of one coroutine function: called, it blocks; its `.aio` is awaited.

Flyte's `syncify` makes the blocking face, on Flyte's own loop. Its awaited face would go through that loop too: a task
and three futures for each wait, and two changes of threads for each call. Here it is the coroutine itself, on the loop
of whoever awaits it, and so are the author's functions that it calls.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from flyte.syncify import syncify

S = TypeVar("S")
P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


_END_SECONDS = 1.0
"""How long Ctrl-C waits for what it ended to be over."""


class TwoFaces(Generic[P, R]):
    """A function, or a method, in two ways: `f(...)` blocks, `f.aio(...)` is awaited.

    Args:
        function: The coroutine function.
    """

    def __init__(self, function: Callable[P, Coroutine[Any, Any, R]]) -> None:
        functools.update_wrapper(cast(Any, self), function)
        self._function = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        running: list[asyncio.Task[Any]] = []

        # By its name Flyte finds where in a traceback the function begins.
        @functools.wraps(self._function)
        async def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            running.extend(filter(None, [asyncio.current_task()]))
            return await self._function(*args, **kwargs)

        try:
            return cast(R, syncify(cast(Any, noted))(*args, **kwargs))
        except KeyboardInterrupt:
            # Nobody waits for it any more. Left to itself, it would be in the way of the interpreter that ends.
            for task in running:
                _end(task)
            raise

    def aio(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        """The same, to be awaited."""
        return self._function(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type) -> TwoFaces[P, R]: ...

    @overload
    def __get__(self: TwoFaces[Concatenate[S, Q], R], instance: S, owner: type) -> TwoFaces[Q, R]: ...

    def __get__(self, instance: Any, owner: type) -> Any:
        """Binds it as a method is bound."""
        return self if instance is None else TwoFaces(cast(Any, self._function).__get__(instance, owner))

    def __reduce__(self) -> str:
        # A task that uses it from its module is sent to a cluster: by name, as a function is.
        return self.__qualname__  # type: ignore[attr-defined,no-any-return]  # `update_wrapper` gives it one.


def _end(task: asyncio.Task[Any]) -> None:
    """Cancels what runs on another thread's loop, and waits until it is over."""
    over = threading.Event()

    def cancel() -> None:
        task.add_done_callback(lambda _: over.set())
        task.cancel()

    task.get_loop().call_soon_threadsafe(cancel)
    over.wait(_END_SECONDS)
