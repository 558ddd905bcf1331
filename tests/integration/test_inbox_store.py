"""The inbox over real stores: what a page costs, and that readers, writers and menders get along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from flyteplugins.hitl._inbox import Inbox
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._records import OpenEntry, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.inboxes import CountingBackend, chunks, entry, id_of, indexed, mended, names, put_chunk
from tests.support.questions import ORIGIN, answered, asked, question
from tests.support.stores import RunningStore, applied

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
PAGE = 50
WRITES_AT_ONCE = 64
SECONDS = 120.0


@dataclass(frozen=True)
class Counted:
    """A store, and how many calls or requests a piece of work costs there."""

    url: str
    service: Service
    proxy: FaultProxy | None

    @property
    def cost(self) -> int:
        if self.proxy is not None:
            return len(self.proxy.requests)
        backend = self.service.store.backend
        assert isinstance(backend, CountingBackend)
        return len(backend.calls)

    def forget(self) -> None:
        if self.proxy is not None:
            self.proxy.forget_requests()
        backend = self.service.store.backend
        if isinstance(backend, CountingBackend):
            backend.calls.clear()


@pytest.fixture(params=["local", "s3"])
def counted(request: pytest.FixtureRequest, local_store: str) -> Iterator[Counted]:
    """A store whose reader is counted: the calls of a local folder, and what goes over the wire to a server."""
    if request.param == "local":
        yield Counted(local_store, Service(Store(CountingBackend.counting(local_store))), None)
        return
    server: RunningStore = request.getfixturevalue("s3_server")
    url = server.fresh()
    with fault_proxy(server.port) as proxy:
        with applied(proxy.environment(server)):
            service = Service(Store.at(url))
        with applied(server.environment):
            yield Counted(url, service, proxy)


def put_question(number: int, asked_at: datetime) -> Request:
    """A request as the index takes it, that nobody put."""
    content = question(name=f"event-{number}")
    return Request(
        nonce="n",
        request_id=id_of(number),
        origin=ORIGIN,
        question=content,
        fingerprint=content.fingerprint(),
        occurrence=1,
        turn=1,
        generation=0,
        created_at=asked_at,
        deadline=None,
        response_path="unknown",
    )


async def put_open(store: Store, first: int, count: int, *, begin: datetime, apart: timedelta) -> None:
    """Has requests listed as open by the code that does so in a workflow."""
    index = OpenIndex(store)
    for number in range(count):
        index.add(put_question(first + number, begin + number * apart))
    await asyncio.to_thread(index.close, SECONDS)


async def put_closed(service: Service, first: int, count: int) -> None:
    """Puts hollow objects where the requests that are closed would be, and their outcomes."""
    links = await service.links()
    paths = [
        path
        for number in range(first, first + count)
        for path in (request_path(id_of(number)), links.response_path(id_of(number)))
    ]
    for start in range(0, len(paths), WRITES_AT_ONCE):
        await asyncio.gather(*(service.store.leave(path) for path in paths[start : start + WRITES_AT_ONCE]))


async def cost_of_first_page(counted: Counted) -> int:
    inbox = Inbox(counted.service)
    await counted.service.links()
    counted.forget()
    page = await inbox.page(PAGE)
    assert len(page.entries) == PAGE
    return counted.cost


@pytest.mark.slow
@pytest.mark.parametrize(
    "apart", [timedelta(milliseconds=5), timedelta(minutes=1)], ids=["asked-together", "asked-a-minute-apart"]
)
async def test_a_first_page_costs_the_same_with_a_hundred_times_as_many_open_and_as_many_closed(
    counted: Counted, apart: timedelta
) -> None:
    direct = Service(Store.at(counted.url))
    await put_open(direct.store, 0, 100, begin=NOW, apart=apart)
    few = await cost_of_first_page(counted)

    together = apart < timedelta(seconds=1)
    await put_open(direct.store, 100, 9900 if together else 1400, begin=NOW + 100 * apart, apart=apart)
    # A server takes a while for what it never lists.
    await put_closed(direct, 20_000, 10_000 if together and counted.proxy is None else 1000)
    many = await cost_of_first_page(counted)

    # A listing, chunks by 2, 8, 32 and 32, and 51 outcomes.
    assert few <= 1 + 74 + 51
    assert many <= few + 2


@pytest.mark.slow
async def test_a_later_page_costs_no_more_than_the_first(counted: Counted) -> None:
    direct = Service(Store.at(counted.url))
    await put_open(direct.store, 0, 3000, begin=NOW, apart=timedelta(milliseconds=5))
    first = await cost_of_first_page(counted)
    inbox, after = Inbox(counted.service), None
    for _ in range(50):
        page = await inbox.page(PAGE, after)
        after = page.after

    counted.forget()
    await inbox.page(PAGE, after)

    assert counted.cost <= first + 10


@pytest.mark.slow
async def test_a_later_page_lists_nothing_of_what_comes_before_it(s3_server: RunningStore) -> None:
    url = s3_server.fresh()
    with applied(s3_server.environment):
        store = Store.at(url)
    await put_open(store, 0, 1300, begin=NOW, apart=timedelta(minutes=1))
    after = await _after(Inbox(Service(store)), 1200)

    with fault_proxy(s3_server.port) as proxy, applied(proxy.environment(s3_server)):
        page = await Inbox(Service(Store.at(url))).page(PAGE, after)
        listings = [path for method, path in proxy.requests if method == "GET" and "list-type=2" in path]

    assert page.entries[0].request_id == id_of(1200)
    assert len(listings) == 1


async def _after(inbox: Inbox, count: int) -> str | None:
    """Where so many entries have been read."""
    after = None
    for _ in range(count // 200):
        after = (await inbox.page(200, after)).after
    return after


async def test_a_page_of_what_is_closed_is_paid_for_once(counted: Counted) -> None:
    direct = Service(Store.at(counted.url))
    await put_open(direct.store, 0, 300, begin=NOW, apart=timedelta(milliseconds=5))
    links = await direct.links()
    await asyncio.gather(*(direct.store.leave(links.response_path(id_of(number))) for number in range(200)))

    inbox = Inbox(counted.service)
    counted.forget()
    assert (await inbox.page(PAGE)).entries[0].request_id == id_of(200)
    before = counted.cost
    await mended(inbox)
    after = await cost_of_first_page(counted)

    assert before > 200
    assert after < 60


async def test_only_the_outcomes_of_what_may_be_shown_are_looked_for(counted: Counted) -> None:
    direct = Service(Store.at(counted.url))
    await put_open(direct.store, 0, 200, begin=NOW, apart=timedelta(milliseconds=5))

    # One listing, one chunk and 51 outcomes: a question more than the page holds tells that there is another.
    assert await cost_of_first_page(counted) == 53


async def test_readers_that_mend_and_writers_at_once_leave_the_index_in_order(store_url: str) -> None:
    service = Service(Store.at(store_url))
    index = indexed(service)
    shown_closed: list[str] = []
    closed: set[str] = set()

    async def ask(number: int) -> Request:
        request = await asked(service, question(name=f"event-{number:03}"))
        await asyncio.sleep(0.4 * (number % 4))
        if number % 3:
            await answered(service, request)
            closed.add(request.request_id)
        return request

    @asynccontextmanager
    async def reading() -> AsyncIterator[None]:
        async def read() -> None:
            inbox = Inbox(Service(Store.at(store_url)))
            while not is_over.is_set():
                known = set(closed)
                page = await inbox.page(PAGE)
                assert not page.damaged
                shown_closed.extend(each.name for each in page.entries if each.request_id in known)
                await mended(inbox)
                # Or the server of the bucket, a small one, would have no time left for those who write.
                await asyncio.sleep(0.1)

        # Told to end, not cancelled: up to Python 3.11 `wait_for` may lose that where its future is done just then.
        is_over = asyncio.Event()
        readers = [asyncio.create_task(read()) for _ in range(2)]
        try:
            yield
            assert not any(reader.done() for reader in readers)
        finally:
            is_over.set()
            await asyncio.gather(*readers)

    async with reading():
        for start in range(0, 120, 20):
            await asyncio.gather(*(ask(number) for number in range(start, start + 20)))
        await asyncio.to_thread(index.close, SECONDS)

    inbox = Inbox(service)
    assert sorted(await names(inbox)) == [f"event-{number:03}" for number in range(0, 120, 3)]
    assert shown_closed == []
    await mended(inbox)
    left = [name for some in (await chunks(service.store)).values() for name in some]
    assert sorted(left) == [f"event-{number:03}" for number in range(0, 120, 3)]


async def test_pages_over_any_store_show_all_once_and_mend(store_url: str) -> None:
    store = Store.at(store_url)
    service, all_entries = Service(store), _entries(30)
    for start in range(0, 30, 10):
        await put_chunk(store, all_entries[start : start + 10])
    again = await put_chunk(store, all_entries[25:])
    inbox = Inbox(service)

    assert await names(inbox, 7) == [each.name for each in all_entries]
    links = await service.links()
    for each in all_entries[:20]:
        await store.leave(links.response_path(each.request_id))
    assert await names(inbox, 7) == [each.name for each in all_entries[20:]]
    for _ in range(2):
        await mended(inbox)
        await names(inbox)
    await mended(inbox)

    assert list((await chunks(store)).values()) == [
        [each.name for each in all_entries[20:25]],
        [each.name for each in all_entries[25:]],
    ]
    assert again in await chunks(store)


def _entries(count: int) -> list[OpenEntry]:
    return [entry(number, NOW + timedelta(milliseconds=number), name=f"event-{number:02}") for number in range(count)]
