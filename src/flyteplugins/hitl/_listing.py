"""Where requests are in a store, and all of them, or all of one origin."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ._links import ORIGIN_CHARACTERS
from ._records import Request
from ._store import Store
from .errors import DamagedRecord

_FOLDER = "requests"

_READ_AT_ONCE = 64
"""Enough to hide the way to a store that is far away; a server takes as many from one page of a browser."""


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
    """Where a request is kept: in a folder with all that its origin asked."""
    return f"{_FOLDER}/{request_id[:ORIGIN_CHARACTERS]}/{request_id[ORIGIN_CHARACTERS:]}.json"


async def listing_of(store: Store, origin_id: str | None = None) -> Listing:
    """All requests of a store, or those in the folder of one origin.

    One damaged object is told of, and hides none of the others.
    """
    folder = _FOLDER if origin_id is None else f"{_FOLDER}/{origin_id}"
    paths = [path async for path in store.paths(folder)]
    found: list[Request | DamagedRecord | None] = []
    for first in range(0, len(paths), _READ_AT_ONCE):
        found += await asyncio.gather(*(_read(store, path) for path in paths[first : first + _READ_AT_ONCE]))
    requests = [each for each in found if isinstance(each, Request)]
    requests.sort(key=lambda request: (request.created_at, request.request_id))
    return Listing(requests=tuple(requests), damaged=tuple(each for each in found if isinstance(each, DamagedRecord)))


async def _read(store: Store, path: str) -> Request | DamagedRecord | None:
    try:
        request = await store.read(path, Request)
    except DamagedRecord as error:
        return error
    if request is not None and request_path(request.request_id) != path:
        return DamagedRecord(f"{path} is a copy of another record: it holds {request.request_id}. Move it away.")
    return request
