"""What of a process is to be in the index of open requests, and what is: in memory, for any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ._open_chunks import chunk_path, cut
from ._records import OpenChunk, OpenEntry, Origin, Request
from ._store import new_nonce


class Kept(NamedTuple):
    """An entry as it is held in memory, where a record would be some times as large."""

    request_id: str
    name: str
    created_at: datetime
    deadline: datetime | None
    origin: Origin
    data_type: str
    items: int | None

    @classmethod
    def of(cls, request: Request) -> Kept:
        """What a list shows of a request."""
        question = request.question
        review = question.review
        return cls(
            request_id=request.request_id,
            name=question.name,
            created_at=request.created_at,
            deadline=request.deadline,
            origin=request.origin,
            data_type=question.data_type if review is None else review.decision_type,
            items=None if review is None else review.count,
        )

    def entry(self) -> OpenEntry:
        return OpenEntry(**self._asdict())


class Chunk:
    """A chunk that this process wrote, or is about to write.

    Attributes:
        path: Where it is.
        entries: Those that are open, by their ids.
        written: How many the store has.
    """

    __slots__ = ("_nonce", "entries", "path", "written")

    def __init__(self, entries: Sequence[Kept]) -> None:
        self._nonce = new_nonce()
        self.path = chunk_path(entries[0].created_at, self._nonce)
        self.entries = {entry.request_id: entry for entry in entries}
        self.written = 0

    def record(self, entries: Iterable[Kept]) -> OpenChunk:
        """The chunk with these of its entries."""
        return OpenChunk(nonce=self._nonce, entries=tuple(entry.entry() for entry in entries))

    def has_lost(self, share: float) -> bool:
        """Whether more than a share of what the store has is closed."""
        return self.written - len(self.entries) > share * self.written


class Account:
    """Keeps account of the open requests that a process asked, and of where they are in the index."""

    def __init__(self) -> None:
        # Reentrant, because the garbage collector may drop what closes a request while this thread holds it.
        self._lock = threading.RLock()
        self._pending: dict[str, Kept] = {}
        self._chunks: dict[str, Chunk] = {}
        self._changed: set[Chunk] = set()
        self._behind: set[Chunk] = set()

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing that should be written now."""
        return not self._pending and not self._changed

    @property
    def is_exact(self) -> bool:
        """Whether the store has just what is open."""
        return self.is_settled and not self._behind

    def add(self, request: Request) -> bool:
        """Notes that a request is open; returns whether that is news."""
        with self._lock:
            if request.request_id in self._pending or request.request_id in self._chunks:
                return False
            self._pending[request.request_id] = Kept.of(request)
            return True

    def remove(self, request_id: str) -> bool:
        """Notes that a request is closed; returns whether the store has it as open."""
        with self._lock:
            self._pending.pop(request_id, None)
            chunk = self._chunks.pop(request_id, None)
            if chunk is not None:
                self._lose(chunk, request_id)
            return chunk is not None

    def new_chunks(self) -> list[Chunk]:
        """What is pending, by the chunk. It stays so until it was `added`."""
        with self._lock:
            return [Chunk(entries) for entries in cut(self._pending.values())]

    def added(self, chunk: Chunk) -> None:
        """Notes that a new chunk is in the store. Some of it may have been closed meanwhile."""
        with self._lock:
            chunk.written = len(chunk.entries)
            for request_id in tuple(chunk.entries):
                if self._pending.pop(request_id, None) is None:
                    self._lose(chunk, request_id)
                else:
                    self._chunks[request_id] = chunk

    def changes(self, share: float) -> dict[Chunk, tuple[Kept, ...]]:
        """Chunks that lost more than a share of their entries, each with what is left of it.

        The others wait until they have lost more.
        """
        with self._lock:
            changed = self._changed | self._behind
            self._behind = {chunk for chunk in changed if chunk.entries and not chunk.has_lost(share)}
            self._changed = set()
            return {chunk: tuple(chunk.entries.values()) for chunk in changed - self._behind}

    def changed(self, chunk: Chunk, count: int) -> None:
        """Notes that the store has a chunk with so many entries."""
        with self._lock:
            chunk.written = count

    def not_changed(self, chunks: Iterable[Chunk]) -> None:
        """Notes that changes could not be written."""
        with self._lock:
            self._changed.update(chunks)

    def _lose(self, chunk: Chunk, request_id: str) -> None:
        del chunk.entries[request_id]
        self._behind.discard(chunk)
        self._changed.add(chunk)
