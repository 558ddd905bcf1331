"""Writes to a local folder. Those that come at once are done together: it costs as much to go to another thread as to
write, and many times that to wait for the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from ._disk import Disk

_MOST_TOGETHER = 256
"""None is told of before all are on the disk, so that the first should not wait for too many."""

_SYNCED_AT_ONCE = 16
"""A disk takes little longer for many at once than for one, and a thread waits for each."""


@dataclass
class _Write:
    path: str
    write: Callable[[], object]
    is_durable: bool
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]
    error: Exception | None = None


class DiskWrites:
    """The writes to the folder of a store, from any event loop and any thread. A fork has threads of its own.

    Args:
        disk: The folder.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._begin()
        _all_writes.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Write] = []
        self._is_busy = False
        self._working = ThreadPoolExecutor(1, thread_name_prefix="hitl-disk")
        self._syncing = ThreadPoolExecutor(_SYNCED_AT_ONCE, thread_name_prefix="hitl-fsync")

    async def put(self, path: str, write: Callable[[], object], *, is_durable: bool) -> None:
        """Has a file written, in another thread.

        Args:
            path: Where it is, in the folder.
            write: Writes it.
            is_durable: Whether this returns only when it is on the disk.

        Raises:
            Exception: Whatever `write` raises.
            OSError: The disk could not do it.
        """
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        with self._lock:
            self._waiting.append(_Write(path, write, is_durable, loop, done))
            is_first, self._is_busy = not self._is_busy, True
        if is_first:
            try:
                self._working.submit(self._work)
            except RuntimeError:
                # A script that ends starts no more threads, and that is when its last requests are closed.
                self._work()
        await done

    def _work(self) -> None:
        while batch := self._taken():
            for each in batch:
                _noted([each], each.write)
            self._sync([each for each in batch if each.is_durable and each.error is None])
            _tell(batch)

    def _taken(self) -> Sequence[_Write]:
        with self._lock:
            taken, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            self._is_busy = bool(taken)
            return taken

    def _sync(self, written: Sequence[_Write]) -> None:
        shares = [written[first::_SYNCED_AT_ONCE] for first in range(min(_SYNCED_AT_ONCE, len(written)))]
        others: list[Future[None]] = []
        # A write that is alone needs no other thread, and at the end of a script there is none to be had.
        with contextlib.suppress(RuntimeError):
            while len(shares) > 1:
                others.append(self._syncing.submit(self._sync_files, shares[-1]))
                shares.pop()
        for share in shares:
            self._sync_files(share)
        wait(others)
        self._sync_names(written)

    def _sync_names(self, written: Iterable[_Write]) -> None:
        by_folder: defaultdict[PurePosixPath, list[_Write]] = defaultdict(list)
        for each in written:
            by_folder[PurePosixPath(each.path).parent].append(each)
        for together in by_folder.values():
            _noted(together, partial(self._disk.make_name_durable, together[0].path))

    def _sync_files(self, written: Iterable[_Write]) -> None:
        for each in written:
            _noted([each], partial(self._disk.make_file_durable, each.path))


def _noted(writes: Iterable[_Write], do: Callable[[], object]) -> None:
    """Does something for some writes, and notes in them where it fails."""
    try:
        do()
    except Exception as error:
        for write in writes:
            write.error = write.error or error


_all_writes: weakref.WeakSet[DiskWrites] = weakref.WeakSet()


def _after_fork() -> None:
    for each in _all_writes:
        each._begin()  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _tell(writes: Iterable[_Write]) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Write]] = defaultdict(list)
    for each in writes:
        by_loop[each.loop].append(each)
    for loop, together in by_loop.items():
        # A loop that is closed has nobody who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_finish, together)


def _finish(writes: Iterable[_Write]) -> None:
    for each in writes:
        if each.done.cancelled():
            continue
        if each.error is None:
            each.done.set_result(None)
        else:
            each.done.set_exception(each.error)
