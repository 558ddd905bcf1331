"""What it costs to wait for many events in one process: calls to the store, memory, time of the processor."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.bench import Bench, BenchmarkFailed, Running
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS
from benchmarks.wake import INTERVAL

_FINISHED_FOR_REAL = 50
_MOST_LEFT_BY_ONE = 8
"""Objects."""

Found = Mapping[str, Any]
"""What `benchmarks.programs.waiting` tells, by the name of the side."""


def _figures(bench: Bench) -> list[Figure]:
    finished = 1_000 if bench.is_quick else 100_000
    with bench.large_store(_MOST_LEFT_BY_ONE * finished) as store:
        fill_with_history(bench, store, finished)
        return _beside(bench, finished, store)


def _beside(bench: Bench, finished: int, store: Mapping[str, str]) -> list[Figure]:
    *few, many = waited_for(bench)
    # The small ones at the same time: of those only calls are counted.
    found = _at_once(bench, store, few)
    costly = {side.name: bench.run(side, "waiting", store, **arguments(bench, many)) for side in SIDES}
    what = "calls to the local store a tick, {:,} waited for beside {:,} finished"
    return [
        *(tick_figure(what.format(events, finished), events, _calls(found[events])) for events in few),
        tick_figure(what.format(many, finished), many, _calls(costly)),
        *_memory(many, costly, _traced(bench, many // 5)),
        share_figure(f"share of a core while {many:,} are waited for, local store", costly),
        _woken(many, costly),
    ]


def fill_with_history(bench: Bench, store: Mapping[str, str], finished: int) -> None:
    """Fills a local store of this plugin with requests that are finished."""
    bench.run(THIS, "history", store, real=_FINISHED_FOR_REAL, count=finished)


def waited_for(bench: Bench) -> tuple[int, ...]:
    """How many events are waited for at once."""
    return (1, 100, 1_000) if bench.is_quick else (1, 1_000, 10_000)


def arguments(bench: Bench, events: int, *, traced: bool = False) -> dict[str, Any]:
    """What `benchmarks.programs.waiting` is told."""
    return {"events": events, "interval": INTERVAL, "ticks": 2 if bench.is_quick else 4, "traced": traced}


def tick_figure(what: str, events: int, calls: Mapping[str, Sequence[int]]) -> Figure:
    """How often the store is called in an interval.

    Raises:
        BenchmarkFailed: No call was seen, so that they were not counted.
    """
    for side, counted in calls.items():
        if not any(counted):
            raise BenchmarkFailed(f"Of {events:,} events of the {side} plugin no call to the store was seen.")
    return Figure(
        what=what,
        unit="",
        this=Samples.of(calls[THIS.name]),
        earlier=Samples.of(calls[EARLIER.name]) if EARLIER.name in calls else None,
        goal=Goal(1 + events / 1_000),
    )


def share_figure(what: str, found: Found) -> Figure:
    """How much of a core a process takes while it waits."""
    percent = {name: Samples.of(100 * share for share in each["cpu"]) for name, each in found.items()}
    return Figure(what=what, unit="%", this=percent[THIS.name], earlier=percent.get(EARLIER.name), goal=Goal(5))


def _at_once(bench: Bench, store: Mapping[str, str], counts: Sequence[int]) -> dict[int, Found]:
    with contextlib.ExitStack() as running:
        started = {
            events: {
                side.name: running.enter_context(bench.started(side, "waiting", store, **arguments(bench, events)))
                for side in SIDES
            }
            for events in counts
        }
        return {events: _results(programs) for events, programs in started.items()}


def _traced(bench: Bench, events: int) -> Found:
    with contextlib.ExitStack() as running:
        return _results(
            {
                side.name: running.enter_context(
                    bench.started(side, "waiting", bench.local_store(), **arguments(bench, events, traced=True))
                )
                for side in SIDES
            }
        )


def _results(programs: Mapping[str, Running]) -> Found:
    return {name: program.result() for name, program in programs.items()}


def _calls(found: Found) -> dict[str, Sequence[int]]:
    return {side.name: found[side.name]["calls"] for side in SIDES}


def _memory(events: int, found: Found, traced: Found) -> list[Figure]:
    return [
        _kilobytes(f"memory for each of {events:,} waits: growth of the process", "wait_bytes", found, Goal(4)),
        _kilobytes(f"memory for each of {events // 5:,} waits: what Python hands out", "traced_bytes", traced, Goal(4)),
        _kilobytes(f"memory for each of {events:,} events, before it is waited for", "event_bytes", found),
    ]


def _kilobytes(what: str, key: str, found: Found, goal: Goal | None = None) -> Figure:
    this, earlier = (Samples.of([found[side.name][key] / 1000]) for side in SIDES)
    return Figure(what=what, unit="kB", this=this, earlier=earlier, goal=goal)


def _woken(events: int, found: Found) -> Figure:
    this, earlier = (Samples.of([found[side.name]["woken"]]) for side in SIDES)
    return Figure(what=f"waits of {events:,} that one answer ends", unit="", this=this, earlier=earlier, goal=Goal(1))


MEASUREMENT = Measurement(
    name="waiting",
    title="Waiting for many, on a local disk",
    method="""
A script makes one event, so that the app runs and all is imported; then so many more, and waits for all of them at
the default interval of 5 s. When each has looked for an outcome once, it looks on for four intervals while nothing
happens.

- **Calls**: the functions by which the plugin reaches its store are counted, those of obstore for this package, and
  those of `flyte.storage` for the earlier plugin. A sample is the number within 5 s. Beside those waited for lie
  100,000 finished requests of this package: 50 were asked and answered, and all that they left got more names, with
  other ids. Where there is room for so many, the store lies in memory (`/dev/shm`).
- **Memory**: the growth of the process (resident, after a garbage collection) from when the events are made until
  the looking on ends, divided by their number: that is what waiting takes. Before it, that of making them. In a run
  of its own, with fewer events, what `tracemalloc` counts of the waiting: that leaves out what is not Python's, such
  as the stacks of threads. One sample each.
- **Share of a core**: time that the processor spent on the process, by the time that passed. A sample is an
  interval. The app is in the process too.
- **One answer**: then one of the events is answered, and an interval later those waits are counted that have ended.
""",
    caveats="""
- Finished requests lie beside those of this package only: the earlier plugin lists nothing, so they would not slow
  it down.
""",
    seconds=330,
    figures=_figures,
)
