"""`Event`: a question that was put to a person, and how to get the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from flyte.syncify import syncify

from ._answers import ROOT, Answer, InvalidValue, written
from ._form_link import FormLink
from ._records import Channel, Response, Status
from ._report import show_in_report
from ._reviews import Reviews
from ._runtime import Runtime
from ._validation import Validate, errors_of
from .errors import EventCancelled, EventClosed, EventReplaced, EventTimedOut, FieldError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Outcome(Generic[T]):
    """How an event ended.

    Attributes:
        value: The answer, or the value of `on_timeout=`; `None` where there is neither.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        responder: Who answered, as far as the app knows for certain; `None` where no person did.
        channel: How the outcome came about.
        comment: What the responder added, or the reason of a cancellation.
        asked_at: When it was asked, in UTC.
        deadline: Until when it could be answered, in UTC; `None` for no limit.
        closed_at: When the outcome came about, in UTC.
        changes: What the person changed of what the form was filled with by `initial=`: a `Change` each, or a
            `FrameChange` for a data frame.
    """

    value: T | None
    status: Status
    responder: str | None
    channel: Channel
    comment: str
    asked_at: datetime
    deadline: datetime | None
    closed_at: datetime
    changes: tuple[Any, ...] = ()


class SyncAndAsync(Protocol[T_co]):
    """A method with two faces: `method()` blocks, `method.aio()` is awaited."""

    def __call__(self) -> T_co: ...

    def aio(self) -> Awaitable[T_co]: ...


class Event(Generic[T]):
    """A question put to a person. Made by `new_event`.

    Attributes:
        name: The event's name.
        data_type: The type of the answer.
        prompt: The message on the form.
        scope: The scope of the event.
        request_id: Names the request; the same after a crash.
        response_path: Proves the right to answer in the JSON call. Treat it as a secret.
        endpoint: The address of the app that shows the form.
        form_url: The link to the form. Whoever has it can answer.
        api_url: The address of the JSON call.
        deadline: Until when it can be answered, in UTC; `None` for no limit.
        poll_interval_seconds: How often the store is looked into at the longest, in seconds.
    """

    def __init__(
        self, *, link: FormLink, answer: Answer[T], runtime: Runtime, interval: float, validate: Validate | None = None
    ) -> None:
        request = link.request
        self.name = request.question.name
        self.data_type: Any = answer.data_type
        self.prompt = request.question.prompt
        self.scope = request.scope
        self.request_id = request.request_id
        self.response_path = request.response_path
        self.endpoint = link.endpoint
        self.form_url = link.form_url
        self.api_url = link.api_url
        self.deadline = request.deadline
        self.poll_interval_seconds = interval
        self._answer = answer
        self._link = link
        self._request = request
        self._runtime = runtime
        self._validate = validate

    @property
    def curl(self) -> str:
        """The JSON call, ready to be pasted into a shell; put your answer in place of the value."""
        return self._link.curl

    @syncify
    async def wait(self) -> T:
        """Waits for the answer. Answers are checked by the function given as `validate=` while this waits.

        Returns:
            The answer, of the type that was asked for; or the value of `on_timeout=`, if nobody answered in time.

        Raises:
            EventTimedOut: Nobody answered before the deadline. It is a `TimeoutError`.
            EventCancelled: The event was cancelled.
            EventReplaced: A later attempt of the task asks something else under this name.
            Exception: Whatever the function given as `validate=` raises that refuses no answer.
        """
        response = await self._outcome()
        if response.has_value(self._request):
            return await self._value(response)
        raise self._closed(response)

    @syncify
    async def response(self) -> Outcome[T]:
        """Waits for the outcome, whatever it is, and returns all of it: who, when, how, and the comment.

        Returns:
            The outcome. No status of it is raised as an error.

        Raises:
            Exception: Whatever the function given as `validate=` raises that refuses no answer.
        """
        return await self._described(await self._outcome())

    @syncify
    async def cancel(self, reason: str = "") -> Outcome[T]:
        """Closes the event with no answer, unless it has an outcome already.

        Args:
            reason: Why, for whoever opens the form.

        Returns:
            The outcome that stands, which is another one if somebody was quicker.
        """
        response = await self._runtime.service.cancel(self._request, reason)
        await show_in_report(self._link, response)
        return await self._described(response)

    @syncify
    async def status(self) -> Status:
        """Tells where the event stands, without waiting."""
        return await self._runtime.service.status(self._request)

    def __repr__(self) -> str:
        return f"Event(name={self.name!r}, data_type={self._answer.name}, request_id={self.request_id!r})"

    async def _outcome(self) -> Response:
        try:
            response = await self._runtime.watch.outcome(
                self._request, self.poll_interval_seconds, self._errors if self._request.question.is_validated else None
            )
        except asyncio.CancelledError:
            self._runtime.open_requests.wait_cancelled(self._request)
            raise
        self._runtime.open_requests.closed(response)
        await show_in_report(self._link, response)
        return response

    async def _errors(self, response: Response) -> Sequence[FieldError]:
        """Why an answer is refused: by its type, where that says more than the schema, or by the author's function."""
        try:
            value = await self._value(response)
        except InvalidValue as error:
            return [FieldError(field=written((ROOT, *each.path)), reason=each.reason) for each in error.problems]
        return () if self._validate is None else await errors_of(self._validate, value)

    async def _value(self, response: Response) -> T:
        return self._answer.from_json(await self._runtime.service.value(self._request, response))

    async def _described(self, response: Response) -> Outcome[T]:
        return Outcome(
            value=await self._value(response) if response.has_value(self._request) else None,
            status=Status(response.status),
            responder=response.responder,
            channel=response.channel,
            comment=response.comment,
            asked_at=self._request.created_at,
            deadline=self.deadline,
            closed_at=response.responded_at,
            changes=await self._changes(response),
        )

    async def _changes(self, response: Response) -> tuple[Any, ...]:
        if self._request.question.review is not None:
            return await Reviews(self._runtime.service).changes(self._request, response)
        initial, table = self._request.question.initial, self._request.question.table
        if (initial is None and table is None) or response.status != "completed":
            return ()
        return self._answer.changes(None if initial is None else initial.value, response.value)

    def _closed(self, response: Response) -> EventClosed:
        if response.status == "timed_out":
            return EventTimedOut(
                f"Nobody answered “{self.name}” before {self.deadline}. Give more time with `timeout_seconds=`, or a "
                "value to go on with by `on_timeout=`.",
                response,
            )
        if response.status == "replaced":
            return EventReplaced(
                f"“{self.name}” was replaced: a later attempt of its task asks something else under this name. "
                "This attempt should end.",
                response,
            )
        reason = f": {response.comment}" if response.comment else "."
        return EventCancelled(f"“{self.name}” was cancelled{reason}", response)
