"""A log in the store: it only grows, by one create-only entry at a time, so all who read it agree on its order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic

from ._records import RecordT
from ._store import Store


class Log(Generic[RecordT]):
    """One log. Its entries are numbered from 0, with no gap.

    Args:
        store: Where it is.
        kind: What its entries are.
        path: Where its entries are, less their numbers: `verdicts/x` for `verdicts/x.0.json`, `verdicts/x.1.json`, …
    """

    def __init__(self, store: Store, kind: type[RecordT], path: str) -> None:
        self._store = store
        self._kind = kind
        self._path = path

    async def read(self, number: int) -> RecordT | None:
        """Reads an entry, or `None` where the log is shorter."""
        return await self._store.read(self._path_of(number), self._kind)

    async def write(self, number: int, entry: RecordT) -> tuple[RecordT, bool]:
        """Writes an entry, if there is none of this number.

        Args:
            number: Its number, which must be at most the length of the log.
            entry: What to write.

        Returns:
            The entry that stands, and whether it is this writer's.
        """
        return await self._store.create(self._path_of(number), entry)

    async def enter(
        self, entry: RecordT, ends: Callable[[RecordT], bool], known: Sequence[RecordT] = ()
    ) -> Sequence[RecordT]:
        """Adds an entry at the end, unless there is one that makes it needless.

        Args:
            entry: What to add.
            ends: Tells of an entry whether it makes this one needless. True of `entry` itself.
            known: The first entries of the log, as far as they are known.

        Returns:
            All entries up to the one that ends the walk, which is `entry` where it was added.
        """
        entries = [*known]
        while not entries or not ends(entries[-1]):
            standing, _ = await self.write(len(entries), entry)
            entries.append(standing)
        return entries

    async def entries(self) -> Sequence[RecordT]:
        """Reads all entries, in rounds that double, so that a long log takes few of them."""
        entries: list[RecordT] = []
        while True:
            ahead = range(len(entries), 2 * len(entries) + 1)
            for entry in await asyncio.gather(*(self.read(number) for number in ahead)):
                if entry is None:
                    # One that stands behind it was written while these were read.
                    return entries
                entries.append(entry)

    async def last(self) -> tuple[int, RecordT] | None:
        """Reads the last entry and its number, or `None` of an empty log; a long log takes few reads."""
        last: tuple[int, RecordT] | None = None
        absent = 0
        while (entry := await self.read(absent)) is not None:
            last = absent, entry
            absent = absent * 2 + 1
        while last is not None and absent - last[0] > 1:
            middle = (last[0] + absent) // 2
            entry = await self.read(middle)
            if entry is None:
                absent = middle
            else:
                last = middle, entry
        return last

    def _path_of(self, number: int) -> str:
        return f"{self._path}.{number}.json"
