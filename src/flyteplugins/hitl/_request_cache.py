"""Requests, read from the store once in a while: a form is opened, asked after and answered within minutes.

A request never changes once it is written, so the one that was read before is the one that is there. Only where an
operator removes or damages a record by hand, it is served from here until its life is over.
"""

from __future__ import annotations

from ._clock import Clock
from ._listing import request_path
from ._recent import Recent
from ._records import Request
from ._store import Store

LIFE_SECONDS = 60.0
"""How long a record may be gone from the store and still be served."""

MOST_REQUESTS = 1_000
MOST_BYTES = 4 * 1024 * 1024
"""As JSON. In memory a request takes several times as much."""

LARGEST_BYTES = 64 * 1024
"""Few requests are larger, and a few of them would leave no room for any other."""


class RequestCache:
    """The requests of a store; those that were read lately are at hand.

    It proves no right to any of them: whoever hands one out asks for that each time.

    Args:
        store: Where they are.
        clock: Tells the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._recent: Recent[Request] = Recent(
            clock, seconds=LIFE_SECONDS, most=MOST_REQUESTS, most_bytes=MOST_BYTES, largest=LARGEST_BYTES
        )

    async def read(self, request_id: str) -> Request | None:
        """The request of this id, or `None` where there is none. That there is none is never remembered.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: What stands there is no request.
        """
        request = self._recent.get(request_id)
        if request is None:
            request = await self._store.read(request_path(request_id), Request)
            if request is not None:
                self._recent.keep(request_id, request, len(request.model_dump_json()))
        return request
