"""Events made in a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.bench import Bench
from benchmarks.buckets import bucket, in_bucket
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS, Side

_UNIT = "a second"

_ROUNDS = 4
"""Each plugin's turn comes this often: what a hop to another thread costs goes up and down with the machine."""

_NO_SLOWER = Goal(1, is_times_earlier=True)


def _figures(bench: Bench) -> list[Figure]:
    return [*_on_disk(bench), *_in_bucket(bench)]


def _on_disk(bench: Bench) -> list[Figure]:
    return [figure for gathered in (False, True) for figure in _in_turn(bench, gathered=gathered)]


def _in_turn(bench: Bench, *, gathered: bool) -> list[Figure]:
    earlier: list[float] = []
    durable: list[float] = []
    without_fsync: list[float] = []
    for _ in range(1 if bench.is_quick else _ROUNDS):
        earlier += _made(bench, EARLIER, bench.local_store(), gathered=gathered)["rates"]
        durable += _made(bench, THIS, bench.local_store(), gathered=gathered)["rates"]
        without_fsync += _made(bench, THIS, bench.local_store(), gathered=gathered, fsync=False)["rates"]
    what = f"events made, {'with `asyncio.gather`' if gathered else 'one after another'}, local store"
    return [
        _figure(what, durable, earlier),
        _figure(f"{what}, `fsync` left out", without_fsync, earlier, goal=_NO_SLOWER),
    ]


def _in_bucket(bench: Bench) -> list[Figure]:
    with bucket() as server:
        found = {
            side.name: _made(bench, side, in_bucket(server), gathered=True, beside_raw=side is THIS) for side in SIDES
        }
    this, earlier = found[THIS.name], found[EARLIER.name]
    return [
        _figure("events made, with `asyncio.gather`, S3-compatible store", this["rates"], earlier["rates"]),
        Figure(
            what="the same, times as long as to write as many plain objects of that size",
            unit="×",
            this=Samples.of(this["raw"]),
            goal=Goal(1.5),
        ),
    ]


def _made(bench: Bench, side: Side, store: Mapping[str, str], **how: Any) -> dict[str, list[float]]:
    batches, events = (2, 20) if bench.is_quick else (5, 200)
    found: dict[str, list[float]] = bench.run(
        side,
        "asking",
        store,
        **{"batches": batches, "events": events, "fsync": True, "beside_raw": False, **how},
    )
    return found


def _figure(what: str, this: list[float], earlier: list[float], goal: Goal | None = None) -> Figure:
    return Figure(
        what=what, unit=_UNIT, this=Samples.of(this), earlier=Samples.of(earlier), goal=goal, is_more_better=True
    )


MEASUREMENT = Measurement(
    name="asking",
    title="Making events",
    method="""
A script makes one event, so that the app runs and all is imported; then five batches of 200, by `new_event.aio`:
one after another, or all of a batch at once with `asyncio.gather`. A sample is a batch. On a local disk the plugins
take turns, four times, with a new process and a new store each. With `fsync` left out, the two functions that wait
for the disk do nothing; the earlier plugin calls neither.

On the S3-compatible server each batch is followed by as many plain objects, of the sizes of the records that the
batch wrote (the largest object for each event), created by obstore alone, all at once.
""",
    seconds=120,
    figures=_figures,
)
