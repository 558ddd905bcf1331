"""Measures this package beside the earlier plugin and writes `docs/benchmarks.md`. Nothing here is a test.

    python -m benchmarks.run [--only NAME ...] [--quick] [--page FILE]

One measurement that fails does not keep the others from being taken; the end is then non-zero, and the page says so.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import apart, app, asking, imports, inbox, traffic, waiting, wake
from benchmarks.bench import Bench, BenchmarkFailed
from benchmarks.figures import Figure
from benchmarks.machine import machine
from benchmarks.measurement import Measurement
from benchmarks.page import Results, page, table
from benchmarks.programs.program import open_many_files
from benchmarks.scratch import scratch
from benchmarks.sides import CACHE, EARLIER, ROOT

# Those that take long come last, and do without what the others took.
MEASUREMENTS = (
    wake.MEASUREMENT,
    apart.MEASUREMENT,
    imports.MEASUREMENT,
    asking.MEASUREMENT,
    app.FORMS,
    app.ANSWERS,
    inbox.MEASUREMENT,
    traffic.MEASUREMENT,
    waiting.MEASUREMENT,
)

LIMIT_SECONDS = 14 * 60
"""For all of them together."""

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    options = _parser().parse_args()
    if options.list:
        for each in MEASUREMENTS:
            print(f"{each.name:10}{each.title}, {each.seconds:.0f} s at the most")
        return 0
    if not EARLIER.python.exists():
        print(f"{EARLIER.python} is not there. Run `make bench`, which installs the earlier plugin.", file=sys.stderr)
        return 2
    open_many_files()
    # What is ended this way ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    chosen = [each for each in MEASUREMENTS if not options.only or each.name in options.only]
    try:
        results = _measured(chosen, is_quick=options.quick)
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 128 + signal.SIGINT
    _show(results, options)
    for name, reason in results.failures.items():
        print(f"{name} failed: {reason}", file=sys.stderr)
    return 1 if results.failures else 0


def _measured(chosen: Sequence[Measurement], *, is_quick: bool) -> Results:
    figures: dict[str, list[Figure]] = {}
    failures: dict[str, str] = {}
    start = time.monotonic()
    CACHE.mkdir(exist_ok=True)
    # Beside the repository, which lies on a disk, as /tmp may not.
    with scratch(CACHE) as folder:
        facts = machine(folder)
        for each in chosen:
            print(f"{_elapsed(start)} {each.name}: {each.title}", flush=True)
            try:
                seconds = max(min(each.seconds, LIMIT_SECONDS - (time.monotonic() - start)), 0)
                figures[each.name] = _figures(each, folder, seconds, is_quick=is_quick)
            except Exception as error:
                failures[each.name] = _reason(error)
                print(f"{_elapsed(start)} {each.name} failed.", flush=True)
    return Results(figures=figures, failures=failures, machine=facts, seconds=time.monotonic() - start)


def _figures(measurement: Measurement, folder: Path, seconds: float, *, is_quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix=f"{measurement.name}-", dir=folder) as own:
        bench = Bench(Path(own), seconds=seconds, is_quick=is_quick)
        figures = measurement.figures(bench)
        bench.say("measured; removing what was written")
        return figures


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, BenchmarkFailed) else f"{type(error).__name__}: {error}"


def _elapsed(start: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - start), 60)
    return f"{minutes:2}:{seconds:02}"


def _show(results: Results, options: argparse.Namespace) -> None:
    """A part of the measurements, or a quick run, leaves the page alone unless it is told where to write."""
    print(table([figure for each in results.figures.values() for figure in each]))
    is_whole = not options.only and not options.quick
    target = options.page or (PAGE if is_whole else None)
    if target is not None:
        target.write_text(page(MEASUREMENTS, results))
        print(f"Wrote {target}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="name the measurements, and take none")
    names = [each.name for each in MEASUREMENTS]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="take this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="take a few samples, to see that it works")
    parser.add_argument("--page", type=Path, help="write the page here; else docs/benchmarks.md, after a whole run")
    return parser


if __name__ == "__main__":
    sys.exit(main())
