"""Objects in a store: a local folder, S3, Azure or Google Cloud Storage, by one URL.

The only user of obstore: what it does, within which time, and what its errors mean here. The facts behind it are in
`docs/explanation/storage.md`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import HTTPStore, LocalStore, MemoryStore, from_url

from ._disk import Disk
from ._disk_writes import DiskWrites
from ._event_loops import in_thread
from ._store_problems import first_line, problem_of, too_slow
from ._store_url import local_folder, plain_http, without_secrets, wrong_in
from .errors import DamagedRecord, InvalidParameter, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

T = TypeVar("T")

CALL_SECONDS = 15.0
"""How long one call to the store may take in all, retries included: beyond it a person has stopped waiting."""

_CLIENT_OPTIONS: dict[str, Any] = {"timeout": "5s", "connect_timeout": "3s"}
_BULK_OPTIONS: dict[str, Any] = {"timeout": "60s", "connect_timeout": "3s"}
"""For one part of a large object, which a slow line must be able to carry."""
_RETRY_CONFIG: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
_MEND = (
    "Set FLYTE_HITL_STORE to a folder, or to a URL such as s3://bucket/hitl, az://container/hitl or gs://bucket/hitl."
)
_OURS = ("client_options", "retry_config")
_ERRORS = (BaseError, OSError)
_FILES_AT_ONCE = 64
"""Names read from a local disk between two looks at whether more are wanted."""

Mode = Literal["create", "overwrite"]


class ObjectExists(Exception):
    """The store says that something stands there. Whose it is, only the object itself tells."""


@dataclass(frozen=True)
class Listed:
    """An object as a listing shows it.

    Attributes:
        path: Where it is, under the root.
        version: Another one whenever the object was written again.
        modified_at: When it was written, by the store's own time, in UTC.
    """

    path: str
    version: str
    modified_at: datetime


class Backend:
    """The objects under one root.

    Args:
        store: The object store, already at the root.
        url: What people call it, for messages.
        disk: What makes writes durable, where the root is a local folder.
        bulk: The same object store with more patience, for large objects.
    """

    def __init__(
        self, store: ObjectStore, *, url: str, disk: Disk | None = None, bulk: ObjectStore | None = None
    ) -> None:
        self.url = url
        self.store = store
        self.bulk = bulk or store
        self.disk = disk
        self._disk_writes = None if disk is None else DiskWrites(disk)

    @classmethod
    def at(cls, url: str, options: Mapping[str, Any] | None = None) -> Backend:
        """The objects at a URL; see `Store.at`.

        Raises:
            InvalidParameter: The URL or the options cannot be used.
        """
        if wrong := wrong_in(url):
            raise InvalidParameter(f"The store `{without_secrets(url)}` cannot be opened: {wrong} {_MEND}")
        folder = local_folder(url)
        if folder is not None:
            disk = Disk(folder)
            return cls(_opened(disk), url=str(folder), disk=disk)
        # Retries and time limits are ours, because a person waits; of the caller's, only plain HTTP is taken.
        given = {name: value for name, value in (options or {}).items() if name not in _OURS}
        client_http = plain_http(url, (options or {}).get("client_options", {}))

        def opened(client_options: Mapping[str, Any]) -> ObjectStore:
            together = cast("ClientConfig", {**client_options, **client_http})
            return from_url(url, client_options=together, retry_config=_RETRY_CONFIG, **given)

        try:
            store, bulk = opened(_CLIENT_OPTIONS), opened(_BULK_OPTIONS)
        except (BaseError, ValueError, TypeError) as error:
            raise InvalidParameter(
                f"The store `{without_secrets(url)}` cannot be opened: {first_line(error)} {_MEND}"
            ) from None
        if isinstance(store, (HTTPStore, MemoryStore)):
            raise InvalidParameter(
                f"The store `{without_secrets(url)}` cannot be used: it is no store that workflow and app could share. "
                f"{_MEND}"
            )
        return cls(store, url=without_secrets(url), bulk=bulk)

    async def put(self, path: str, content: bytes, mode: Mode, *, is_durable: bool = True) -> None:
        """Writes a small object, within no time limit of its own.

        Args:
            path: Where, under the root.
            content: What.
            mode: Whether it must be new.
            is_durable: Whether it must outlive a loss of power.

        Raises:
            ObjectExists: Something stands there, or the store says so: see `docs/explanation/storage.md`.
            StoreUnavailable: The store could not be reached, or failed.
        """
        try:
            if self._disk_writes is not None:
                writing = partial(obstore.put, self.store, path, content, mode=mode)
                await self._disk_writes.put(path, writing, is_durable=is_durable)
            else:
                await obstore.put_async(self.store, path, content, mode=mode)
        except (AlreadyExistsError, PreconditionError):
            raise ObjectExists(path) from None
        except _ERRORS as error:
            raise self.unavailable("write", path, error) from None

    async def create_after(self, mark: str, path: str, content: bytes) -> None:
        """Writes an empty object that may be lost with the power, and then a small one that must be new.

        The same as to put both. On a local disk going to another thread takes longer than writing, so that it is done
        once for both.

        Raises:
            ObjectExists: Something stands at the path, or the store says so. The mark is there.
            StoreUnavailable: The store could not be reached, or failed. The object is not there without the mark.
        """
        if self._disk_writes is None:
            await self.put(mark, b"", "overwrite", is_durable=False)
            await self.put(path, content, "create")
            return

        def write() -> None:
            obstore.put(self.store, mark, b"", mode="overwrite")
            obstore.put(self.store, path, content, mode="create")

        try:
            await self._disk_writes.put(path, write, is_durable=True)
        except AlreadyExistsError:
            raise ObjectExists(path) from None
        except _ERRORS as error:
            raise self.unavailable("write", path, error) from None

    async def get(self, path: str) -> bytes | None:
        """Reads a small object, or `None` where there is none, within no time limit of its own.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: A folder is in its place.
        """
        try:
            found = await obstore.get_async(self.store, path)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            if self.disk is not None and self.disk.is_folder(path):
                raise DamagedRecord(
                    f"{self.shown(path)} is a folder where a record should be. Move it away to go on without it."
                ) from None
            return None
        except _ERRORS as error:
            raise self.unavailable("read", path, error) from None

    async def listed(self, folder: str) -> AsyncIterator[Listed]:
        """The objects below a folder, as the store lists them (a local one: in no order).

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        pages = obstore.list(self.store, prefix=folder)
        try:
            while (page := await self.bounded(anext(pages, None), "list", folder)) is not None:
                for entry in page:
                    written_at = entry["last_modified"]
                    yield Listed(entry["path"], f"{entry['e_tag']} {written_at.isoformat()}", written_at)
        except _ERRORS as error:
            raise self.unavailable("list", folder, error) from None

    async def in_order(self, folder: str, after: str) -> AsyncGenerator[str, None]:
        """The paths below a folder in order, without those up to `after`; read on as far as they are asked for.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        try:
            if self.disk is not None:
                # It lists in no order, and all there is.
                files = self.disk.files_after(folder, after)
                some = [""]
                while some:
                    some = await in_thread(lambda: list(islice(files, _FILES_AT_ONCE)))
                    for path in some:
                        yield path
                return
            async for page in obstore.list(self.store, prefix=folder, offset=after or None):
                for entry in page:
                    if entry["path"] > after:  # Azure knows no offset.
                        yield entry["path"]
        except _ERRORS as error:
            raise self.unavailable("list", folder, error) from None

    async def exists(self, path: str) -> bool:
        """Whether there is an object, however large, within no time limit of its own.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        try:
            await obstore.head_async(self.store, path)
        except FileNotFoundError:
            return False
        except _ERRORS as error:
            raise self.unavailable("read", path, error) from None
        return True

    async def folders(self, folder: str) -> Sequence[str]:
        """The paths of the folders right below a folder, in order.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        listing = obstore.list_with_delimiter_async(self.store, prefix=folder)
        try:
            return sorted((await self.bounded(listing, "list", folder))["common_prefixes"])
        except _ERRORS as error:
            raise self.unavailable("list", folder, error) from None

    async def delete(self, paths: Sequence[str]) -> None:
        """Deletes objects; those that are not there are left at that.

        Raises:
            StoreUnavailable: The store could not be reached, or forbids it.
        """
        try:
            await self.bounded(obstore.delete_async(self.store, [*paths]), "delete", paths[0])
        except FileNotFoundError:
            # A local folder stops at the first that is missing.
            if len(paths) > 1:
                await asyncio.gather(*(self.delete([path]) for path in paths))
        except _ERRORS as error:
            raise self.unavailable("delete", paths[0], error) from None

    async def remove_empty(self, folder: str) -> None:
        """Removes a folder of a local disk that has nothing in it; elsewhere folders are only parts of names."""
        if self.disk is not None:
            await in_thread(self.disk.remove_empty, folder)

    async def make_durable(self, path: str) -> None:
        """For what another writer may have been killed before it made durable: nobody is told of it until it is.

        Raises:
            StoreUnavailable: The disk could not do it.
        """
        if self.disk is None:
            return
        try:
            await in_thread(self.disk.make_durable, path)
        except OSError as error:
            raise self.unavailable("write", path, error) from None

    async def bounded(self, call: Awaitable[T], verb: str, path: str) -> T:
        """Awaits a call for as long as one may take.

        Raises:
            StoreUnavailable: It took longer.
        """
        try:
            if sys.version_info >= (3, 11):
                # Without the task of its own that `wait_for` makes of every call.
                async with asyncio.timeout(CALL_SECONDS):
                    return await call
            return await asyncio.wait_for(call, CALL_SECONDS)
        except asyncio.TimeoutError:
            raise self.unavailable(verb, path, None) from None

    def unavailable(self, verb: str, path: str, error: Exception | None) -> StoreUnavailable:
        problem = too_slow(CALL_SECONDS) if error is None else problem_of(error)
        problem = problem.replace(path, _without_capability(path))
        return StoreUnavailable(f"The store could not {verb} {self.shown(path)}: {problem}")

    def url_of(self, path: str) -> str:
        """Where something is, for others that read the store: a URL as fsspec knows it, or a path on this machine."""
        if self.disk is not None:
            return str(self.disk.root / path)
        url = f"{self.url.rstrip('/')}/{path}"
        return f"abfs{url[2:]}" if url.startswith("az://") else url

    def shown(self, path: str) -> str:
        """A path as messages name it."""
        return f"{self.url.rstrip('/')}/{_without_capability(path)}"


def _opened(disk: Disk) -> LocalStore:
    try:
        disk.make_root()
        return LocalStore(disk.root)
    except (OSError, BaseError) as error:
        raise InvalidParameter(
            f"The store folder {disk.root} cannot be used: {first_line(error)} "
            "Set FLYTE_HITL_STORE to a folder that can be written to."
        ) from None


def _without_capability(path: str) -> str:
    """A path for messages: where an outcome is kept proves the right to answer, and messages reach logs."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}" if folder == "responses" else path
