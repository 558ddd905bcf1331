"""A store in virtual time: with the latency and the errors of a far one, and an account of what it is asked for."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextvars import Context
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

import async_solipsism

from flyteplugins.hitl._backend import Backend, Listed, Mode, ObjectExists
from flyteplugins.hitl._background import BackgroundLoop
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import StoreUnavailable

T = TypeVar("T")

PAGE = 1_000
"""How many objects a cloud's store lists in one request."""

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


class VirtualClock:
    """Tells the time of the loop that runs."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())


class SimulatedBackend(Backend):
    """Objects in memory.

    Args:
        latency: How long a request takes, in seconds, on average.
        error_rate: The share of requests that fail, from 0 to 1.
    """

    def __init__(self, *, latency: float = 0.0, error_rate: float = 0.0, seed: int = 0) -> None:
        self.url = "simulated://store"
        self.disk = None
        self.latency = latency
        self.error_rate = error_rate
        self.is_down = False
        self.requests: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._folders: defaultdict[str, dict[str, tuple[bytes, int, datetime]]] = defaultdict(dict)
        self._writes = 0

    async def put(self, path: str, content: bytes, mode: Mode, *, is_durable: bool = True) -> None:
        await self._request("put", path)
        if mode == "create" and path in self._folder(path):
            raise ObjectExists(path)
        self._writes += 1
        for folder in _parents(path):
            self._folders[folder][path] = (content, self._writes, VirtualClock().now())

    async def create_after(self, mark: str, path: str, content: bytes) -> None:
        await self.put(mark, b"", "overwrite")
        await self.put(path, content, "create")

    async def get(self, path: str) -> bytes | None:
        await self._request("get", path)
        found = self._folder(path).get(path)
        return None if found is None else found[0]

    async def listed(self, folder: str) -> AsyncIterator[Listed]:
        await self._request("list", folder)
        for number, (path, (_, version, written_at)) in enumerate(sorted(self._folders[folder].items())):
            if number and number % PAGE == 0:
                await self._request("list", folder)
            yield Listed(path, str(version), written_at)

    async def delete(self, paths: Sequence[str]) -> None:
        for _ in range(0, len(paths), PAGE):
            await self._request("delete", paths[0])
        for path in paths:
            for folder in _parents(path):
                self._folders[folder].pop(path, None)

    async def make_durable(self, path: str) -> None:
        """All of it is gone with the simulation."""

    def below(self, folder: str) -> Sequence[str]:
        """The paths below a folder, with no request."""
        return sorted(self._folders[folder])

    async def _request(self, operation: str, path: str) -> None:
        self.requests[operation] += 1
        if self.latency:
            await asyncio.sleep(self.latency * self._random.uniform(0.7, 1.3))
        if self.is_down or self._random.random() < self.error_rate:
            raise StoreUnavailable(f"The store could not {operation} {path}: simulated.")

    def _folder(self, path: str) -> dict[str, tuple[bytes, int, datetime]]:
        return self._folders[path.rpartition("/")[0]]


class SameLoop(BackgroundLoop):
    """What runs in the background runs on the loop of the simulation."""

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]], context: Context | None = None) -> Future[T]:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks = [*getattr(self, "_tasks", []), task]
        return Future()


def simulated_service(backend: SimulatedBackend) -> Service:
    """A process of its own over the simulated store."""
    return Service(Store(backend, clock=VirtualClock()), clock=VirtualClock())


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop that never sleeps: where it would, its time moves on."""
    loop: asyncio.AbstractEventLoop = async_solipsism.EventLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(_cancel_the_rest())
        loop.close()


async def _cancel_the_rest() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _parents(path: str) -> Sequence[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]
