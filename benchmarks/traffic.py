"""The requests that reach an S3-compatible server while one process waits for many events."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, Running
from benchmarks.buckets import bucket, copied, in_bucket
from benchmarks.counting import CountingRelay, counting_relay
from benchmarks.figures import Figure
from benchmarks.measurement import Measurement
from benchmarks.programs.waiting import in_each
from benchmarks.sides import EARLIER, SIDES, THIS, Side
from benchmarks.waiting import arguments, fill_with_history, share_figure, tick_figure, waited_for
from tests.support.stores import RunningStore


def _figures(bench: Bench) -> list[Figure]:
    *few, many = waited_for(bench)
    finished = 1_000 if bench.is_quick else 10_000
    history = bench.local_store()
    fill_with_history(bench, history, finished)
    with bucket() as server:
        places = {THIS.name: copied(Path(history["FLYTE_HITL_STORE"]), server), EARLIER.name: server.fresh()}
        waits = _Waits(bench, server, places)
        # The small ones at the same time: requests are counted, and nothing is timed.
        found = waits.at_once([(side, events) for side in SIDES for events in few])
        found |= waits.at_once([(THIS, many)])
    what = "requests to the S3-compatible store a tick, {:,} waited for beside {:,} finished"
    return [
        *(tick_figure(what.format(events, finished), events, _requests(events, found)) for events in (*few, many)),
        share_figure(
            f"share of a core while {many:,} are waited for, S3-compatible store", {THIS.name: found[THIS.name, many]}
        ),
    ]


@dataclass(frozen=True)
class _Waits:
    """Programs that wait, each with its prefix in the bucket, and its requests counted on their way."""

    bench: Bench
    server: RunningStore
    places: Mapping[str, str]

    def at_once(self, waits: Sequence[tuple[Side, int]]) -> dict[tuple[str, int], Any]:
        """Runs them at the same time, and returns what they tell and their requests in each interval."""
        with contextlib.ExitStack() as running:
            watched = {(side.name, events): self._started(running, side, events) for side, events in waits}
            return {key: _found(relay, program.result()) for key, (relay, program) in watched.items()}

    def _started(self, running: contextlib.ExitStack, side: Side, events: int) -> tuple[CountingRelay, Running]:
        relay = running.enter_context(counting_relay(self.server.port))
        store = in_bucket(self.server, port=relay.port, url=self.places[side.name])
        started = self.bench.started(side, "waiting", store, **arguments(self.bench, events))
        return relay, running.enter_context(started)


def _found(relay: CountingRelay, told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, "requests": in_each(told["moments"], relay.moments)}


def _requests(events: int, found: Mapping[tuple[str, int], Any]) -> dict[str, Sequence[int]]:
    return {name: each["requests"] for (name, count), each in found.items() if count == events}


MEASUREMENT = Measurement(
    name="requests",
    title="Waiting for many, on an S3-compatible server",
    method="""
As on a local disk, but beside 10,000 finished requests, which were copied into the bucket, and with a relay before
the server that passes all bytes on and counts the requests in them. What the client library sends again, or in
pages, is counted each time.
""",
    caveats="""
- The earlier plugin is not shown waiting for 10,000 events in a bucket: at two requests for each event and tick,
  the server would be all that is measured.
""",
    seconds=300,
    figures=_figures,
)
