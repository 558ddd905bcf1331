"""Why an answer that fits is not taken all the same, in words for whoever sent it."""

from __future__ import annotations

from ._records import Request, Response
from .errors import DeadlinePassed, FieldError, InvalidAnswer, RequestClosed

_CLOSED_BECAUSE = {
    "completed": "It was answered before, and the first answer stands.",
    "timed_out": "The deadline has passed, and the workflow has gone on without an answer.",
    "cancelled": "It was cancelled, so the workflow does not wait for an answer any more.",
    "replaced": "The workflow asks something else in its place: answer that instead.",
}


def closed(request: Request, standing: Response) -> RequestClosed:
    """An outcome stands."""
    kind = DeadlinePassed if standing.status == "timed_out" else RequestClosed
    detail = f"This answer to “{request.question.name}” was not taken. {_CLOSED_BECAUSE[standing.status]}"
    return kind(detail, standing)


def already_closed(request: Request, standing: Response) -> RequestClosed:
    """An outcome stands, so there is nothing left to cancel."""
    kind = DeadlinePassed if standing.status == "timed_out" else RequestClosed
    return kind(f"“{request.question.name}” is closed already, so it cannot be cancelled.", standing)


def too_late() -> DeadlinePassed:
    """The deadline has passed, and what came before it is not decided yet."""
    return DeadlinePassed(
        "This answer was not taken. The deadline has passed; the workflow has yet to check an answer that came before.",
        None,
    )


def key_of_another_answer() -> InvalidAnswer:
    """Two answers were sent with one key."""
    reason = "Another answer was sent with this key. Send each answer with a key of its own."
    return InvalidAnswer(FieldError(field="idempotency_key", reason=reason))
