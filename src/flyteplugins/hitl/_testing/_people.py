"""Who answers in a test: through the same service as the page and the JSON call, so by the same rules."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._answers import Answer, InvalidValue
from .._form_link import FormLink
from .._frames import FrameAnswer
from .._outcome import Status
from .._proof import Proof
from .._quoting import shown
from .._records import Channel, Request, Response
from .._service import Service
from .._submission import Submission
from ..errors import FieldError, InvalidAnswer, RequestClosed, TooManyAnswers
from ._asked import Asked, AskedQuestion
from ._failures import UnexpectedQuestion, WrongAnswer, fail
from ._given import Answered, Answers, Cancelled, LeftOpen, Never, Refused
from ._sent import sent

__tracebackhide__ = True
"""For pytest: a failed test shows where the workflow asks, and not how that was found out."""

_MOST_REFUSALS = 100
"""A function that only ever gives what has to be refused would go on for ever."""


@dataclass
class _Person:
    """Who answers one question."""

    link: FormLink
    answer: Answer[Any]
    question: AskedQuestion
    steps: deque[Any]
    checked: int = -1
    must_be_refused: bool = False
    is_gone: bool = False


class People:
    """All who answer in a test, and what went wrong with that.

    Args:
        service: The rules.
        given: What they answer.
        asked: What they are asked is added here.
        mend: What to do about a question that nobody answers, as a sentence.
    """

    def __init__(self, service: Service, given: Answers, asked: Asked, mend: str) -> None:
        self.failures: list[Exception] = []
        self._service = service
        self._given = given
        self._asked = asked
        self._mend = mend
        self._lock = threading.Lock()
        self._persons: dict[str, _Person] = {}
        service.listeners.on_outcome(self._closed)

    async def asked(self, link: FormLink, answer: Answer[Any]) -> None:
        """Is told of a question that was asked, and answers it, where it was not asked before.

        Raises:
            UnexpectedQuestion: Nobody answers it.
            WrongAnswer: What is answered is refused.
            Exception: Whatever a function of the test raises.
        """
        with self._lock:
            person = self._persons.get(link.request.request_id)
            if person is not None:
                person.question.times_asked += 1
                return
        question = await self._question(link.request, answer)
        person = _Person(link, answer, question, deque())
        with self._lock:
            self._persons[link.request.request_id] = person
            self._asked._add(question)  # noqa: SLF001
        try:
            person.steps = self._steps(question)
            await self._go_on(person)
        except Exception as error:
            self.failures.append(error)
            raise

    async def waited_for(self, request: Request) -> bool:
        """Is told that a request is waited for and has no outcome; goes on with it.

        Returns:
            Whether anything was done, so that it may have one now.

        Raises:
            WrongAnswer: What was answered is refused by the workflow's own check.
            Exception: Whatever a function of the test raises.
        """
        person = self._persons.get(request.request_id)
        if person is None:
            return False
        try:
            return await self._judged(person) or self._timed_out(person)
        except Exception as error:
            self.failures.append(error)
            raise

    def _steps(self, question: AskedQuestion) -> deque[Any]:
        steps = self._given.take(question.name)
        if steps is None:
            name = getattr(question.data_type, "__name__", question.data_type)
            fail(
                UnexpectedQuestion,
                f"The workflow asks “{question.name}” ({name}), and the test has no answer to it.\n"
                f"    The prompt: {question.prompt}\n    Answers are given to: {self._given}\n{self._mend}",
            )
        return steps

    async def _go_on(self, person: _Person) -> None:
        """Answers until an answer is taken or kept, or somebody else has to do something."""
        for _ in range(_MOST_REFUSALS):
            step = await self._next(person)
            if isinstance(step, (Never, LeftOpen)):
                person.is_gone = isinstance(step, Never)
                return
            if isinstance(step, Cancelled):
                await self._service.cancel(person.link.request, step.reason)
                return
            person.must_be_refused = isinstance(step, Refused)
            value = step.value if isinstance(step, Refused) else step
            if not await self._is_refused(person, value if isinstance(value, Answered) else Answered(value)):
                return
        fail(
            WrongAnswer,
            f"{_MOST_REFUSALS} answers to “{person.question.name}” were to be refused, and none to stand.",
        )

    async def _next(self, person: _Person) -> Any:
        step = person.steps[0]
        if not callable(step):
            return person.steps.popleft()
        value = step(person.question)
        if inspect.isawaitable(value):
            value = await value
        if not isinstance(value, Refused):
            person.steps.popleft()
        return value

    async def _is_refused(self, person: _Person, given: Answered) -> bool:
        """Sends an answer.

        Returns:
            Whether it is refused, as it has to be.
        """
        errors: Sequence[FieldError] = ()
        request = person.link.request
        try:
            value = await sent(person.answer, given.value, request, self._service.uploads)
            submission = Submission(value=value, channel=Channel.JSON, responder=given.responder, comment=given.comment)
            outcome = await self._service.answer(request, Proof(token=person.link.token), submission)
        except InvalidAnswer as error:
            errors = error.errors
        except TooManyAnswers as error:
            fail(WrongAnswer, error.detail)
        except RequestClosed:
            return False  # It came too late, as somebody's may; the workflow gets what stands.
        if errors:
            self._refused(person, given.value, errors)
            return True
        person.question.answer = given.value
        if isinstance(outcome, Response):
            self._taken(person)
        else:
            person.checked = outcome.number
        return False

    async def _judged(self, person: _Person) -> bool:
        """Goes on after the workflow's own check refused the latest answer."""
        if person.checked < 0:
            return False
        check = await self._service.candidates(person.link.request).check(person.checked)
        if check is None or check.verdict is None or check.verdict.accepted:
            return False
        person.checked = -1
        value, person.question.answer = person.question.answer, None
        self._refused(person, value, check.errors)
        await self._go_on(person)
        return True

    def _timed_out(self, person: _Person) -> bool:
        if not person.is_gone:
            return False
        if person.question.deadline is None:
            fail(
                WrongAnswer,
                f"Nobody ever answers “{person.question.name}”, and it has no deadline: its workflow would wait for "
                "ever. Give it a `timeout_seconds=`, or an answer.",
            )
        person.is_gone = False
        self._asked.clock.advance_to(person.question.deadline)
        return True

    def _refused(self, person: _Person, value: Any, errors: Sequence[FieldError]) -> None:
        person.question.errors.extend(errors)
        if not person.must_be_refused:
            reasons = "".join(f"\n    {error.field}: {error.reason}" for error in errors)
            fail(
                WrongAnswer,
                f"The answer {shown(value)} to “{person.question.name}” is refused, as a person's would be:"
                f"{reasons}\nWhere that is what you test, write `in_turn(refused(bad), good)`.",
            )

    def _taken(self, person: _Person) -> None:
        if person.must_be_refused:
            fail(
                WrongAnswer,
                f"The answer {shown(person.question.answer)} to “{person.question.name}” has to be refused by this "
                "test, and was taken.",
            )

    def _closed(self, response: Response) -> None:
        person = self._persons.get(response.request_id)
        if person is None or person.question.status is not Status.PENDING:
            return
        person.question.status = Status(response.status)
        if response.status != "completed":
            person.question.answer = None
        elif person.checked >= 0:
            try:
                self._taken(person)
            except WrongAnswer as error:
                self.failures.append(error)

    async def _question(self, request: Request, answer: Answer[Any]) -> AskedQuestion:
        question = request.question
        items = () if question.review is None else await self._service.shelf.items(question.review)
        return AskedQuestion(
            name=question.name,
            prompt=question.prompt,
            data_type=answer.data_type,
            show=tuple(each.title or each.files[0].file_name for each in question.show),
            initial=_initial(request, answer, items),
            items=tuple(item.shown for item in items),
            asked_at=request.created_at,
            deadline=request.deadline,
        )


def _initial(request: Request, answer: Answer[Any], items: Sequence[Any]) -> Any:
    if items:
        return [None if item.initial is None else item.initial.value for item in items]
    if isinstance(answer, FrameAnswer):
        return answer.initial
    initial = request.question.initial
    if initial is None:
        return None
    try:
        return answer.from_json(initial.value)
    except InvalidValue:
        return initial.value  # Some members only.
