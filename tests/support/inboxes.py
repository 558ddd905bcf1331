"""Inboxes for tests: the index as an asking process keeps it, all that an inbox lists, and what it cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from typing import TypeVar

from flyteplugins.hitl._backend import Backend
from flyteplugins.hitl._inbox import Inbox, InboxPage
from flyteplugins.hitl._open_chunks import FOLDER, chunk_path
from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._records import OpenChunk, OpenEntry
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store, new_nonce
from tests.support.questions import ORIGIN

T = TypeVar("T")

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_SECONDS = 20.0


def indexed(service: Service) -> OpenIndex:
    """Has the index kept of what a service asks, as a process does."""
    index = OpenIndex(service.store)
    service.listeners.on_request(index.add)
    service.listeners.on_outcome(lambda response: index.remove(response.request_id))
    return index


def id_of(number: int) -> str:
    """An id such as requests have; they are in the order of the numbers."""
    digits = ""
    while number:
        number, digit = divmod(number, 25)
        digits = ALPHABET[digit] + digits
    return digits.rjust(26, "a")


def entry(
    number: int, asked_at: datetime, *, deadline: datetime | None = None, name: str = "review", items: int | None = None
) -> OpenEntry:
    return OpenEntry(
        request_id=id_of(number),
        name=name,
        created_at=asked_at,
        deadline=deadline,
        origin=ORIGIN,
        data_type="bool",
        items=items,
    )


async def put_chunk(store: Store, entries: Iterable[OpenEntry]) -> str:
    """Writes a chunk as a process that is gone left it; returns its path."""
    nonce, kept = new_nonce(), tuple(entries)
    path = chunk_path(kept[0].created_at, nonce)
    await store.leave(path, OpenChunk(nonce=nonce, entries=kept).to_bytes())
    return path


async def chunks(store: Store) -> dict[str, list[str]]:
    """The names of the events in each chunk, by its path."""
    found = {}
    async for path in store.in_order(FOLDER):
        chunk = await store.read(path, OpenChunk)
        found[path] = [] if chunk is None else [each.name for each in chunk.entries]
    return found


async def pages(inbox: Inbox, limit: int = 50) -> list[InboxPage]:
    """All pages, one after the other."""
    read = [await inbox.page(limit)]
    while read[-1].after is not None:
        read.append(await inbox.page(limit, read[-1].after))
    return read


async def names(inbox: Inbox, limit: int = 50) -> list[str]:
    """The names of all events that it lists."""
    return [each.name for page in await pages(inbox, limit) for each in page.entries]


async def mended(inbox: Inbox) -> None:
    """Waits until what pages found closed is taken out of the index."""
    mending = inbox._mender.begin({})
    if mending is not None:
        await asyncio.wait_for(asyncio.wrap_future(mending), _SECONDS)


def soon(ready: Callable[[], T | None]) -> T:
    """Waits until something is true, and returns that."""
    end = time.monotonic() + _SECONDS
    while True:
        found = ready()
        if found:
            return found
        assert time.monotonic() < end, "It did not become true in time."
        time.sleep(0.01)


class CountingBackend(Backend):
    """A real backend that counts what it is asked for, by kind."""

    calls: list[str]

    @classmethod
    def counting(cls, url: str) -> CountingBackend:
        backend = Backend.at(url)
        counting = cls(backend.store, url=backend.url, disk=backend.disk, bulk=backend.bulk)
        counting.calls = []
        return counting

    async def get(self, path: str) -> bytes | None:
        self.calls.append(f"get {path}")
        return await super().get(path)

    async def exists(self, path: str) -> bool:
        self.calls.append(f"exists {path}")
        return await super().exists(path)

    def in_order(self, folder: str, after: str) -> AsyncGenerator[str, None]:
        self.calls.append(f"list {folder} {after}")
        return super().in_order(folder, after)
