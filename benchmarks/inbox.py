"""The first page of the inbox, with 100,000 requests open and 1,000,000 closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.buckets import bucket, in_bucket
from benchmarks.counting import counting_relay
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import THIS


@dataclass(frozen=True)
class _Layout:
    """How the open requests were asked.

    Attributes:
        words: For people.
        burst: How many one process asked at once.
        pause_seconds: How long it was until the next process asked.
    """

    words: str
    burst: int
    pause_seconds: float


_LAYOUTS = (
    _Layout("1,000 asked by each process", 1_000, 6 * 3600),
    _Layout("one asked by each process", 1, 25),
)


def _figures(bench: Bench) -> list[Figure]:
    opened, closed = (5_000, 10_000) if bench.is_quick else (100_000, 1_000_000)
    figures: list[Figure] = []
    with bench.large_store(2 * closed + 2 * opened) as store:
        for layout in _LAYOUTS:
            # Those that are closed are there from the first time on.
            more = 0 if figures else closed
            how = {"opened": opened, "burst": layout.burst, "pause_seconds": layout.pause_seconds, "closed": more}
            bench.run(THIS, "many_requests", store, **how)
            found = bench.run(THIS, "inbox", store, rounds=5 if bench.is_quick else 20)
            figures += _of(f"{opened:,} open ({layout.words}), {closed:,} closed", found)
    return [*figures, *_counted(bench)]


def _counted(bench: Bench) -> Iterator[Figure]:
    """What a first page asks of a server, its signing key included."""
    with bucket() as server:
        for opened in (100, 1_000 if bench.is_quick else 10_000):
            url = server.fresh()
            store = in_bucket(server, url=url)
            bench.run(THIS, "many_requests", store, opened=opened, burst=1_000, pause_seconds=3600, closed=0)
            with counting_relay(server.port) as relay:
                found = bench.run(THIS, "inbox", in_bucket(server, port=relay.port, url=url), rounds=1)
                begun, ended = found["moments"]
                count = sum(begun <= moment <= ended for moment in relay.moments)
            what = f"requests to an S3-compatible server for a first page, {opened:,} open"
            yield Figure(what=what, unit="", this=Samples.of([count]))


def _of(beside: str, found: Mapping[str, Sequence[float]]) -> list[Figure]:
    first = Samples.of(1000 * seconds for seconds in found["first"])
    second = Samples.of(1000 * seconds for seconds in found["second"])
    grown = Samples.of(each / 1_000_000 for each in found["grown"])
    return [
        Figure(what=f"first page of the inbox: {beside}", unit="ms", this=first, goal=Goal(200)),
        Figure(what="the page after it", unit="ms", this=second),
        Figure(what="memory for reading these pages, at its peak", unit="MB", this=grown),
    ]


MEASUREMENT = Measurement(
    name="inbox",
    title="The inbox",
    method="""
A local store is filled with 100,000 open requests, whose index is written by the code that writes it in a workflow,
and 1,000,000 closed ones: their real paths, as names of empty files. Where there is room for so many, it lies in
memory (`/dev/shm`). Then a process reads the first page of 50 and the next, 20 times, each time with an inbox that
has read nothing before. No page of HTML is made of it. On an S3-compatible server, all requests for a first page
are counted, with few and with many open.
""",
    caveats="""
- The earlier plugin has no inbox.
""",
    seconds=200,
    figures=_figures,
)
