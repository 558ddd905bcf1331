"""Records over real stores: what stands is what one writer wrote, whatever the network does (P1, P2).

On a local folder, two S3-compatible servers and Azure's emulator; behind a fault proxy; and on a server that lets two
writers create one object, which must be refused.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path

import pytest

from flyteplugins.hitl import _backend
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import DamagedRecord, RequestNotFound, StoreRefused, StoreUnavailable
from tests.support.fault_proxy import Fault, FaultProxy, fault_proxy, matching
from tests.support.notes import Note, note
from tests.support.questions import answered, asked, question
from tests.support.raw_objects import raw_objects
from tests.support.stores import RunningStore, applied, rclone

pytestmark = pytest.mark.asyncio

PATH = "notes/one.0.json"
CAPABILITY = "capability234567"
RESPONSE_PATH = f"responses/request234567.{CAPABILITY}.json"
FOREVER = 100_000
ROUNDS = {"local": 20, "ministack": 10, "azurite": 4, "seaweedfs": 2}
SERVERS = {"ministack": "s3_server", "seaweedfs": "seaweedfs_server", "azurite": "azure_server"}


@pytest.fixture(params=["local", "ministack", pytest.param("seaweedfs", marks=pytest.mark.slow), "azurite"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of each kind that nobody has used; the environment has what it takes to reach it."""
    if kind == "local":
        yield str(tmp_path / "store")
        return
    server: RunningStore = request.getfixturevalue(SERVERS[kind])
    with applied(server.environment):
        yield server.fresh()


@pytest.fixture
def proxy(s3_server: RunningStore) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.port) as running:
        yield running


@pytest.fixture
def proxied_url(proxy: FaultProxy, s3_server: RunningStore) -> Iterator[str]:
    """A store that nobody has used, behind the fault proxy."""
    with applied(proxy.environment(s3_server)):
        yield s3_server.fresh()


def puts(proxy: FaultProxy, path: str) -> int:
    return sum(1 for method, address in proxy.requests if method == "PUT" and path in address)


# On every kind of store


async def test_paths_come_in_order_from_any_of_them_on(url: str) -> None:
    store = Store.at(url)
    paths = [f"open/{day}/{hour}/{name}.json" for day in ("01", "02") for hour in ("03", "14") for name in ("a", "b")]
    for path in reversed(paths):
        await store.leave(path)
    await store.leave("opened/other.json")

    for number, after in enumerate(["", *paths]):
        assert [path async for path in store.in_order("open", after)] == paths[number:]
    assert [path async for path in store.in_order("open", "open/01/10")] == paths[2:]
    assert [path async for path in store.in_order("nowhere")] == []


async def test_paths_come_in_order_where_there_are_more_than_a_store_lists_at_once(url: str) -> None:
    store = Store.at(url)
    paths = [f"open/{number:05}.json" for number in range(1100)]
    for start in range(0, 1100, 50):
        await asyncio.gather(*(store.leave(path) for path in paths[start : start + 50]))

    assert [path async for path in store.in_order("open")] == paths
    assert [path async for path in store.in_order("open", paths[1000])] == paths[1001:]


async def test_it_tells_whether_something_exists(url: str) -> None:
    store = Store.at(url)
    await store.leave(PATH, b"not a record")

    assert await store.exists(PATH)
    assert not await store.exists("places/another.json")


async def test_what_is_removed_is_gone_and_leaves_no_empty_folder(url: str, kind: str) -> None:
    store = Store.at(url)
    for path in ("open/01/a.json", "open/02/b.json", "open/02/c.json"):
        await store.leave(path)

    await store.remove(["open/01/a.json", "open/02/b.json", "open/03/never.json"])
    await store.remove([])

    assert [path async for path in store.in_order("open")] == ["open/02/c.json"]
    if kind == "local":
        assert await store.folders("open") == ["open/02"]


async def test_the_first_record_stands_and_a_second_writer_is_given_it(url: str) -> None:
    first, second = note("first"), note("second")
    assert await Store.at(url).create(PATH, first) == (first, True)
    assert await Store.at(url).create(PATH, second) == (first, False)
    assert await Store.at(url).read(PATH, Note) == first


async def test_the_same_writer_wins_again(url: str) -> None:
    record = note()
    await Store.at(url).create(PATH, record)
    assert await Store.at(url).create(PATH, record) == (record, True)


