"""Why a test fails that answers questions."""

from __future__ import annotations

from typing import NoReturn


class AnswersFailure(AssertionError):
    """What was asked and what was answered do not fit together, so the test fails."""


class UnexpectedQuestion(AnswersFailure):
    """The workflow asked something that the test has no answer to."""


class UnusedAnswer(AnswersFailure):
    """The test has an answer that nobody asked for."""


class WrongAnswer(AnswersFailure):
    """An answer of the test was refused, as a person's would be; or was taken, where the test expects a refusal."""


for _failure in (AnswersFailure, UnexpectedQuestion, UnusedAnswer, WrongAnswer):
    # As those who read a failed test know it.
    _failure.__module__ = "flyteplugins.hitl.testing"


def fail(kind: type[AnswersFailure], what: str) -> NoReturn:
    """Raises from here: the last place is what pytest shows most of, and there is little to see in this one."""
    raise kind(what)
