"""Where requests are in a store, and all of them."""

from __future__ import annotations

from dataclasses import dataclass

from ._records import Request
from ._store import Store
from .errors import DamagedRecord


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The requests of a store, and what could not be read among them.

    Attributes:
        requests: Those that could be read, the oldest first.
        damaged: One error for each object that is no request, naming it.
    """

    requests: tuple[Request, ...]
    damaged: tuple[DamagedRecord, ...]


def request_path(request_id: str) -> str:
    """Where a request is kept."""
    return f"requests/{request_id}.json"


async def listing_of(store: Store) -> Listing:
    """All requests of a store. One damaged object is told of, and hides none of the others."""
    requests: list[Request] = []
    damaged: list[DamagedRecord] = []
    async for path in store.paths("requests"):
        try:
            request = await store.read(path, Request)
            if request is not None and request_path(request.request_id) != path:
                raise DamagedRecord(f"{path} is a copy of another record: it holds {request.request_id}. Move it away.")
        except DamagedRecord as error:
            damaged.append(error)
        else:
            requests.extend(() if request is None else (request,))
    requests.sort(key=lambda request: (request.created_at, request.request_id))
    return Listing(requests=tuple(requests), damaged=tuple(damaged))
