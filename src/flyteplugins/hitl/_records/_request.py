"""A question that was put, by whom and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from ._question import Question
from ._record import Frozen, NonEmpty, Record, canonical_json


class Origin(Frozen):
    """Who asks: the action of a Flyte run, or a script outside of one.

    Attributes:
        organization: Flyte's organisation, or empty.
        project: Flyte's project, or empty.
        domain: Flyte's domain, or empty.
        run: The name of the run.
        action: The name of the action in the run; the same in every attempt.
    """

    organization: str = ""
    project: str = ""
    domain: str = ""
    run: NonEmpty
    action: NonEmpty

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump())


class Identity(Frozen):
    """All that tells one request from another. Its id is derived from this, so that asking again is the same request.

    Attributes:
        origin: Who asks.
        name: The event's name.
        idempotency_key: The caller's own key in place of the occurrence, if it gave one.
        occurrence: Counts requests of the same name and content in one action, from 1.
        fingerprint: The hash of the question.
        generation: Counts how often an earlier request like this was replaced or left by its run, from 0.
    """

    origin: Origin
    name: str
    idempotency_key: str | None
    occurrence: int = Field(ge=1)
    fingerprint: str
    generation: int = Field(default=0, ge=0)

    def anew(self) -> Identity:
        """The identity of the same question asked once more, because the one before was left."""
        return self.model_copy(update={"generation": self.generation + 1})

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump())


class Request(Record):
    """A question put to people by a workflow.

    Attributes:
        request_id: Derived from the store's key and from all that tells this request from others, so that asking
            again is the same request.
        scope: The scope of the event; only `run` today.
        origin: Who asks.
        question: What is asked.
        fingerprint: The hash of the question.
        occurrence: Counts requests of the same name and content in one action, from 1.
        turn: How many events of this name the action had asked in the attempt that first asked it, this one included;
            1 with a key. With the name it is the request's place in the workflow. No part of the identity.
        idempotency_key: The caller's own key in place of both counts, if it gave one.
        generation: Counts how often an earlier request like this was replaced or left by its run, from 0.
        created_at: When it was asked, in UTC.
        deadline: The moment after which no answer is taken, in UTC; `null` for none.
        response_path: Where the outcome is kept, under the store's root. It holds an unguessable part, so knowing it
            proves the right to answer.
    """

    request_id: NonEmpty
    scope: Literal["run"] = "run"
    origin: Origin
    question: Question
    fingerprint: NonEmpty
    occurrence: int = Field(ge=1)
    turn: int = Field(ge=1)
    idempotency_key: str | None = None
    generation: int = Field(ge=0)
    created_at: AwareDatetime
    deadline: AwareDatetime | None
    response_path: NonEmpty = Field(repr=False)

    def identity(self) -> Identity:
        """What its id was derived from."""
        return Identity(
            origin=self.origin,
            name=self.question.name,
            idempotency_key=self.idempotency_key,
            occurrence=self.occurrence,
            fingerprint=self.fingerprint,
            generation=self.generation,
        )

    def is_past_deadline(self, now: datetime) -> bool:
        return self.deadline is not None and now >= self.deadline
