"""A request is read from the store once in a while; that there is none is found out each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from flyteplugins.hitl._links import Links
from flyteplugins.hitl._request_cache import LARGEST_BYTES, LIFE_SECONDS
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import DamagedRecord, RequestNotFound
from tests.support.counted import CountedService
from tests.support.questions import MovableClock, asked, question
from tests.support.raw_objects import raw_objects

pytestmark = pytest.mark.asyncio


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def service(tmp_path: Path, clock: MovableClock) -> CountedService:
    return CountedService(Store.at(str(tmp_path)), clock=clock)


async def test_the_second_time_the_store_is_not_asked(service: CountedService) -> None:
    request = await asked(service)
    service.counted.start_again()
    first = await service.request(request.request_id)
    assert await service.request(request.request_id) is first
    assert first == request
    assert service.counted.reads == ["requests"]


async def test_after_its_life_it_is_read_anew(service: CountedService, clock: MovableClock) -> None:
    request = await asked(service)
    await service.request(request.request_id)
    service.counted.start_again()
    clock.move(LIFE_SECONDS - 1)
    await service.request(request.request_id)
    assert service.counted.reads == []
    clock.move(1)
    await service.request(request.request_id)
    assert service.counted.reads == ["requests"]


async def test_one_that_is_removed_by_hand_is_gone_within_its_life(
    service: CountedService, clock: MovableClock, tmp_path: Path
) -> None:
    request = await asked(service)
    await service.request(request.request_id)
    objects = raw_objects(str(tmp_path))
    objects.delete(next(entry["path"] for page in objects.list("requests") for entry in page))
    assert await service.request(request.request_id) == request
    clock.move(LIFE_SECONDS)
    with pytest.raises(RequestNotFound):
        await service.request(request.request_id)


async def test_that_there_is_none_is_not_remembered(service: CountedService, tmp_path: Path) -> None:
    other = CountedService(Store.at(str(tmp_path)), clock=service.clock)
    request_id = (await asked(other)).request_id
    elsewhere = CountedService(Store.at(str(tmp_path / "other")), clock=service.clock)
    for _ in range(2):
        with pytest.raises(RequestNotFound):
            await elsewhere.request(request_id)
    assert elsewhere.counted.reads.count("requests") == 2


async def test_a_large_one_is_read_each_time(service: CountedService) -> None:
    request = await asked(service, question(prompt="x" * LARGEST_BYTES))
    service.counted.start_again()
    for _ in range(3):
        await service.request(request.request_id)
    assert service.counted.reads == ["requests"] * 3


async def test_one_at_hand_is_still_held_against_the_key_of_the_store(
    service: CountedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await asked(service)
    await service.request(request.request_id)

    async def others() -> Links:
        return Links("another key")

    monkeypatch.setattr(service, "links", others)
    with pytest.raises(DamagedRecord, match="not made with this store's key"):
        await service.request(request.request_id)


async def test_an_outcome_is_never_kept(service: CountedService) -> None:
    request = await asked(service)
    service.counted.start_again()
    for _ in range(3):
        assert await service.response(request) is None
    assert service.counted.reads == ["responses"] * 3
