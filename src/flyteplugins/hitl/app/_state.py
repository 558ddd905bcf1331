"""What the routes share: handed in when the app is made, never changed by a call."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from .._service import Service
from .._settings import Settings
from ._kept_pages import KeptPages
from ._responders import Responders


class Confirmations:
    """Counts the people who were told that their answer was accepted but have not yet been shown it.

    A script on a laptop ends as soon as it has its answer, and its app with it; it waits for these first.
    """

    def __init__(self) -> None:
        self._expected: set[str] = set()

    def expect(self, request_id: str) -> None:
        self._expected.add(request_id)

    def shown(self, request_id: str) -> None:
        self._expected.discard(request_id)

    def __bool__(self) -> bool:
        return bool(self._expected)


@dataclass(frozen=True, kw_only=True)
class AppState:
    """What the routes share.

    Attributes:
        service: The rules and the store.
        settings: Limits and the trusted header.
        responders: Who is said to have answered.
        instance: Tells this process from another on the same port.
        pages: Those of open questions that were made lately.
        confirmations: The people who are still to be shown that their answer was accepted.
    """

    service: Service
    settings: Settings
    responders: Responders
    instance: str
    pages: KeptPages
    confirmations: Confirmations = field(default_factory=Confirmations)


def state_of(connection: HTTPConnection) -> AppState:
    """The state of the app that serves a connection."""
    state = connection.app.state.hitl
    assert isinstance(state, AppState)  # noqa: S101
    return state
