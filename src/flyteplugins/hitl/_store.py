"""Records over object storage: a local folder, S3, Azure or Google Cloud Storage, by one URL.

The only user of obstore. One primitive decides everything: create an object if it is absent. The facts behind the
rules here are in `docs/explanation/storage.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import LocalStore, from_url

from ._clock import Clock, SystemClock
from ._disk import Disk
from ._records import Record, RecordT, StoreCheck
from ._store_url import local_folder, plain_http, without_secrets
from .errors import DamagedRecord, InvalidParameter, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

T = TypeVar("T")

CALL_SECONDS = 15.0
"""How long one call to the store may take in all, retries included: beyond it a person has stopped waiting."""

_CHECK_PATH = "checks/create-only.json"
_PROBE_WRITERS = 4
_RETRY_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_CLIENT_OPTIONS: dict[str, Any] = {"timeout": "5s", "connect_timeout": "3s"}
_PART_BYTES = 8 * 1024 * 1024
"""S3 takes 10,000 parts of an object, so 80 GB."""
_PARTS_AT_ONCE = 3
_RETRY_CONFIG: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
_BULK_OPTIONS: dict[str, Any] = {"timeout": "60s", "connect_timeout": "3s"}
"""For one part of a large object, which a slow line must be able to carry."""
_OURS = ("client_options", "retry_config")
_ERRORS = (BaseError, OSError)


class Store:
    """The records under one root.

    Args:
        backend: The object store, already at the root.
        url: What people call it, for messages.
        disk: What makes writes durable, where the root is a local folder.
        clock: Tells the time.
        bulk: The same object store with more patience, for large objects.
    """

    def __init__(
        self,
        backend: ObjectStore,
        *,
        url: str,
        disk: Disk | None = None,
        clock: Clock | None = None,
        bulk: ObjectStore | None = None,
    ) -> None:
        self.url = url
        self._backend = backend
        self._bulk = bulk or backend
        self._disk = disk
        self._clock = clock or SystemClock()
        self._is_checked = False

    @classmethod
    def at(cls, url: str, *, options: Mapping[str, Any] | None = None, clock: Clock | None = None) -> Store:
        """The store at a URL.

        Args:
            url: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`, `file:///folder`, or a folder.
            options: What obstore needs to reach it, beyond the usual environment variables of that cloud, such as
                `config`, or `client_options` that allow plain HTTP.
            clock: Tells the time.

        Raises:
            InvalidParameter: The URL or the options cannot be used.
        """
        folder = local_folder(url)
        if folder is not None:
            disk = Disk(folder)
            return cls(_opened(disk), url=str(folder), disk=disk, clock=clock)
        # Retries and time limits are ours, because a person waits; of the caller's, only plain HTTP is taken.
        given = {name: value for name, value in (options or {}).items() if name not in _OURS}
        client_http = plain_http(url, (options or {}).get("client_options", {}))

        def opened(client_options: Mapping[str, Any]) -> ObjectStore:
            together = cast("ClientConfig", {**client_options, **client_http})
            return from_url(url, client_options=together, retry_config=_RETRY_CONFIG, **given)

        try:
            backend, bulk = opened(_CLIENT_OPTIONS), opened(_BULK_OPTIONS)
        except (BaseError, ValueError, TypeError) as error:
            raise InvalidParameter(
                f"The store `{without_secrets(url)}` cannot be opened: {_first_line(error)} "
                "Set FLYTE_HITL_STORE to a folder, or to a URL such as s3://bucket/hitl."
            ) from None
        return cls(backend, url=without_secrets(url), clock=clock, bulk=bulk)

    async def create(self, path: str, record: RecordT) -> tuple[RecordT, bool]:
        """Writes a record if there is none at the path: the one thing on which every decision rests.

        Safe to repeat: a writer that asks again with the same nonce has won again.

        Args:
            path: Where, under the root.
            record: What to write; its nonce must be this writer's own.

        Returns:
            The record that stands, and whether it is this writer's.

        Raises:
            StoreUnavailable: The store could not be reached, or could not be asked what became of the write.
            DamagedRecord: What stands at the path is no record of this kind.
        """
        return await self._bounded(self._create(path, record), "write", path)

    async def read(self, path: str, kind: type[RecordT]) -> RecordT | None:
        """Reads a record, or `None` where there is none.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: What stands at the path is no record of this kind.
        """
        content = await self._bounded(self._content(path), "read", path)
        return None if content is None else kind.from_bytes(content, self._shown(path))

    async def overwrite(self, path: str, record: Record) -> None:
        """Writes a record whatever was there: for what decides nothing.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        await self._bounded(self._overwrite(path, record.to_bytes()), "write", path)

    async def paths(self, folder: str) -> AsyncIterator[str]:
        """The paths below a folder, as the store lists them (a local one: in no order).

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        try:
            async for page in obstore.list(self._backend, prefix=folder):
                for entry in page:
                    yield entry["path"]
        except _ERRORS as error:
            raise self._unavailable("list", folder, error) from None

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
        if await self._bounded(self._size(path), "read", path) == size:
            await self._make_durable_again(path)
            return
        try:
            await self._upload(path, chunks, size)
        except _ERRORS as error:
            raise self._unavailable("write", path, error) from None

    async def part(self, path: str, start: int, end: int) -> bytes:
        """Reads a part of an object, from `start` up to but not including `end`.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: The object is gone.
        """
        try:
            return bytes(await obstore.get_range_async(self._bulk, path, start=start, end=end))
        except FileNotFoundError:
            raise self._gone(path) from None
        except _ERRORS as error:
            raise self._unavailable("read", path, error) from None

    async def whole(self, path: str, limit: int) -> bytes:
        """Reads all of a small object.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: The object is gone, or larger than `limit` bytes.
        """
        return await self._bounded(self._whole(path, limit), "read", path)

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
                self._bulk,
                path,
                watched(),
                use_multipart=True,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
            await self._make_durable(path)
        except _ERRORS as error:
            if error in failures:
                raise
            raise self._unavailable("write", path, error) from None

    def url_of(self, path: str) -> str:
        """Where something is, for others that read the store: a URL as fsspec knows it, or a path on this machine."""
        if self._disk is not None:
            return str(self._disk.root / path)
        url = f"{self.url.rstrip('/')}/{path}"
        return f"abfs{url[2:]}" if url.startswith("az://") else url

    async def check(self) -> None:
        """Makes certain that the store lets one writer create an object, and no second.

        The result is kept in the store, so that it is found out once.

        Raises:
            StoreRefused: It lets several.
            StoreUnavailable: The store could not be reached.
        """
        if self._is_checked:
            return
        if await self.read(_CHECK_PATH, StoreCheck) is None:
            await self._bounded(self._probe(), "write", _CHECK_PATH)
            found = StoreCheck(nonce=new_nonce(), create_only=True, checked_at=self._clock.now())
            await self.create(_CHECK_PATH, found)
        self._is_checked = True

    async def _create(self, path: str, record: RecordT) -> tuple[RecordT, bool]:
        content = record.to_bytes()
        unclear: Exception | None = None
        for pause in _RETRY_PAUSES:
            try:
                await self._put(path, content, mode="create")
            except (AlreadyExistsError, PreconditionError) as error:
                # Not yet a lost race: obstore's retry after a lost reply meets our own object, and a busy
                # store says the same with nothing stored. Only the object itself tells.
                unclear = error
            except _ERRORS as error:
                unclear = error
            else:
                return record, True
            standing = await self._content(path)
            if standing is not None:
                await self._make_durable_again(path)
                kept = type(record).from_bytes(standing, self._shown(path))
                return kept, kept.nonce == record.nonce
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        raise self._unavailable("write", path, unclear)

    async def _overwrite(self, path: str, content: bytes) -> None:
        try:
            await self._put(path, content, mode="overwrite")
        except _ERRORS as error:
            raise self._unavailable("write", path, error) from None

    async def _put(self, path: str, content: bytes, *, mode: Any) -> None:
        await obstore.put_async(self._backend, path, content, mode=mode)
        await self._make_durable(path)

    async def _content(self, path: str) -> bytes | None:
        try:
            found = await obstore.get_async(self._backend, path)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            if self._disk is not None and self._disk.is_folder(path):
                raise DamagedRecord(
                    f"{self._shown(path)} is a folder where a record should be. Move it away to go on without it."
                ) from None
            return None
        except _ERRORS as error:
            raise self._unavailable("read", path, error) from None

    async def _size(self, path: str) -> int | None:
        try:
            return (await obstore.head_async(self._backend, path))["size"]
        except FileNotFoundError:
            return None
        except _ERRORS as error:
            raise self._unavailable("read", path, error) from None

    async def _upload(self, path: str, chunks: Iterable[bytes], size: int) -> None:
        if self._disk is not None:
            await asyncio.to_thread(self._disk.write_whole, path, chunks)
        elif size <= _PART_BYTES:
            await obstore.put_async(self._bulk, path, await asyncio.to_thread(b"".join, chunks))
        else:
            parts = _in_threads(chunks)
            await obstore.put_async(self._bulk, path, parts, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)

    async def _whole(self, path: str, limit: int) -> bytes:
        try:
            found = await obstore.get_async(self._backend, path)
            if found.meta["size"] > limit:
                raise DamagedRecord(
                    f"{self._shown(path)} has {found.meta['size']:,} bytes, where at most {limit:,} should be. "
                    "Something else wrote it; ask again to go on."
                )
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise self._gone(path) from None
        except _ERRORS as error:
            raise self._unavailable("read", path, error) from None

    def _gone(self, path: str) -> DamagedRecord:
        return DamagedRecord(
            f"{self._shown(path)} is gone: somebody, or a rule of the store, removed it. Put it back, or ask again."
        )

    async def _probe(self) -> None:
        path = f"checks/probe-{secrets.token_hex(8)}"
        outcomes = await asyncio.gather(*(self._wins(path) for _ in range(_PROBE_WRITERS)))
        winners = sum(outcomes) + await self._wins(path)
        # An empty probe left behind harms nobody; the store may forbid deleting.
        with contextlib.suppress(*_ERRORS):
            await obstore.delete_async(self._backend, path)
        if winners > 1:
            raise StoreRefused(
                f"The store {self.url} let {winners} of {_PROBE_WRITERS + 1} writers create one object, so two people "
                "could both be told that their answer was accepted. Use a local folder, Amazon S3, Azure Blob "
                "Storage, Google Cloud Storage, or an S3-compatible server that honours `If-None-Match: *`."
            )

    async def _wins(self, path: str) -> bool:
        try:
            await obstore.put_async(self._backend, path, b"", mode="create")
        except (AlreadyExistsError, PreconditionError):
            return False
        except _ERRORS as error:
            raise self._unavailable("write", path, error) from None
        return True

    async def _make_durable(self, path: str) -> None:
        if self._disk is not None:
            await self._disk.make_durable(path)

    async def _make_durable_again(self, path: str) -> None:
        """For what another writer may have been killed before it made durable: nobody is told of it until it is."""
        try:
            await self._make_durable(path)
        except OSError as error:
            raise self._unavailable("write", path, error) from None

    async def _bounded(self, call: Awaitable[T], verb: str, path: str) -> T:
        try:
            return await asyncio.wait_for(call, CALL_SECONDS)
        except asyncio.TimeoutError:
            raise self._unavailable(verb, path, None) from None

    def _unavailable(self, verb: str, path: str, error: Exception | None) -> StoreUnavailable:
        reason = f"no answer within {CALL_SECONDS:g} seconds." if error is None else _first_line(error)
        reason = reason.replace(path, _without_capability(path))
        return StoreUnavailable(
            f"The store could not {verb} {self._shown(path)}: {reason} Nothing was lost; try again in a moment. "
            "If it goes on, check that the store is up, and its address and permissions."
        )

    def _shown(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/{_without_capability(path)}"


async def _in_threads(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The chunks, each read in another thread: a file may lie on a slow disk."""
    each = iter(chunks)
    while (chunk := await asyncio.to_thread(next, each, None)) is not None:
        yield chunk


def new_nonce() -> str:
    """What marks a record as this writer's own."""
    return secrets.token_hex(16)


def _opened(disk: Disk) -> LocalStore:
    try:
        disk.make_root()
        return LocalStore(disk.root)
    except (OSError, BaseError) as error:
        raise InvalidParameter(
            f"The store folder {disk.root} cannot be used: {_first_line(error)} "
            "Set FLYTE_HITL_STORE to a folder that can be written to."
        ) from None


def _without_capability(path: str) -> str:
    """A path for messages: where an outcome is kept proves the right to answer, and messages reach logs."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}" if folder == "responses" else path


def _first_line(error: Exception) -> str:
    """What a client library says, less its debug output and less every query, where Azure carries signatures."""
    line = (str(error).splitlines() or [type(error).__name__])[0].strip()
    shown = " ".join(word.partition("?")[0] if "://" in word else word for word in line.split())
    return shown if shown.endswith((".", "!", "?")) else shown + "."
