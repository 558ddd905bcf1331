"""Things that were read or made lately, at hand for a while: bounded by their number, their bytes and their age."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ._clock import Clock

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept(Generic[T]):
    thing: T
    size: int
    since: datetime


class Recent(Generic[T]):
    """Keeps things by their keys; the one that was not asked for the longest goes first. For any number of threads.

    Args:
        clock: Tells the time.
        seconds: How long a thing is kept, however often it is asked for.
        most: How many things are kept.
        most_bytes: How many bytes all of them may have together.
        largest: The most bytes of one; larger things are not kept.
    """

    def __init__(self, clock: Clock, *, seconds: float, most: int, most_bytes: int, largest: int) -> None:
        self._clock = clock
        self._life = timedelta(seconds=seconds)
        self._most = most
        self._most_bytes = most_bytes
        self._largest = largest
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """What is kept by this key, or `None`."""
        now = self._clock.now()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            # A clock that was set back must not make anything live on.
            if not kept.since <= now < kept.since + self._life:
                self._forget(key)
                return None
            self._kept.move_to_end(key)
            return kept.thing

    def keep(self, key: Hashable, thing: T, size: int) -> None:
        """Keeps a thing, in place of the one before.

        Args:
            key: What it is asked for by.
            thing: The thing; whoever gets it must not change it.
            size: About how many bytes it has.
        """
        now = self._clock.now()
        with self._lock:
            self._forget(key)
            if size > self._largest:
                return
            self._kept[key] = _Kept(thing, size, now)
            self._bytes += size
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size
