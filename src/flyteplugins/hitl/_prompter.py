"""Tells what a process waits for: on its terminal, or where there is none in a few lines for a log.

It only looks at what is waited for, four times a second at most, on one thread, however many the waits are.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time

from ._keyboard import opened_keyboard
from ._live_line import live_line
from ._records import Request, Response
from ._terminal_prompt import TerminalPrompt
from ._wait_sources import Source, Sources
from ._waiting import how_it_ended, waiting_for

logger = logging.getLogger("flyteplugins.hitl")

_PAUSE_SECONDS = 0.25

_SILENT_SECONDS = 1.0
"""How short a wait is not worth a line in a log."""

_REMINDED_AFTER = 1_800.0
"""How often a log is told that the waiting goes on, in seconds."""


class Prompter:
    """Tells of all waits of a process, from the first that begins to the last that ends, and so on."""

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        """Begins anew: also in a fork, where the thread is not, and where another one may have held the lock."""
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._is_busy = threading.Event()
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self._count = 0
        self._sources: tuple[Source, ...] = ()
        self._prompt: TerminalPrompt | None = None
        self._began: float | None = None
        self._logged: float | None = None

    def begin(self, source: Source) -> None:
        """Is told that a wait begins. From any thread."""
        if self._process != os.getpid():
            self._renew()
        with self._lock:
            self._count += 1
            if source not in self._sources:
                self._sources = (*self._sources, source)
            if self._began is None:
                self._began, self._logged = time.monotonic(), None
                self._is_busy.set()
            if self._thread is None and not self._is_stopped:
                self._thread = threading.Thread(target=self._run, name="flyteplugins-hitl-prompter", daemon=True)
                with contextlib.suppress(RuntimeError):  # The process is at its end.
                    self._thread.start()

    def end(self, request: Request, response: Response | None) -> None:
        """Is told that a wait ended, and how. From any thread. From then on nothing is read that is typed for it."""
        with self._lock:
            self._count -= 1
            is_last = self._count == 0
            if self._prompt is not None:
                self._prompt.ended(request, response, is_last=is_last)
            elif is_last and self._logged is not None:
                _log(how_it_ended(request.question.name, response))
            if is_last:
                self._rest()

    def stop(self) -> None:
        """Leaves the terminal as it was: the process ends."""
        with self._lock:
            self._is_stopped = True
            self._rest()
            # It ends by itself; there is nothing that it could still write.
            self._is_busy.set()

    def _rest(self) -> None:
        """Lets go of the terminal until something is waited for again."""
        self._began = None
        self._sources = ()
        self._is_busy.clear()
        self._drop_prompt()

    def _drop_prompt(self) -> None:
        if self._prompt is not None:
            self._prompt.close()
            self._prompt = None

    def _run(self) -> None:
        while not self._is_stopped:
            self._is_busy.wait()
            try:
                prompt = self._prompt
                if prompt is None:
                    time.sleep(_PAUSE_SECONDS if self._logged is None else _SILENT_SECONDS)
                else:
                    prompt.pause()
                self._step()
            except Exception:
                # A terminal may go away, and at the end of a process all else; whoever waits must not notice.
                logger.debug("It could not be told what is waited for.", exc_info=True)

    def _step(self) -> None:
        with self._lock:
            sources = Sources(self._sources)
            if self._began is None or sources.count == 0:
                return
            self._find_terminal()
            prompt = self._prompt
        if prompt is not None:
            prompt.step(sources)
        else:
            self._tell_log(sources)

    def _find_terminal(self) -> None:
        if self._prompt is not None and not self._prompt.is_usable:
            self._drop_prompt()
        if self._prompt is None:
            line = live_line()
            if line is not None:
                self._prompt = TerminalPrompt(line, opened_keyboard())

    def _tell_log(self, sources: Sources) -> None:
        with self._lock:
            now = time.monotonic()
            if self._began is None or now - self._began < _SILENT_SECONDS:
                return
            if self._logged is not None and now - self._logged < _REMINDED_AFTER:
                return
            for request, source in sources.oldest[:1]:
                _log(waiting_for(request, sources).sentence(source.service.clock.now(), again=self._logged is not None))
                self._logged = now


def _log(text: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):  # There is no standard error, or it is closed.
        print(text, file=sys.stderr, flush=True)  # noqa: T201


prompter = Prompter()
"""The one of this process."""
