"""A real store that tells which objects were asked for and which were written."""

from __future__ import annotations

from typing import Any

from flyteplugins.hitl._backend import Backend
from flyteplugins.hitl._clock import Clock
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store


class CountedBackend(Backend):
    """Notes the folder of each object that is read or written whole.

    Attributes:
        reads: Such as `requests`, in order.
        writes: The same.
    """

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self.reads: list[str] = []
        self.writes: list[str] = []

    async def get(self, path: str) -> bytes | None:
        self.reads.append(path.partition("/")[0])
        return await super().get(path)

    async def put(self, path: str, *content: Any, **named: Any) -> None:
        self.writes.append(path.partition("/")[0])
        await super().put(path, *content, **named)

    async def create_after(self, mark: str, path: str, content: bytes) -> None:
        self.writes += [each.partition("/")[0] for each in (mark, path)]
        await super().create_after(mark, path, content)

    def start_again(self) -> None:
        self.reads.clear()
        self.writes.clear()


class CountedService(Service):
    """A service over a counted store, at the place of another one."""

    def __init__(self, store: Store, *, clock: Clock | None = None) -> None:
        self.counted = CountedBackend(store.backend.store, url=store.url, disk=store.backend.disk)
        super().__init__(Store(self.counted, clock=clock), clock=clock)
