"""Holds the writing of the index of open requests: soon, many at once, and never in the way of asking or answering."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from flyteplugins.hitl import _open_index
from flyteplugins.hitl._background import BackgroundLoop
from flyteplugins.hitl._open_chunks import FOLDER
from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import StoreUnavailable
from tests.support.inboxes import chunks, indexed, soon
from tests.support.questions import MovableClock, answered, asked, question

pytestmark = pytest.mark.asyncio


class WatchedStore(Store):
    """The real store, that notes what is written to the index, which it does not take while it is down."""

    is_down = False
    left: list[str]
    tries = 0

    async def leave(self, path: str, content: bytes = b"") -> None:
        if path.startswith(FOLDER):
            self._look()
            self.left.append(path)
        await super().leave(path, content)

    async def remove(self, paths: Sequence[str]) -> None:
        if paths:
            self._look()
        await super().remove(paths)

    def _look(self) -> None:
        self.tries += 1
        if self.is_down:
            raise StoreUnavailable("It is out of reach.")


@pytest.fixture
def store(local_store: str, clock: MovableClock) -> WatchedStore:
    watched = WatchedStore.at(local_store, clock=clock)
    assert isinstance(watched, WatchedStore)
    watched.left = []
    return watched


@pytest.fixture
def service(store: WatchedStore, clock: MovableClock) -> Service:
    return Service(store, clock=clock)


@pytest.fixture
def index(service: Service) -> OpenIndex:
    return indexed(service)


def listed(store: Store) -> list[str]:
    """The names of all events that the index has."""

    async def read() -> list[str]:
        return sorted(name for names in (await chunks(store)).values() for name in names)

    found: list[list[str]] = []
    # In a thread, because a test's own loop runs already.
    reader = threading.Thread(target=lambda: found.append(asyncio.run(read())))
    reader.start()
    reader.join(20)
    return found[0]


async def test_what_is_asked_is_listed_soon(service: Service, store: WatchedStore, index: OpenIndex) -> None:
    await asked(service)

    await asyncio.to_thread(soon, lambda: listed(store) == ["review"])


async def test_what_is_asked_together_is_written_together(
    service: Service, store: WatchedStore, index: OpenIndex
) -> None:
    await asyncio.gather(*(asked(service, question(name=f"event-{number:02}")) for number in range(40)))
    await asyncio.to_thread(soon, lambda: len(listed(store)) == 40)

    # The clock stands still, so nothing but the moment of writing tells them apart.
    assert len(store.left) <= 3


async def test_what_comes_while_it_is_written_goes_with_the_next(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_index, "_ADD_SECONDS", 0.0)
    at_once, most = 0, 0
    is_all_asked = threading.Event()
    leave = WatchedStore.leave

    async def slow(self: WatchedStore, path: str, content: bytes = b"") -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.to_thread(is_all_asked.wait)
        await leave(self, path, content)
        at_once -= 1

    monkeypatch.setattr(WatchedStore, "leave", slow)
    for number in range(20):
        await asked(service, question(name=f"event-{number:02}"))
        await asyncio.sleep(0.02)
    is_all_asked.set()
    await asyncio.to_thread(soon, lambda: len(listed(store)) == 20)

    assert most == 1
    assert len(store.left) <= 3


async def test_what_is_answered_is_listed_no_more_and_leaves_no_empty_folder(
    service: Service, store: WatchedStore, index: OpenIndex, local_store: str
) -> None:
    first = await asked(service, question(name="first"))
    second = await asked(service, question(name="second"))
    await asyncio.to_thread(soon, lambda: len(listed(store)) == 2)

    await answered(service, first)
    await asyncio.to_thread(soon, lambda: listed(store) == ["second"])
    await answered(service, second)
    await asyncio.to_thread(soon, lambda: not Path(local_store, "open").exists())


async def test_an_outcome_that_another_process_brought_about_is_learned_when_it_is_read(
    service: Service, store: WatchedStore, index: OpenIndex, clock: MovableClock
) -> None:
    request = await asked(service)
    await asyncio.to_thread(soon, lambda: listed(store))
    await answered(Service(store, clock=clock), request)
    assert listed(store) == ["review"]

    await service.response(request)

    await asyncio.to_thread(soon, lambda: not listed(store))


async def test_what_is_answered_at_once_is_never_written(
    service: Service, store: WatchedStore, index: OpenIndex
) -> None:
    await answered(service, await asked(service))
    await asked(service, question(name="another"))
    await asyncio.to_thread(soon, lambda: listed(store) == ["another"])

    assert len(store.left) == 1


async def test_a_question_found_again_is_listed_once(service: Service, store: WatchedStore, index: OpenIndex) -> None:
    for _ in range(3):
        await asked(service)
    await asyncio.to_thread(soon, lambda: listed(store))
    await asked(service)
    await asyncio.to_thread(index.close)

    assert listed(store) == ["review"]


async def test_a_store_that_takes_no_index_is_told_of_once_and_hinders_nobody(
    service: Service,
    store: WatchedStore,
    index: OpenIndex,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(_open_index, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(_open_index, "_LONGEST_PAUSE", 0.02)
    store.is_down = True
    with caplog.at_level(logging.WARNING, "flyteplugins.hitl"):
        request = await asked(service, question(name="first"))
        await asyncio.to_thread(soon, lambda: store.tries > 3)
        await answered(service, request)
        await asked(service, question(name="second"))
        store.is_down = False
        await asyncio.to_thread(soon, lambda: listed(store) == ["second"])

    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "lags behind" in told[0]
    assert "It is out of reach." in told[0]
    assert "written again" in told[1]


async def test_what_could_not_be_taken_out_is_taken_out_later(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_index, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(_open_index, "_REMOVE_SECONDS", 0.0)
    requests = [await asked(service, question(name=name)) for name in ("one", "two", "three")]
    await asyncio.to_thread(soon, lambda: len(listed(store)) == 3)
    tries = store.tries
    store.is_down = True
    for request in requests:
        await answered(service, request)
    await asyncio.to_thread(soon, lambda: store.tries > tries + 1)
    assert len(listed(store)) == 3

    store.is_down = False

    await asyncio.to_thread(soon, lambda: not listed(store))


async def test_the_pauses_between_tries_grow_to_a_limit() -> None:
    pauses = [[_open_index._pause(failures) for _ in range(50)] for failures in range(30)]

    assert max(pauses[0]) <= 1.5
    assert 30 <= min(pauses[-1]) < max(pauses[-1]) <= 90
    assert min(pauses[3]) > max(pauses[0])


async def test_while_the_store_is_out_of_reach_what_is_asked_makes_no_further_tries(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_index, "_pause", lambda failures: 3600.0)
    store.is_down = True
    await asked(service, question(name="first"))
    await asyncio.to_thread(soon, lambda: store.tries)
    tries = store.tries
    for number in range(4):
        await asked(service, question(name=f"event-{number}"))
        await asyncio.sleep(0.05)

    assert store.tries == tries
    store.is_down = False
    await asyncio.to_thread(index.close)
    assert len(listed(store)) == 5


async def test_an_end_in_order_writes_at_once_what_is_pending(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_index, "_ADD_SECONDS", 3600.0)
    monkeypatch.setattr(_open_index, "_REMOVE_SECONDS", 3600.0)
    requests = [await asked(service, question(name=f"event-{number}")) for number in range(9)]
    assert listed(store) == []

    await asyncio.to_thread(index.close)
    assert len(listed(store)) == 9

    await answered(service, requests[0])
    await asyncio.to_thread(index.close)
    assert len(listed(store)) == 8


async def test_an_end_in_order_waits_for_what_is_being_written(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [await asked(service, question(name=f"event-{number}")) for number in range(9)]
    await asyncio.to_thread(soon, lambda: len(listed(store)) == 9)
    is_writing, may_write = threading.Event(), threading.Event()
    leave = WatchedStore.leave

    async def held_up(self: WatchedStore, path: str, content: bytes = b"") -> None:
        if path.startswith(FOLDER):
            is_writing.set()
            await asyncio.to_thread(may_write.wait, 20)
        await leave(self, path, content)

    monkeypatch.setattr(WatchedStore, "leave", held_up)
    monkeypatch.setattr(_open_index, "_REMOVE_SECONDS", 0.0)
    monkeypatch.setattr(_open_index, "_LOST_SHARE", 0.0)
    await answered(service, requests[0])
    await asyncio.to_thread(is_writing.wait, 20)
    ending = asyncio.create_task(asyncio.to_thread(index.close))
    ended, _ = await asyncio.wait({ending}, timeout=0.2)
    may_write.set()
    await ending

    assert not ended
    assert len(listed(store)) == 8


async def test_an_end_with_nothing_to_write_starts_no_thread(service: Service) -> None:
    background = BackgroundLoop()
    index = OpenIndex(service.store, loop=background)

    index.close()

    assert background._running is None


async def test_a_store_out_of_reach_does_not_keep_a_process_from_ending(
    service: Service, store: WatchedStore, index: OpenIndex
) -> None:
    store.is_down = True
    await asked(service)

    start = time.monotonic()
    await asyncio.to_thread(index.close, 20)

    assert time.monotonic() - start < 10


async def test_a_store_that_hangs_does_not_keep_a_process_from_ending(
    service: Service, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    async def hanging(self: Store, path: str, content: bytes = b"") -> None:
        await asyncio.to_thread(release.wait, 20)

    monkeypatch.setattr(WatchedStore, "leave", hanging)
    await asked(service)

    start = time.monotonic()
    await asyncio.to_thread(index.close, 0.2)
    release.set()

    assert 0.1 < time.monotonic() - start < 10


async def test_a_process_that_can_start_no_thread_asks_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: BackgroundLoop, work: object) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(BackgroundLoop, "submit", refuse)
    index = indexed(service)

    await answered(service, await asked(service))
    await asked(service, question(name="another"))

    index.close()


async def test_after_its_loop_was_stopped_it_goes_on_with_another(service: Service, store: WatchedStore) -> None:
    background = BackgroundLoop()
    index = OpenIndex(store, loop=background)
    service.listeners.on_request(index.add)
    await asked(service, question(name="first"))
    await asyncio.to_thread(background.stop)

    await asked(service, question(name="second"))
    await asyncio.to_thread(soon, lambda: listed(store) == ["first", "second"])

    background.stop()


async def test_the_index_needs_no_sync_of_the_disk(
    service: Service, store: WatchedStore, index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(service)
    synced: list[object] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    await asyncio.to_thread(index.close)

    assert listed(store) == ["review"]
    assert synced == []
