"""Where it is kept which of Flyte's conditions wakes an action: written by the task, read by the app."""

from __future__ import annotations

import logging

from ._marks import hashes_of
from ._records import Origin, PushTarget
from ._store import Store
from .errors import HitlError

logger = logging.getLogger("flyteplugins.hitl")

FOLDER = "push"


class PushTargets:
    """The targets of a store, one for each action that waits and can be pushed.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, origin: Origin) -> PushTarget | None:
        """The target of an action, or `None` where it has none.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: What stands there is no target.
        """
        return await self._store.read(path_of(origin), PushTarget)

    async def keep(self, origin: Origin, target: PushTarget) -> None:
        """Keeps the target of an action, in the place of the one before.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        await self._store.overwrite(path_of(origin), target)

    async def forget(self, origin: Origin) -> None:
        """Takes the target of an action away, where the store allows it."""
        try:
            await self._store.delete([path_of(origin)])
        except HitlError as error:
            logger.debug("An old push target was left where it is: %s", error)


def path_of(origin: Origin) -> str:
    """Where the target of an action is kept."""
    run, action = hashes_of(origin)
    return f"{FOLDER}/{run}/{action}.json"
