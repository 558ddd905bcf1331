"""Short ways for tests to ask and answer through the service, with everything that the test does not care about."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from flyteplugins.hitl._answers import ROOT, Entries, answer_for
from flyteplugins.hitl._candidates import Check
from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Channel, Fallback, Initial, Origin, Question, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._submission import Submission

ORIGIN = Origin(organization="o", project="p", domain="d", run="r", action="a0")

_UNSET = object()


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def question(
    data_type: Any = bool,
    *,
    name: str = "review",
    prompt: str = "Approve?",
    on_timeout: object = _UNSET,
    initial: object = _UNSET,
    labels: Any = None,
    max_characters: int = 1000,
    is_validated: bool = False,
) -> Question:
    answer = answer_for(data_type, labels=labels, max_characters=max_characters)
    return Question(
        name=name,
        prompt=prompt,
        data_type=answer.name,
        answer_schema=answer.schema,
        initial=None if initial is _UNSET else Initial(value=answer.initial_json(initial)),
        on_timeout=None if on_timeout is _UNSET else Fallback(value=answer.fallback_json(on_timeout)),
        is_validated=is_validated,
    )


async def asked(
    service: Service,
    asked_question: Question | None = None,
    *,
    origin: Origin = ORIGIN,
    turn: int = 1,
    occurrence: int = 1,
    idempotency_key: str | None = None,
    timeout_seconds: float | None = 3600,
    earlier: Earlier | None = None,
) -> Request:
    put = await service.ask(
        asked_question or question(),
        origin=origin,
        turn=turn,
        occurrence=occurrence,
        idempotency_key=idempotency_key,
        timeout_seconds=timeout_seconds,
        earlier=earlier,
    )
    return put.request


async def answered(service: Service, request: Request, value: object = "true", **submission: Any) -> Response:
    proof = Proof(token=(await service.links()).token(request.request_id))
    taken = await service.answer(request, proof, _submission(value, submission))
    assert isinstance(taken, Response), "The answer was not accepted at once: the workflow checks it first."
    return taken


async def kept(service: Service, request: Request, value: object = "true", **submission: Any) -> Check:
    """Answers a question that the workflow checks; returns where the check stands."""
    proof = Proof(token=(await service.links()).token(request.request_id))
    taken = await service.answer(request, proof, _submission(value, submission))
    assert isinstance(taken, Check), "The answer was accepted with no check."
    return taken


def _submission(value: object, details: dict[str, Any]) -> Submission:
    # Text is what a person typed into a form of one field.
    typed = Entries([(ROOT, value)]) if isinstance(value, str) else value
    channel = Channel.FORM if isinstance(typed, Entries) else Channel.JSON
    return Submission(value=typed, **{"channel": channel, **details})
