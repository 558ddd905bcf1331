"""One line at the foot of a terminal that changes, while all that the script prints stays whole.

The line stands on the row below the cursor, wherever the script left that, and the cursor stays where it was. So what
is typed, and a line that the script has printed half of, are never written over. Before the script prints, the line is
taken away; soon after it is drawn again. The terminal stays in the mode in which it was found: a script that is killed
leaves nothing behind but that row.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

_ERASE = "\x1b[J"
"""Clears what is after the cursor, on its row and below: after an Enter, it is in the line itself."""

_MAKE_ROOM = "\x1bD\x1b[A"
"""Down, which scrolls at the foot of the screen, and up again: now there is a row below."""

_BELOW = "\x1b7\x1b[B\r\x1b[J{}\x1b8"
"""Keeps the place of the cursor, clears the row below, and comes back."""

_MOVES = re.compile(r"\x1b(?!\[[0-9;]*m)|\x08|\r\Z")
"""What leaves the cursor before something that the script has written, such as `50 %\\r`."""

_FEWEST_ROWS = 4
_FEWEST_COLUMNS = 20


class LiveLine:
    """The line.

    Args:
        descriptor: The terminal.
        streams: What the script prints to that shows there.

    Attributes:
        is_drawn: Whether it shows now.
        is_at_start: Whether the script has printed whole lines, or such as it will print over; `None` before it prints.
    """

    def __init__(self, descriptor: int, streams: Sequence[TextIO]) -> None:
        self._descriptor = descriptor
        self._streams = streams
        self._encoding = streams[0].encoding or "ascii"
        self._process = os.getpid()
        # Reentrant, because a signal's handler may print while this thread holds it.
        self._lock = threading.RLock()
        self._guards: list[tuple[TextIO, str, Callable[..., Any]]] = []
        self.is_drawn = False
        self.is_at_start: bool | None = None
        self._is_over_text = False
        self._guard_streams()

    @property
    def speaks_unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        return self._encoding.lower().startswith("utf")

    @property
    def columns(self) -> int:
        """How wide a line may be now; 0 where there is no room for one."""
        return _columns(self._descriptor)

    @property
    def is_usable(self) -> bool:
        """Whether it can be shown just now."""
        return _is_usable(self._descriptor)

    def draw(self, text: str) -> None:
        """Shows the line, instead of what it showed before.

        Args:
            text: No wider than `columns`.
        """
        with self._lock:
            self._put(("" if self._is_over_text else _ERASE) + _MAKE_ROOM + _BELOW.format(text))
            self.is_drawn = True

    def say(self, text: str) -> None:
        """Writes lines that stay, on rows of their own, whatever was printed or typed before them."""
        with self._lock:
            self._erase()
            # Blanks as wide as the screen: from within a row they lead into the next one, from its start nowhere.
            new_row = "\n" if self._is_over_text else " " * (self.columns + 1) + "\r"
            self._put(new_row + "".join(f"{line}\n" for line in text.splitlines()))
            self._is_over_text, self.is_at_start = False, True

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Has the script print nothing meanwhile."""
        with self._lock:
            yield

    def entered(self) -> None:
        """Notes that somebody pressed Enter, which brings the cursor to the start of a row."""
        with self._lock:
            self._is_over_text, self.is_at_start = False, True

    def end(self) -> None:
        """Takes the line away, and leaves the script's streams as they were."""
        with self._lock:
            self._erase()
            for stream, name, guarded in self._guards:
                # Somebody else may have put something in front of it since; then it stays, and does nothing.
                if vars(stream).get(name) is guarded:
                    del vars(stream)[name]
            self._guards.clear()

    def _guard_streams(self) -> None:
        for stream in self._streams:
            for name in ("write", "flush"):
                guarded = self._guarded(getattr(stream, name))
                # On the stream itself, because whoever logs may have taken hold of it long ago.
                vars(stream)[name] = guarded
                self._guards.append((stream, name, guarded))

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any) -> Any:
            if os.getpid() != self._process:
                return method(*arguments)  # A fork has no line, and another thread might have held the lock for ever.
            with self._lock:
                self._erase()
                if arguments and isinstance(arguments[0], str) and arguments[0]:
                    self.is_at_start = arguments[0].endswith(("\n", "\r"))
                    self._is_over_text = bool(_MOVES.search(arguments[0]))
                return method(*arguments)

        return guarded

    def _erase(self) -> None:
        if self.is_drawn:
            self.is_drawn = False
            self._put(_BELOW.format("") if self._is_over_text else _ERASE)

    def _put(self, text: str) -> None:
        if not _is_in_background(self._descriptor):
            with contextlib.suppress(OSError):
                os.write(self._descriptor, text.encode(self._encoding, errors="replace"))


def live_line() -> LiveLine | None:
    """The line of this process's terminal, or `None` where there is none, or where it is somebody else's just now."""
    errors, output = sys.__stderr__, sys.__stdout__
    if os.name != "posix" or errors is None or sys.stderr is not errors or is_interactive():
        return None
    try:
        descriptor = errors.fileno()
        if not os.isatty(descriptor) or os.environ.get("TERM", "dumb") in ("", "dumb") or not _is_usable(descriptor):
            return None
        streams = [errors, *([output] if output is not None and _shows(output) else [])]
        return LiveLine(descriptor, streams) if all(hasattr(each, "__dict__") for each in streams) else None
    except (OSError, ValueError):
        return None  # A stream that is closed, or has no file.


def is_interactive() -> bool:
    """Whether the process is something that has a use of its own for the terminal: a prompt, a notebook, tests."""
    return (
        hasattr(sys, "ps1")
        or bool(sys.flags.interactive)
        or hasattr(builtins, "__IPYTHON__")
        or any(module in sys.modules for module in ("_pytest", "textual", "ipykernel"))
    )


def _shows(output: TextIO) -> bool:
    """Whether the output shows on a terminal.

    Raises:
        ValueError: It goes through a pipe, at whose other end may be another program on this terminal.
    """
    descriptor = output.fileno()
    if os.isatty(descriptor):
        return True
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise ValueError("a pipe")
    return False


def _is_usable(descriptor: int) -> bool:
    """Whether a terminal has room for a line, and belongs to this process."""
    return _columns(descriptor) > 0 and not _is_in_background(descriptor)


def _columns(descriptor: int) -> int:
    try:
        size = os.get_terminal_size(descriptor)
    except OSError:
        return 0
    # The last column is left free: some terminals go to the next row as soon as it is written.
    return size.columns - 1 if size.lines >= _FEWEST_ROWS and size.columns >= _FEWEST_COLUMNS else 0


def _is_in_background(descriptor: int) -> bool:
    """Whether somebody else has the terminal, such as the shell that began this as a job."""
    try:
        return os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        return False  # It is no terminal that has jobs.
