"""A store whose every call is noted, and which can make the process die at one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from flyteplugins.hitl._backend import Backend, Listed, Mode
from flyteplugins.hitl._clock import Clock
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store


class Killed(BaseException):
    """Stands for the end of the process: nothing in it can catch this and go on."""


class ObservedBackend(Backend):
    """The objects of a store, with account kept of what is asked of it.

    Attributes:
        calls: What was asked, such as `put requests/a/b.json`.
        dies_at: The step at which the process dies; each call has one before it and one after it.
    """

    calls: list[str]
    dies_at: int
    _steps = 0

    def counts(self) -> dict[str, int]:
        """How often each kind of call was made."""
        return dict(Counter(call.partition(" ")[0] for call in self.calls))

    async def put(self, path: str, content: bytes, mode: Mode, *, is_durable: bool = True) -> None:
        self._step()
        self.calls.append(f"put {path}")
        await super().put(path, content, mode, is_durable=is_durable)
        self._step()

    async def create_after(self, mark: str, path: str, content: bytes) -> None:
        await self.put(mark, b"", "overwrite", is_durable=False)
        await self.put(path, content, "create")

    async def get(self, path: str) -> bytes | None:
        self._step()
        self.calls.append(f"get {path}")
        found = await super().get(path)
        self._step()
        return found

    async def listed(self, folder: str) -> AsyncIterator[Listed]:
        self._step()
        self.calls.append(f"list {folder}")
        async for entry in super().listed(folder):
            yield entry
        self._step()

    def _step(self) -> None:
        self._steps += 1
        if self._steps == self.dies_at:
            raise Killed


async def observed(url: str, clock: Clock, *, dies_at: int = 0) -> tuple[Service, ObservedBackend]:
    """A service that has read its store's key, and what is asked of the store from then on."""
    backend = ObservedBackend.at(url)
    assert isinstance(backend, ObservedBackend)
    backend.calls, backend.dies_at = [], 0
    service = Service(Store(backend, clock=clock), clock=clock)
    await service.links()
    backend.calls, backend.dies_at, backend._steps = [], dies_at, 0
    return service, backend
