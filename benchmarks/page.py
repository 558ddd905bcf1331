"""Writes what was measured as a page of the documentation: the table first, then how, then what is not comparable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import NOTHING, Figure, Samples, written
from benchmarks.measurement import Measurement

_HEAD = """\
# Benchmarks

This package beside the earlier plugin of its name, `flyteplugins-hitl` 2.12.1: both on one machine, in turn, in one
run of `make bench`, which wrote this page.

Read a line from left to right: the goal that was set, whether it is met, and what each of the two reaches. That is
the median (or what the line says), and in brackets from the lowest to the highest sample, and how many there were.
“Times better” is how many times better this package does, whichever way round that is; below 1, it does worse.

A shared machine is noisy, so compare figures of one run only. None of them is a test.
"""

_COLUMNS = ("what", "goal", "this package", "earlier plugin", "times better")

_CAVEATS = """\
- The earlier plugin does not start outside of a cluster. Its app is run by uvicorn, by itself or in a thread, in
  place of its deployment; and the folder of a request is made before it is written, which it does not do itself.
  What it asks, writes, looks for and answers is its own code, in a Python environment and in processes of its own.
- Both are asked by a script outside of a task. In a task, the earlier plugin also runs a task (on a cluster, a pod)
  that shows the link, and this one writes the task's report.
- On a local disk this package makes certain that a record is on the disk (`fsync`) before it says so, and writes
  nothing half. The earlier plugin's writes are neither atomic nor on the disk when it says “submitted”, and a
  second answer overwrites the first. So its writes do less.
- The S3-compatible server is [ministack](https://pypi.org/project/ministack/), in memory, on loopback: no network,
  and one process of Python. A real bucket takes longer for each request,
  and many at once.
"""


@dataclass(frozen=True, kw_only=True)
class Results:
    """What one run measured.

    Attributes:
        figures: The figures of each measurement.
        failures: Why others have none, by name.
        machine: The machine, a line for each fact.
        seconds: How long the run took.
    """

    figures: Mapping[str, Sequence[Figure]]
    failures: Mapping[str, str] = field(default_factory=dict)
    machine: Sequence[str] = ()
    seconds: float = 0.0


def page(measurements: Sequence[Measurement], results: Results) -> str:
    """The whole page, in Markdown."""
    shown = [each for each in measurements if each.name in results.figures]
    parts = [
        _HEAD,
        *([_failures(results.failures)] if results.failures else []),
        table([figure for each in shown for figure in results.figures[each.name]]),
        _machine(results),
        "## How each is measured",
        *(f"### {each.title}\n\n{each.method.strip()}" for each in shown),
        "## What is not fair or not comparable",
        "\n".join(each.strip() for each in (_CAVEATS, *(each.caveats for each in shown)) if each),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(figures: Sequence[Figure]) -> str:
    """The figures alone, as a table in Markdown."""
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *(_row(figure) for figure in figures)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(figure: Figure) -> tuple[str, ...]:
    what = figure.what + (", 95th percentile" if figure.statistic == "p95" else "")
    earlier = NOTHING if figure.earlier is None else _cell(figure, figure.earlier)
    ratio = NOTHING if figure.times_better is None else f"{written(figure.times_better)} ×"
    return what, _goal(figure), _cell(figure, figure.this), earlier, ratio


def _cell(figure: Figure, samples: Samples) -> str:
    return f"{written(figure.number_of(samples))} {figure.unit}".strip() + _spread(samples)


def _spread(samples: Samples) -> str:
    count = len(samples.values)
    if count == 1:
        return ""
    return f" ({written(samples.lowest)} to {written(samples.highest)}; {count})"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return NOTHING
    sign, number = "≥" if figure.is_more_better else "≤", written(figure.goal.number)
    words = (
        f"{sign} {number} × the earlier" if figure.goal.is_times_earlier else f"{sign} {number} {figure.unit}".strip()
    )
    return words if figure.is_met is None else f"{words}, {'met' if figure.is_met else '**missed**'}"


def _failures(failures: Mapping[str, str]) -> str:
    reasons = {name: (reason.splitlines() or [""])[0] for name, reason in failures.items()}
    return "**Not measured in this run:**\n\n" + _bullets(f"{name}: {reason}" for name, reason in reasons.items())


def _machine(results: Results) -> str:
    return f"## The machine\n\n{_bullets(results.machine)}\n\nThe run took {results.seconds / 60:.0f} minutes."


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
