"""What `import flyteplugins.hitl` adds to the part of Flyte that any task with an app environment imports."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from benchmarks.bench import Bench, BenchmarkFailed
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS, Side

_FLYTE = "import flyte, flyte.app"
_PLUGIN = "import flyteplugins.hitl"


def _figures(bench: Bench) -> list[Figure]:
    rounds = 2 if bench.is_quick else 10
    environments = {side.name: side.environment(bench.fresh(f"home-{side.name}"), {}) for side in SIDES}
    ratios: dict[str, list[float]] = {side.name: [] for side in SIDES}
    seconds: dict[str, list[float]] = {side.name: [] for side in SIDES}
    for number in range(rounds + 1):
        bench.check_time("imports")
        for side in SIDES:
            flyte = _user_seconds(side, _FLYTE, environments[side.name])
            plugin = _user_seconds(side, _PLUGIN, environments[side.name])
            if number > 0:  # The first round reads from the disk, and writes what Python compiles.
                ratios[side.name].append(plugin / flyte)
                seconds[side.name].append(1000 * plugin)
    return [
        Figure(
            what="`import flyteplugins.hitl`, times `import flyte, flyte.app`",
            unit="×",
            this=Samples.of(ratios[THIS.name]),
            earlier=Samples.of(ratios[EARLIER.name]),
            goal=Goal(1.1),
        ),
        Figure(
            what="`import flyteplugins.hitl`, time of a processor",
            unit="ms",
            this=Samples.of(seconds[THIS.name]),
            earlier=Samples.of(seconds[EARLIER.name]),
        ),
    ]


def _user_seconds(side: Side, code: str, environment: Mapping[str, str]) -> float:
    with subprocess.Popen([str(side.python), "-c", code], env=environment) as child:
        try:
            # Tells of this child alone, where the time of all children is a sum.
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            child.kill()
            raise
    if child.returncode != 0:
        raise BenchmarkFailed(f"{side.python} -c {code!r} ended with {child.returncode}.")
    return usage.ru_utime


MEASUREMENT = Measurement(
    name="imports",
    title="Import",
    method="""
Four processes in turn, again and again: `import flyte, flyte.app` (what any task with an app environment imports)
and `import flyteplugins.hitl`, with the Python of either plugin. What counts is the time that a processor spends on
the process outside of the kernel (`ru_utime`), not the clock's. Each sample is the quotient of two neighbours. A
first round is left out.
""",
    seconds=90,
    figures=_figures,
)
