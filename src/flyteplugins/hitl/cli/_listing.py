"""`list`: what is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .._inbox import MOST_ON_A_PAGE, InboxPage
from .._records import OpenEntry
from ..errors import DamagedRecord, RequestNotFound
from ._exits import Exit
from ._plain import first_line, line, roughly
from ._session import Session

_SOON = timedelta(minutes=10)
"""A deadline so near is shown in another colour."""

_WIDE_ENOUGH = 72
"""From here on, next to the other columns there is room for the question."""


@dataclass(frozen=True)
class Open:
    """An open request as a list shows it.

    Attributes:
        entry: What the index holds of it.
        prompt: The first line of its prompt.
    """

    entry: OpenEntry
    prompt: str

    def as_json(self, now: datetime) -> dict[str, Any]:
        content = self.entry.model_dump(mode="json")
        return {**content, "prompt": self.prompt, "waiting_seconds": int((now - self.entry.created_at).total_seconds())}

    def cells(self, now: datetime) -> tuple[str, ...]:
        """The same for a line that programs take apart."""
        deadline = self.entry.deadline
        return (
            self.entry.request_id,
            self.entry.name,
            roughly(now - self.entry.created_at),
            "no deadline" if deadline is None else deadline.isoformat(),
            self.prompt,
        )


async def print_list(session: Session, limit: int, *, everything: bool) -> int:
    """Prints what is open, the oldest first."""
    pages = [page async for page in pages_of(session, None if everything else limit)]
    shown = await with_prompts(session, [entry for page in pages for entry in page.entries])
    damaged = [error for page in pages for error in page.damaged]
    has_more = bool(pages) and pages[-1].after is not None
    now, terminal = session.service.clock.now(), session.terminal
    if terminal.as_json:
        terminal.data(
            {
                "requests": [each.as_json(now) for each in shown],
                "has_more": has_more,
                "damaged": [error.detail for error in damaged],
            }
        )
        return Exit.DONE
    if terminal.is_rich and shown:
        console = terminal.console()
        console.print(table_of(shown, now, console.width))
    elif not terminal.is_rich:
        for each in shown:
            terminal.columns(*each.cells(now))
    if not shown:
        terminal.note(f"Nothing is open in {session.service.store.url}.")
    if has_more:
        terminal.note(f"There are more than these {len(shown)}. Use --all, or a larger --limit.")
    _tell(session, damaged)
    return Exit.DONE


async def pages_of(session: Session, limit: int | None) -> AsyncGenerator[InboxPage, None]:
    """Pages of the inbox, until there is no more or there are enough.

    Args:
        session: The store.
        limit: How many entries are enough; `None` for all.
    """
    if await session.is_new():
        return
    inbox, after, missing = session.inbox, None, limit
    while missing is None or missing > 0:
        page = await inbox.page(min(missing or MOST_ON_A_PAGE, MOST_ON_A_PAGE), after)
        yield page
        after = page.after
        missing = None if missing is None else missing - len(page.entries)
        if after is None:
            return


async def open_now(session: Session, limit: int) -> dict[str, OpenEntry]:
    """What is open and waits longest, by the id."""
    async with aclosing(pages_of(session, limit)) as pages:
        return {entry.request_id: entry async for page in pages for entry in page.entries}


async def with_prompts(session: Session, entries: Sequence[OpenEntry]) -> list[Open]:
    """The entries with what the index does not hold."""
    at_once = asyncio.Semaphore(32)

    async def read(entry: OpenEntry) -> Open:
        async with at_once:
            try:
                prompt = (await session.service.request(entry.request_id)).question.prompt
            except (RequestNotFound, DamagedRecord):
                return Open(entry, "(its record cannot be read)")
        return Open(entry, first_line(prompt))

    return list(await asyncio.gather(*(read(entry) for entry in entries)))


def table_of(shown: Sequence[Open], now: datetime, width: int) -> RenderableType:
    """What is open, for a person.

    Args:
        shown: What is open.
        now: The present moment.
        width: How many characters fit into a row of the terminal. Where these are few, each question gets two rows.
    """
    return _columns(shown, now) if width >= _WIDE_ENOUGH else _rows(shown, now)


def most_rows(height: int, width: int) -> int:
    """How many questions fit into so many rows of the terminal; one, where there is hardly any room."""
    return max(height if width >= _WIDE_ENOUGH else height // 2, 1)


def _columns(shown: Sequence[Open], now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("Question", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("Waits", no_wrap=True)
    table.add_column("Time left", no_wrap=True)
    table.add_column("Id", no_wrap=True)
    for each in shown:
        age = Text(roughly(now - each.entry.created_at))
        table.add_row(_question(each), age, _time_left(each.entry.deadline, now), _id(each))
    return table


def _rows(shown: Sequence[Open], now: datetime) -> Group:
    """Two rows for each: the question, and the id with what time is left."""
    rows: list[Text] = []
    for each in shown:
        below = Text("  ", no_wrap=True, overflow="ellipsis")
        below.append_text(_id(each)).append("  ").append_text(_time_left(each.entry.deadline, now))
        rows += [_question(each), below]
    return Group(*rows)


def _question(each: Open) -> Text:
    question = Text(line(each.entry.name), style="bold", no_wrap=True, overflow="ellipsis")
    return question.append(f"  {each.prompt}", style="not bold dim")


def _id(each: Open) -> Text:
    return Text(each.entry.request_id, style="cyan")


def _time_left(deadline: datetime | None, now: datetime) -> Text:
    if deadline is None:
        return Text("no limit", style="dim")
    return Text(roughly(deadline - now), style="yellow" if deadline - now < _SOON else "")


def _tell(session: Session, damaged: Sequence[DamagedRecord]) -> None:
    for error in damaged:
        session.terminal.note(f"warning: {error.detail}")
