"""The outcome of a request, and where a request stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from .._outcome import Channel, Status
from ._record import NonEmpty, Record
from ._request import Request


class Response(Record):
    """The outcome of a request: there is at most one, whoever wrote it.

    Attributes:
        request_id: The request that it closes.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        value: The answer as JSON, or the fallback of a request that timed out; `null` for none.
        responder: Who answered or cancelled it, as far as is known for certain; `null` where no person did.
        channel: How it came about.
        comment: What the responder added, or the reason of a cancellation.
        responded_at: When, in UTC.
        replaced_by: The request that took its place, where the status is `replaced`.
    """

    request_id: NonEmpty
    status: Literal["completed", "timed_out", "cancelled", "replaced"]
    value: JsonValue = None
    responder: str | None = None
    channel: Channel
    comment: str = ""
    responded_at: AwareDatetime
    replaced_by: str | None = None

    def has_value(self, request: Request) -> bool:
        """Whether the workflow goes on with the value: it was answered, or has a fallback for nobody's answer."""
        has_fallback = request.question.on_timeout is not None or self.is_partial(request)
        return self.status == "completed" or (self.status == "timed_out" and has_fallback)

    def is_partial(self, request: Request) -> bool:
        """Whether the deadline closed a review with what was decided by then."""
        review = request.question.review
        has_decisions = review is not None and review.allow_partial and self.value is not None
        return self.status == "timed_out" and has_decisions


def status_of(request: Request, response: Response | None, now: datetime, *, is_unchecked: bool = False) -> Status:
    """Derives where a request stands: its outcome, else whether its deadline has passed.

    Args:
        request: The request.
        response: Its outcome, if it has one.
        now: The present moment.
        is_unchecked: Whether an answer that came in time has yet to be checked: then the deadline has to wait for it.
    """
    if response is not None:
        return Status(response.status)
    return Status.TIMED_OUT if request.is_past_deadline(now) and not is_unchecked else Status.PENDING
