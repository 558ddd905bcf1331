"""The items of a review, in the store: in chunks that are named by what is in them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from typing import TypeVar

from ._records import Chunk, Item, Items, Review
from ._store import Store, new_nonce
from .errors import DamagedRecord

T = TypeVar("T")

CHUNK_ITEMS = 100
"""What a page fetches at once."""

CHUNK_CHARACTERS = 250_000
"""Of larger items fewer stand in a chunk, so that none takes long to read or to make a page of."""

_AT_ONCE = 16
_KEPT_CHUNKS = 128
"""Enough for a review of 10,000 items; at most some 30 MB."""


def chunked(items: Iterable[Item]) -> Iterator[Items]:
    """Puts items into chunks, in order."""
    waiting: list[Item] = []
    characters = 0
    for item in items:
        size = len(item.model_dump_json())
        if waiting and (len(waiting) == CHUNK_ITEMS or characters + size > CHUNK_CHARACTERS):
            yield Items(nonce=new_nonce(), items=tuple(waiting))
            waiting, characters = [], 0
        waiting.append(item)
        characters += size
    if waiting:
        yield Items(nonce=new_nonce(), items=tuple(waiting))


def named(chunks: Iterable[Items]) -> tuple[Chunk, ...]:
    """The names of chunks, as a question holds them."""
    return tuple(Chunk(digest=chunk.digest(), count=len(chunk.items)) for chunk in chunks)


class Shelf:
    """Where items are kept. What was read stays at hand: what is named by its content never changes.

    Args:
        store: Where the items are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: OrderedDict[str, Items] = OrderedDict()

    async def put(self, chunks: Sequence[Items]) -> None:
        """Keeps items. Safe to repeat."""
        await _few_at_once(self._store.create(_path(chunk.digest()), chunk) for chunk in chunks)

    async def items(self, review: Review, start: int = 0, count: int | None = None) -> Sequence[Item]:
        """Some items of a review, in order.

        Args:
            review: The review.
            start: The first of them, from 0.
            count: How many; `None` for all that follow.

        Raises:
            DamagedRecord: They are not there, or are others than were asked about.
        """
        end = review.count if count is None else min(start + count, review.count)
        wanted: list[Chunk] = []
        first = position = 0
        for chunk in review.chunks:
            if position < end and position + chunk.count > start:
                first = first if wanted else position
                wanted.append(chunk)
            position += chunk.count
        read = await _few_at_once(self._chunk(chunk) for chunk in wanted)
        together = [item for chunk in read for item in chunk.items]
        return together[start - first : end - first]

    async def _chunk(self, chunk: Chunk) -> Items:
        found = self._at_hand.pop(chunk.digest, None) or await self._read(chunk)
        self._at_hand[chunk.digest] = found
        while len(self._at_hand) > _KEPT_CHUNKS:
            self._at_hand.popitem(last=False)
        return found

    async def _read(self, chunk: Chunk) -> Items:
        path = _path(chunk.digest)
        found = await self._store.read(path, Items)
        if found is None or found.digest() != chunk.digest:
            what = "is missing" if found is None else "holds other items than were asked about"
            raise DamagedRecord(f"{path} {what}, so the review cannot be shown. Ask again to go on.")
        return found


def _path(digest: str) -> str:
    return f"items/{digest}.json"


async def _few_at_once(calls: Iterable[Awaitable[T]]) -> list[T]:
    """Waits for calls to the store, some of them side by side."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(call: Awaitable[T]) -> T:
        async with turn:
            return await call

    return await asyncio.gather(*(in_turn(call) for call in calls))
