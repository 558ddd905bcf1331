"""The requests that reach an S3-compatible server while one process waits for many events."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.bench import Bench, Running
from benchmarks.buckets import bucket, in_bucket
from benchmarks.counting import CountingRelay, counting_relay
from benchmarks.figures import Figure
from benchmarks.measurement import Measurement
from benchmarks.programs.waiting import in_each
from benchmarks.sides import SIDES, THIS, Side
from benchmarks.waiting import arguments, share_figure, tick_figure, waited_for
from tests.support.stores import RunningStore


@dataclass(frozen=True)
class _Watched:
    """A program whose requests are counted on their way."""

    relay: CountingRelay
    program: Running

    def found(self) -> dict[str, Any]:
        """What it tells, and its requests in each interval."""
        found: dict[str, Any] = self.program.result()
        return {**found, "requests": in_each(found["moments"], self.relay.moments)}


def _figures(bench: Bench) -> list[Figure]:
    *few, many = waited_for(bench)
    with bucket() as server:
        # The small ones at the same time: requests are counted, and nothing is timed.
        found = _at_once(bench, server, [(side, events) for side in SIDES for events in few])
        found |= _at_once(bench, server, [(THIS, many)])
    what = f"share of a core while {many:,} are waited for, S3-compatible store"
    return [
        *(_requests(events, found) for events in (*few, many)),
        share_figure(what, {THIS.name: found[THIS.name, many]}),
    ]


def _at_once(bench: Bench, server: RunningStore, waits: Sequence[tuple[Side, int]]) -> dict[tuple[str, int], Any]:
    with contextlib.ExitStack() as running:
        watched = {(side.name, events): _watched(running, bench, server, side, events) for side, events in waits}
        return {key: each.found() for key, each in watched.items()}


def _watched(running: contextlib.ExitStack, bench: Bench, server: RunningStore, side: Side, events: int) -> _Watched:
    relay = running.enter_context(counting_relay(server.port))
    store = in_bucket(server, port=relay.port)
    program = running.enter_context(bench.started(side, "waiting", store, **arguments(bench, events)))
    return _Watched(relay, program)


def _requests(events: int, found: Mapping[tuple[str, int], Any]) -> Figure:
    requests = {name: each["requests"] for (name, count), each in found.items() if count == events}
    return tick_figure(f"requests to the S3-compatible store a tick, {events:,} waited for", events, requests)


MEASUREMENT = Measurement(
    name="requests",
    title="Waiting for many, on an S3-compatible server",
    method="""
As on a local disk, with a relay before the server that passes all bytes on and counts the requests in them. What
the client library sends again, or in pages, is counted each time.
""",
    caveats="""
- The earlier plugin is not shown waiting for 10,000 events in a bucket: at two requests for each event and tick, the
  server would be all that is measured.
""",
    seconds=300,
    figures=_figures,
)
