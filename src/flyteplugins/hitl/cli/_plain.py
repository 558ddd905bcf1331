"""Texts of others as a terminal may show them, and moments and durations for people."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def plain(text: str) -> str:
    """A text in which nothing is left that moves a cursor, hides text or turns its direction; lines stay lines."""
    return "".join(_plain(character) for character in text.replace("\r\n", "\n"))


def line(text: str, limit: int = 0) -> str:
    """A text on one line.

    Args:
        text: Any text.
        limit: The most characters to keep; 0 for all.
    """
    kept = " ".join(plain(text).split())
    return kept if not limit or len(kept) <= limit else f"{kept[: limit - 1]}…"


def first_line(prompt: str) -> str:
    """The first line of a prompt that says something, without the marks of a heading."""
    lines = (each.strip().lstrip("#").strip() for each in plain(prompt).splitlines())
    return line(next(filter(None, lines), ""))


def roughly(duration: timedelta) -> str:
    """A duration in its two largest units, such as `3 h 20 min`."""
    seconds = max(int(duration.total_seconds()), 0)
    for number, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            smaller, name = _UNITS[min(number + 1, len(_UNITS) - 1)]
            rest = seconds % size // smaller
            return f"{seconds // size} {unit} {rest} {name}" if rest and number < 2 else f"{seconds // size} {unit}"
    return "0 s"


def moment(when: datetime) -> str:
    """A moment in the zone of this machine, with its offset, so that it can be taken for no other."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _plain(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    is_space = character == "\t" or unicodedata.category(character) in ("Zs", "Zl", "Zp")
    return " " if is_space else "\N{REPLACEMENT CHARACTER}"
