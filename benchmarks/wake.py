"""From the sending of an answer until the workflow goes on, with the app in its process."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS, Side

INTERVAL = 5.0
"""Seconds: the default of both."""


def _figures(bench: Bench) -> list[Figure]:
    samples = {side.name: _samples(bench, side) for side in SIDES}
    return [
        Figure(
            what="answer sent until the workflow goes on: app in the same process, local store",
            unit="ms",
            this=samples[THIS.name],
            earlier=samples[EARLIER.name],
            goal=Goal(20),
        )
    ]


def _samples(bench: Bench, side: Side) -> Samples:
    events = 4 if bench.is_quick else 40
    last = 0.5 + (1 if bench.is_quick else 2) * INTERVAL
    seconds = bench.run(
        side, "wake", bench.local_store(), events=events, interval=INTERVAL, first=0.5, last=last, opened=False
    )
    return Samples.of(1000 * each for each in seconds)


MEASUREMENT = Measurement(
    name="wake",
    title="Going on, with the app in the same process",
    method="""
A script makes 40 events in a local store and waits for all of them. Each is answered once, by the documented JSON
call, at moments spread evenly over two poll intervals of 5 s (the default). Time runs from before the call is sent
until `wait()` returns.
""",
    seconds=60,
    figures=_figures,
)
