"""From the sending of an answer until the workflow goes on, with the app in another process."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.bench import Bench
from benchmarks.buckets import bucket, in_bucket
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS, Side
from benchmarks.wake import INTERVAL

_OPEN_SECONDS = INTERVAL + 1
"""How long each form has been open, at the least, before it is answered."""


def _figures(bench: Bench) -> list[Figure]:
    with bucket() as server:
        samples = {side.name: _samples(bench, side, in_bucket(server)) for side in SIDES}
    this, earlier = samples[THIS.name], samples[EARLIER.name]
    what = "the same, app in another process, S3-compatible store, form open"
    return [
        Figure(what=what, unit="s", this=this, earlier=earlier, goal=Goal(0.5), statistic="p95"),
        Figure(what=what, unit="s", this=this, earlier=earlier),
    ]


def _samples(bench: Bench, side: Side, store: Mapping[str, str]) -> Samples:
    events = 4 if bench.is_quick else 30
    last = _OPEN_SECONDS + (1 if bench.is_quick else 2) * INTERVAL
    with bench.app(side, store) as endpoint:
        seconds = bench.run(
            side,
            "wake",
            {**store, "FLYTE_HITL_ENDPOINT": endpoint},
            events=events,
            interval=INTERVAL,
            first=_OPEN_SECONDS,
            last=last,
            opened=True,
        )
    return Samples.of(seconds)


MEASUREMENT = Measurement(
    name="apart",
    title="Going on, with the app in another process",
    method="""
The app runs in a process of its own, and only the store is between it and the script: a bucket of an S3-compatible
server. The script makes 30 events, has the page of each form sent to it by the app, waits for all of them, and
answers through the app, one by one: the first after 6 s, the others spread evenly over the next two poll intervals
of 5 s (the default). Time runs from before the call is sent until `wait()` returns.
""",
    seconds=90,
    figures=_figures,
)
