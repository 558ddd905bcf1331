"""The log of a place only grows, and all who read it agree: what the replacing of questions (P4) rests on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flyteplugins.hitl._places import Place
from flyteplugins.hitl._store import Store


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Store.at(str(tmp_path / "store")), "here")


async def entered(place: Place, request_id: str) -> list[str]:
    first, _ = await place.open(request_id)
    return list(await place.enter(first, request_id))


@pytest.mark.asyncio
async def test_the_first_to_open_a_place_is_told_so_and_the_next_who_it_was(place: Place) -> None:
    assert await place.open("a") == ("a", True)
    assert await place.open("a") == ("a", False)
    assert await place.open("b") == ("a", False)


@pytest.mark.asyncio
async def test_who_enters_is_told_all_that_came_before(place: Place) -> None:
    assert [await entered(place, name) for name in "abc"] == [[], ["a"], ["a", "b"]]


@pytest.mark.asyncio
async def test_entering_again_changes_nothing(place: Place) -> None:
    for name in "abab":
        await entered(place, name)

    assert await entered(place, "b") == ["a"]
    assert await place.after("a") == ["b"]


@pytest.mark.asyncio
async def test_what_comes_after_is_told_only_of_what_stands_here(place: Place) -> None:
    for name in "abc":
        await entered(place, name)

    assert list(await place.after("a")) == ["b", "c"]
    assert list(await place.after("c")) == []
    assert list(await place.after("elsewhere")) == []


@pytest.mark.asyncio
async def test_many_at_once_agree_on_one_order(place: Place) -> None:
    names = [f"r{number}" for number in range(8)]
    before = dict(zip(names, await asyncio.gather(*(entered(place, name) for name in names)), strict=True))

    order = sorted(names, key=lambda name: len(before[name]))
    assert [before[name] for name in order] == [order[:number] for number in range(8)]


@pytest.mark.asyncio
async def test_places_do_not_mix(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path / "store"))
    await entered(Place(store, "one"), "a")

    assert await entered(Place(store, "other"), "b") == []
