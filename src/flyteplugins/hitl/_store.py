"""Records over object storage. One primitive decides everything: create an object if it is absent.

The facts behind the rules here are in `docs/explanation/storage.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

from ._backend import Backend, Listed, ObjectExists
from ._clock import Clock, SystemClock
from ._records import Record, RecordT, StoreCheck
from .errors import DamagedRecord, StoreRefused, StoreUnavailable

_CHECK_PATH = "checks/create-only.json"
_PROBE_WRITERS = 4
_RETRY_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class Store:
    """The records under one root.

    Args:
        backend: The objects.
        clock: Tells the time.
    """

    def __init__(self, backend: Backend, *, clock: Clock | None = None) -> None:
        self.url = backend.url
        self.backend = backend
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
        return cls(Backend.at(url, options), clock=clock)

    async def create(self, path: str, record: RecordT, *, mark: str | None = None) -> tuple[RecordT, bool]:
        """Writes a record if there is none at the path: the one thing on which every decision rests.

        Safe to repeat: a writer that asks again with the same nonce has won again.

        Args:
            path: Where, under the root.
            record: What to write; its nonce must be this writer's own.
            mark: Where an empty object is written before it, which may be lost with the power.

        Returns:
            The record that stands, and whether it is this writer's.

        Raises:
            StoreUnavailable: The store could not be reached, or could not be asked what became of the write.
            DamagedRecord: What stands at the path is no record of this kind.
        """
        return await self.backend.bounded(self._create(path, record, mark), "write", path)

    async def read(self, path: str, kind: type[RecordT]) -> RecordT | None:
        """Reads a record, or `None` where there is none.

        Raises:
            StoreUnavailable: The store could not be reached.
            DamagedRecord: What stands at the path is no record of this kind.
        """
        content = await self.backend.bounded(self.backend.get(path), "read", path)
        return None if content is None else kind.from_bytes(content, self.backend.shown(path))

    async def overwrite(self, path: str, record: Record) -> None:
        """Writes a record whatever was there: for what decides nothing.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        await self._bounded_put(path, record.to_bytes(), is_durable=True)

    async def leave(self, path: str, content: bytes = b"") -> None:
        """Writes what decides nothing and may be lost with the power.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        await self._bounded_put(path, content, is_durable=False)

    async def delete(self, paths: Sequence[str]) -> None:
        """Deletes what decides nothing; what is not there is left at that.

        Raises:
            StoreUnavailable: The store could not be reached, or forbids it.
        """
        if paths:
            await self.backend.delete(paths)

    async def remove(self, paths: Sequence[str]) -> None:
        """The same, and on a local disk the folders that are left empty: for what never needs to be durable.

        Raises:
            StoreUnavailable: The store could not be reached, or forbids it.
        """
        await self.delete(paths)
        for folder in {path.rpartition("/")[0] for path in paths}:
            await self.backend.remove_empty(folder)

    async def exists(self, path: str) -> bool:
        """Whether there is something at a path, without reading it.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        return await self.backend.bounded(self.backend.exists(path), "read", path)

    def in_order(self, folder: str, after: str = "") -> AsyncGenerator[str, None]:
        """The paths below a folder in order, as far as they are asked for: for names of which the first are wanted.

        Args:
            folder: Where to look, under the root.
            after: The paths up to this one are left out.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        return self.backend.in_order(folder, after)

    async def paths(self, folder: str) -> AsyncIterator[str]:
        """The paths below a folder, as the store lists them (a local one: in no order).

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        async for entry in self.backend.listed(folder):
            yield entry.path

    def listed(self, folder: str) -> AsyncIterator[Listed]:
        """The same with the version of each object.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        return self.backend.listed(folder)

    async def folders(self, folder: str) -> Sequence[str]:
        """The paths of the folders right below a folder, in order.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        return await self.backend.folders(folder)

    async def check(self) -> None:
        """Makes certain that the store lets one writer create an object, and no second.

        The result is kept in the store, so that it is found out once.

        Raises:
            StoreRefused: It lets several.
            StoreUnavailable: The store could not be reached.
        """
        if self._is_checked:
            return
        if await self._checked() is None:
            await self.probe()
            found = StoreCheck(nonce=new_nonce(), create_only=True, checked_at=self._clock.now())
            await self.create(_CHECK_PATH, found)
        self._is_checked = True

    async def _checked(self) -> StoreCheck | None:
        try:
            return await self.read(_CHECK_PATH, StoreCheck)
        except DamagedRecord:
            raise DamagedRecord(
                f"{self.backend.shown(_CHECK_PATH)} is not what this package writes there. Where there is no such "
                "object, something else than an object store answers at its address: check FLYTE_HITL_STORE, and the "
                "address of its server, such as AWS_ENDPOINT_URL. Where there is one, move it away: it is made anew."
            ) from None

    async def probe(self) -> None:
        """Finds out anew whether the store lets one writer create an object, and no second. It leaves nothing there.

        Raises:
            StoreRefused: It lets several.
            StoreUnavailable: The store could not be reached.
        """
        await self.backend.bounded(self._probe(), "write", _CHECK_PATH)

    async def _create(self, path: str, record: RecordT, mark: str | None) -> tuple[RecordT, bool]:
        content = record.to_bytes()
        unclear: Exception | None = None
        for pause in _RETRY_PAUSES:
            try:
                if mark is None:
                    await self.backend.put(path, content, "create")
                else:
                    await self.backend.create_after(mark, path, content)
            except (ObjectExists, StoreUnavailable) as error:
                # That it exists is not yet a lost race: obstore's retry after a lost reply meets our own object, and a
                # busy store says the same with nothing stored. Only the object itself tells.
                unclear = error
            else:
                return record, True
            standing = await self.backend.get(path)
            if standing is not None:
                await self.backend.make_durable(path)
                kept = type(record).from_bytes(standing, self.backend.shown(path))
                return kept, kept.nonce == record.nonce
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        if isinstance(unclear, StoreUnavailable):
            raise unclear
        raise self.backend.unavailable("write", path, unclear)

    async def _bounded_put(self, path: str, content: bytes, *, is_durable: bool) -> None:
        writing = self.backend.put(path, content, "overwrite", is_durable=is_durable)
        await self.backend.bounded(writing, "write", path)

    async def _probe(self) -> None:
        path = f"checks/probe-{secrets.token_hex(8)}"
        outcomes = await asyncio.gather(*(self._wins(path) for _ in range(_PROBE_WRITERS)))
        winners = sum(outcomes) + await self._wins(path)
        # An empty probe left behind harms nobody; the store may forbid deleting.
        with contextlib.suppress(StoreUnavailable):
            await self.backend.delete([path])
        if winners > 1:
            raise StoreRefused(
                f"The store {self.url} let {winners} of {_PROBE_WRITERS + 1} writers create one object, so two people "
                "could both be told that their answer was accepted. Use a local folder, Amazon S3, Azure Blob "
                "Storage, Google Cloud Storage, or an S3-compatible server that honours `If-None-Match: *`, and set "
                "FLYTE_HITL_STORE to it."
            )

    async def _wins(self, path: str) -> bool:
        try:
            await self.backend.put(path, b"", "create", is_durable=False)
        except ObjectExists:
            return False
        return True


def new_nonce() -> str:
    """What marks a record as this writer's own."""
    return secrets.token_hex(16)