async def test_of_many_writers_at_once_one_wins_and_all_are_told_who(url: str, kind: str) -> None:
    stores = [Store.at(url) for _ in range(8)]
    for number in range(ROUNDS[kind]):
        outcomes = await asyncio.gather(*(store.create(f"notes/race.{number}.json", note()) for store in stores))
        assert sum(is_ours for _, is_ours in outcomes) == 1
        assert len({standing.nonce for standing, _ in outcomes}) == 1


async def test_what_is_not_there_is_nothing(url: str) -> None:
    store = Store.at(url)
    assert await store.read("notes/nowhere.json", Note) is None
    assert [path async for path in store.paths("notes")] == []


async def test_the_last_of_two_overwrites_is_read(url: str) -> None:
    store = Store.at(url)
    await store.overwrite(PATH, note("first"))
    last = note("last")
    await store.overwrite(PATH, last)
    assert await store.read(PATH, Note) == last


async def test_paths_are_those_of_the_folder_alone(url: str) -> None:
    store = Store.at(url)
    for path in ("notes/b.json", "notes/a.json", "noteswithout/c.json", "requests/d.json"):
        await store.create(path, note())
    assert sorted([path async for path in store.paths("notes")]) == ["notes/a.json", "notes/b.json"]


async def test_text_of_any_script_is_read_as_it_was_written(url: str) -> None:
    record = note("żółć \u202e 🚀 \0 \n\r\t \"'\\")
    await Store.at(url).create(PATH, record)
    assert await Store.at(url).read(PATH, Note) == record


async def test_a_store_that_keeps_the_condition_is_taken(url: str) -> None:
    await Store.at(url).check()


async def test_several_processes_may_check_a_new_store_at_once(url: str, kind: str) -> None:
    # SeaweedFS makes each loser of a contended create wait for a whole second.
    count = 2 if kind == "seaweedfs" else 6
    await asyncio.gather(*(Store.at(url).check() for _ in range(count)))


# Faults


async def test_a_lost_reply_to_our_own_create_is_our_own_win(proxy: FaultProxy, proxied_url: str) -> None:
    proxy.fail(matching("PUT", PATH), Fault.drop_reply())
    record = note()
    assert await Store.at(proxied_url).create(PATH, record) == (record, True)
    assert puts(proxy, PATH) > 1, "the reply was not lost"


async def test_a_lost_reply_to_a_losing_create_is_no_win(proxy: FaultProxy, proxied_url: str) -> None:
    first = note("first")
    await Store.at(proxied_url).create(PATH, first)
    proxy.fail(matching("PUT", PATH), Fault.drop_reply())
    assert await Store.at(proxied_url).create(PATH, note("second")) == (first, False)


async def test_the_retry_after_a_lost_reply_never_takes_anothers_place(proxy: FaultProxy, proxied_url: str) -> None:
    """While the first writer is told nothing, a second one writes: whoever was first stays first."""
    proxy.fail(matching("PUT", PATH), Fault.drop_reply(), times=2)
    outcomes = await asyncio.gather(*(Store.at(proxied_url).create(PATH, note()) for _ in range(6)))
    assert sum(is_ours for _, is_ours in outcomes) == 1
    standing = await Store.at(proxied_url).read(PATH, Note)
    assert {record.nonce for record, _ in outcomes} == {standing.nonce if standing else None}


PASSING_FAULTS = {
    "409": Fault.status(409),
    "412": Fault.status(412),
    "429": Fault.status(429),
    "500": Fault.status(500),
    "503": Fault.status(503),
    "reset": Fault.reset(),
    "truncate": Fault.truncate(),
    "drop_reply": Fault.drop_reply(),
    "delay": Fault.delay(0.3),
}


@pytest.mark.parametrize("fault", PASSING_FAULTS.values(), ids=PASSING_FAULTS)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_create_gets_past_a_fault(proxy: FaultProxy, proxied_url: str, fault: Fault, times: int) -> None:
    proxy.fail(matching("PUT", PATH), fault, times=times)
    record = note()
    assert await Store.at(proxied_url).create(PATH, record) == (record, True)
    proxy.clear()
    assert await Store.at(proxied_url).read(PATH, Note) == record


