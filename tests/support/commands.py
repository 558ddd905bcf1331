"""`flyte hitl` as a user runs it: processes of their own, in a pipe and at a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._records import Question, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.house import run
from tests.support.questions import asked, question
from tests.support.terminals import OnTerminal

COMMAND = (sys.executable, "-m", "flyteplugins.hitl.cli")

_SECONDS = 60.0
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended.

    Attributes:
        code: Its exit code.
        output: What it wrote to standard output.
        errors: What it wrote to the error output.
    """

    code: int
    output: str
    errors: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    @property
    def rows(self) -> list[list[str]]:
        """The lines, taken apart at their tabs."""
        return [line.split("\t") for line in self.lines]

    @property
    def data(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.output)

    @property
    def error(self) -> Any:
        """Its error output as JSON."""
        return json.loads(self.errors)


def environment(**more: str) -> dict[str, str]:
    """The present one, with nothing that the commands read but what a test sets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLYTE")}
    return {**kept, "NO_PROXY": "127.0.0.1", **more}


class Running:
    """A command that goes on until it is told to end. What it writes is read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        for stream, kept in ((process.stdout, self.lines), (process.stderr, self.errors)):
            threading.Thread(target=self._read, args=(stream, kept), daemon=True).start()

    def line(self, number: int) -> str:
        """Waits for a line, counted from 0."""
        return self._awaited(self.lines, number)

    def error(self, number: int) -> str:
        return self._awaited(self.errors, number)

    def error_with(self, text: str) -> str:
        """Waits for an error line that has a text in it."""
        number = 0
        while text not in self.error(number):
            number += 1
        return self.error(number)

    def ended(self, number: signal.Signals, within: float = _SECONDS) -> int:
        """Tells it to end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(within)

    def _awaited(self, lines: list[str], number: int) -> str:
        deadline = time.monotonic() + _SECONDS
        while len(lines) <= number:
            assert self.process.poll() is None, f"It ended:\n{self.lines}\n{self.errors}"
            assert time.monotonic() < deadline, f"There was no line {number}:\n{self.lines}\n{self.errors}"
            time.sleep(0.01)
        return lines[number]

    @staticmethod
    def _read(stream: Any, kept: list[str]) -> None:
        for line in stream:
            kept.append(line.rstrip("\n"))


@contextlib.contextmanager
def running(*arguments: str, **variables: str) -> Iterator[Running]:
    """Runs a command that goes on until it is told to end, until the block ends."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()


def hitl(*arguments: str, store: str | None = None, stdin: str = "", **variables: str) -> Done:
    """Runs a command to its end, in a pipe."""
    given = [] if store is None else ["--store", store]
    done = subprocess.run(
        [*COMMAND, *arguments, *given],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env=environment(**variables),
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(code=done.returncode, output=done.stdout, errors=done.stderr)


class AtATerminal(OnTerminal):
    """A command at a terminal."""

    _answered = 0

    @property
    def shown(self) -> str:
        """All that it printed so far, with no colours."""
        return _COLOURS.sub("", self.written).replace("\r\n", "\n")

    def until_shown(self, text: str, after: int = 0) -> int:
        """Waits until it shows a text; returns where that ends."""
        return self.until(lambda: self.shown.find(text, after) + 1, repr(text)) - 1 + len(text)

    def answer(self, prompt: str, text: str) -> None:
        """Waits for a prompt that is the last on the screen, and types."""
        # What was there before the last answer is left out, so the same prompt is not taken twice.
        self.until(lambda: self.shown[self._answered :].rstrip().endswith(prompt), repr(prompt))
        self._answered = len(self.shown)
        self.type(f"{text}\n")

    def interrupted(self) -> int:
        """Presses Ctrl-C until it ends; returns the exit code.

        One that comes right before Python begins to read a line is only noticed with the next.
        """
        deadline = time.monotonic() + _SECONDS
        while self.is_running:
            assert time.monotonic() < deadline, f"It did not end:\n{self.shown}"
            self.send(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
        return self.ended()


@contextlib.contextmanager
def at_a_terminal(*arguments: str, store: str | None = None, **variables: str) -> Iterator[AtATerminal]:
    """Runs a command at a terminal of its own until the block ends."""
    given = [] if store is None else ["--store", store]
    ours, its = pty.openpty()
    variables = {"TERM": "xterm", "COLUMNS": "100", "LINES": "40", **variables}
    process = subprocess.Popen(
        [*COMMAND, *arguments, *given],
        stdin=its,
        stdout=its,
        stderr=its,
        env=environment(**variables),
        start_new_session=True,
    )
    running = AtATerminal(process, ours)
    try:
        yield running
    finally:
        running.kill()
        os.close(ours)
        os.close(its)


class Asker:
    """Asks in a store as a workflow does: what it asked is in the list of what is open."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.service = Service(Store.at(store))

    def ask(self, data_type: Any = bool, **details: Any) -> Request:
        """Asks, and returns once the list has it."""
        of_asking = {name: details.pop(name) for name in ("timeout_seconds", "origin", "turn") if name in details}
        return self.put(question(data_type, **details), **of_asking)

    def put(self, content: Question, **of_asking: Any) -> Request:
        """The same with the whole question."""
        request = run(asked(self.service, content, **of_asking))
        index = OpenIndex(self.service.store)
        index.add(request)
        index.close(10)
        return request

    def outcome(self, request: Request) -> Response | None:
        """The outcome of a request, as the store has it."""
        return run(self.service.response(request))
