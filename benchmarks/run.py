"""Measures what people feel, and writes `docs/benchmarks.md`: medians and spread of one run on one machine.

Shared machines are noisy, so only figures of one run are compared, as ratios. Nothing here is a test.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from unittest import mock

import httpx

from flyteplugins.hitl import _disk
from flyteplugins.hitl._answers import answer_for
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Origin, Question, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.app._server import EmbeddedApp

ROUNDS = 40
EVENTS = 400
IMPORTS = 7
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, in which unit, each sample."""

    what: str
    unit: str
    samples: list[float]

    def row(self) -> str:
        low, middle, high = min(self.samples), statistics.median(self.samples), max(self.samples)
        return f"| {self.what} | {middle:,.4g} {self.unit} | {low:,.4g} to {high:,.4g} | {len(self.samples)} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = [
            *import_times(),
            asyncio.run(wake_times(Path(folder) / "wake")),
            asyncio.run(events_made(Path(folder) / "events", "events made, local store, one after another")),
            without_fsync(lambda: asyncio.run(events_made(Path(folder) / "fast", "the same with fsync left out"))),
            asyncio.run(answers_taken(Path(folder) / "answers")),
            *forms_served(Path(folder) / "forms"),
        ]
    PAGE.write_text(page(figures))
    print(f"Wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")


def import_times() -> list[Figure]:
    """`import flyteplugins.hitl`, beside the part of Flyte that any task with an app environment imports."""
    codes = ("import flyte, flyte.app", "import flyteplugins.hitl")
    samples: dict[str, list[float]] = {code: [] for code in codes}
    for _ in range(IMPORTS + 1):
        for code in codes:
            samples[code].append(1000 * seconds_to_run([sys.executable, "-c", code]))
    progress("imports")
    return [Figure(f"`{code}`, whole process", "ms", each[1:]) for code, each in samples.items()]


async def wake_times(folder: Path) -> Figure:
    """From sending an answer to the app in the same process until the waiting workflow goes on."""
    service = Service(Store.at(str(folder)))
    watch = Watch(service)
    app = EmbeddedApp(service, Settings())
    app.start()
    samples = []
    async with httpx.AsyncClient(base_url=app.endpoint) as client:
        for number in range(ROUNDS):
            request = await ask(service, f"wake-{number}")
            waiting = asyncio.create_task(watch.outcome(request, 5))
            await asyncio.sleep(0.02)
            start = time.perf_counter()
            sent = asyncio.create_task(client.post("/submit/json", json=answer(request)))
            await waiting
            samples.append(1000 * (time.perf_counter() - start))
            (await sent).raise_for_status()
    await asyncio.to_thread(app.stop)
    progress("wake-up")
    return Figure("answer sent until the workflow goes on, one process", "ms", samples)


async def events_made(folder: Path, what: str) -> Figure:
    service = Service(Store.at(str(folder)))
    await service.links()
    samples = []
    for batch in range(5):
        start = time.perf_counter()
        for number in range(EVENTS // 5):
            await ask(service, f"event-{batch}-{number}")
        samples.append(EVENTS / 5 / (time.perf_counter() - start))
    progress(what)
    return Figure(what, "a second", samples)


def without_fsync(measure: Callable[[], Figure]) -> Figure:
    with mock.patch.object(_disk, "_fsync", return_value=None):
        return measure()


async def answers_taken(folder: Path) -> Figure:
    """Answers by the JSON call, each to its own request, 8 at a time."""
    service = Service(Store.at(str(folder)))
    requests = [await ask(service, f"answer-{number}") for number in range(EVENTS)]
    app = EmbeddedApp(service, Settings())
    app.start()
    samples = []
    async with httpx.AsyncClient(base_url=app.endpoint) as client:
        for batch in range(5):
            share = requests[batch::5]
            places = asyncio.Semaphore(8)

            async def send(request: Request, places: asyncio.Semaphore = places) -> None:
                async with places:
                    (await client.post("/submit/json", json=answer(request))).raise_for_status()

            start = time.perf_counter()
            await asyncio.gather(*(send(request) for request in share))
            samples.append(len(share) / (time.perf_counter() - start))
    await asyncio.to_thread(app.stop)
    progress("answers")
    return Figure("answers taken by one app, client in the same process", "a second", samples)


def forms_served(folder: Path) -> list[Figure]:
    """The page of one question, asked for by `wrk` over 8 connections; left out where there is no `wrk`."""
    if shutil.which("wrk") is None:
        print("wrk is not installed: forms a second are left out.")
        return []
    service = Service(Store.at(str(folder)))
    link = asyncio.run(linked(service))
    command = [sys.executable, "-m", "flyteplugins.hitl.app", "--store", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        try:
            assert app.stdout is not None
            url = FormLink(request=link.request, endpoint=app.stdout.readline().strip(), token=link.token).form_url
            samples = [requests_a_second(url) for _ in range(4)][1:]
        finally:
            app.terminate()
    progress("forms")
    return [Figure("forms served by one app process", "a second", samples)]


def requests_a_second(url: str) -> float:
    output = subprocess.run(["wrk", "-t1", "-c8", "-d3", url], check=True, capture_output=True, text=True).stdout
    line = next(line for line in output.splitlines() if line.startswith("Requests/sec:"))
    return float(line.split()[1])


async def linked(service: Service) -> FormLink:
    request = await ask(service, "form")
    return FormLink(request=request, endpoint="", token=(await service.links()).token(request.request_id))


async def ask(service: Service, name: str) -> Request:
    question = Question(
        name=name,
        prompt="Analysis found **3 anomalies** with 87% confidence. Approve for downstream processing?",
        data_type="bool",
        answer_schema=answer_for(bool, max_characters=1000).schema,
    )
    origin = Origin(run="benchmark", action="a0")
    asked = await service.ask(question, origin=origin, turn=1, occurrence=1, timeout_seconds=3600)
    return asked.request


def answer(request: Request) -> dict[str, str]:
    return {"request_id": request.request_id, "response_path": request.response_path, "value": "true"}


def seconds_to_run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def progress(what: str) -> None:
    print(f"measured: {what}", flush=True)


def page(figures: list[Figure]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; do not edit. The machine is shared and noisy: compare figures of one run only.",
        "",
        f"Measured on {datetime.now(timezone.utc):%d %B %Y} with {machine}.",
        "",
        "| what | median | from lowest to highest | samples |",
        "| --- | --- | --- | --- |",
        *(figure.row() for figure in figures),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