@pytest.mark.parametrize("code", [409, 412])
async def test_a_conflict_with_nothing_stored_is_tried_again(proxy: FaultProxy, proxied_url: str, code: int) -> None:
    proxy.fail(matching("PUT", PATH, header="if-none-match"), Fault.status(code), times=4)
    record = note()
    assert await Store.at(proxied_url).create(PATH, record) == (record, True)
    assert puts(proxy, PATH) == 5


@pytest.mark.parametrize("name", ["429", "500", "503", "reset", "truncate", "drop_reply", "delay"])
async def test_a_read_gets_past_a_fault_and_is_whole(proxy: FaultProxy, proxied_url: str, name: str) -> None:
    store = Store.at(proxied_url)
    record = note()
    await store.create(PATH, record)
    proxy.fail(matching("GET", PATH), PASSING_FAULTS[name])
    assert await store.read(PATH, Note) == record


async def test_a_read_that_is_cut_off_again_and_again_is_no_damaged_record(proxy: FaultProxy, proxied_url: str) -> None:
    store = Store.at(proxied_url)
    await store.create(PATH, note())
    proxy.fail(matching("GET", PATH), Fault.truncate(), times=FOREVER)
    with pytest.raises(StoreUnavailable):
        await store.read(PATH, Note)


LASTING_FAULTS = {
    "409": Fault.status(409),
    "429": Fault.status(429),
    "500": Fault.status(500),
    "503": Fault.status(503),
    "reset": Fault.reset(),
    "hang": Fault.hang(60),
}


@pytest.mark.parametrize("fault", LASTING_FAULTS.values(), ids=LASTING_FAULTS)
async def test_a_store_that_stays_broken_is_unavailable_within_the_bound(
    proxy: FaultProxy, proxied_url: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_backend, "CALL_SECONDS", 0.5)
    store = Store.at(proxied_url)
    method = "PUT" if fault == Fault.status(409) else None
    proxy.fail(matching(method, "re"), fault, times=FOREVER)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as raised:
        await store.create(RESPONSE_PATH, note())
    assert time.monotonic() - began < 10.0
    assert_names_the_object_but_not_the_capability(str(raised.value), proxied_url)


@pytest.mark.parametrize("fault", LASTING_FAULTS.values(), ids=LASTING_FAULTS)
async def test_a_read_from_a_broken_store_names_the_object_but_not_the_capability(
    proxy: FaultProxy, proxied_url: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_backend, "CALL_SECONDS", 5.0 if fault.kind != "hang" else 0.5)
    proxy.fail(matching("GET"), fault, times=FOREVER)
    with pytest.raises(StoreUnavailable) as raised:
        await Store.at(proxied_url).read(RESPONSE_PATH, Note)
    assert_names_the_object_but_not_the_capability(str(raised.value), proxied_url)


async def test_a_store_that_is_down_is_unavailable_and_works_again_when_it_is_up(
    proxy: FaultProxy, proxied_url: str
) -> None:
    store = Store.at(proxied_url)
    proxy.down()
    with pytest.raises(StoreUnavailable) as raised:
        await store.create(RESPONSE_PATH, note())
    assert_names_the_object_but_not_the_capability(str(raised.value), proxied_url)
    with pytest.raises(StoreUnavailable, match="notes"):
        assert [path async for path in store.paths("notes")]
    proxy.up()
    record = note()
    assert await store.create(RESPONSE_PATH, record) == (record, True)


async def test_an_overwrite_on_a_store_that_is_down_is_unavailable(proxy: FaultProxy, proxied_url: str) -> None:
    store = Store.at(proxied_url)
    proxy.down()
    with pytest.raises(StoreUnavailable, match=PATH):
        await store.overwrite(PATH, note())


@pytest.mark.slow
async def test_a_listing_that_hangs_is_unavailable_within_the_bound(proxy: FaultProxy, proxied_url: str) -> None:
    proxy.fail(matching("GET", "list-type"), Fault.hang(60), times=FOREVER)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="requests"):
        assert [path async for path in Store.at(proxied_url).paths("requests")]
    assert time.monotonic() - began < _backend.CALL_SECONDS + 1


def assert_names_the_object_but_not_the_capability(message: str, url: str) -> None:
    assert f"{url}/responses/request234567" in message
    assert CAPABILITY not in message


# The store that must be refused


