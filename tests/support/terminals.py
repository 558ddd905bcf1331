"""Scripts on a terminal of their own: a person who types, and a screen that is looked at."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tests.support.screens import Screen
from tests.support.scripts import LIMIT_SECONDS, LINK, Link, RunningProcess, clean_environment

# What a test itself runs in is no business of a script.
_FOREIGN = ("PYTEST", "NO_COLOR", "TERM", "COLUMNS", "LINES")

# Takes the terminal for its own, as a shell does, and becomes the script. With a `job`, it stays a shell, begins the
# script as a job, and brings that to the back and to the front as it is told by signals.
_TAKE = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
how, command = sys.argv[1], sys.argv[2:]
if how == "closed":
    os.close(0)
job = os.fork() if how in ("front", "back") else 0
if job:
    os.setpgid(job, job)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda *_: os.tcsetpgrp(2, os.getpgrp()))
    signal.signal(signal.SIGUSR2, lambda *_: os.tcsetpgrp(2, job))
    if how == "front":
        os.tcsetpgrp(2, job)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) % 256)
if how in ("front", "back"):
    while os.getpgrp() != os.getpid() or (how == "front" and os.tcgetpgrp(2) != os.getpid()):
        pass
os.execv(command[0], command)
"""


class OnTerminal(RunningProcess):
    """A process on a terminal, of which all is read as it is written."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        super().__init__(process)
        self._master = master
        self._lock = threading.Lock()
        self._written = b""
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def written(self) -> str:
        """All that was written to the terminal so far, with what it obeys."""
        with self._lock:
            return self._written.decode(errors="replace")

    def type(self, text: str) -> None:
        """Types; a `\\n` is Enter."""
        os.write(self._master, text.encode())

    def ended(self, *, within: float = LIMIT_SECONDS) -> int:
        """Waits for its end, and for all that it wrote; returns the exit status."""
        status = super().ended(within=within)
        self._read_to_the_end()
        return status

    def kill(self) -> None:
        super().kill()
        self._read_to_the_end()

    def described(self) -> str:
        return f"--- written\n{self.written}"

    def _show(self, content: bytes) -> None:
        self._written += content

    def _read_to_the_end(self) -> None:
        self._is_over = True
        self._reader.join(10)

    def _read(self) -> None:
        while True:
            # The other end stays open here, so it never says that it was closed.
            if not select.select([self._master], [], [], 0.05)[0]:
                if self._is_over:
                    return
                continue
            content = os.read(self._master, 65_536)
            with self._lock:
                self._show(content)


class TerminalScript(OnTerminal):
    """A script that runs on a terminal."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, slave: int, screen: Screen) -> None:
        self.screen = screen
        self._slave = slave
        self._mode = termios.tcgetattr(slave)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        super().__init__(process, master)

    @property
    def lines(self) -> list[str]:
        """What is seen."""
        with self._lock:
            return self.screen.lines

    @property
    def seen(self) -> str:
        return "\n".join(self.lines)

    @property
    def mode(self) -> Sequence[Any]:
        """The mode of the terminal now; of the process before it began: `first_mode`."""
        return termios.tcgetattr(self._slave)

    @property
    def first_mode(self) -> Sequence[Any]:
        return self._mode

    def link(self, number: int = 1) -> Link:
        """Waits for a link and returns it."""

        def found() -> str | None:
            # The row of the screen may end before it.
            links = LINK.findall(_plain(self.written))
            return links[number - 1] if len(links) >= number else None

        return Link(self.until(found, f"link {number}"))

    def until_seen(self, text: str) -> str:
        """Waits until a text is on the screen, and returns the row of it."""
        return self.until(lambda: next((line for line in self.lines if text in line), None), f"“{text}”")

    def put_back(self) -> None:
        """Has the shell bring the job into the background."""
        self.send(signal.SIGUSR1)
        self.until(lambda: os.tcgetpgrp(self._master) == self._process.pid, "job in the background")

    def bring_forward(self) -> None:
        """Has the shell bring the job to the front."""
        self.send(signal.SIGUSR2)
        self.until(lambda: os.tcgetpgrp(self._master) != self._process.pid, "job in front")

    def stop_job(self) -> None:
        """Has the system stop the job, as Ctrl-Z does, and gives the shell the terminal."""
        self.type("\x1a")
        self.until(lambda: _state(self._job()) == "T", "job that is stopped")
        self.put_back()

    def go_on(self) -> None:
        """Has the job go on in front, as `fg` does."""
        self.bring_forward()
        os.kill(self._job(), signal.SIGCONT)

    def resize(self, rows: int, columns: int) -> None:
        """Makes the window larger or smaller; what is seen is still drawn as before."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def described(self) -> str:
        return f"--- screen\n{self.seen}\n--- written\n{self.written!r}"

    def _job(self) -> int:
        pid = self._process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def _show(self, content: bytes) -> None:
        super()._show(content)
        self.screen.write(self._decoder.decode(content))


@contextlib.contextmanager
def running_on_terminal(
    script: Path,
    *arguments: str,
    home: Path,
    environment: Mapping[str, str] | None = None,
    rows: int = 40,
    columns: int = 200,
    standard_input: int | None = None,
    standard_output: int | None = None,
    without_input: bool = False,
    job: Literal["", "front", "back"] = "",
) -> Iterator[TerminalScript]:
    """Runs `python SCRIPT ARGUMENTS` on a terminal until the block ends, however it ends.

    Args:
        script: The script.
        arguments: What it is given.
        home: Its home folder.
        environment: Variables on top of those that every script gets.
        rows: How high the terminal is.
        columns: How wide it is.
        standard_input: What is read instead of the terminal.
        standard_output: What is printed to instead of the terminal; errors still go there.
        without_input: Whether it finds its standard input closed.
        job: Whether it runs as a job of a shell, and where that begins it.
    """
    home.mkdir(parents=True, exist_ok=True)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    kept = {name: value for name, value in clean_environment(home).items() if not name.startswith(_FOREIGN)}
    how = "closed" if without_input else job
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _TAKE, how, sys.executable, str(script), *arguments],
        stdin=slave if standard_input is None else standard_input,
        stdout=slave if standard_output is None else standard_output,
        stderr=slave,
        env=kept | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | dict(environment or {}),
        cwd=home,
        start_new_session=True,
    )
    running = TerminalScript(process, master, slave, Screen(rows, columns))
    try:
        yield running
    finally:
        running.kill()
        os.close(master)
        os.close(slave)


def _state(process: int) -> str:
    """What a process does: the letter that `ps` shows."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def _plain(text: str) -> str:
    return re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;]*[A-Za-z]|\x1b[78D]", "", text).replace("\r", "")
