"""Lines that are typed at the terminal. No more of them is ever read than is asked for.

They are read as the terminal hands them over, whole and already edited, so its mode is never changed. Through a file of
our own, which alone does not block: whatever the script reads by `input()` later is left for it.
"""

from __future__ import annotations

import contextlib
import os
import sys

from ._live_line import is_interactive

_MOST_BYTES = 65_536
"""Far more than a terminal lets anybody type into one line."""

_READERS = frozenset({"pdb", "code"})
"""Modules of Python that read from the terminal as long as their functions run."""


class Keyboard:
    """The keyboard of the terminal.

    Args:
        descriptor: The terminal, opened for this alone, and not blocking.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._begun = b""

    def fileno(self) -> int:
        return self._descriptor

    def line(self) -> str | None:
        """Takes the next line that was typed, without its end; `None` where there is none, or it is not for us."""
        if not self._is_ours():
            return None
        try:
            content = os.read(self._descriptor, _MOST_BYTES)
        except OSError:
            return None
        # Ctrl-D hands over a line that has no end yet; at the start of one, nothing.
        self._begun += content
        if not self._begun.endswith(b"\n"):
            return None
        line, self._begun = self._begun.removesuffix(b"\n").removesuffix(b"\r"), b""
        return line.decode(_encoding(), errors="surrogateescape")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def _is_ours(self) -> bool:
        try:
            # Reading in the background would stop the process.
            return os.tcgetpgrp(self._descriptor) == os.getpgrp() and not _is_read_by_others()
        except OSError:
            return False


def opened_keyboard() -> Keyboard | None:
    """The keyboard of this process, or `None` where it has none."""
    if os.name != "posix" or sys.__stdin__ is None or sys.stdin is not sys.__stdin__ or is_interactive():
        return None
    try:
        standard_input = sys.__stdin__.fileno()
        if not os.isatty(standard_input) or os.tcgetpgrp(standard_input) != os.getpgrp():
            return None
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return Keyboard(os.open(os.ttyname(standard_input), flags))
    except (OSError, ValueError):
        return None


def _is_read_by_others() -> bool:
    """Whether a debugger, or another prompt inside of the script, waits for a line just now."""
    for frame in sys._current_frames().values():  # noqa: SLF001  # There is no other way to see what threads do.
        inner = frame
        while inner is not None:
            if inner.f_globals.get("__name__") in _READERS:
                return True
            inner = inner.f_back  # type: ignore[assignment]
    return False


def _encoding() -> str:
    return (sys.stdin and sys.stdin.encoding) or "utf-8"
