"""What fails where a test asks and nobody answers, instead of waiting for a person."""

from __future__ import annotations

from .._runtime import Runtime
from ._asked import Asked
from ._block import together
from ._given import Answers
from ._runtime import AnsweredRuntime

_MEND = (
    "Ask within `with flyteplugins.hitl.testing.answers({...}):`, or answer with the fixture `hitl_answers`. For tests "
    "that ask a real person, run pytest with `--hitl-unanswered=ask`."
)


class Guard:
    """Refuses every question."""

    def __init__(self) -> None:
        self._runtime = AnsweredRuntime(Answers({}), Asked(), _MEND)

    @property
    def runtime(self) -> Runtime:
        """Where the questions are refused."""
        return self._runtime

    def failure(self) -> Exception | None:
        """What was asked, as an error; told once."""
        failures = self._runtime.people.failures
        failure = together(failures)
        failures.clear()
        return failure
