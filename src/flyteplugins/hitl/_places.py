"""The log of a place in a workflow: which request is asked there, and which were before it.

A place is an event's name and how many of that name were asked before it in the action, or the caller's own key.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._records import Turn
from ._store import Store, new_nonce


class Place:
    """One place. Its log only grows, by one create-only entry at a time, so all who read it agree.

    Args:
        store: Where the log is.
        place_id: Names the place.
    """

    def __init__(self, store: Store, place_id: str) -> None:
        self._store = store
        self._place_id = place_id

    async def open(self, request_id: str) -> tuple[str, bool]:
        """Writes the first entry, if there is none.

        Returns:
            The request that the first entry names, and whether it was written just now.
        """
        return await self._write(0, request_id)

    async def enter(self, first: str, request_id: str) -> Sequence[str]:
        """Writes the request into the log, unless it is there.

        Args:
            first: The request that the first entry names.
            request_id: The request to enter.

        Returns:
            The requests before it.
        """
        earlier: list[str] = []
        standing = first
        while standing != request_id:
            earlier.append(standing)
            standing, _ = await self._write(len(earlier), request_id)
        return earlier

    async def after(self, request_id: str) -> Sequence[str]:
        """The requests after one; none where it stands in another place.

        Events that are asked at once come in another order after a crash, and so to each other's places.
        """
        turns: list[str] = []
        while (turn := await self._store.read(self._path(len(turns)), Turn)) is not None:
            turns.append(turn.request_id)
        return turns[turns.index(request_id) + 1 :] if request_id in turns else ()

    async def _write(self, number: int, request_id: str) -> tuple[str, bool]:
        turn, is_ours = await self._store.create(self._path(number), Turn(nonce=new_nonce(), request_id=request_id))
        return turn.request_id, is_ours

    def _path(self, number: int) -> str:
        return f"places/{self._place_id}.{number}.json"
