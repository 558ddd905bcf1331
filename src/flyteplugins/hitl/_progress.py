"""How far a review has come: a log in the store to which each batch of decisions is added.

Nothing is decided by it. The outcome is the one response, written when the reviewer submits.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ._records import Batch, Snapshot
from ._store import Store, new_nonce

SNAPSHOT_EVERY = 64
"""Entries that have to be read one by one at the most, give or take those of a writer that was killed."""

MAX_NONCES = 1_000
"""A batch that is sent again after as many others counts once more: then it is as if it had only now arrived."""

_READ_AT_ONCE = 16
_KEPT_LOGS = 32


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the entries of a log come to. Never changed.

    Attributes:
        number: How many entries there are.
        decided: The decisions that stand, by the number of the item.
        nonces: Those of the last entries.
        snapshot: How many entries the last snapshot holds that is known of.
    """

    number: int = 0
    decided: Mapping[int, JsonValue] = field(default_factory=dict)
    nonces: tuple[str, ...] = ()
    snapshot: int = 0

    def after(self, *batches: Batch) -> Standing:
        """What it comes to with further entries."""
        decided = dict(self.decided)
        for batch in batches:
            for number in batch.withdrawn:
                decided.pop(number, None)
            decided.update(batch.decided)
        nonces = (*self.nonces, *(batch.nonce for batch in batches))[-MAX_NONCES:]
        return Standing(number=self.number + len(batches), decided=decided, nonces=nonces, snapshot=self.snapshot)


class Progress:
    """The logs of a store's reviews. What was read stays at hand: a log only grows.

    Args:
        store: Where the logs are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: OrderedDict[str, Standing] = OrderedDict()

    async def standing(self, request_id: str) -> Standing:
        """Reads what the log of a request comes to."""
        standing = self._at_hand.get(request_id) or await self._last_snapshot(request_id)
        standing = await self._with_what_follows(request_id, standing)
        self._keep(request_id, standing)
        return standing

    async def add(self, request_id: str, batch: Batch) -> Standing:
        """Adds a batch, unless it was added before.

        Returns:
            What the log comes to with it.
        """
        standing = await self.standing(request_id)
        while batch.nonce not in standing.nonces:
            # Who is first at a number has it; the others read what stands there and take the next one.
            kept, _ = await self._store.create(_path(request_id, standing.number), batch)
            standing = standing.after(kept)
        standing = await self._with_snapshot(request_id, standing)
        self._keep(request_id, standing)
        return standing

    async def _with_what_follows(self, request_id: str, standing: Standing) -> Standing:
        at_once = 1
        while True:
            numbers = range(standing.number, standing.number + at_once)
            read = await asyncio.gather(*(self._store.read(_path(request_id, number), Batch) for number in numbers))
            # Read side by side, a later entry may be seen and one before it not yet: it waits for the next reading.
            batches = read[: read.index(None)] if None in read else read
            standing = standing.after(*(batch for batch in batches if batch is not None))
            if None in read:
                return standing
            at_once = _READ_AT_ONCE

    async def _last_snapshot(self, request_id: str) -> Standing:
        paths = [path async for path in self._store.paths(f"progress/{request_id}/snapshots")]
        # Numbers of one width, so that the last by name is the last there is.
        snapshot = await self._store.read(max(paths), Snapshot) if paths else None
        if snapshot is None:
            return Standing()
        return Standing(
            number=snapshot.number, decided=snapshot.decided, nonces=snapshot.nonces, snapshot=snapshot.number
        )

    async def _with_snapshot(self, request_id: str, standing: Standing) -> Standing:
        if standing.number - standing.snapshot < SNAPSHOT_EVERY:
            return standing
        snapshot = Snapshot(
            nonce=new_nonce(), number=standing.number, decided=dict(standing.decided), nonces=standing.nonces
        )
        await self._store.create(_snapshot_path(request_id, standing.number), snapshot)
        return Standing(
            number=standing.number, decided=standing.decided, nonces=standing.nonces, snapshot=standing.number
        )

    def _keep(self, request_id: str, standing: Standing) -> None:
        at_hand = self._at_hand.pop(request_id, None)
        # Two calls at once may come back in any order.
        if at_hand is not None and at_hand.number > standing.number:
            standing = at_hand
        self._at_hand[request_id] = standing
        while len(self._at_hand) > _KEPT_LOGS:
            self._at_hand.popitem(last=False)


def _path(request_id: str, number: int) -> str:
    return f"progress/{request_id}/{number:08d}.json"


def _snapshot_path(request_id: str, number: int) -> str:
    return f"progress/{request_id}/snapshots/{number:08d}.json"
