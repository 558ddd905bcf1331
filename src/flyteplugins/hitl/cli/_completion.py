"""Ids for the shell to complete."""

from __future__ import annotations

import asyncio

from .._event_loops import run_and_leave
from ..errors import HitlError
from ._listing import open_now
from ._plain import line
from ._session import Session
from ._terminal import Terminal

_SECONDS = 3.0
"""A person waits at a key that was pressed."""
_MOST = 100


def open_ids(store: str | None, beginning: str) -> list[tuple[str, str]]:
    """The ids of what is open that begin so, each with its name. None where the store cannot be asked in time."""

    async def read() -> list[tuple[str, str]]:
        session = Session.at(store, Terminal(as_json=False))
        entries = await asyncio.wait_for(open_now(session, _MOST), _SECONDS)
        return [(each, line(entry.name)) for each, entry in entries.items() if each.startswith(beginning)]

    try:
        return run_and_leave(read())
    except (HitlError, asyncio.TimeoutError):
        return []
