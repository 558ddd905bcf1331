"""A log only grows and has no gap, whoever reads or writes it meanwhile: what candidates and progress rest on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flyteplugins.hitl._log import Log
from flyteplugins.hitl._records import RecordT
from flyteplugins.hitl._store import Store
from tests.support.notes import Note, note

pytestmark = pytest.mark.asyncio


class CountingStore(Store):
    """Counts what is read, and lets a test write in between."""

    reads = 0

    async def read(self, path: str, kind: type[RecordT]) -> RecordT | None:
        self.reads += 1
        return await super().read(path, kind)


class GrowingStore(CountingStore):
    """A store in which another writer adds two entries just when the end of the log was found."""

    async def read(self, path: str, kind: type[RecordT]) -> RecordT | None:
        found = await super().read(path, kind)
        if found is None and path.endswith(".1.json"):
            for number in (1, 2):
                await self.create(f"logs/x.{number}.json", note(f"late {number}"))
        elif path.endswith(".2.json"):
            # Only now, so that the one before is missing and this one is there.
            await asyncio.sleep(0.2)
            found = await super().read(path, kind)
        return found


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore.at(str(tmp_path / "store"))  # type: ignore[return-value] # `at` makes what it is called on


def log_of(store: Store) -> Log[Note]:
    return Log(store, Note, "logs/x")


async def filled(store: Store, length: int) -> Log[Note]:
    log = log_of(store)
    for number in range(length):
        await log.write(number, note(str(number)))
    return log


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 7, 8, 9, 20, 31, 32])
async def test_all_entries_are_read_in_their_order(store: CountingStore, length: int) -> None:
    log = await filled(store, length)

    assert [entry.text for entry in await log.entries()] == [str(number) for number in range(length)]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 7, 8, 9, 20, 31, 32])
async def test_the_last_entry_is_found_with_few_reads(store: CountingStore, length: int) -> None:
    log = await filled(store, length)
    store.reads = 0

    last = await log.last()

    assert (last and (last[0], last[1].text)) == ((length - 1, str(length - 1)) if length else None)
    assert store.reads <= 1 + 2 * max(1, length).bit_length()


async def test_entries_that_are_written_meanwhile_leave_no_gap(tmp_path: Path) -> None:
    store = GrowingStore.at(str(tmp_path / "store"))
    log = log_of(store)
    await log.write(0, note("0"))

    assert [entry.text for entry in await log.entries()] == ["0"]
    assert [entry.text for entry in await log.entries()] == ["0", "late 1", "late 2"]


async def test_an_entry_is_added_once_however_many_try_at_once(store: CountingStore) -> None:
    log = await filled(store, 2)

    async def enter(name: str) -> None:
        await log.enter(note(name), lambda entry: entry.text == name)

    await asyncio.gather(*(enter(name) for name in "abab"))

    assert sorted(entry.text for entry in await log.entries()) == ["0", "1", "a", "b"]


async def test_a_number_is_written_once(store: CountingStore) -> None:
    log = await filled(store, 1)

    standing, is_ours = await log.write(0, note("other"))

    assert (standing.text, is_ours) == ("0", False)
