"""Answers that wait for the workflow's own check, and what it says of them."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from ._record import Frozen, NonEmpty, Record
from ._response import Response


class Candidate(Record):
    """One entry in the log of answers that wait for the workflow's own check.

    Attributes:
        request_id: The request that it answers.
        response: The response that is written as it is here once the check accepts it. `null` in the last entry of
            a log: the deadline passed, and no answer comes after it.
    """

    request_id: NonEmpty
    response: Response | None


class Reason(Frozen):
    """Why a check refuses an answer.

    Attributes:
        field: The part that it is about, such as `value` for all of it, or `value.items.0.price`.
        reason: Why, for the person who answered.
    """

    field: NonEmpty
    reason: NonEmpty


class Verdict(Record):
    """What the workflow's check said of the candidate of the same number. The first one that is written holds.

    Attributes:
        request_id: The request that the candidate answers.
        accepted: Whether the candidate's response becomes the outcome.
        errors: Why not; empty where it does.
        checked_at: When, in UTC.
    """

    request_id: NonEmpty
    accepted: bool
    errors: tuple[Reason, ...] = ()
    checked_at: AwareDatetime


class Heartbeat(Record):
    """A sign that a workflow is checking an answer just now. It decides nothing.

    Attributes:
        request_id: The request.
        number: The number of the candidate.
        seen_at: When the check was last known to run, in UTC.
    """

    request_id: NonEmpty
    number: int = Field(ge=0)
    seen_at: AwareDatetime
