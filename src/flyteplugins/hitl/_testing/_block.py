"""The time in which a test answers: what it puts in place, what it takes away, and what it says at the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from .._runtime import Runtime, stand_in
from ._asked import Asked
from ._failures import AnswersFailure, UnusedAnswer
from ._given import Answers
from ._runtime import AnsweredRuntime

_ADD = "Add it to `testing.answers({...})`."

_lock = threading.Lock()
_open: list[str] = []


class Block:
    """Answers whatever is asked in this process, on any thread and event loop, from `begin` to `end`.

    Args:
        given: The answers.
        allow_unused: Whether there may be answers that nobody asks for.
        where: Where in the code it is opened, for a message.
    """

    def __init__(self, given: Answers, *, allow_unused: bool, where: str) -> None:
        self.asked = Asked()
        self._given = given
        self._allow_unused = allow_unused
        self._where = where
        self._runtime = AnsweredRuntime(given, self.asked, _ADD)

    def begin(self) -> None:
        """Answers from here on.

        Raises:
            RuntimeError: Another block is open.
        """
        with _lock:
            if _open:
                raise RuntimeError(
                    f"Questions are answered by another block already, opened at {_open[0]}. One at a time answers in "
                    "a process: put all answers into one mapping, or end the other block before."
                )
            _open.append(self._where)
            self._before = stand_in(self._stand_in)

    def end(self) -> None:
        """Answers no more."""
        with _lock:
            stand_in(self._before)
            _open.clear()

    def failure(self) -> Exception | None:
        """What went wrong in it, whatever the workflow made of that."""
        return together(self._runtime.people.failures)

    def unused(self) -> Exception | None:
        """That there are answers which nobody asked for."""
        unused = [] if self._allow_unused else self._given.unused()
        if not unused:
            return None
        asked = ", ".join(f"“{name}”" for name in dict.fromkeys(self.asked.names)) or "nothing"
        return UnusedAnswer("\n".join([*unused, f"Asked was: {asked}. Leave the answer out, or mend its name."]))

    def _stand_in(self) -> Runtime:
        return self._runtime


def together(failures: Sequence[Exception]) -> Exception | None:
    """Several failures as one: the first, with what else was wrong."""
    if not failures:
        return None
    told = list(dict.fromkeys(str(each) for each in failures if isinstance(each, AnswersFailure)))
    if len(told) < 2 or not isinstance(failures[0], AnswersFailure):
        return failures[0]
    return type(failures[0])("\n\n".join(told)).with_traceback(failures[0].__traceback__)
