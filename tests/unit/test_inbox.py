"""Holds the pages of open requests: each once, in order, only what is open, whatever state the index is in."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flyteplugins.hitl import _inbox
from flyteplugins.hitl._inbox import MOST_ON_A_PAGE, Inbox
from flyteplugins.hitl._open_chunks import MOST_ENTRIES
from flyteplugins.hitl._records import OpenEntry, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import InvalidParameter, StoreUnavailable
from tests.support.inboxes import chunks, entry, id_of, mended, names, pages, put_chunk
from tests.support.questions import MovableClock, answered, asked, question

pytestmark = pytest.mark.asyncio


@pytest.fixture
def inbox(service: Service) -> Inbox:
    return Inbox(service)


def entries(count: int, begin: datetime, apart: float = 0.001, deadline: datetime | None = None) -> list[OpenEntry]:
    return [
        entry(number, begin + timedelta(seconds=number * apart), name=f"event-{number:04}", deadline=deadline)
        for number in range(count)
    ]


def entry_of(request: Request) -> OpenEntry:
    """A request in the index."""
    return OpenEntry(
        request_id=request.request_id,
        name=request.question.name,
        created_at=request.created_at,
        deadline=request.deadline,
        origin=request.origin,
        data_type="bool",
    )


async def put(service: Service, count: int, *, begin: datetime, apart: float = 0.001, at_once: int = 256) -> list[str]:
    """Puts entries into the index, so many a chunk; returns their names in order."""
    all_entries = entries(count, begin, apart)
    for start in range(0, count, at_once):
        await put_chunk(service.store, all_entries[start : start + at_once])
    return [each.name for each in all_entries]


def files(store: str) -> dict[str, int]:
    """When each file and folder of a store was last written, by its path."""
    return {str(path.relative_to(store)): path.stat().st_mtime_ns for path in Path(store).rglob("*")}


def change(store: str, path: str, to: Callable[[str], str]) -> None:
    file = Path(store, path)
    file.write_text(to(file.read_text()))


async def test_with_nothing_asked_there_is_nothing(inbox: Inbox) -> None:
    page = await inbox.page()

    assert (page.entries, page.after, page.damaged) == ((), None, ())


async def test_a_page_shows_what_is_known_of_a_request(service: Service, inbox: Inbox) -> None:
    request = await asked(service)
    await put_chunk(service.store, [entry_of(request)])

    (shown,) = (await inbox.page()).entries

    assert shown == entry_of(request)


@pytest.mark.parametrize("limit", [1, 7, 30, 200])
@pytest.mark.parametrize(("apart", "at_once"), [(0.001, 30), (0.001, 1), (1, 5), (61, 1), (7200, 1)])
async def test_pages_show_all_in_order_and_each_once(
    service: Service, clock: MovableClock, inbox: Inbox, limit: int, apart: float, at_once: int
) -> None:
    expected = await put(service, 30, begin=clock.now(), apart=apart, at_once=at_once)

    read = await pages(inbox, limit)

    assert [each.name for page in read for each in page.entries] == expected
    assert [len(page.entries) for page in read[:-1]] == [limit] * (len(read) - 1)
    assert read[-1].entries


async def test_chunks_of_processes_that_asked_at_once_are_merged(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    all_entries = entries(40, clock.now(), apart=0.1)
    for process in range(4):
        await put_chunk(service.store, all_entries[process::4])

    assert await names(inbox, 7) == [each.name for each in all_entries]


async def test_requests_of_one_moment_are_told_apart_by_their_ids(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    all_entries = entries(10, clock.now(), apart=0)
    for process in (1, 0):
        await put_chunk(service.store, all_entries[process::2])

    assert await names(inbox, 3) == [each.name for each in all_entries]


async def test_what_is_asked_while_pages_are_read_is_on_a_later_one(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    await put(service, 4, begin=clock.now())
    first = await inbox.page(2)
    await put_chunk(service.store, [entry(9, clock.now() + timedelta(hours=1), name="later")])

    second = await inbox.page(2, first.after)
    third = await inbox.page(2, second.after)

    assert [each.name for each in third.entries] == ["later"]
    assert third.after is None


async def test_what_has_an_outcome_is_left_out_at_once(service: Service, inbox: Inbox) -> None:
    requests = [await asked(service, question(name=name)) for name in ("one", "two", "three")]
    await put_chunk(service.store, sorted(map(entry_of, requests), key=lambda each: each.request_id))

    await answered(service, requests[1])
    await service.cancel(requests[2], "Not needed.")

    assert await names(inbox) == ["one"]


async def test_what_is_past_its_deadline_is_left_out_at_once(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    await put_chunk(service.store, entries(3, clock.now(), deadline=clock.now() + timedelta(seconds=10)))
    assert len(await names(inbox)) == 3

    clock.move(10)

    assert await names(inbox) == []


async def test_what_is_closed_is_taken_out_of_the_index(service: Service, inbox: Inbox, local_store: str) -> None:
    requests = [await asked(service, question(name=name)) for name in ("one", "two", "three")]
    one, two, three = map(entry_of, requests)
    first = await put_chunk(service.store, [one, two])
    second = await put_chunk(service.store, [three])
    await answered(service, requests[0])
    await answered(service, requests[2])

    await inbox.page()
    await mended(inbox)

    assert await chunks(service.store) == {first: ["two"]}
    assert second not in files(local_store)

    await answered(service, requests[1])
    await inbox.page()
    await mended(inbox)

    assert not any(path.startswith("open") for path in files(local_store))


async def test_what_is_past_its_deadline_is_taken_out_when_that_is_so_by_any_clock(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    await put_chunk(service.store, entries(3, clock.now(), deadline=clock.now() + timedelta(seconds=10)))

    clock.move(69)
    assert await names(inbox) == []
    await mended(inbox)
    assert len(await chunks(service.store)) == 1

    clock.move(1)
    assert await names(inbox) == []
    await mended(inbox)
    assert await chunks(service.store) == {}


async def test_what_was_asked_again_is_shown_once_and_kept_once(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    all_entries = entries(6, clock.now())
    left = await put_chunk(service.store, all_entries)
    again = await put_chunk(service.store, all_entries[2:])
    once_more = await put_chunk(service.store, all_entries[2:5])

    assert await names(inbox, 2) == [each.name for each in all_entries]
    await mended(inbox)
    assert await names(inbox) == [each.name for each in all_entries]
    await mended(inbox)

    kept = await chunks(service.store)
    assert sorted(name for some in kept.values() for name in some) == [each.name for each in all_entries]
    assert kept[left] == ["event-0000", "event-0001"]
    assert kept[max(again, once_more)][:3] == ["event-0002", "event-0003", "event-0004"]


async def test_a_request_that_stands_twice_and_is_closed_is_taken_out_twice(service: Service, inbox: Inbox) -> None:
    request = await asked(service)
    for _ in range(2):
        await put_chunk(service.store, [entry_of(request)])
    await answered(service, request)

    assert await names(inbox) == []
    await mended(inbox)

    assert await chunks(service.store) == {}


async def test_a_mend_loses_nothing_that_the_page_has_not_looked_at(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    request = await asked(service)
    rest = entries(MOST_ENTRIES - 1, clock.now() + timedelta(milliseconds=1))
    await put_chunk(service.store, [entry_of(request), *rest])
    await answered(service, request)

    await inbox.page(1)
    await mended(inbox)

    assert list((await chunks(service.store)).values()) == [[each.name for each in rest]]


class NoMending(Store):
    """The real store, where nothing may be written any more."""

    tries = 0

    async def leave(self, path: str, content: bytes = b"") -> None:
        self.tries += 1
        raise StoreUnavailable("This store may only be read.")

    async def remove(self, paths: Sequence[str]) -> None:
        await self.leave(paths[0])


async def test_a_store_that_may_only_be_read_gives_pages_all_the_same(
    service: Service, clock: MovableClock, local_store: str, caplog: pytest.LogCaptureFixture
) -> None:
    request = await asked(service)
    await put_chunk(service.store, [entry_of(request)])
    await put_chunk(service.store, [entry(1, clock.now() + timedelta(seconds=1), name="open")])
    await answered(service, request)
    store = NoMending.at(local_store)
    assert isinstance(store, NoMending)
    inbox = Inbox(Service(store, clock=clock))

    for _ in range(3):
        assert await names(inbox) == ["open"]
        await mended(inbox)
    assert store.tries == 1
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]

    clock.move(600)
    await names(inbox)
    await mended(inbox)
    assert store.tries == 2


async def test_a_page_does_not_wait_for_the_mending(service: Service, clock: MovableClock, local_store: str) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    removals = []

    class Slow(Store):
        async def remove(self, paths: Sequence[str]) -> None:
            removals.append(paths)
            waiting = asyncio.run_coroutine_threadsafe(release.wait(), loop)
            await asyncio.wrap_future(waiting)
            await super().remove(paths)

    request = await asked(service)
    await put_chunk(service.store, [entry_of(request)])
    await answered(service, request)
    inbox = Inbox(Service(Slow.at(local_store), clock=clock))

    for _ in range(2):
        assert await asyncio.wait_for(names(inbox), 5) == []
    assert len(await chunks(service.store)) == 1
    assert len(removals) == 1

    release.set()
    await mended(inbox)
    assert await chunks(service.store) == {}


async def test_a_damaged_chunk_is_told_of_and_hides_no_other(
    service: Service, clock: MovableClock, inbox: Inbox, local_store: str
) -> None:
    damaged = await put_chunk(service.store, entries(1, clock.now()))
    await put_chunk(service.store, [entry(9, clock.now(), name="whole")])
    change(local_store, damaged, lambda text: text[:-1])

    page = await inbox.page()

    assert [each.name for each in page.entries] == ["whole"]
    assert damaged in str(page.damaged[0])


async def test_an_entry_with_an_id_that_is_none_is_damage(
    service: Service, clock: MovableClock, inbox: Inbox, local_store: str
) -> None:
    """The id becomes part of a path."""
    path = await put_chunk(service.store, entries(1, clock.now()))
    change(local_store, path, lambda text: text.replace(id_of(0), "../../../../../../../../x"))

    page = await inbox.page()

    assert page.entries == ()
    assert len(page.damaged) == 1


async def test_foreign_objects_in_the_index_are_left_alone(
    service: Service, clock: MovableClock, inbox: Inbox, local_store: str
) -> None:
    expected = await put(service, 3, begin=clock.now(), at_once=1)
    for path in ("open/2026-01-02/notes.txt", "open/0000/chunk.json"):
        await service.store.leave(path, b"mine")

    assert await names(inbox, 1) == expected
    assert (await inbox.page()).damaged == ()
    await mended(inbox)
    assert {"open/2026-01-02/notes.txt", "open/0000/chunk.json"} < set(files(local_store))


async def test_an_index_full_of_what_is_closed_gives_short_pages_that_lead_on(
    service: Service, clock: MovableClock, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_inbox, "_MOST_LOOKS", 100)
    over = entries(1000, clock.now(), deadline=clock.now())
    for start in range(0, 1000, 250):
        await put_chunk(service.store, over[start : start + 250])
    await put_chunk(service.store, [entry(5000, clock.now() + timedelta(minutes=1), name="open")])

    read = await pages(inbox, 50)

    assert [each.name for page in read for each in page.entries] == ["open"]
    assert 5 < len(read) <= 11


@pytest.mark.parametrize("limit", [0, -1, MOST_ON_A_PAGE + 1])
async def test_a_page_of_no_size_is_refused(inbox: Inbox, limit: int) -> None:
    with pytest.raises(InvalidParameter, match="1 to 200"):
        await inbox.page(limit)


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


AN_ID = "a" * 26


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "é",
        "../open",
        "A" * 10_000,
        cursor(""),
        cursor(AN_ID),
        cursor(f"now {AN_ID}"),
        cursor(f"2026-01-02T03:04:05 {AN_ID}"),
        cursor(f"2026-01-02T03:04:05+01:00 {AN_ID}"),
        cursor(f"2026-01-02T03:04:05+00:00 {AN_ID} {AN_ID}"),
        cursor(f"0001-01-01T00:00:00+00:00 {AN_ID}"),
        cursor(f"9999-12-31T23:59:59-12:00 {AN_ID}"),
        cursor(f"2026-01-02T03:04:05+00:00 {AN_ID}") + "\n",
    ],
)
async def test_what_is_no_end_of_a_page_is_refused(inbox: Inbox, after: str) -> None:
    with pytest.raises(InvalidParameter, match="Begin with the first page"):
        await inbox.page(after=after)


@pytest.mark.parametrize("moment", ["2000-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
async def test_any_time_in_a_cursor_leads_somewhere(
    service: Service, clock: MovableClock, inbox: Inbox, moment: str
) -> None:
    expected = await put(service, 2, begin=clock.now())

    page = await inbox.page(after=cursor(f"{moment} ../../keys"))

    assert [each.name for each in page.entries] == (expected if moment < "2026" else [])


async def test_reading_changes_nothing_where_all_is_open(
    service: Service, clock: MovableClock, inbox: Inbox, local_store: str
) -> None:
    await put(service, 20, begin=clock.now(), at_once=5)
    await names(inbox)
    before = files(local_store)

    await names(inbox)
    await mended(inbox)

    assert files(local_store) == before


async def test_an_index_that_was_lost_is_made_anew_of_what_is_open(
    service: Service, clock: MovableClock, inbox: Inbox
) -> None:
    requests = [await asked(service, question(name=name)) for name in ("one", "two", "three", "four")]
    await asked(service, question(name="past"), timeout_seconds=10)
    await put_chunk(service.store, [entry_of(requests[0])])
    await answered(service, requests[1])
    clock.move(10)

    assert await inbox.rebuild() == 2
    assert sorted(await names(inbox)) == ["four", "one", "three"]
    assert await inbox.rebuild() == 0
    assert len([name for some in (await chunks(service.store)).values() for name in some]) == 3
