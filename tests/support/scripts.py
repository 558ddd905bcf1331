"""Scripts as a user runs them: a process of its own, a home of its own, and no configuration of Flyte."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPTS = REPOSITORY / "tests" / "acceptance" / "scripts"

LINK = re.compile(r"^http://127\.0\.0\.1:\d+/form/\S+$", re.MULTILINE)
"""A link to a form, on a line of its own."""

# A first start compiles every module, beside whatever else the machine does.
LIMIT_SECONDS = 90.0
_POLL_SECONDS = 0.02
_FOREIGN = ("FLYTE", "UNION", "AWS_", "AZURE_", "GOOGLE_")


@dataclass(frozen=True)
class Link:
    """A link to a form, as a script printed it."""

    url: str

    @property
    def endpoint(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def request_id(self) -> str:
        return urlsplit(self.url).path.rpartition("/")[2]

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.url).query)["token"][0]

    def at(self, endpoint: str) -> Link:
        """The same link at another app."""
        parts = urlsplit(self.url)
        return Link(f"{endpoint}{parts.path}?{parts.query}")


class RunningProcess(ABC):
    """A process on which a test waits."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @abstractmethod
    def described(self) -> str:
        """All that it wrote, for whoever reads why a test failed."""

    def until(self, ready: Callable[[], T | None], what: str, *, even_ended: bool = False) -> T:
        """Waits until `ready` returns something true, and returns that."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            was_running = self.is_running
            found = ready()
            if found:
                return found
            assert was_running or even_ended, f"The script ended without {what}.\n{self.described()}"
            assert time.monotonic() < deadline, f"There was no {what} in time.\n{self.described()}"
            time.sleep(_POLL_SECONDS)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it as a crash would, with all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ended(self, *, within: float = LIMIT_SECONDS) -> int:
        """Waits for its end and returns the exit status; that of a signal is negative."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"The script did not end.\n{self.described()}") from None

    def succeeded(self) -> None:
        """Waits for its end and holds it to be a good one."""
        status = self.ended()
        assert status == 0, f"It ended with {status}.\n{self.described()}"


class RunningScript(RunningProcess):
    """A script that runs. Its output is read from files, so that it never blocks on a full pipe."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path, errors: Path) -> None:
        super().__init__(process)
        self._output = output
        self._errors = errors

    @property
    def output(self) -> str:
        """All that it wrote to standard output so far."""
        return self._output.read_text()

    @property
    def errors(self) -> str:
        """All that it wrote to standard error so far."""
        return self._errors.read_text()

    @property
    def lines(self) -> list[str]:
        """Its output by line, links and blank lines left out."""
        return [line for line in self.output.splitlines() if line and not LINK.match(line)]

    @property
    def links(self) -> list[Link]:
        """The links that it printed so far, each on a line of its own."""
        return [Link(url) for url in LINK.findall(self.output)]

    def link(self, number: int = 1) -> Link:
        """Waits for a link and returns it.

        Args:
            number: Which one, counted from 1.
        """
        links = self.until(lambda: self.links if len(self.links) >= number else None, f"link {number}")
        return links[number - 1]

    def described(self) -> str:
        return f"--- output\n{self.output}\n--- errors\n{self.errors}"


@contextlib.contextmanager
def running_script(
    script: Path,
    *arguments: str,
    home: Path,
    environment: Mapping[str, str] | None = None,
    launcher: Sequence[str] = (),
) -> Iterator[RunningScript]:
    """Runs `python SCRIPT ARGUMENTS` until the block ends, however it ends.

    Args:
        script: The script.
        arguments: What it is given.
        home: Its home folder, which holds nothing but what a script put there before. Output goes below it as well.
        environment: Variables on top of those that every script gets.
        launcher: What stands between `python` and the script.
    """
    home.mkdir(parents=True, exist_ok=True)
    number = len(list(home.glob("*.out")))
    output, errors = home / f"{number}.out", home / f"{number}.err"
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, *launcher, str(script), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=clean_environment(home) | dict(environment or {}),
            cwd=home,
            start_new_session=True,
        )
    running = RunningScript(process, output, errors)
    try:
        yield running
    finally:
        running.kill()


def clean_environment(home: Path) -> dict[str, str]:
    """What a script finds on a machine where nothing is set up for Flyte or for any cloud."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"HOME": str(home), "NO_PROXY": "127.0.0.1"}
