"""Two faces of one coroutine function: called, it blocks; its `.aio` is awaited.

Flyte's `syncify` makes the blocking face, on Flyte's own loop. Its awaited face would go through that loop too: a task
and three futures for each wait, and two changes of threads for each call. Here it is the coroutine itself, on the loop
of whoever awaits it, and so are the author's functions that it calls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from flyte.syncify import syncify

S = TypeVar("S")
P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


class TwoFaces(Generic[P, R]):
    """A function, or a method, in two ways: `f(...)` blocks, `f.aio(...)` is awaited.

    Args:
        function: The coroutine function.
    """

    def __init__(self, function: Callable[P, Coroutine[Any, Any, R]]) -> None:
        functools.update_wrapper(cast(Any, self), function)
        self._function = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return cast(R, syncify(cast(Any, self._function))(*args, **kwargs))

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
