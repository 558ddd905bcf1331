"""Reviews: what a person may do with a question that asks for a decision on each of many items."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue

from ._answers import Entries, Form, decision_schema
from ._candidates import Check
from ._changes import Change
from ._progress import Standing
from ._proof import Proof
from ._records import Batch, Channel, Item, Question, Request, Response, Review
from ._service import Service
from ._store import new_nonce
from ._submission import Submission
from .errors import FieldError, InvalidAnswer, RequestNotFound, ReviewMoved


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The same decision on some items, as it came in, not yet checked.

    Attributes:
        items: The numbers of the items, from 0.
        value: What a form holds, or a JSON value.
    """

    items: Sequence[int]
    value: object


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Decisions that were made together.

    Attributes:
        decided: The decisions.
        withdrawn: The numbers of the items that are to be undecided again.
        responder: Who decides, as far as the app knows for certain.
        key: The same for the same decisions sent again, so that they count once.
    """

    decided: Sequence[Decision] = ()
    withdrawn: Sequence[int] = ()
    responder: str | None = None
    key: str | None = None

    def nonce(self, request_id: str) -> str:
        if not self.key:
            return new_nonce()
        return hashlib.sha256(f"{request_id}\0{self.key}".encode(errors="surrogatepass")).hexdigest()


class Reviews:
    """The reviews of a store.

    Args:
        service: The rules that reviews share with all other questions.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def standing(self, request: Request) -> Standing:
        """How far a review has come."""
        return await self._service.progress.standing(request.request_id)

    async def items(self, request: Request, start: int = 0, count: int | None = None) -> Sequence[Item]:
        """Some items of a review, in order.

        Raises:
            DamagedRecord: They are not there.
        """
        return await self._service.shelf.items(review_of(request), start, count)

    async def like(self, request: Request, number: int) -> Sequence[int]:
        """The numbers of the items that are like one: of the same group, or else the same."""
        items = await self.items(request)
        _check_numbers(request, [number], "item")
        return [each for each, item in enumerate(items) if _is_like(item, items[number])]

    async def keep(self, request: Request, proof: Proof, decisions: Decisions) -> Standing:
        """Keeps decisions, all of them or none.

        Returns:
            How far the review has come with them.

        Raises:
            AccessDenied: The caller may not decide.
            RequestClosed: An outcome stands.
            DeadlinePassed: The time is over.
            InvalidAnswer: Some do not fit; nothing was kept.
        """
        await self._service.authorize(request, proof)
        await self._service.check_open(request)
        # Ten thousand at once take a second to check.
        decided = await asyncio.to_thread(_checked, request, decisions)
        batch = Batch(
            nonce=decisions.nonce(request.request_id),
            decided=decided,
            withdrawn=tuple(decisions.withdrawn),
            responder=decisions.responder,
            made_at=self._service.clock.now(),
        )
        standing = await self._service.progress.add(request.request_id, batch)
        # Whoever closed it meanwhile may not have seen these: they must not look as if they counted.
        await self._service.check_open(request)
        return standing

    async def submit(
        self,
        request: Request,
        proof: Proof,
        *,
        seen: int,
        comment: str = "",
        responder: str | None = None,
        idempotency_key: str | None = None,
    ) -> Response | Check:
        """Answers with the decisions that are kept, if they are those that the reviewer saw.

        Args:
            request: The request.
            proof: What proves the right to answer it.
            seen: How many entries the log had when the reviewer last saw what it comes to.
            comment: What the reviewer adds.
            responder: Who submits, as far as the app knows for certain.
            idempotency_key: The same for the same submission sent again.

        Raises:
            ReviewMoved: Others decided since; what they decided was not seen.
            InvalidAnswer: Some items are undecided, and the workflow asks for all.
            AccessDenied, RequestClosed, DeadlinePassed: As for any answer.
        """
        await self._service.authorize(request, proof)
        standing = await self.standing(request)
        review = review_of(request)
        if standing.number != seen and await self._service.response(request) is None:
            raise ReviewMoved(
                f"Decisions on “{request.question.name}” were made elsewhere since you looked, so nothing was "
                "submitted. This page shows them all now: look at them, and submit again."
            )
        left = review.count - len(standing.decided)
        if left and not review.allow_partial:
            raise InvalidAnswer(FieldError(field="value", reason=undecided(left, review.count)))
        submission = Submission(
            value=[standing.decided.get(number) for number in range(review.count)],
            channel=Channel.FORM,
            comment=comment,
            responder=responder,
            idempotency_key=idempotency_key,
        )
        return await self._service.answer(request, proof, submission)

    async def changes(self, request: Request, response: Response) -> tuple[Change, ...]:
        """What was decided otherwise than suggested, item by item."""
        if not response.has_value(request) or not isinstance(response.value, list):
            return ()
        form = decision_form(request)
        return tuple(
            replace(change, path=".".join(part for part in (str(number), change.path) if part))
            for number, item in enumerate(await self.items(request))
            if item.initial is not None and response.value[number] is not None
            for change in form.changes(item.initial.value, response.value[number])
        )


