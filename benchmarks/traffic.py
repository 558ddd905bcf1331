"""The requests that reach an S3-compatible server while one process waits for many events."""

from __future__ import annotations

from typing import Any

from benchmarks.bench import Bench
from benchmarks.buckets import bucket, in_bucket
from benchmarks.counting import counting_relay
from benchmarks.figures import Figure
from benchmarks.measurement import Measurement
from benchmarks.programs.waiting import in_each
from benchmarks.sides import SIDES, Side
from benchmarks.waiting import arguments, share_figure, tick_figure, waited_for
from tests.support.stores import RunningStore


def _figures(bench: Bench) -> list[Figure]:
    counts = waited_for(bench)
    with bucket() as server:
        found = {events: {side.name: _found(bench, side, server, events) for side in SIDES} for events in counts}
    return [
        *(_requests(events, found[events]) for events in counts),
        share_figure(f"share of a core while {counts[-1]:,} are waited for, S3-compatible store", found[counts[-1]]),
    ]


def _found(bench: Bench, side: Side, server: RunningStore, events: int) -> dict[str, Any]:
    with counting_relay(server.port) as relay:
        store = in_bucket(server, port=relay.port)
        found: dict[str, Any] = bench.run(side, "waiting", store, **arguments(bench, events))
        return {**found, "requests": in_each(found["moments"], relay.moments)}


def _requests(events: int, found: dict[str, Any]) -> Figure:
    what = f"requests to the S3-compatible store a tick, {events:,} waited for"
    return tick_figure(what, events, {side.name: found[side.name]["requests"] for side in SIDES})


MEASUREMENT = Measurement(
    name="requests",
    title="Waiting for many, on an S3-compatible server",
    method="""
As on a local disk, with a relay before the server that passes all bytes on and counts the requests in them. What
the client library sends again, or in pages, is counted each time.
""",
    seconds=300,
    figures=_figures,
)
