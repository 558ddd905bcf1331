"""The open requests, the oldest first and a page at a time, at a cost that grows with neither the open nor the closed.

Pages come from the index that the asking processes keep. It may lag behind, so each request is held against its
deadline and its outcome before it is shown; and what is found closed is taken out of the index, after the page.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ._event_loops import in_thread
from ._links import Links
from ._open_chunks import Place, place_of
from ._open_index import OpenIndex
from ._open_mender import OpenMender
from ._open_reader import Found, OpenReader
from ._records import OpenEntry
from ._service import Service
from .errors import DamagedRecord, InvalidParameter

MOST_ON_A_PAGE = 200
_LEAST_LOOKS = 16
"""Entries looked at together, where fewer might fill the page."""
_MOST_LOOKS = 1000
"""Entries looked at for a page: one whose part of the index is full of what is closed ends early, and leads on."""
_LOOKS_AT_ONCE = 64
_REBUILD_SECONDS = 600.0
_SURELY_PAST = timedelta(minutes=1)
"""How long past its deadline an entry is taken out, by this machine's clock, which may be ahead of others."""

_FIRST_YEAR = 2000
"""Nothing was asked before, and times have room to be reckoned with."""


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """Some of the open requests.

    Attributes:
        entries: The requests, the oldest first. There may be fewer than were asked for, though there are more.
        after: What the next page is asked for with; `None` where this is the last.
        damaged: One error for each object of the index that could not be read, naming it.
    """

    entries: tuple[OpenEntry, ...]
    after: str | None
    damaged: tuple[DamagedRecord, ...]


@dataclass(frozen=True)
class _Looked:
    """An entry that was looked at."""

    found: Found
    is_open: bool
    is_closed_for_good: bool

    def gone(self) -> tuple[str, ...]:
        """The chunks out of which it can be taken: all, if it is closed for good, else all but the last."""
        return self.found.paths if self.is_closed_for_good else self.found.paths[:-1]


class Inbox:
    """Lists what is open in a store.

    Args:
        service: The rules and the store.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._mender = OpenMender(service.store, service.clock)

    async def page(self, limit: int = 50, after: str | None = None) -> InboxPage:
        """The open requests, the oldest first.

        Args:
            limit: How many at most.
            after: Where the page before this one ended; `None` for the first page.

        Raises:
            InvalidParameter: `limit` is not from 1 to 200, or `after` was not made here.
            StoreUnavailable: The store could not be reached.
        """
        if not 1 <= limit <= MOST_ON_A_PAGE:
            raise InvalidParameter(f"`limit={limit}` cannot be used. Ask for 1 to {MOST_ON_A_PAGE} questions a page.")
        reader = OpenReader(self._service.store, None if after is None else _place(after))
        looked, is_last = await self._look(reader, limit)
        self._mender.begin(_gone(looked))
        shown = [each.found.entry for each in looked if each.is_open]
        following: OpenEntry | None = None
        if len(shown) > limit:
            following = shown[limit - 1]
        elif not is_last:
            following = looked[-1].found.entry
        return InboxPage(
            entries=tuple(shown[:limit]),
            after=None if following is None else _cursor(place_of(following)),
            damaged=tuple(reader.damaged),
        )

    async def rebuild(self) -> int:
        """Lists what is open and not in the index, by a look at every request there is: for an index that was lost.

        What a process asked in the fifth of a second before it was killed is missing too, until it is asked again.

        Returns:
            How many requests were missing.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        listed = {found.entry.request_id async for found in OpenReader(self._service.store).found()}
        requests = [each for each in (await self._service.listing()).requests if each.request_id not in listed]
        index, links, missing = OpenIndex(self._service.store), await self._service.links(), 0
        for start in range(0, len(requests), _LOOKS_AT_ONCE):
            some = [each for each in requests[start : start + _LOOKS_AT_ONCE] if not self._is_past(each.deadline)]
            outcomes = (self._service.store.exists(links.response_path(each.request_id)) for each in some)
            for request, is_closed in zip(some, await asyncio.gather(*outcomes), strict=True):
                if not is_closed:
                    index.add(request)
                    missing += 1
        await in_thread(index.close, _REBUILD_SECONDS)
        return missing

    def _is_past(self, deadline: datetime | None) -> bool:
        return deadline is not None and self._service.clock.now() >= deadline

    async def _look(self, reader: OpenReader, limit: int) -> tuple[list[_Looked], bool]:
        """Looks until more are open than the page takes; returns whether these were all."""
        links = await self._service.links()
        looked: list[_Looked] = []
        missing = limit + 1
        async with aclosing(reader.found()) as all_found:
            while missing > 0 and len(looked) < _MOST_LOOKS:
                some = await _some(all_found, max(missing, _LEAST_LOOKS))
                if not some:
                    return looked, True
                looked += await asyncio.gather(*(self._look_at(found, links) for found in some))
                missing = limit + 1 - sum(each.is_open for each in looked)
        return looked, False

    async def _look_at(self, found: Found, links: Links) -> _Looked:
        deadline = found.entry.deadline
        if deadline is not None and self._is_past(deadline):
            return _Looked(found, is_open=False, is_closed_for_good=self._is_past(deadline + _SURELY_PAST))
        is_closed = await self._service.store.exists(links.response_path(found.entry.request_id))
        return _Looked(found, is_open=not is_closed, is_closed_for_good=is_closed)


async def _some(found: AsyncIterator[Found], count: int) -> list[Found]:
    some: list[Found] = []
    while len(some) < count:
        following = await anext(found, None)
        if following is None:
            break
        some.append(following)
    return some


def _gone(looked: Iterable[_Looked]) -> Mapping[str, set[str]]:
    """The ids of what can be taken out of the index, by the chunk."""
    gone: defaultdict[str, set[str]] = defaultdict(set)
    for each in looked:
        for path in each.gone():
            gone[path].add(each.found.entry.request_id)
    return gone


def _cursor(place: Place) -> str:
    text = f"{place[0].astimezone(timezone.utc).isoformat()} {place[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _place(cursor: str) -> Place:
    """The place that a cursor names. Nothing but a time and an id is taken from it."""
    try:
        moment, request_id = base64.b64decode(cursor, b"-_", validate=True).decode().split(" ")
        place = datetime.fromisoformat(moment).astimezone(timezone.utc), request_id
    except (ValueError, OverflowError):
        place = None
    if place is None or place[0].year < _FIRST_YEAR or _cursor(place) != cursor:
        raise InvalidParameter("`after` is not where a page ended. Begin with the first page again.")
    return place
