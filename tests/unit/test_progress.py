"""The log of a review comes to the same for whoever reads it, however it was written (P2)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from flyteplugins.hitl import _progress
from flyteplugins.hitl._progress import SNAPSHOT_EVERY, Progress, Standing
from flyteplugins.hitl._records import Batch
from flyteplugins.hitl._store import Store
from tests.support.raw_objects import contents

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)


class Step(NamedTuple):
    """What a writer does: sends a batch, sends its last one again, or is killed and comes back knowing nothing."""

    writer: int
    kind: str
    decided: dict[int, bool]
    withdrawn: tuple[int, ...]


STEPS = st.lists(
    st.builds(
        Step,
        writer=st.integers(0, 1),
        kind=st.sampled_from(["send", "send", "send", "again", "crash"]),
        decided=st.dictionaries(st.integers(0, 5), st.booleans(), max_size=3),
        withdrawn=st.lists(st.integers(0, 5), max_size=2).map(tuple),
    ),
    max_size=30,
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_any_sequence_of_two_writers_comes_to_what_a_dict_comes_to(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Store.at(folder), steps))


async def _play(store: Store, steps: list[Step]) -> None:
    writers = [Progress(store), Progress(store)]
    last: dict[int, Batch] = {}
    model: dict[int, bool] = {}
    for number, step in enumerate(steps):
        if step.kind == "crash":
            writers[step.writer] = Progress(store)
        elif step.kind == "again":
            if step.writer in last:
                await writers[step.writer].add("r", last[step.writer])
        else:
            decided: dict[int, JsonValue] = {**step.decided}
            last[step.writer] = Batch(nonce=f"n{number}", decided=decided, withdrawn=step.withdrawn, made_at=NOW)
            await writers[step.writer].add("r", last[step.writer])
            for item in step.withdrawn:
                model.pop(item, None)
            model.update(step.decided)
    for reader in (*writers, Progress(store)):
        assert (await reader.standing("r")).decided == model


def batch(number: int) -> Batch:
    return Batch(nonce=f"n{number}", decided={number: True}, made_at=NOW)


@pytest.mark.asyncio
async def test_writers_at_once_lose_nothing_and_leave_no_gap(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path))

    await asyncio.gather(*(Progress(store).add("r", batch(number)) for number in range(12)))

    standing = await Progress(store).standing("r")
    assert standing.number == 12
    assert standing.decided == dict.fromkeys(range(12), True)
    assert sorted(path.name for path in (tmp_path / "progress" / "r").iterdir()) == [f"{n:08d}.json" for n in range(12)]


@pytest.mark.asyncio
async def test_a_batch_that_is_sent_again_after_others_counts_once(tmp_path: Path) -> None:
    one, other = Progress(Store.at(str(tmp_path))), Progress(Store.at(str(tmp_path)))
    first = Batch(nonce="first", decided={0: True}, made_at=NOW)
    await one.add("r", first)
    await other.add("r", Batch(nonce="second", decided={0: False}, made_at=NOW))

    standing = await one.add("r", first)

    assert standing.decided == {0: False}
    assert standing.number == 2


@pytest.mark.asyncio
async def test_a_long_log_is_read_from_its_snapshot(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path))
    writer = Progress(store)
    for number in range(3 * SNAPSHOT_EVERY + 2):
        await writer.add("r", batch(number))
    for path in sorted((tmp_path / "progress" / "r").glob("*.json"))[: 3 * SNAPSHOT_EVERY]:
        path.unlink()

    standing = await Progress(store).standing("r")

    assert standing.number == 3 * SNAPSHOT_EVERY + 2
    assert standing.decided == dict.fromkeys(range(3 * SNAPSHOT_EVERY + 2), True)


@pytest.mark.asyncio
async def test_a_snapshot_that_was_never_written_is_made_up_for(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path))
    for number in range(SNAPSHOT_EVERY):
        # Each writer knows nothing of the others, and the last is killed before its snapshot.
        await store.create(f"progress/r/{number:08d}.json", batch(number))

    await Progress(store).add("r", batch(SNAPSHOT_EVERY))

    assert [path.stem for path in (tmp_path / "progress" / "r" / "snapshots").iterdir()] == [
        f"{SNAPSHOT_EVERY + 1:08d}"
    ]


@pytest.mark.asyncio
async def test_reading_writes_nothing(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path))
    for number in range(2 * SNAPSHOT_EVERY):
        await store.create(f"progress/r/{number:08d}.json", batch(number))
    before = contents(str(tmp_path))

    assert (await Progress(store).standing("r")).number == 2 * SNAPSHOT_EVERY
    assert contents(str(tmp_path)) == before


def test_only_the_last_nonces_are_kept() -> None:
    standing = Standing().after(*(batch(number) for number in range(_progress.MAX_NONCES + 5)))

    assert len(standing.nonces) == _progress.MAX_NONCES
    assert standing.nonces[-1] == f"n{_progress.MAX_NONCES + 4}"
