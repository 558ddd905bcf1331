"""Puts questions, finds again those that were put, and replaces those that stood in the same place.

How, and why it can be killed anywhere, is told in `docs/explanation/design.md`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from ._clock import Clock
from ._earlier import Earlier, OriginRequests, place_of
from ._links import Links
from ._listing import listing_of, request_path
from ._records import Channel, Identity, Origin, Question, Request, Response
from ._store import Store, new_nonce


@dataclass(frozen=True, kw_only=True)
class Put:
    """A question that was put, now or before.

    Attributes:
        request: The request: its deadline and all else as they were when it was first put.
        response: Its outcome as it was found, or `None` while it is open.
        is_new: Whether it was put just now.
    """

    request: Request
    response: Response | None = None
    is_new: bool = False


class Questions:
    """The questions of a store.

    Args:
        store: Where the records are.
        clock: Tells the time.
        links: Gives what makes ids.
        response: Reads the outcome of a request.
        replace: Closes a request for another one.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        links: Callable[[], Awaitable[Links]],
        response: Callable[[Request], Awaitable[Response | None]],
        replace: Callable[[Request, str], Awaitable[Response]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._response = response
        self._replace = replace
        # One origin asks much: a thousand events in a row are of one.
        self._origin_id = lru_cache(maxsize=64)(_origin_id)

    async def put(
        self, question: Question, identity: Identity, *, turn: int, timeout_seconds: float | None, earlier: Earlier
    ) -> Put:
        """Puts a question, or finds it where it was put before; see `Service.ask`."""
        links = await self._links()
        origin = identity.origin
        origin_id = self._origin_id(links, origin)
        known = await earlier.of(origin_id, lambda: self._of(origin, origin_id, links))
        while True:
            request_id = links.request_id(origin_id, identity.to_bytes())
            request = self._made(question, identity, request_id, links, turn, timeout_seconds)
            asked = await self._put(request, known)
            if not was_left(asked.response):
                return asked
            identity = identity.anew()

    async def latest_in_place_of(self, request: Request) -> Request | None:
        """The last that was asked in the place of a request since, or `None`.

        For one whose task was killed on the way to the next, and then asked something else again.
        """
        links = await self._links()
        requests = await self._of(request.origin, self._origin_id(links, request.origin), links)
        later = [
            each for each in requests if place_of(each) == place_of(request) and each.created_at > request.created_at
        ]
        return later[-1] if later else None

    async def _of(self, origin: Origin, origin_id: str, links: Links) -> Sequence[Request]:
        """What stands of an origin. What is no request there is passed over: whoever asks for it is told of it."""
        requests = (await listing_of(self._store, origin_id)).requests
        return [
            request
            for request in requests
            if request.origin == origin and request.response_path == links.response_path(request.request_id)
        ]

    async def _put(self, request: Request, known: OriginRequests) -> Put:
        """Puts a request in its place, or finds it.

        The order makes it safe to be killed anywhere: those whose place it takes are closed first, and only then can
        anybody open the new one. Whoever comes back finds them in the folder, and does again what may be missing.
        """
        standing, rivals = known.enter(request)
        response = None if standing is None else await self._response(standing)
        if standing is not None and was_left(response):
            return Put(request=standing, response=response)
        for rival in rivals:
            if await self._response(rival) is None:
                await self._replace(rival, request.request_id)
        if standing is not None:
            return Put(request=standing, response=response)
        kept, is_new = await self._store.create(request_path(request.request_id), request)
        # Another process may have put it since this attempt began.
        response = None if is_new else await self._response(kept)
        return Put(request=kept, response=response, is_new=is_new)

    def _made(
        self,
        question: Question,
        identity: Identity,
        request_id: str,
        links: Links,
        turn: int,
        timeout_seconds: float | None,
    ) -> Request:
        now = self._clock.now()
        return Request(
            nonce=new_nonce(),
            request_id=request_id,
            origin=identity.origin,
            question=question,
            fingerprint=identity.fingerprint,
            occurrence=identity.occurrence,
            turn=turn,
            idempotency_key=identity.idempotency_key,
            generation=identity.generation,
            created_at=now,
            deadline=None if timeout_seconds is None else now + timedelta(seconds=timeout_seconds),
            response_path=links.response_path(request_id),
        )


def _origin_id(links: Links, origin: Origin) -> str:
    return links.origin_id(origin.to_bytes())


def was_left(response: Response | None) -> bool:
    """Whether a request was closed by what a later attempt undoes: it is then asked anew."""
    if response is None:
        return False
    return response.status == "replaced" or response.channel is Channel.RUN_ENDED
