"""What is in the place of a process's store, app and watch while a test answers."""

from __future__ import annotations

from typing import Any

from .._answers import Answer
from .._form_link import FormLink
from .._memory_backend import MemoryBackend
from .._records import Request, Response
from .._runtime import Runtime
from .._service import Service
from .._store import Store
from ._asked import Asked
from ._given import Answers
from ._people import People
from ._watch import AnsweredWatch

__tracebackhide__ = True
"""For pytest, as in the module of the people."""

ENDPOINT = "http://answered.invalid"
"""No app is there: the name is one that never leads anywhere."""


class AnsweredRuntime(Runtime):
    """Where questions are answered by a test, in memory, with no app, no thread and no network.

    Args:
        given: The answers.
        asked: What is asked is added here, and has the clock.
        mend: What to do about a question that nobody answers, as a sentence.
    """

    def __init__(self, given: Answers, asked: Asked, mend: str) -> None:
        service = Service(Store(MemoryBackend(), clock=asked.clock), clock=asked.clock)
        self.people = People(service, given, asked, mend)
        watch = AnsweredWatch(service, self.people.waited_for)
        super().__init__(service, watch)
        asked.clock._on_move(watch.look_again)  # noqa: SLF001

    async def endpoint(self, run: str) -> str:
        return ENDPOINT

    async def announce(self, holder: object, link: FormLink, answer: Answer[Any], response: Response | None) -> None:
        """Has the question answered."""
        await self.people.asked(link, answer)

    async def show(self, link: FormLink, response: Response | None) -> None:
        """Shows nothing: there is no page to lead to."""

    def begin_wait(self, request: Request) -> None:
        """Tells nobody: no person is there."""

    def end_wait(self, request: Request, response: Response | None) -> None:
        """Nor how it ended."""