@pytest.mark.slow
async def test_a_store_that_lets_two_writers_create_one_object_is_refused() -> None:
    with rclone() as server, applied(server.environment):
        url = server.fresh()
        for _ in range(2):
            with pytest.raises(StoreRefused, match="If-None-Match"):
                await Store.at(url).check()
        with pytest.raises(StoreRefused):
            await asked(Service(Store.at(url)))


async def test_the_verdict_is_remembered_by_the_store(proxy: FaultProxy, proxied_url: str) -> None:
    store = Store.at(proxied_url)
    await store.check()
    assert puts(proxy, "checks/probe-") > 1
    proxy.forget_requests()
    await store.check()
    assert proxy.requests == []
    await Store.at(proxied_url).check()
    assert [method for method, _ in proxy.requests] == ["GET"]


async def test_a_store_that_is_down_gets_no_verdict(proxy: FaultProxy, proxied_url: str) -> None:
    store = Store.at(proxied_url)
    proxy.fail(matching("PUT", "checks/"), Fault.status(503), times=FOREVER)
    with pytest.raises(StoreUnavailable):
        await store.check()
    proxy.clear()
    await store.check()
    assert puts(proxy, "create-only") == 1


async def test_a_store_whose_probe_replies_are_lost_is_not_refused(proxy: FaultProxy, proxied_url: str) -> None:
    proxy.fail(matching("PUT", "checks/probe-"), Fault.drop_reply(), times=3)
    await Store.at(proxied_url).check()


# The local folder


class Syncs:
    """Records what was made to survive a loss of power, by path."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def fsync(self, descriptor: int) -> None:
        self.paths.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        REAL_FSYNC(descriptor)


REAL_FSYNC = os.fsync


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> Syncs:
    recorded = Syncs()
    monkeypatch.setattr(os, "fsync", recorded.fsync)
    return recorded


async def test_a_record_is_on_the_disk_before_it_is_said_to_be_written(local_store: str, syncs: Syncs) -> None:
    await Store.at(local_store).create(PATH, note())
    file = Path(local_store, PATH)
    assert syncs.paths.index(file) < syncs.paths.index(file.parent)
    assert Path(local_store) in syncs.paths, "the name of a new folder is in its own parent"
    assert Path(local_store).parent in syncs.paths


async def test_every_later_record_and_its_folder_are_synced_too(local_store: str, syncs: Syncs) -> None:
    store = Store.at(local_store)
    await store.create(PATH, note())
    syncs.paths.clear()
    await store.create("notes/two.json", note())
    await store.overwrite("notes/two.json", note())
    file = Path(local_store, "notes/two.json")
    assert syncs.paths == [file, file.parent] * 2


async def test_a_loser_makes_what_stands_durable_before_it_tells_of_it(local_store: str, syncs: Syncs) -> None:
    """The winner may have been killed between its write and its fsync."""
    await Store.at(local_store).create(PATH, note())
    syncs.paths.clear()
    await Store.at(local_store).create(PATH, note())
    file = Path(local_store, PATH)
    assert file in syncs.paths
    assert file.parent in syncs.paths


async def test_every_folder_that_was_made_for_the_store_is_synced(tmp_path: Path, syncs: Syncs) -> None:
    await Store.at(str(tmp_path / "home" / ".flyte" / "hitl")).create(PATH, note())
    assert {tmp_path, tmp_path / "home", tmp_path / "home" / ".flyte"} <= set(syncs.paths)


async def test_a_disk_that_cannot_sync_is_unavailable(local_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that may not survive is not said to be written."""
    store = Store.at(local_store)
    await store.create("notes/before.json", note())

    def fails(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StoreUnavailable, match="notes"):
        await store.create(PATH, note())


async def test_nobody_else_on_the_machine_may_enter_a_new_folder(local_store: str) -> None:
    await Service(Store.at(local_store)).links()
    assert stat.S_IMODE(os.stat(local_store).st_mode) == 0o700


# Damaged and foreign objects

FOREIGN = {
    "garbage": b"{not json",
    "empty": b"",
    "binary": bytes(range(256)),
    "a list": b"[]",
    "a number": b"7",
    "another format": b'{"format": 2, "nonce": "n"}',
    "fields missing": b'{"format": 1, "nonce": "n"}',
    "a deep nest": b"[" * 100_000,
}


@pytest.fixture(params=list(FOREIGN))
def foreign(request: pytest.FixtureRequest) -> bytes:
    return FOREIGN[request.param]


