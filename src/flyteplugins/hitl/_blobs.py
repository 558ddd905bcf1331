"""What is shown to people, kept once under the hash of its content: written and read in parts, never held whole."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from ._large_objects import LargeObjects
from ._store import Store
from .errors import DamagedRecord

CHUNK_BYTES = 1024 * 1024
"""Large enough that a gigabyte is a thousand steps, small enough that many people can read at once."""


class ChangedWhileRead(Exception):
    """The file was written to between the moment it was hashed and the moment it was sent."""


class Blobs:
    """Bytes of any size over a store. Keeping the same bytes again, here or anywhere, changes nothing.

    Args:
        store: Where they are, below `attachments/`.
    """

    def __init__(self, store: Store) -> None:
        self._objects = LargeObjects(store)

    async def keep(self, content: Path | bytes) -> tuple[str, int]:
        """Keeps the content of a file, or some bytes.

        Returns:
            The hash that they are found under, and how many bytes they are.

        Raises:
            OSError: The file cannot be read.
            ChangedWhileRead: Something writes to the file.
            StoreUnavailable: The store could not be reached.
        """
        digest, size = await asyncio.to_thread(_measured, content)
        await self._objects.keep(_path(digest), _same_chunks(content, digest), size)
        return digest, size

    async def parts(self, digest: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but not including `end`, in parts.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: They are gone.
        """
        for position in range(start, end, CHUNK_BYTES):
            yield await self._objects.part(_path(digest), position, min(position + CHUNK_BYTES, end))

    async def whole(self, digest: str, limit: int) -> bytes:
        """All of something small.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: It is gone, larger than `limit` bytes, or not what was kept.
        """
        content = await self._objects.whole(_path(digest), limit)
        if hashlib.sha256(content).hexdigest() != digest:
            raise DamagedRecord(
                f"{_path(digest)} is not what was kept there: something else wrote it. Remove it, and ask again."
            )
        return content


def _path(digest: str) -> str:
    return f"attachments/{digest}"


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from (content[start : start + CHUNK_BYTES] for start in range(0, len(content), CHUNK_BYTES))
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _measured(content: Path | bytes) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(content):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _same_chunks(content: Path | bytes, expected: str) -> Iterator[bytes]:
    """The chunks once more, held against the hash that they are to be found under before the last is let out."""
    digest, last = hashlib.sha256(), b""
    for chunk in _chunks(content):
        if last:
            yield last
        digest.update(chunk)
        last = chunk
    if digest.hexdigest() != expected:
        raise ChangedWhileRead
    yield last
