"""Why a test fails that answers questions."""

from __future__ import annotations


class AnswersFailure(AssertionError):
    """What was asked and what was answered do not fit together, so the test fails."""


class UnexpectedQuestion(AnswersFailure):
    """The workflow asked something that the test has no answer to."""


class UnusedAnswer(AnswersFailure):
    """The test has an answer that nobody asked for."""


class WrongAnswer(AnswersFailure):
    """An answer of the test was refused, as a person's would be; or was taken, where the test expects a refusal."""
