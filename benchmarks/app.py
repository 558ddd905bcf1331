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
_SECONDS = 2
_ANSWERS = 2_000
"""Prepared for each round."""
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
        rounds = [
            [_found("Requests/sec", _wrk(bench, _seconds(bench), link)) for link in links]
            for _ in range(_rounds(bench))
        ]
    return [_figure("forms served by one app process", rounds, Goal(2, is_times_earlier=True))]


def _answers(bench: Bench) -> list[Figure]:
    rounds = _rounds(bench) + 1
    with _targets(bench) as targets:
        prepared = [target.questions(rounds * _ANSWERS) for target in targets]
        rates = [
            [_answered(target, questions[number::rounds]) for target, questions in zip(targets, prepared, strict=True)]
            for number in range(rounds)
        ]
    what = "answers accepted by one app process, each to its own request"
    return [_figure(what, rates[1:], Goal(1, is_times_earlier=True))]


@contextlib.contextmanager
def _targets(bench: Bench) -> Iterator[list[_Target]]:
    """The apps of both, which run all the time and are called in turn."""
    with contextlib.ExitStack() as running:
        targets = []
        for side in SIDES:
            bench.say(f"the app, {side.name}")
            store = bench.local_store()
            targets.append(_Target(bench, side, store, running.enter_context(bench.app(side, store))))
        yield targets


def _answered(target: _Target, questions: Sequence[Mapping[str, Any]]) -> float:
    file = target.bench.fresh("answers") / "bodies"
    file.write_text("".join(json.dumps(each["answer"]) + "\n" for each in questions))
    address = f"{target.endpoint}/submit/json"
    output = _wrk(target.bench, _seconds(target.bench), address, "-s", str(_SCRIPT), arguments=[str(file)])
    return _found("Answers/sec", output)


def _wrk(bench: Bench, seconds: int, address: str, *options: str, arguments: Sequence[str] = ()) -> str:
    bench.check_time("the app")
    bench.say(f"wrk for {seconds} s: {address.partition('?')[0]}")
    if shutil.which("wrk") is None:
        raise BenchmarkFailed("wrk is not installed: `apt-get install wrk`.")
    command = ["wrk", "-t1", "-c8", f"-d{seconds}", *options, address, "--", *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    refused = re.search(r"^\s*(Non-2xx or 3xx responses|Socket errors): .*$", output, re.MULTILINE)
    if refused:
        raise BenchmarkFailed(f"Not all was served. {refused[0].strip()}")
    return output


def _found(name: str, output: str) -> float:
    found = re.search(rf"^{name}:\s+([\d.]+)", output, re.MULTILINE)
    if found is None:
        raise BenchmarkFailed(f"wrk printed no line of {name}:\n{output}")
    return float(found[1])


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
of one open question over 8 connections for 2 s, from one app and then the other, three times, after a first time
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
As with forms, but `wrk` sends the documented JSON call, each to a question of its own that was asked before: for
2 s, or 2,000 of them if that is less. If one of them is not accepted, there is no figure.
""",
    caveats="""
- An answer to this package is held against the question's type and deadline, decided by one create-only write, and
  on the disk when it is accepted. The earlier plugin writes what it is sent to where it is told, and reads no
  request.
""",
    seconds=150,
    figures=_answers,
)
