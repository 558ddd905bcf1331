"""Where the index of open requests keeps what, so that the first of them are found without a look at the others.

A chunk's path begins with the time of its first entry, so paths are in the order of time. All its entries were asked
within a few seconds; so whoever looks for those from a moment on need not look further back than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Protocol, TypeVar

FOLDER = "open"

MOST_ENTRIES = 256
"""A chunk of these is some 100 kB: one read, and a hundredth of a second to make anew."""
SPAN = timedelta(seconds=5)
"""Between the first entry of a chunk and its last."""

# Folders, because a local disk reads each whole.
_TIME = "%Y-%m-%d/%H/%M/%S"
_PATH = re.compile(rf"{FOLDER}/(\d{{4}}-\d\d-\d\d/\d\d/\d\d/\d\d)\.(\d{{3}})-[0-9a-f]{{32}}\.json")


class Entry(Protocol):
    """What has a place in the order of a list."""

    @property
    def created_at(self) -> datetime: ...

    @property
    def request_id(self) -> str: ...


EntryT = TypeVar("EntryT", bound=Entry)

Place = tuple[datetime, str]
"""Where an entry is in a list: when it was asked, and its id."""


def chunk_path(start: datetime, nonce: str) -> str:
    """Where the chunk is kept whose first entry was asked at this time."""
    return f"{first_path(start)}-{nonce}.json"


def first_path(moment: datetime) -> str:
    """What comes before the path of every chunk that starts at a time, or later."""
    moment = moment.astimezone(timezone.utc)
    return f"{FOLDER}/{moment:{_TIME}}.{moment.microsecond // 1000:03}"


def start_of(path: str) -> datetime | None:
    """The time, to the millisecond, before which no entry of the chunk was asked; `None` where it is no chunk."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    try:
        start = datetime.strptime(match[1], _TIME).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return start + timedelta(milliseconds=int(match[2]))


def place_of(entry: Entry) -> Place:
    return entry.created_at, entry.request_id


def cut(entries: Iterable[EntryT]) -> Iterator[list[EntryT]]:
    """Entries by the chunk, the oldest first."""
    chunk: list[EntryT] = []
    for entry in sorted(entries, key=place_of):
        if chunk and (len(chunk) == MOST_ENTRIES or entry.created_at - chunk[0].created_at > SPAN):
            yield chunk
            chunk = []
        chunk.append(entry)
    if chunk:
        yield chunk
