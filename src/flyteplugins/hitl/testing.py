"""Answers what your workflows ask, for tests of your own: with no app, no browser, no waiting, and nothing left behind.

```python
from flyteplugins.hitl import testing


def test_a_good_model_is_deployed():
    with testing.answers({"deploy_model": True}) as asked:
        assert deploy() == "deployed"
    assert "87%" in asked["deploy_model"].prompt
```

Answers go through the same rules as those of the page, so no test passes with an answer that nobody could give.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from ._testing._asked import Asked, AskedQuestion
from ._testing._clock import Clock
from ._testing._failures import AnswersFailure, UnexpectedQuestion, UnusedAnswer, WrongAnswer
from ._testing._given import Answered, Answers, Cancelled, InTurn, LeftOpen, Never, Refused

__all__ = [
    "AnswersFailure",
    "Asked",
    "AskedQuestion",
    "Clock",
    "UnexpectedQuestion",
    "UnusedAnswer",
    "WrongAnswer",
    "answered",
    "answers",
    "cancelled",
    "in_turn",
    "left_open",
    "never",
    "refused",
]


def answers(
    given: Mapping[str, Any]
    | Mapping[re.Pattern[str], Any]
    | Mapping[str | re.Pattern[str], Any]
    | Callable[[AskedQuestion], Any],
    *,
    allow_unused: bool = False,
) -> AbstractContextManager[Asked]:
    """Answers what is asked in the block, in whatever thread or event loop of this process.

    Each question is answered before `new_event` returns. One block at a time is open in a process.

    Args:
        given: The answers by the name of the event, by a pattern such as `label*`, or by a compiled regular expression
            that fits the whole name; a name counts before a pattern, and the first pattern that fits before others. Or
            one function for all questions.

            An answer is a value of the type that is asked for, or the JSON of it; of a file, its path or its bytes; of
            a data frame, the frame as it is to be. It is given as often as it is asked for. A function is called with
            the `AskedQuestion`, and returns the answer; it may be async. Else it is one of `in_turn`, `refused`,
            `answered`, `never`, `cancelled` and `left_open`.
        allow_unused: Whether there may be answers that nobody asks for.

    Returns:
        What is asked, with the clock.

    Raises:
        InvalidParameter: What is given cannot be used.
        RuntimeError: Another block is open.
        UnexpectedQuestion: Something was asked that there is no answer to. Raised where it is asked, and again at the
            end of the block, so that nothing can hide it.
        WrongAnswer: An answer was refused, with the reasons by field. Raised twice likewise.
        UnusedAnswer: At the end of the block, there is an answer that nobody asked for.
    """
    caller = sys._getframe(1)  # noqa: SLF001
    return _Answering(Answers(given), allow_unused, f"{caller.f_code.co_filename}:{caller.f_lineno}")


class _Answering(AbstractContextManager[Asked]):
    def __init__(self, given: Answers, allow_unused: bool, where: str) -> None:
        self._given = given
        self._allow_unused = allow_unused
        self._where = where

    def __enter__(self) -> Asked:
        # Only a test that answers pays for the import.
        from ._testing._block import Block

        __tracebackhide__ = True
        self._block = Block(self._given, allow_unused=self._allow_unused, where=self._where)
        self._block.begin()
        return self._block.asked

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._block.end()
        if error is not None and not isinstance(error, Exception):
            return
        failure = self._block.failure() or (self._block.unused() if error is None else None)
        if failure is not None and failure is not error:
            raise failure from error


def in_turn(*answers: Any) -> Any:
    """One answer after another: the first time the question is asked the first, and so on.

    Args:
        answers: The answers. One that is `refused` is followed by the next at once, as the question is still open.
    """
    return InTurn(answers)


def refused(value: Any) -> Any:
    """An answer that has to be refused, by its type or by the `validate=` of the author; the test fails if it is taken.

    The reasons are in `asked[...].errors`. The question stays open, so another answer comes after it, as in
    `in_turn(refused("maybe"), True)`. A function that returns one is called again.

    Args:
        value: The answer.
    """
    return Refused(value)


def answered(value: Any, *, responder: str | None = None, comment: str = "") -> Any:
    """An answer with more to it, for workflows that look at the whole outcome.

    Args:
        value: The answer.
        responder: Who answers, as an app that knows would say.
        comment: What they add.
    """
    return Answered(value, responder, comment)


def never() -> Any:
    """Nobody answers: when the workflow waits, the clock goes to the deadline, and it gets what it would get then."""
    return Never()


def cancelled(reason: str = "") -> Any:
    """The question is cancelled as soon as it is asked, so that waiting for it raises `EventCancelled`.

    Args:
        reason: Why.
    """
    return Cancelled(reason)


def left_open() -> Any:
    """Nobody answers for now: the question is open until the workflow cancels it or `asked.clock` passes its deadline.

    For workflows that run beside the test, in a thread or as an `asyncio` task; others would wait for ever.
    """
    return LeftOpen()
