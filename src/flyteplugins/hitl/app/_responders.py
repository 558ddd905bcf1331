"""Who is said to have answered: only ever what the app knows for certain, never what a client says of itself."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import HTTPConnection

from .._machine import on_this_machine
from ..errors import AccessDenied

MAX_NAME_CHARACTERS = 200
"""Longer than any e-mail address in use, short enough for a line of a page."""


class Responders(Protocol):
    """Names the person behind a call."""

    def name(self, connection: HTTPConnection) -> str:
        """The name that goes into the record.

        Raises:
            AccessDenied: Nobody can be named, though somebody should.
        """
        ...


class HolderOfTheLink:
    """With no sign-in before the app, this is all that is known."""

    def name(self, connection: HTTPConnection) -> str:
        return "a holder of the link"


class ThisMachine:
    """On a loopback port only the user of the machine gets a link printed."""

    def __init__(self, user: str) -> None:
        self._user = user

    def name(self, connection: HTTPConnection) -> str:
        return on_this_machine(self._user)


class TrustedHeader:
    """A proxy before the app signs people in and names them in a header, as the operator says.

    Args:
        header: The name of that header.
    """

    def __init__(self, header: str) -> None:
        self._header = header

    def name(self, connection: HTTPConnection) -> str:
        names = connection.headers.getlist(self._header)
        if len(names) != 1 or not names[0].strip():
            raise AccessDenied(
                "Nobody is signed in: the call did not come through the proxy that this app was told to trust. "
                "Open the link at the app's public address, or ask its operator about FLYTE_HITL_IDENTITY_HEADER."
            )
        return names[0].strip()[:MAX_NAME_CHARACTERS]
