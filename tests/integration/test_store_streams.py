"""Streams of bytes to and from each kind of store: whole or not at all, and a fault is told as what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flyteplugins.hitl._large_objects import LargeObjects
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import DamagedRecord, StoreUnavailable
from tests.support.fault_proxy import Fault, fault_proxy, matching
from tests.support.raw_objects import contents
from tests.support.stores import RunningStore, applied
from tests.support.uploads import chunked, pattern

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

PATH = "uploads/request/upload"


async def pieces(content: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunked(content):
        yield chunk
    if error is not None:
        raise error


async def read(objects: LargeObjects) -> bytes:
    return await objects.whole(PATH, 64 * 1024 * 1024)


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 * 1024, 20_000_003])
async def test_what_was_streamed_in_is_streamed_out(size: int, store_url: str) -> None:
    store = LargeObjects(Store.at(store_url))
    await store.put_stream(PATH, pieces(pattern(size)))
    assert await read(store) == pattern(size)


async def test_azure_takes_streams(azure_server: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in azure_server.environment.items():
        monkeypatch.setenv(name, value)
    store = LargeObjects(Store.at(azure_server.fresh()))
    await store.put_stream(PATH, pieces(pattern(20_000_003)))
    assert await read(store) == pattern(20_000_003)
    assert store.url_of(PATH).startswith("abfs://")


@pytest.mark.parametrize("error", [ValueError("cut"), ConnectionResetError("cut"), OSError("disk")])
async def test_a_source_that_fails_is_told_as_what_it_is_and_leaves_nothing(error: Exception, store_url: str) -> None:
    store = LargeObjects(Store.at(store_url))
    with pytest.raises(type(error)) as raised:
        await store.put_stream(PATH, pieces(pattern(20_000_000), error))
    assert raised.value is error
    assert contents(store_url) == {}


async def test_parts_that_were_sent_are_given_up(s3_server: RunningStore) -> None:
    with fault_proxy(s3_server.port) as proxy, applied(proxy.environment(s3_server)):
        with pytest.raises(ValueError, match="cut"):
            await LargeObjects(Store.at(s3_server.fresh())).put_stream(
                PATH, pieces(pattern(20_000_000), ValueError("cut"))
            )
        assert any(method == "DELETE" and "uploadId=" in path for method, path in proxy.requests)


async def test_a_store_that_fails_in_the_middle_is_out_of_reach(s3_server: RunningStore) -> None:
    with fault_proxy(s3_server.port) as proxy, applied(proxy.environment(s3_server)):
        store = LargeObjects(Store.at(s3_server.fresh()))
        proxy.fail(matching("PUT", "partNumber=2"), Fault.status(500), times=1000)
        with pytest.raises(StoreUnavailable, match=PATH):
            await store.put_stream(PATH, pieces(pattern(20_000_000)))


async def test_one_fault_of_the_network_costs_nothing(s3_server: RunningStore) -> None:
    with fault_proxy(s3_server.port) as proxy, applied(proxy.environment(s3_server)):
        store = LargeObjects(Store.at(s3_server.fresh()))
        proxy.fail(matching("PUT", "partNumber=2"), Fault.reset(), times=1)
        proxy.fail(matching("GET", PATH), Fault.reset(), times=1)
        await store.put_stream(PATH, pieces(pattern(20_000_000)))
        assert await read(store) == pattern(20_000_000)


async def test_nothing_is_read_where_nothing_is(store_url: str) -> None:
    with pytest.raises(DamagedRecord, match=f"{PATH} is gone"):
        await read(LargeObjects(Store.at(store_url)))


async def test_a_folder_is_told_by_its_path_and_a_bucket_by_its_url(tmp_path: Path) -> None:
    assert LargeObjects(Store.at(str(tmp_path))).url_of(PATH) == str(tmp_path / PATH)
    assert LargeObjects(Store.at("s3://key:secret@bucket/hitl/")).url_of(PATH) == f"s3://bucket/hitl/{PATH}"
    assert LargeObjects(Store.at("gs://bucket/hitl")).url_of(PATH) == f"gs://bucket/hitl/{PATH}"
