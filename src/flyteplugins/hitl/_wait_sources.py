"""Where the waits of a process come from: one source a store, seen together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ._form_link import FormLink
from ._records import Request
from ._service import Service
from ._waits import Waits

_MOST_LOOKED_AT = 100
"""Of more waits, the oldest are looked for among those that began first."""


@dataclass(frozen=True, eq=False)
class Source:
    """What the events of one store share.

    Attributes:
        service: The rules.
        waits: What is waited for.
        endpoint: Finds the address of the app, by the name of the run.
    """

    service: Service
    waits: Waits
    endpoint: Callable[[str], Awaitable[str]]

    async def link(self, request: Request) -> FormLink:
        """The link to the form of a request."""
        token = (await self.service.links()).token(request.request_id)
        return FormLink(request=request, endpoint=await self.endpoint(request.origin.run), token=token)


@dataclass(frozen=True)
class Sources:
    """All sources there are."""

    each: tuple[Source, ...]

    @property
    def count(self) -> int:
        """How many requests are waited for."""
        return sum(len(source.waits) for source in self.each)

    @property
    def until(self) -> datetime | None:
        """The next deadline of all, or `None`."""
        deadlines = (source.waits.next_deadline() for source in self.each)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    @property
    def oldest(self) -> Sequence[tuple[Request, Source]]:
        """The requests in the order in which they were asked."""
        pairs = ((request, source) for source in self.each for request in source.waits.first(_MOST_LOOKED_AT))
        return sorted(pairs, key=lambda pair: pair[0].created_at)
