"""What a process waits for, in the words of one line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from ._quoting import harmless
from ._records import Request, Response
from ._wait_sources import Sources

_SHOWN_AT_LEAST = 24
"""Columns of a link below which it says nothing."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a process waits for.

    Attributes:
        name: The event that is shown.
        count: How many are waited for.
        since: When that one was asked.
        until: When the first of all of them ends, or `None`.
        link: The link to its form, or nothing.
        invitation: What can be done here, such as `type an answer`; empty for nothing.
    """

    name: str
    count: int
    since: datetime
    until: datetime | None
    link: str = ""
    invitation: str = ""

    def line(self, now: datetime, columns: int, *, is_unicode: bool, is_coloured: bool) -> str:
        """The line for a terminal, no wider than it may be."""
        mark, dot = ("⏳ ", " · ") if is_unicode else ("* ", " - ")
        name = harmless(self.name)
        head = name if self.count == 1 else f"{name} and {self.count - 1:,} more"
        parts = [f"waiting {_time_in_words(now - self.since)}"]
        if self.until is not None:
            ending = "until" if self.count == 1 else "the first ends at"
            parts.append(f"{ending} {clock_in_words(self.until, now)}")
        if self.invitation:
            parts.append(self.invitation)
        plain = dot.join([mark + head, *parts])
        text = _cut(plain, columns)
        room = columns - _width(text) - len(dot)
        if is_coloured and text == plain:
            text = mark + f"\x1b[1m{head}\x1b[0m" + dot + f"\x1b[2m{dot.join(parts)}\x1b[0m"
        if self.link and room >= _SHOWN_AT_LEAST:
            text += dot + _linked(self.link, _cut(self.link, room))
        return text

    def sentence(self, now: datetime, *, again: bool) -> str:
        """The line for a log, for the first time or again."""
        verb = "Still waiting" if again else "Waiting"
        if self.count == 1:
            until = "" if self.until is None else f" until {clock_in_words(self.until, now)}"
            return f"{verb} for an answer to “{harmless(self.name)}”{until}."
        until = "" if self.until is None else f"; the first of them ends at {clock_in_words(self.until, now)}"
        return f"{verb} for {self.count:,} answers{until}."


def waiting_for(request: Request, sources: Sources, *, link: str = "", invitation: str = "") -> Waiting:
    """What is waited for, of which one is shown."""
    return Waiting(
        name=request.question.name,
        count=sources.count,
        since=request.created_at,
        until=sources.until,
        link=link,
        invitation=invitation,
    )


def how_it_ended(name: str, response: Response | None) -> str:
    """How a wait ended, as a sentence."""
    event = f"“{harmless(name)}”"
    if response is None:
        return f"{event} is waited for no more."
    if response.status == "completed":
        who, how = response.responder or "somebody", _HOW.get(response.channel.value, "")
        return f"{event} was answered by {harmless(who)} {how}".rstrip() + "."
    if response.status == "timed_out":
        return f"{event} was not answered in time."
    reason = f": {harmless(response.comment)}" if response.comment else "."
    return f"{event} was {response.status}{reason}"


_HOW = {
    "form": "on the page",
    "json": "through the JSON call",
    "cli": "on the command line",
    "terminal": "where the script runs",
    "timer": "by the deadline",
    "workflow": "by the workflow",
    "run_ended": "because its run ended",
}


def clock_in_words(moment: datetime, now: datetime) -> str:
    """A moment on the clocks here, with its day where that is another one."""
    here, today = moment.astimezone(), now.astimezone()
    if here.date() == today.date():
        return f"{here:%H:%M}"
    return f"{here:%a %H:%M}" if timedelta() < here - today < timedelta(days=6) else f"{here:%Y-%m-%d %H:%M}"


def _time_in_words(time: timedelta) -> str:
    seconds = max(int(time.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if minutes == 0:
        return f"{seconds} s"
    if minutes < 10:
        return f"{minutes} min {seconds % 60} s"
    if hours == 0:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if days == 0 else f"{days} d {hours % 24} h"


def _linked(address: str, text: str) -> str:
    """A link as terminals take it (OSC 8); those that do not show the text alone."""
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


def _cut(text: str, columns: int) -> str:
    if _width(text) <= columns:
        return text
    kept, width = "", 1
    for character in text:
        width += _width(character)
        if width > columns:
            break
        kept += character
    return f"{kept}…"


def _width(text: str) -> int:
    return sum(_width_of(character) for character in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
