"""Short ways for tests to ask for a review and to decide on its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flyteplugins.hitl._answers import Answer, answer_for, review_schema
from flyteplugins.hitl._items import chunked, named
from flyteplugins.hitl._progress import Standing
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Initial, Item, Items, Origin, Question, Request, Response, Review
from flyteplugins.hitl._reviews import Decision, Decisions, Reviews
from flyteplugins.hitl._service import Service
from tests.support.questions import ORIGIN, asked


def review_question(
    items: Sequence[Any],
    data_type: Any = bool,
    *,
    name: str = "review",
    prompt: str = "Is it good?",
    initial: Sequence[Any] | None = None,
    groups: Sequence[str] | None = None,
    allow_partial: bool = False,
    labels: Any = None,
    is_validated: bool = False,
) -> tuple[Question, tuple[Items, ...]]:
    """The question, and the items that have to be kept before it is asked."""
    decision: Answer[Any] = answer_for(data_type, labels=labels, max_characters=1000)
    made = [
        Item(
            shown=item,
            initial=None if initial is None else Initial(value=decision.initial_json(initial[number])),
            group=None if groups is None else groups[number],
        )
        for number, item in enumerate(items)
    ]
    chunks = tuple(chunked(made))
    review = Review(chunks=named(chunks), decision_type=decision.name, allow_partial=allow_partial)
    schema = review_schema(decision.schema, len(made), allow_partial=allow_partial)
    return (
        Question(
            name=name,
            prompt=prompt,
            data_type=f"list[{decision.name}]",
            answer_schema=schema,
            review=review,
            is_validated=is_validated,
        ),
        chunks,
    )


async def review_asked(
    service: Service,
    items: Sequence[Any],
    data_type: Any = bool,
    *,
    origin: Origin = ORIGIN,
    timeout_seconds: float | None = 3600,
    **content: Any,
) -> Request:
    question, chunks = review_question(items, data_type, **content)
    await service.shelf.put(chunks)
    return await asked(service, question, origin=origin, timeout_seconds=timeout_seconds)


async def decided(
    service: Service, request: Request, decisions: dict[int, Any], *, withdrawn: Sequence[int] = (), key: str = ""
) -> Standing:
    made = Decisions(
        decided=[Decision(items=[number], value=value) for number, value in decisions.items()],
        withdrawn=withdrawn,
        responder="Ada",
        key=key,
    )
    return await Reviews(service).keep(request, await proof(service, request), made)


async def submitted(service: Service, request: Request, **submission: Any) -> Response:
    reviews = Reviews(service)
    submission.setdefault("seen", (await reviews.standing(request)).number)
    taken = await reviews.submit(request, await proof(service, request), **submission)
    assert isinstance(taken, Response), "The workflow checks it first."
    return taken


async def proof(service: Service, request: Request) -> Proof:
    return Proof(token=(await service.links()).token(request.request_id))