async def test_a_foreign_object_is_named_and_hinders_no_other_request(store_url: str, foreign: bytes) -> None:
    service = Service(Store.at(store_url))
    good = await asked(service)
    raw_objects(store_url).put("requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa.json", foreign)
    raw_objects(store_url).put("requests/notes.txt", foreign)
    listing = await service.listing()
    assert [request.request_id for request in listing.requests] == [good.request_id]
    messages = sorted(str(error) for error in listing.damaged)
    assert len(messages) == 2
    assert "requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa.json" in messages[0]
    assert "requests/notes.txt" in messages[1]
    with pytest.raises(DamagedRecord, match=r"requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa\.json"):
        await service.request("aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert (await answered(service, good)).value is True


async def outcome_of(call: Awaitable[object]) -> object:
    try:
        return await call
    except Exception as error:
        return error


async def test_a_damaged_outcome_is_named_without_its_capability(store_url: str, foreign: bytes) -> None:
    service = Service(Store.at(store_url))
    hit = await asked(service, question(name="hit"))
    other = await asked(service, question(name="other"))
    raw_objects(store_url).put(hit.response_path, foreign)
    outcomes = [
        await outcome_of(call) for call in (service.response(hit), answered(service, hit), service.cancel(hit, ""))
    ]
    for outcome in outcomes:
        assert isinstance(outcome, DamagedRecord)
        assert f"responses/{hit.request_id}" in str(outcome)
        assert hit.response_path not in str(outcome)
    assert len((await service.listing()).requests) == 2
    assert (await answered(service, other)).value is True


async def test_a_damaged_key_is_named(store_url: str, foreign: bytes) -> None:
    raw_objects(store_url).put("keys/signing.json", foreign)
    with pytest.raises(DamagedRecord, match=r"keys/signing\.json"):
        await Service(Store.at(store_url)).links()


async def test_a_folder_marker_hinders_nothing(store_url: str) -> None:
    """Consoles of object stores make an empty object for a folder."""
    service = Service(Store.at(store_url))
    good = await asked(service)
    if "://" in store_url:
        raw_objects(store_url).put("requests/", b"")
        raw_objects(store_url).put("requests/folder/", b"")
    else:
        os.mkdir(f"{store_url}/requests/folder")
    assert [request.request_id for request in (await service.listing()).requests] == [good.request_id]


async def test_a_copy_under_another_name_is_not_taken_for_that_request(store_url: str) -> None:
    service = Service(Store.at(store_url))
    good = await asked(service)
    raw_objects(store_url).put("requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa.json", good.to_bytes())
    with pytest.raises((RequestNotFound, DamagedRecord)):
        await service.request("aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert await service.request(good.request_id) == good


async def test_a_copy_under_another_name_is_not_listed_twice(store_url: str) -> None:
    service = Service(Store.at(store_url))
    good = await asked(service)
    raw_objects(store_url).put("requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa.json", good.to_bytes())
    assert [request.request_id for request in (await service.listing()).requests] == [good.request_id]


async def test_a_directory_in_place_of_a_request_is_named(local_store: str) -> None:
    service = Service(Store.at(local_store))
    good = await asked(service)
    os.makedirs(f"{local_store}/requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa.json")
    assert [request.request_id for request in (await service.listing()).requests] == [good.request_id]
    with pytest.raises(DamagedRecord, match=r"requests/aaaaaaaaaa/aaaaaaaaaaaaaaaa\.json"):
        await service.request("aaaaaaaaaaaaaaaaaaaaaaaaaa")


async def test_a_directory_in_place_of_an_outcome_is_named(local_store: str) -> None:
    service = Service(Store.at(local_store))
    hit = await asked(service)
    os.makedirs(f"{local_store}/{hit.response_path}")
    with pytest.raises(DamagedRecord, match=f"responses/{hit.request_id}"):
        await service.response(hit)
    with pytest.raises(DamagedRecord, match=f"responses/{hit.request_id}"):
        await answered(service, hit)


async def test_what_a_killed_write_left_behind_is_not_listed(local_store: str) -> None:
    service = Service(Store.at(local_store))
    good = await asked(service)
    with open(f"{local_store}/{request_path(good.request_id)}#1", "wb") as file:  # noqa: ASYNC230
        file.write(b"{half")
    listing = await service.listing()
    assert [request.request_id for request in listing.requests] == [good.request_id]
    assert listing.damaged == ()
