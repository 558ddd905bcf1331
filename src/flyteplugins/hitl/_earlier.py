"""What earlier attempts asked: looked up once an attempt, so that asking is one write and no read.

A place in a workflow is an event's name and how many of that name were asked before it in the action; or the name and
the caller's own key. Of one place there is one question at a time: another one replaces it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from ._event_loops import Once
from ._records import Request

Place = tuple[str, str | None, int]


class Earlier:
    """What one attempt knows of the requests of its actions: a trace is an action of its own.

    Of use on any event loop and in any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._origins: dict[str, Once[OriginRequests]] = {}

    async def of(self, origin_id: str, look_up: Callable[[], Awaitable[Iterable[Request]]]) -> OriginRequests:
        """The requests of one origin.

        Args:
            origin_id: Tells the origin and the store: it is made with the store's key.
            look_up: Finds the requests that stand in the store. Called by the first who asks, and awaited by all.
        """
        with self._lock:
            once = self._origins.setdefault(origin_id, Once())

        async def found() -> OriginRequests:
            return OriginRequests(await look_up())

        return await once.get(found)


class OriginRequests:
    """The requests of one origin, as one attempt knows them: those that stood before it, and its own.

    Args:
        requests: Those that stood before it.
    """

    def __init__(self, requests: Iterable[Request] = ()) -> None:
        self._lock = threading.Lock()
        self._earlier = {request.request_id: request for request in requests}
        self._own: set[str] = set()
        self._places: defaultdict[Place, list[Request]] = defaultdict(list)
        for request in self._earlier.values():
            self._places[place_of(request)].append(request)

    def enter(self, request: Request) -> tuple[Request | None, Sequence[Request]]:
        """Notes that the attempt is about to ask a request. Those that it asks after this know of it.

        Args:
            request: As it is asked now.

        Returns:
            The same as an earlier attempt asked it, or `None`; and those whose place it takes, some of which may be
            closed.
        """
        with self._lock:
            standing = self._earlier.get(request.request_id)
            rivals: Sequence[Request] = ()
            # One that stands elsewhere was asked in another order, as of events that are made at once. It takes no
            # place here: the one before may yet be asked too.
            if standing is None or place_of(standing) == place_of(request):
                rivals = [each for each in self._places.get(place_of(request), ()) if self._is_rival(each, request)]
            if request.idempotency_key is not None and standing is None and request.request_id not in self._own:
                # Only a key is given twice in one attempt, so no other request of its own is ever in the way of one.
                self._places[place_of(request)].append(request)
            self._own.add(request.request_id)
            return standing, rivals

    def _is_rival(self, other: Request, request: Request) -> bool:
        # A key stands for one question at a time, even in one attempt.
        is_past = other.request_id not in self._own or request.idempotency_key is not None
        return is_past and other.request_id != request.request_id


def place_of(request: Request) -> Place:
    """Where in its workflow a request was first asked."""
    return request.question.name, request.idempotency_key, request.turn