def review_of(request: Request) -> Review:
    """The review that a request asks for.

    Raises:
        RequestNotFound: It asks for something else.
    """
    review = request.question.review
    if review is None:
        raise RequestNotFound(f"“{request.question.name}” is no review, so it has no items. Open its form.")
    return review


def decision_form(request: Request) -> Form:
    """Reads and shows the decision on one item of a review."""
    return Form(decision_schema(request.question.answer_schema))


def form_to_fill(request: Request) -> Form:
    """The form that a person has before them: the answer's, or that of the decision on one item."""
    return Form(request.question.answer_schema) if request.question.review is None else decision_form(request)


def decision_question(question: Question) -> Question:
    """What is asked of one item."""
    name = question.data_type if question.review is None else question.review.decision_type
    return question.model_copy(update={"answer_schema": decision_schema(question.answer_schema), "data_type": name})


def undecided(left: int, count: int) -> str:
    """Why a review cannot be submitted yet, as a sentence."""
    are = "item is" if left == 1 else "items are"
    return f"{left:,} of {count:,} {are} undecided, and the workflow asks for all. Decide on the rest first."


def _checked(request: Request, decisions: Decisions) -> dict[int, JsonValue]:
    question, count = decision_question(request.question), review_of(request).count
    if len(decisions.decided) > count or len(decisions.withdrawn) > count:
        reason = f"There are more decisions than the {count:,} items. Send one decision an item."
        raise InvalidAnswer(FieldError(field="decisions", reason=reason))
    checked: dict[int, JsonValue] = {}
    _check_numbers(request, decisions.withdrawn, "withdrawn")
    for decision in decisions.decided:
        _check_numbers(request, decision.items, "items")
        channel: Literal[Channel.FORM, Channel.JSON] = (
            Channel.FORM if isinstance(decision.value, Entries) else Channel.JSON
        )
        try:
            value = Submission(value=decision.value, channel=channel).checked_value(question)
        except InvalidAnswer as error:
            raise InvalidAnswer(*_at(decision.items, error.errors)) from None
        checked.update(dict.fromkeys(decision.items, value))
    return checked


def _at(items: Iterable[int], errors: Sequence[FieldError]) -> list[FieldError]:
    return [FieldError(field=f"{number}.{each.field}", reason=each.reason) for number in items for each in errors]


def _check_numbers(request: Request, numbers: Iterable[int], field: str) -> None:
    count = review_of(request).count
    for number in numbers:
        if not 0 <= number < count:
            reason = f"There is no item {number}: they are numbered from 0 to {count - 1}."
            raise InvalidAnswer(FieldError(field=field, reason=reason))


def _is_like(item: Item, other: Item) -> bool:
    if item.group is not None or other.group is not None:
        return item.group == other.group
    return item.shown == other.shown
