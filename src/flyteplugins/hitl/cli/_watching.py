"""`watch`: what is open, as it comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from .._records import OpenEntry
from .._service import Service
from ..errors import HitlError, StoreUnavailable
from ._described import answer_in_short, outcome_as_json, outcome_in_words
from ._exits import Exit
from ._listing import Open, most_rows, open_now, table_of, with_prompts
from ._plain import line
from ._session import Session

_LONGEST_PAUSE = 60.0
_CLOSED_SHOWN = 5
_ROWS_AROUND = 5
"""Those of the heading, of what is wrong, of the table's head, of what is hidden, and the last, which stays free."""


async def watch(session: Session, interval: float, limit: int) -> int:
    """Shows what is open until it is interrupted.

    Args:
        session: The store.
        interval: How often to look, in seconds.
        limit: How many of those that wait longest to look at: each costs a call to the store.
    """
    await (_live if session.terminal.is_rich else _told)(session, interval, limit)
    return Exit.DONE


class _Changes:
    """What came and went since the last look."""

    def __init__(self, session: Session, limit: int) -> None:
        self._session = session
        self._limit = limit
        self._known: dict[str, Open] = {}

    @property
    def open(self) -> Sequence[Open]:
        return list(self._known.values())

    async def look(self) -> tuple[Sequence[Open], Sequence[Open]]:
        """What is newly open, and what was open and is not any more.

        Raises:
            StoreUnavailable: The store could not be reached; nothing is lost with that.
        """
        entries: Mapping[str, OpenEntry] = await open_now(self._session, self._limit)
        new = await with_prompts(
            self._session, [each for each in entries.values() if each.request_id not in self._known]
        )
        gone = [each for request_id, each in self._known.items() if request_id not in entries]
        for each in gone:
            del self._known[each.entry.request_id]
        self._known.update({each.entry.request_id: each for each in new})
        return new, gone


async def _told(session: Session, interval: float, limit: int) -> None:
    """Prints a line for each that comes or goes."""
    changes, pauses = _Changes(session, limit), _Pauses(session, interval)
    while True:
        try:
            new, gone = await changes.look()
            pauses.reached()
        except StoreUnavailable as error:
            pauses.missed(error)
        else:
            for each in new:
                _tell_open(session, each)
            for each in gone:
                how = await _how(session, each)
                if how is not None:
                    _tell_closed(session, each, how)
        await pauses.pause()


async def _live(session: Session, interval: float, limit: int) -> None:
    """Keeps a table up to date."""
    changes, pauses = _Changes(session, limit), _Pauses(session, interval)
    closed: list[str] = []
    console = session.terminal.console()
    with Live(console=console, auto_refresh=False) as live:
        while True:
            trouble = ""
            try:
                _, gone = await changes.look()
                pauses.reached()
                for each in gone:
                    how = await _how(session, each)
                    closed += [] if how is None else [f"{line(each.entry.name)}: {how['in_words']}"]
            except StoreUnavailable as error:
                pauses.missed(error, is_told=False)
                trouble = error.detail
            now = session.service.clock.now()
            at_least = "at least " if len(changes.open) >= limit else ""
            heading = f"{at_least}{len(changes.open)} open in {session.service.store.url} · Ctrl-C ends"
            room = most_rows(console.height - _ROWS_AROUND - _CLOSED_SHOWN, console.width)
            hidden = len(changes.open) - room
            parts: list[RenderableType] = [
                Text(heading, style="bold", no_wrap=True, overflow="ellipsis"),
                Text(trouble, style="red", no_wrap=True, overflow="ellipsis"),
                table_of(changes.open[:room], now, console.width),
                *([Text(f"… and {hidden} more", style="dim")] if hidden > 0 else []),
                *(
                    Text(f"✓ {each}", style="dim", no_wrap=True, overflow="ellipsis")
                    for each in closed[-_CLOSED_SHOWN:]
                ),
            ]
            live.update(Group(*parts), refresh=True)
            await pauses.pause()


class _Pauses:
    """The time between two looks; longer and longer while the store is out of reach, which is told once."""

    def __init__(self, session: Session, interval: float) -> None:
        self._session = session
        self._interval = interval
        self._pause = interval
        self._is_out_of_reach = False

    def reached(self) -> None:
        if self._is_out_of_reach:
            self._session.terminal.note("The store is back.")
        self._is_out_of_reach, self._pause = False, self._interval

    def missed(self, error: StoreUnavailable, *, is_told: bool = True) -> None:
        if is_told and not self._is_out_of_reach:
            self._session.terminal.note(f"warning: {error.detail}")
        self._is_out_of_reach = is_told
        self._pause = min(2 * self._pause, max(_LONGEST_PAUSE, self._interval))

    async def pause(self) -> None:
        await asyncio.sleep(self._pause)


async def _how(session: Session, gone: Open) -> dict[str, Any] | None:
    """How a request ended, as far as that can be told; `None` where it is still open, behind others that came up."""
    service: Service = session.service
    try:
        request = await service.request(gone.entry.request_id)
        response = await service.response(request)
    except HitlError as error:
        return {"status": "unknown", "outcome": None, "in_words": error.detail}
    if response is None and not request.is_past_deadline(service.clock.now()):
        return None
    if response is None:
        # The deadline is over, and its workflow has yet to say so.
        return {"status": "timed_out", "outcome": None, "in_words": "Its deadline is over."}
    value = answer_in_short(request, response, 80)
    words = outcome_in_words(response) + (f" {value}" if value else "")
    return {"status": response.status, "outcome": outcome_as_json(request, response), "in_words": words}


def _tell_open(session: Session, each: Open) -> None:
    now = session.service.clock.now()
    if session.terminal.as_json:
        session.terminal.data({"event": "open", "request": each.as_json(now)})
    else:
        session.terminal.columns("open", *each.cells(now))


def _tell_closed(session: Session, each: Open, how: Mapping[str, Any]) -> None:
    if session.terminal.as_json:
        content = {"event": "closed", "request": each.as_json(session.service.clock.now())}
        session.terminal.data({**content, "status": how["status"], "outcome": how["outcome"]})
    else:
        session.terminal.columns("closed", each.entry.request_id, each.entry.name, how["status"], how["in_words"])
