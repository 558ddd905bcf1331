"""Those in this process who are told what becomes of requests."""

from __future__ import annotations

from collections.abc import Callable

from ._records import Request, Response


class Listeners:
    """Tells whoever listens, in the order in which they came. None of them may block."""

    def __init__(self) -> None:
        self._of_requests: list[Callable[[Request], None]] = []
        self._of_outcomes: list[Callable[[Response], None]] = []
        self._of_candidates: list[Callable[[str], None]] = []
        self._waiters: list[Callable[[str], bool]] = []

    def on_request(self, listener: Callable[[Request], None]) -> None:
        """Has a listener told of each request that this process asks, or finds open."""
        self._of_requests.append(listener)

    def on_outcome(self, listener: Callable[[Response], None]) -> None:
        """Has a listener told of each outcome that this process brings about or learns of."""
        self._of_outcomes.append(listener)

    def on_candidate(self, listener: Callable[[str], None]) -> None:
        """Has a listener told of each request, by its id, to which this process kept an answer."""
        self._of_candidates.append(listener)

    def on_interest(self, waits: Callable[[str], bool]) -> None:
        """Has somebody asked whether this process itself waits for a request: it then needs no mark of interest."""
        self._waiters.append(waits)

    def tell_request(self, request: Request) -> None:
        """Tells of a request that is open."""
        for listener in self._of_requests:
            listener(request)

    def tell_outcome(self, response: Response) -> None:
        """Tells of an outcome."""
        for listener in self._of_outcomes:
            listener(response)

    def tell_candidate(self, request_id: str) -> None:
        """Tells that an answer was kept."""
        for listener in self._of_candidates:
            listener(request_id)

    def is_awaited(self, request_id: str) -> bool:
        """Whether this process itself waits for a request."""
        return any(waits(request_id) for waits in self._waiters)
