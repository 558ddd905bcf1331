"""Counts the calls that this process makes to its store."""

from __future__ import annotations

import functools
import importlib
import time
from array import array
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.programs import plugin

_OF_THE_EARLIER = ("exists", "get", "get_stream", "put_stream")
_OF_OBSTORE = (
    "copy",
    "delete",
    "get",
    "get_range",
    "get_ranges",
    "head",
    "list",
    "list_with_delimiter",
    "put",
    "rename",
)


class Calls:
    """The calls so far.

    Args:
        keeps_contents: Whether to keep what is written, which takes memory.

    Attributes:
        moments: When each was made, by the system's clock.
        contents: What those that wrote had to write.
        ended: How many of those that are awaited have ended.
    """

    def __init__(self, *, keeps_contents: bool = False) -> None:
        # Compact, because the memory of this process is measured.
        self.moments = array("d")
        self.contents: list[bytes] = []
        self.ended = 0
        self._keeps_contents = keeps_contents

    def watch(self) -> None:
        """Counts from now on. It comes before the plugin is imported, which may take the functions by their names."""
        module: Any = importlib.import_module("flyte.storage" if plugin.is_earlier() else "obstore")
        names = _OF_THE_EARLIER if plugin.is_earlier() else (*_OF_OBSTORE, *(f"{name}_async" for name in _OF_OBSTORE))
        for name in names:
            if hasattr(module, name):
                setattr(module, name, self._counted(getattr(module, name)))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            self.moments.append(time.time())
            if self._keeps_contents:
                self.contents += [each for each in arguments[2:3] if isinstance(each, bytes)]
            result = function(*arguments, **named)
            return self._end(result) if isinstance(result, Awaitable) else result

        return counted

    async def _end(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        finally:
            self.ended += 1
