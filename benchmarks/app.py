"""What one app process does in a second: forms served and answers accepted, by `wrk` over 8 connections."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, BenchmarkFailed
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import EARLIER, SIDES, THIS

_ROUNDS = 4
"""One more than are counted: the first one warms up."""
_SECONDS = 3
_ANSWERS_A_SECOND = 2_000
"""Prepared: more than either app can take."""
_SCRIPT = Path(__file__).with_name("answers.lua")

Questions = Sequence[Mapping[str, Any]]


def _forms(bench: Bench) -> list[Figure]:
    samples = _rates(bench, 1, _forms_a_second)
    return [_figure("forms served by one app process", samples, Goal(2, is_times_earlier=True))]


def _answers(bench: Bench) -> list[Figure]:
    seconds = _seconds(bench)
    samples = _rates(bench, _rounds(bench) * seconds * _ANSWERS_A_SECOND, _answers_a_second)
    what = "answers accepted by one app process, each to its own request"
    return [_figure(what, samples, Goal(1, is_times_earlier=True))]


def _rates(bench: Bench, count: int, rate: Callable[[Bench, Questions, int], float]) -> dict[str, Samples]:
    """What is done in a second in each round: the apps of both run all the time, and are called in turn."""
    rates: dict[str, list[float]] = {side.name: [] for side in SIDES}
    with contextlib.ExitStack() as running:
        questions = {}
        for side in SIDES:
            store = bench.local_store()
            endpoint = running.enter_context(bench.app(side, store))
            told = {**store, "FLYTE_HITL_ENDPOINT": endpoint}
            questions[side.name] = bench.run(side, "questions", told, count=count)
        for number in range(_rounds(bench)):
            for side in SIDES:
                bench.check_time("the app")
                rates[side.name].append(rate(bench, questions[side.name], number))
    return {name: Samples.of(each[1:]) for name, each in rates.items()}


def _forms_a_second(bench: Bench, questions: Questions, _: int) -> float:
    return _per_second(_wrk(bench, questions[0]["form_url"]))


def _answers_a_second(bench: Bench, questions: Questions, number: int) -> float:
    share = questions[number :: _rounds(bench)]
    file = bench.fresh("answers") / "bodies"
    file.write_text("".join(json.dumps(each["answer"]) + "\n" for each in share))
    address = share[0]["form_url"].partition("/form/")[0] + "/submit/json"
    output = _wrk(bench, address, "-s", str(_SCRIPT), arguments=[str(file)])
    if int(_found(r"^Sent: (\d+)", output)) > len(share):
        raise BenchmarkFailed(f"The {len(share):,} answers that were prepared did not last for {_seconds(bench)} s.")
    return _per_second(output)


def _wrk(bench: Bench, address: str, *options: str, arguments: Sequence[str] = ()) -> str:
    if shutil.which("wrk") is None:
        raise BenchmarkFailed("wrk is not installed: `apt-get install wrk`.")
    command = ["wrk", "-t1", "-c8", f"-d{_seconds(bench)}", *options, address, "--", *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    refused = re.search(r"^\s*(Non-2xx or 3xx responses|Socket errors): .*$", output, re.MULTILINE)
    if refused:
        raise BenchmarkFailed(f"Not all was served. {refused[0].strip()}")
    return output


def _per_second(output: str) -> float:
    return float(_found(r"^Requests/sec:\s+([\d.]+)", output))


def _found(pattern: str, output: str) -> str:
    found = re.search(pattern, output, re.MULTILINE)
    if found is None:
        raise BenchmarkFailed(f"wrk printed no line like {pattern}:\n{output}")
    return found[1]


def _figure(what: str, samples: Mapping[str, Samples], goal: Goal) -> Figure:
    this, earlier = samples[THIS.name], samples[EARLIER.name]
    return Figure(what=what, unit="a second", this=this, earlier=earlier, goal=goal, is_more_better=True)


def _rounds(bench: Bench) -> int:
    return 2 if bench.is_quick else _ROUNDS


def _seconds(bench: Bench) -> int:
    return 1 if bench.is_quick else _SECONDS


FORMS = Measurement(
    name="forms",
    title="Forms served",
    method="""
The app of either plugin runs as a process of its own on a local store, with no access log. `wrk` asks for the page
of one open question over 8 connections for 3 s, from one app and then the other, three times, after a first time
that is not counted.
""",
    caveats="""
- The two pages are not the same: that of this package is checked against a token, rendered from templates with the
  prompt's Markdown, and sent with a content security policy.
""",
    seconds=70,
    figures=_forms,
)

ANSWERS = Measurement(
    name="answers",
    title="Answers accepted",
    method="""
As with forms, but `wrk` sends the documented JSON call, each to a question of its own that was asked before. A
round with an answer that is not accepted does not count: the measurement fails.
""",
    caveats="""
- An answer to this package is held against the question's type and deadline, decided by one create-only write, and
  on the disk when it is accepted. The earlier plugin writes what it is sent to where it is told, and reads no
  request.
""",
    seconds=120,
    figures=_answers,
)
