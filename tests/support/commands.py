"""`flyte hitl` as a user runs it: processes of their own, in a pipe and at a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
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


class AtATerminal:
    """A command at a terminal. What it prints is kept; colours are left out."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self._process = process
        self._terminal = terminal
        self._shown = b""

    @property
    def shown(self) -> str:
        return _COLOURS.sub("", self._shown.decode(errors="replace")).replace("\r\n", "\n")

    @property
    def raw(self) -> str:
        return self._shown.decode(errors="replace")

    def until(self, text: str, after: int = 0) -> int:
        """Waits until it shows a text; returns where that ends."""
        deadline = time.monotonic() + _SECONDS
        while (place := self.shown.find(text, after)) < 0:
            assert time.monotonic() < deadline, f"There was no {text!r} in:\n{self.shown}"
            assert self._read() or self._process.poll() is None, f"It ended with no {text!r}:\n{self.shown}"
        return place + len(text)

    def type(self, text: str) -> None:
        os.write(self._terminal, f"{text}\n".encode())

    def answer(self, prompt: str, text: str) -> None:
        """Waits for a prompt that is the last on the screen, and types."""
        deadline = time.monotonic() + _SECONDS
        while not self.shown.rstrip().endswith(prompt):
            assert time.monotonic() < deadline, f"There was no {prompt!r} in:\n{self.shown}"
            assert self._read() or self._process.poll() is None, f"It ended with no {prompt!r}:\n{self.shown}"
        self.type(text)
        # The terminal shows what was typed, so the same prompt is not taken twice.
        self._shown += b"\n"

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def interrupted(self) -> int:
        """Presses Ctrl-C until it ends; returns the exit code.

        One that comes right before Python begins to read a line is only noticed with the next.
        """
        deadline = time.monotonic() + _SECONDS
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"It did not end:\n{self.shown}"
            self.send(signal.SIGINT)
            pressed = time.monotonic()
            while self._process.poll() is None and time.monotonic() < pressed + 2:
                self._read()
        return self.ended()

    def ended(self) -> int:
        """Waits for its end; returns the exit code."""
        deadline = time.monotonic() + _SECONDS
        while self._process.poll() is None:
            self._read()
            assert time.monotonic() < deadline, f"It did not end:\n{self.shown}"
        while self._read():
            pass
        return self._process.returncode

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], 0.05)[0]:
            return False
        with contextlib.suppress(OSError):  # Linux says so where the other end is closed.
            more = os.read(self._terminal, 65_536)
            self._shown += more
            return bool(more)
        return False


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
    os.close(its)
    try:
        yield AtATerminal(process, ours)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


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
