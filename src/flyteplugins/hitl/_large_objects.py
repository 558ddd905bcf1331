"""Objects of any size over object storage: written and read in parts, never held whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable

import obstore
from obstore.exceptions import BaseError

from ._store import Store
from .errors import DamagedRecord

_PART_BYTES = 8 * 1024 * 1024
"""S3 takes 10,000 parts of an object, so 80 GB."""
_PARTS_AT_ONCE = 3
_ERRORS = (BaseError, OSError)


class LargeObjects:
    """The large objects of a store.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._backend = store.backend

    async def keep(self, path: str, chunks: Iterable[bytes], size: int) -> None:
        """Writes an object of any size, unless one of this size is there: for a path that only one content can have.

        Safe to repeat, and nobody sees the object before it is whole.

        Args:
            path: Where, under the root.
            chunks: The content; read in another thread, a few at a time.
            size: The size of it all, in bytes.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        if await self._backend.bounded(self._size(path), "read", path) == size:
            await self._backend.make_durable(path)
            return
        try:
            await self._upload(path, chunks, size)
        except _ERRORS as error:
            raise self._backend.unavailable("write", path, error) from None

    async def part(self, path: str, start: int, end: int) -> bytes:
        """Reads a part of an object, from `start` up to but not including `end`.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: The object is gone.
        """
        try:
            return bytes(await obstore.get_range_async(self._backend.bulk, path, start=start, end=end))
        except FileNotFoundError:
            raise self._gone(path) from None
        except _ERRORS as error:
            raise self._backend.unavailable("read", path, error) from None

    async def whole(self, path: str, limit: int) -> bytes:
        """Reads all of a small object.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: The object is gone, or larger than `limit` bytes.
        """
        return await self._backend.bounded(self._whole(path, limit), "read", path)

    async def put_stream(self, path: str, chunks: AsyncIterable[bytes]) -> None:
        """Writes bytes as they come, a few parts in memory at a time. Nobody sees them before all are there.

        Whatever `chunks` raises is raised here, and nothing is at the path then.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        failures: list[Exception] = []

        async def watched() -> AsyncIterator[bytes]:
            try:
                async for chunk in chunks:
                    yield chunk
            except Exception as error:
                failures.append(error)
                raise

        try:
            await obstore.put_async(
                self._backend.bulk,
                path,
                watched(),
                use_multipart=True,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
        except _ERRORS as error:
            if error in failures:
                raise
            raise self._backend.unavailable("write", path, error) from None
        await self._backend.make_durable(path)

    def url_of(self, path: str) -> str:
        """Where something is, for others that read the store: a URL as fsspec knows it, or a path on this machine."""
        return self._backend.url_of(path)

    async def _size(self, path: str) -> int | None:
        try:
            return (await obstore.head_async(self._backend.store, path))["size"]
        except FileNotFoundError:
            return None
        except _ERRORS as error:
            raise self._backend.unavailable("read", path, error) from None

    async def _upload(self, path: str, chunks: Iterable[bytes], size: int) -> None:
        if self._backend.disk is not None:
            await asyncio.to_thread(self._backend.disk.write_whole, path, chunks)
        elif size <= _PART_BYTES:
            await obstore.put_async(self._backend.bulk, path, await asyncio.to_thread(b"".join, chunks))
        else:
            parts = _in_threads(chunks)
            await obstore.put_async(
                self._backend.bulk, path, parts, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )

    async def _whole(self, path: str, limit: int) -> bytes:
        try:
            found = await obstore.get_async(self._backend.store, path)
            if found.meta["size"] > limit:
                raise DamagedRecord(
                    f"{self._backend.shown(path)} has {found.meta['size']:,} bytes, where at most {limit:,} should be. "
                    "Something else wrote it; ask again to go on."
                )
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise self._gone(path) from None
        except _ERRORS as error:
            raise self._backend.unavailable("read", path, error) from None

    def _gone(self, path: str) -> DamagedRecord:
        return DamagedRecord(
            f"{self._backend.shown(path)} is gone: somebody, or a rule of the store, removed it. Put it back, or ask "
            "again."
        )


async def _in_threads(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The chunks, each read in another thread: a file may lie on a slow disk."""
    each = iter(chunks)
    while (chunk := await asyncio.to_thread(next, each, None)) is not None:
        yield chunk
