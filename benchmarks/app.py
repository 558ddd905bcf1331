"""What one app process does in a second: forms served and answers accepted, by `wrk` over 8 connections."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, BenchmarkFailed
from benchmarks.figures import Figure, Goal, Samples
from benchmarks.measurement import Measurement
from benchmarks.sides import SIDES, Side

_ROUNDS = 3
_SECONDS = 3
_FIRST_ANSWERS = 5_000
"""For the first second, which is not counted: more than either app can take."""
_SPARE = 3.0
"""How many times more answers are prepared than the first second needed: an app that just started is slower."""
_SCRIPT = Path(__file__).with_name("answers.lua")


@dataclass(frozen=True)
class _Target:
    """An app that runs alone, and its store."""

    bench: Bench
    side: Side
    store: Mapping[str, str]
    endpoint: str

    def questions(self, count: int) -> list[dict[str, Any]]:
        """Asks so many more questions, and returns their links and answers."""
        told = {**self.store, "FLYTE_HITL_ENDPOINT": self.endpoint}
        found: list[dict[str, Any]] = self.bench.run(self.side, "questions", told, count=count)
        return found


def _forms(bench: Bench) -> list[Figure]:
    with _targets(bench) as targets:
        links = [target.questions(1)[0]["form_url"] for target in targets]
        for link in links:
            _wrk(bench, 1, link)
        rounds = [[_per_second(_wrk(bench, _seconds(bench), link)) for link in links] for _ in range(_rounds(bench))]
    return [_figure("forms served by one app process", rounds, Goal(2, is_times_earlier=True))]


def _answers(bench: Bench) -> list[Figure]:
    with _targets(bench) as targets:
        prepared = [_prepared(target) for target in targets]
        rounds = [
            [
                _answered(target, _seconds(bench), answers[number])
                for target, answers in zip(targets, prepared, strict=True)
            ]
            for number in range(_rounds(bench))
        ]
    return [
        _figure("answers accepted by one app process, each to its own request", rounds, Goal(1, is_times_earlier=True))
    ]


@contextlib.contextmanager
def _targets(bench: Bench) -> Iterator[list[_Target]]:
    """The apps of both, which run all the time and are called in turn."""
    with contextlib.ExitStack() as running:
        targets = []
        for side in SIDES:
            store = bench.local_store()
            targets.append(_Target(bench, side, store, running.enter_context(bench.app(side, store))))
        yield targets


def _prepared(target: _Target) -> list[list[dict[str, Any]]]:
    """As many questions for each round as the app will take answers to, judged by its first second."""
    rate = _answered(target, 1, target.questions(_FIRST_ANSWERS))
    rounds, each = _rounds(target.bench), int(_SPARE * rate * _seconds(target.bench))
    questions = target.questions(rounds * each)
    return [questions[number::rounds] for number in range(rounds)]


def _answered(target: _Target, seconds: int, questions: Sequence[Mapping[str, Any]]) -> float:
    file = target.bench.fresh("answers") / "bodies"
    file.write_text("".join(json.dumps(each["answer"]) + "\n" for each in questions))
    output = _wrk(target.bench, seconds, f"{target.endpoint}/submit/json", "-s", str(_SCRIPT), arguments=[str(file)])
    if int(_found(r"^Sent: (\d+)", output)) > len(questions):
        raise BenchmarkFailed(f"The {len(questions):,} answers that were prepared did not last for {seconds} s.")
    return _per_second(output)


def _wrk(bench: Bench, seconds: int, address: str, *options: str, arguments: Sequence[str] = ()) -> str:
    bench.check_time("the app")
    if shutil.which("wrk") is None:
        raise BenchmarkFailed("wrk is not installed: `apt-get install wrk`.")
    command = ["wrk", "-t1", "-c8", f"-d{seconds}", *options, address, "--", *arguments]
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


def _figure(what: str, rounds: Sequence[Sequence[float]], goal: Goal) -> Figure:
    this, earlier = (Samples.of(each) for each in zip(*rounds, strict=True))
    return Figure(what=what, unit="a second", this=this, earlier=earlier, goal=goal, is_more_better=True)


def _rounds(bench: Bench) -> int:
    return 1 if bench.is_quick else _ROUNDS


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
