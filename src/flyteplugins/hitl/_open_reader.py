"""Reads the index of open requests, the oldest first, and no further than it is asked for."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from ._open_chunks import FOLDER, SPAN, Place, first_path, place_of, start_of
from ._records import OpenChunk, OpenEntry
from ._store import Store
from .errors import DamagedRecord

_FIRST_READS, _MOST_READS = 2, 32
"""Chunks read at once: few at first, because one may be enough, and then more, because they held little."""


@dataclass(frozen=True)
class Found:
    """An entry, and the chunks that hold it: several, where its request was asked again after a crash."""

    entry: OpenEntry
    paths: tuple[str, ...]


class OpenReader:
    """Reads from a place on.

    Args:
        store: Where the index is.
        after: The place of the last entry that is not wanted; `None` for all of them.

    Attributes:
        damaged: One error for each object so far that could not be read.
    """

    def __init__(self, store: Store, after: Place | None = None) -> None:
        self.damaged: list[DamagedRecord] = []
        self._store = store
        self._after = after
        # What was read and not yet given, by its place; the path tells apart two chunks that hold the same.
        self._ahead: list[tuple[Place, str, OpenEntry]] = []

    async def found(self) -> AsyncGenerator[Found, None]:
        """The entries in order, each once.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        at_once = _FIRST_READS
        async with aclosing(self._chunk_paths()) as paths:
            following = await anext(paths, None)
            while following is not None:
                batch: list[str] = []
                while following is not None and len(batch) < at_once:
                    batch.append(following)
                    following = await anext(paths, None)
                await asyncio.gather(*(self._read(path) for path in batch))
                at_once = min(4 * at_once, _MOST_READS)
                for found in self._before(None if following is None else start_of(following)):
                    yield found

    async def _chunk_paths(self) -> AsyncGenerator[str, None]:
        after = "" if self._after is None else first_path(self._after[0] - SPAN)
        async with aclosing(self._store.in_order(FOLDER, after)) as paths:
            async for path in paths:
                if start_of(path) is not None:
                    yield path

    async def _read(self, path: str) -> None:
        try:
            chunk = await self._store.read(path, OpenChunk)
        except DamagedRecord as error:
            self.damaged.append(error)
            return
        for entry in () if chunk is None else chunk.entries:
            if self._after is None or place_of(entry) > self._after:
                heapq.heappush(self._ahead, (place_of(entry), path, entry))

    def _before(self, start: datetime | None) -> Iterator[Found]:
        """What no chunk can come before that starts at a time, or is still to be read at all."""
        while self._ahead and (start is None or self._ahead[0][0][0] < start):
            place, path, entry = heapq.heappop(self._ahead)
            paths = [path]
            while self._ahead and self._ahead[0][0] == place:
                paths.append(heapq.heappop(self._ahead)[1])
            yield Found(entry, tuple(paths))
