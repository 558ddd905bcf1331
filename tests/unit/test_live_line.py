"""Holds the line at the foot of a terminal: it never harms what is printed, and leaves the streams as they were."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, TextIO, cast

import pytest

from flyteplugins.hitl._keyboard import _is_read_by_others, opened_keyboard
from flyteplugins.hitl._live_line import LiveLine, live_line
from tests.support.screens import Screen

ROWS, COLUMNS = 6, 40


class Tty:
    """A terminal with a stream to it, and its screen."""

    def __init__(self, stream: TextIO, master: int, slave: int) -> None:
        self.stream = stream
        self.slave = slave
        self._master = master
        self._screen = Screen(ROWS, COLUMNS)

    @property
    def lines(self) -> list[str]:
        os.set_blocking(self._master, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._screen.write(os.read(self._master, 65_536).decode())
        return self._screen.lines


@pytest.fixture
def tty() -> Iterator[Tty]:
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    with os.fdopen(os.dup(slave), "w", encoding="utf-8", buffering=1) as stream:
        yield Tty(stream, master, slave)
    os.close(master)
    os.close(slave)


@pytest.fixture
def line(tty: Tty) -> Iterator[LiveLine]:
    drawn = LiveLine(tty.slave, [tty.stream])
    yield drawn
    drawn.end()


def test_it_stands_below_what_is_printed(tty: Tty, line: LiveLine) -> None:
    print("one", file=tty.stream)
    line.draw("waiting 1 s")
    print("two", file=tty.stream)
    line.draw("waiting 2 s")

    assert tty.lines == ["one", "two", "", "waiting 2 s"]


def test_it_goes_on_below_a_half_printed_line(tty: Tty, line: LiveLine) -> None:
    print("half ", end="", file=tty.stream, flush=True)
    line.draw("waiting 1 s")
    assert tty.lines == ["half", "waiting 1 s"]
    print("and half", file=tty.stream)
    line.end()

    assert tty.lines == ["half and half"]


def test_what_stands_after_the_cursor_stays(tty: Tty, line: LiveLine) -> None:
    line.draw("waiting 1 s")
    print("50 % done\r", end="", file=tty.stream, flush=True)
    line.draw("waiting 2 s")
    line.draw("waiting 3 s")
    assert tty.lines == ["50 % done", "waiting 3 s"]
    line.say("a word")

    assert tty.lines == ["50 % done", "a word"]


@pytest.mark.parametrize("before", ["", "x", "x" * (COLUMNS - 1), "x" * COLUMNS, "x" * (COLUMNS + 5)])
def test_what_is_said_has_rows_of_its_own(before: str, tty: Tty, line: LiveLine) -> None:
    # As the terminal itself shows what is typed, of which no program is told.
    os.write(tty.slave, before.encode())
    line.draw("waiting 1 s")
    line.say("one\ntwo")
    line.draw("waiting 2 s")

    rows = [before[start : start + COLUMNS] for start in range(0, len(before), COLUMNS)]
    assert tty.lines == [*rows, "one", "two", "", "waiting 2 s"]


def test_at_the_foot_of_the_screen_nothing_is_lost(tty: Tty, line: LiveLine) -> None:
    for number in range(20):
        print(f"line {number}", file=tty.stream)
        line.draw(f"waiting {number} s")
    line.end()

    assert tty.lines == [f"line {number}" for number in range(20)]


def test_afterwards_the_streams_are_as_they_were(tty: Tty) -> None:
    before = dict(vars(tty.stream))
    line = LiveLine(tty.slave, [tty.stream])
    assert vars(tty.stream) != before
    line.draw("waiting 1 s")
    line.end()

    assert vars(tty.stream) == before


def test_what_somebody_else_put_before_a_stream_stays(tty: Tty) -> None:
    line = LiveLine(tty.slave, [tty.stream])
    ours = tty.stream.write
    theirs: list[str] = []

    def write(text: str) -> int:
        theirs.append(text)
        return ours(text)

    vars(tty.stream)["write"] = write
    line.end()
    print("still printed", file=tty.stream)

    assert "still printed" in theirs
    assert tty.lines == ["still printed"]


def test_many_threads_print_whole_lines(tty: Tty, line: LiveLine) -> None:
    def prints(name: int) -> None:
        for number in range(50):
            tty.stream.write(f"{name} says {number}\n")

    threads = [threading.Thread(target=prints, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    lines: list[str] = []
    while any(thread.is_alive() for thread in threads):
        line.draw("waiting")
        lines = tty.lines
    line.end()
    lines = tty.lines

    assert sorted(lines) == sorted(f"{name} says {number}" for name in range(4) for number in range(50))


def test_a_fork_prints_though_another_thread_held_the_line(tty: Tty) -> None:
    script = """
import os, sys, threading
from flyteplugins.hitl._live_line import LiveLine
line = LiveLine(2, [sys.stderr])
line.draw("waiting")
held, done = threading.Event(), threading.Event()
def hold():
    with line._lock:
        held.set()
        done.wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    print("from the fork", file=sys.stderr, flush=True)
    os._exit(0)
status = os.waitpid(child, 0)[1]
done.set()
sys.exit(status)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], stderr=tty.slave, timeout=60, check=False)

    assert done.returncode == 0
    assert any(row.startswith("from the fork") for row in tty.lines)


def test_there_is_none_in_a_test() -> None:
    assert live_line() is None
    assert opened_keyboard() is None


def test_a_debugger_that_reads_is_left_to_read() -> None:
    import pdb

    assert not _is_read_by_others()
    asked, answered = threading.Event(), threading.Event()

    class Slow(io.TextIOBase):
        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            asked.set()
            answered.wait(30)
            return "continue\n"

    def debugged() -> None:
        debugger = pdb.Pdb(stdin=cast("IO[str]", Slow()), stdout=io.StringIO(), nosigint=True)
        debugger.set_trace()

    thread = threading.Thread(target=debugged, daemon=True)
    thread.start()
    assert asked.wait(30)
    assert _is_read_by_others()
    answered.set()
    thread.join(30)
    assert not _is_read_by_others()
