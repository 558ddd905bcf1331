"""A question that was put: all that an `Event` does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._answers import ROOT, Answer, InvalidValue, written
from ._form_link import FormLink
from ._outcome import Outcome, Status
from ._records import Request, Response
from ._reviews import Reviews
from ._runtime import Runtime
from ._validation import Validate, errors_of
from .errors import EventCancelled, EventClosed, EventReplaced, EventTimedOut, FieldError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Asked(Generic[T]):
    """A question that was put.

    Attributes:
        link: Where it is answered.
        answer: What it asks for.
        runtime: Where it was put.
        interval: How often the store is looked into at the longest, in seconds.
        check: The author's function, which checks the answers.
    """

    link: FormLink
    answer: Answer[T]
    runtime: Runtime
    interval: float
    check: Validate | None = None

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.link.request

    async def value(self) -> T:
        """Waits for the answer.

        Raises:
            EventClosed: There is none.
        """
        response = await self._outcome()
        if response.has_value(self.request):
            return await self._value(response)
        raise self._closed(response)

    async def outcome(self) -> Outcome[T]:
        """Waits for the outcome, whatever it is."""
        return await self._described(await self._outcome())

    async def cancel(self, reason: str) -> Outcome[T]:
        """Closes the request with no answer, unless it has an outcome already; returns the one that stands."""
        response = await self.runtime.service.cancel(self.request, reason)
        await self.runtime.show(self.link, response)
        return await self._described(response)

    async def status(self) -> Status:
        """Tells where it stands, without waiting."""
        return await self.runtime.service.status(self.request)

    async def _outcome(self) -> Response:
        response: Response | None = None
        self.runtime.begin_wait(self.request)
        try:
            response = await self.runtime.watch.outcome(
                self.request, self.interval, self._errors if self.request.question.is_validated else None
            )
        except asyncio.CancelledError:
            self.runtime.open_requests.wait_cancelled(self.request)
            raise
        finally:
            self.runtime.end_wait(self.request, response)
        self.runtime.open_requests.closed(response)
        await self.runtime.show(self.link, response)
        return response

    async def _errors(self, response: Response) -> Sequence[FieldError]:
        """Why an answer is refused: by its type, where that says more than the schema, or by the author's function."""
        try:
            value = await self._value(response)
        except InvalidValue as error:
            return [FieldError(field=written((ROOT, *each.path)), reason=each.reason) for each in error.problems]
        return () if self.check is None else await errors_of(self.check, value)

    async def _value(self, response: Response) -> T:
        return self.answer.from_json(await self.runtime.service.value(self.request, response))

    async def _described(self, response: Response) -> Outcome[T]:
        return Outcome(
            value=await self._value(response) if response.has_value(self.request) else None,
            status=Status(response.status),
            responder=response.responder,
            channel=response.channel,
            comment=response.comment,
            asked_at=self.request.created_at,
            deadline=self.request.deadline,
            closed_at=response.responded_at,
            changes=await self._changes(response),
        )

    async def _changes(self, response: Response) -> tuple[Any, ...]:
        if self.request.question.review is not None:
            return await Reviews(self.runtime.service).changes(self.request, response)
        initial, table = self.request.question.initial, self.request.question.table
        if (initial is None and table is None) or response.status != "completed":
            return ()
        return self.answer.changes(None if initial is None else initial.value, response.value)

    def _closed(self, response: Response) -> EventClosed:
        name = self.request.question.name
        if response.status == "timed_out":
            return EventTimedOut(
                f"Nobody answered “{name}” before {self.request.deadline}. Give more time with `timeout_seconds=`, or "
                "a value to go on with by `on_timeout=`.",
                response,
            )
        if response.status == "replaced":
            return EventReplaced(
                f"“{name}” was replaced: a later attempt of its task asks something else under this name. "
                "This attempt should end.",
                response,
            )
        reason = f": {response.comment}" if response.comment else "."
        return EventCancelled(f"“{name}” was cancelled{reason}", response)
