"""Parts of a file (RFC 9110, section 14): what lets a browser jump within a film and go on with a download."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*([0-9]{0,19})-([0-9]{0,19})\s*")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some bytes of a file.

    Attributes:
        start: The first.
        end: The first that is not among them.
    """

    start: int
    end: int


class NoSuchPart(Exception):
    """The file has none of the bytes that were asked for."""


def part_of(size: int, wanted: str | None) -> Part | None:
    """The part that a `Range` header asks for; `None` for all of the file, also where the header says nothing usable.

    Raises:
        NoSuchPart: None of it is in the file.
    """
    found = _RANGE.fullmatch(wanted or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise NoSuchPart
    return Part(start=start, end=end)
