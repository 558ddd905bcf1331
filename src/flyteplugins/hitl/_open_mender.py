"""Takes out of the index of open requests what readers found closed, and what stands there twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from ._background import BackgroundLoop, background
from ._clock import Clock
from ._records import OpenChunk
from ._store import Store
from .errors import HitlError

logger = logging.getLogger("flyteplugins.hitl")

_MOST_CHUNKS = 64
"""Mended at a time; the next page that is read leads to the others."""
_CHUNKS_AT_ONCE = 8
_AGAIN_AFTER = timedelta(minutes=10)
"""How long a store that took no mend, such as one that lets readers write nothing, is left alone."""


class OpenMender:
    """Mends on the process's background loop, one time after the other.

    Args:
        store: Where the index is.
        clock: Tells the time.
        loop: Does the mending.
    """

    def __init__(self, store: Store, clock: Clock, *, loop: BackgroundLoop = background) -> None:
        self._store = store
        self._clock = clock
        self._loop = loop
        self._mending: Future[None] | None = None
        self._not_before: datetime | None = None

    def begin(self, gone: Mapping[str, Collection[str]]) -> Future[None] | None:
        """Begins to take entries out, unless a mend is under way. Never waits and never fails.

        Args:
            gone: The ids of the entries to take out, by the path of the chunk. They must be closed for good, or stand
                in a chunk with a later path as well.

        Returns:
            The mend that is under way, if there is one.
        """
        is_late = self._not_before is None or self._clock.now() >= self._not_before
        if gone and is_late and (self._mending is None or self._mending.done()):
            some = dict(islice(gone.items(), _MOST_CHUNKS))
            # A process that is closing may start no thread.
            with contextlib.suppress(RuntimeError):
                self._mending = self._loop.submit(partial(self._mend, some))
        return self._mending

    async def _mend(self, gone: Mapping[str, Collection[str]]) -> None:
        paths = list(gone)
        try:
            for start in range(0, len(paths), _CHUNKS_AT_ONCE):
                some = paths[start : start + _CHUNKS_AT_ONCE]
                await asyncio.gather(*(self._take_out(path, gone[path]) for path in some))
        except HitlError as error:
            logger.debug("The list of open questions could not be mended: %s", error)
            self._not_before = self._clock.now() + _AGAIN_AFTER

    async def _take_out(self, path: str, request_ids: Collection[str]) -> None:
        # Read again, because others mend too. What they take out meanwhile may come back by this, and be taken out
        # again: it is closed, and stays so.
        chunk = await self._store.read(path, OpenChunk)
        if chunk is None:
            return
        left = tuple(entry for entry in chunk.entries if entry.request_id not in request_ids)
        if not left:
            await self._store.remove([path])
        elif len(left) < len(chunk.entries):
            await self._store.leave(path, chunk.model_copy(update={"entries": left}).to_bytes())
