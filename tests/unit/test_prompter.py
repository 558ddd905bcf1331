"""Holds what is told of waits where there is no terminal: a line when the waiting begins and one when it ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from flyteplugins.hitl import _prompter
from flyteplugins.hitl._prompter import Prompter
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._wait_sources import Source, Sources
from flyteplugins.hitl._waits import Wait, Waits
from tests.support.questions import MovableClock, answered, asked, question

pytestmark = pytest.mark.asyncio


async def no_endpoint(run: str) -> str:
    raise AssertionError("A log has no use for a link.")


@pytest.fixture
def source(service: Service) -> Source:
    return Source(service, Waits(), no_endpoint)


@pytest.fixture
def prompter() -> Iterator[Prompter]:
    made = Prompter()
    yield made
    made.stop()


class Log:
    """Standard error, as far as it was written to."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    @property
    def lines(self) -> list[str]:
        self._text += self._capsys.readouterr().err
        return self._text.splitlines()

    async def until(self, is_there: Callable[[list[str]], bool]) -> list[str]:
        for _ in range(1_000):
            if is_there(self.lines):
                return self.lines
            await asyncio.sleep(0.02)
        raise AssertionError(f"Only this was written: {self.lines}")


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Log:
    return Log(capsys)


async def waiting(prompter: Prompter, source: Source, name: str, seconds: float | None = 3600) -> Wait:
    request = await asked(source.service, question(int, name=name), timeout_seconds=seconds)
    return begun(prompter, source, request)


def begun(prompter: Prompter, source: Source, request: Request) -> Wait:
    prompter.begin(source)
    wait = Wait(request, 5.0, is_checked=False)
    source.waits.enter(wait)
    return wait


def end(prompter: Prompter, source: Source, wait: Wait, response: Response | None = None) -> None:
    source.waits.leave(wait)
    prompter.end(wait.request, response)


async def test_a_wait_has_a_line_at_its_begin_and_one_at_its_end(prompter: Prompter, source: Source, log: Log) -> None:
    wait = await waiting(prompter, source, "hours", None)
    assert await log.until(bool) == ["Waiting for an answer to “hours”."]

    end(prompter, source, wait, await answered(source.service, wait.request, "7", responder="ann"))

    assert log.lines[1:] == ["“hours” was answered by ann on the page."]


async def test_many_waits_have_no_more_lines_than_one(prompter: Prompter, source: Source, log: Log) -> None:
    requests = [await asked(source.service, question(name=f"{number}"), timeout_seconds=None) for number in range(50)]
    waits = [begun(prompter, source, request) for request in requests]
    assert await log.until(bool) == ["Waiting for 50 answers."]

    for wait in waits:
        end(prompter, source, wait)

    assert len(log.lines) == 2


async def test_a_wait_that_is_soon_over_is_not_told_of(prompter: Prompter, source: Source, log: Log) -> None:
    for number in range(20):
        end(prompter, source, await waiting(prompter, source, f"hours {number}"))
    last = await waiting(prompter, source, "last", None)

    assert await log.until(bool) == ["Waiting for an answer to “last”."]
    end(prompter, source, last)


async def test_a_long_wait_is_told_of_again(
    prompter: Prompter, source: Source, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_prompter, "_REMINDED_AFTER", 0.0)
    wait = await waiting(prompter, source, "hours", None)

    lines = await log.until(lambda lines: len(lines) >= 2)

    assert lines[1] == "Still waiting for an answer to “hours”."
    end(prompter, source, wait)


async def test_there_is_one_thread_for_all_waits(prompter: Prompter, source: Source) -> None:
    def threads() -> int:
        return sum(thread.name == "flyteplugins-hitl-prompter" for thread in threading.enumerate())

    before = threads()
    for _ in range(3):
        waits = [await waiting(prompter, source, f"hours {number}") for number in range(10)]
        for wait in waits:
            end(prompter, source, wait)

    assert threads() <= before + 1


async def test_after_the_end_of_the_process_nothing_is_told(prompter: Prompter, source: Source, log: Log) -> None:
    prompter.stop()
    wait = await waiting(prompter, source, "hours")
    end(prompter, source, wait)

    assert log.lines == []


async def test_the_sources_are_seen_together(service: Service, clock: MovableClock) -> None:
    sources = Sources((Source(service, Waits(), no_endpoint), Source(service, Waits(), no_endpoint)))
    requests: list[Request] = []
    for number, seconds in enumerate([300, None, 60]):
        request = await asked(service, question(int, name=str(number)), timeout_seconds=seconds)
        requests.append(request)
        # The other way round, as events are waited for in an order of their own.
        sources.each[number % 2].waits.enter(Wait(request, 5.0, is_checked=False))
        clock.move(1)

    assert sources.count == 3
    assert sources.until == requests[2].deadline
    assert [request for request, _ in sources.oldest] == requests
