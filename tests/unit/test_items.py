"""The items of a review: in chunks that are named by what is in them, so that they are what was asked about (P4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyteplugins.hitl._items import CHUNK_CHARACTERS, CHUNK_ITEMS, Shelf, chunked, named
from flyteplugins.hitl._records import Item, Review
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import DamagedRecord


def review_of(items: list[Item]) -> Review:
    return Review(chunks=named(chunked(items)), decision_type="bool")


@given(sizes=st.lists(st.integers(0, 120_000), max_size=12))
@settings(max_examples=60, deadline=None)
def test_items_come_back_in_order_whatever_their_sizes(sizes: list[int]) -> None:
    items = [Item(shown="x" * size) for size in sizes] + [Item(shown=number) for number in range(250)]
    chunks = list(chunked(items))

    assert [item for chunk in chunks for item in chunk.items] == items
    assert all(len(chunk.items) <= CHUNK_ITEMS for chunk in chunks)
    assert all(len(chunk.model_dump_json()) < CHUNK_CHARACTERS + 20_000 for chunk in chunks)


@pytest.mark.asyncio
@pytest.mark.parametrize(("start", "count"), [(0, 1), (99, 2), (100, 100), (150, 500), (249, 5), (250, 3), (0, 250)])
async def test_some_items_are_read_from_the_chunks_that_hold_them(tmp_path: Path, start: int, count: int) -> None:
    items = [Item(shown=number) for number in range(250)]
    shelf = Shelf(Store.at(str(tmp_path)))
    await shelf.put(list(chunked(items)))

    for reader in (shelf, Shelf(Store.at(str(tmp_path)))):
        assert list(await reader.items(review_of(items), start, count)) == items[start : start + count]


@pytest.mark.asyncio
async def test_the_same_items_are_the_same_objects(tmp_path: Path) -> None:
    items = [Item(shown=number) for number in range(250)]
    shelf = Shelf(Store.at(str(tmp_path)))
    await shelf.put(list(chunked(items)))
    before = {path: path.read_bytes() for path in (tmp_path / "items").iterdir()}

    await shelf.put(list(chunked(items)))

    assert {path: path.read_bytes() for path in (tmp_path / "items").iterdir()} == before
    assert len(before) == 3


@pytest.mark.asyncio
async def test_other_items_than_were_asked_about_are_not_shown(tmp_path: Path) -> None:
    items = [Item(shown="a thing")]
    await Shelf(Store.at(str(tmp_path))).put(list(chunked(items)))
    (file,) = (tmp_path / "items").iterdir()
    file.write_text(file.read_text().replace("a thing", "another"))

    with pytest.raises(DamagedRecord, match="holds other items than were asked about"):
        await Shelf(Store.at(str(tmp_path))).items(review_of(items))
    file.unlink()
    with pytest.raises(DamagedRecord, match="is missing"):
        await Shelf(Store.at(str(tmp_path))).items(review_of(items))
