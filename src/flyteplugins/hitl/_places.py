"""The log of a place in a workflow: which request is asked there, and which were before it.

A place is an event's name and how many of that name were asked before it in the action, or the caller's own key.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._log import Log
from ._records import Turn
from ._store import Store, new_nonce


class Place:
    """One place.

    Args:
        store: Where the log is.
        place_id: Names the place.
    """

    def __init__(self, store: Store, place_id: str) -> None:
        self._log = Log(store, Turn, f"places/{place_id}")

    async def open(self, request_id: str) -> tuple[str, bool]:
        """Writes the first entry, if there is none.

        Returns:
            The request that the first entry names, and whether it was written just now.
        """
        turn, is_ours = await self._log.write(0, _turn(request_id))
        return turn.request_id, is_ours

    async def enter(self, first: str, request_id: str) -> Sequence[str]:
        """Writes the request into the log, unless it is there.

        Args:
            first: The request that the first entry names.
            request_id: The request to enter.

        Returns:
            The requests before it.
        """
        turns = await self._log.enter(
            _turn(request_id), lambda turn: turn.request_id == request_id, known=[_turn(first)]
        )
        return [turn.request_id for turn in turns[:-1]]

    async def after(self, request_id: str) -> Sequence[str]:
        """The requests after one; none where it stands in another place.

        Events that are asked at once come in another order after a crash, and so to each other's places.
        """
        turns = [turn.request_id for turn in await self._log.entries()]
        return turns[turns.index(request_id) + 1 :] if request_id in turns else ()


def _turn(request_id: str) -> Turn:
    return Turn(nonce=new_nonce(), request_id=request_id)
