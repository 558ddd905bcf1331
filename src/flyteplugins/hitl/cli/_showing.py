"""`show`: one question, with all that is known of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._answers import Form, size_in_words
from .._candidates import Check
from .._records import Attachment, Request, Response, Status, status_of
from .._successors import successor_of
from ._described import answer_in_words, check_as_json, ending_in_words, outcome_as_json
from ._exits import Exit
from ._plain import line, moment, roughly
from ._session import Session


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a request.

    Attributes:
        request: What is asked.
        response: Its outcome, if it has one.
        checks: The answers that the workflow checks, or has checked.
        status: Where it stands.
        decided: How many items of a review are decided; `None` where it is none.
        successor: The request that took its place, if one did.
    """

    request: Request
    response: Response | None
    checks: Sequence[Check]
    status: Status
    decided: int | None
    successor: str | None


async def show(session: Session, given: str) -> int:
    """Prints all that is known of a request."""
    known = await _known(session, await session.request(given))
    if session.terminal.as_json:
        session.terminal.data(_as_json(known))
    else:
        session.terminal.say("\n".join(_lines(known, session.service.clock.now())))
    return Exit.DONE


async def _known(session: Session, request: Request) -> Known:
    service = session.service
    checks = await _checks(session, request)
    # Read last, so that nothing is called open that a check has closed meanwhile.
    response = await service.response(request)
    is_unchecked = bool(checks) and checks[-1].is_open
    review = request.question.review
    return Known(
        request=request,
        response=response,
        checks=checks,
        status=status_of(request, response, service.clock.now(), is_unchecked=is_unchecked),
        decided=None if review is None else len((await service.progress.standing(request.request_id)).decided),
        successor=None if response is None else await successor_of(service, request),
    )


async def _checks(session: Session, request: Request) -> Sequence[Check]:
    latest = await session.service.latest_check(request)
    if latest is None:
        return ()
    candidates = session.service.candidates(request)
    earlier = await asyncio.gather(*(candidates.check(number) for number in range(latest.number)))
    return [*(each for each in earlier if each is not None), latest]


def _as_json(known: Known) -> dict[str, Any]:
    request, question = known.request, known.request.question
    masked = Form(question.answer_schema).masked
    fallback = question.on_timeout
    return {
        "request_id": request.request_id,
        "name": question.name,
        "prompt": question.prompt,
        "data_type": question.data_type,
        "answer_schema": question.answer_schema,
        "status": known.status.value,
        "created_at": request.created_at.isoformat(),
        "deadline": None if request.deadline is None else request.deadline.isoformat(),
        "origin": request.origin.model_dump(),
        "on_timeout": None if fallback is None else {"value": masked(fallback.value)},
        "is_validated": question.is_validated,
        "attachments": [
            each.model_dump(mode="json", include={"kind", "title", "name", "files"}) for each in question.show
        ],
        "items": None if question.review is None else question.review.count,
        "decided": known.decided,
        "outcome": None if known.response is None else outcome_as_json(request, known.response),
        "checks": [check_as_json(each) for each in known.checks],
        "successor": known.successor,
    }


def _lines(known: Known, now: datetime) -> Iterator[str]:
    request, question = known.request, known.request.question
    yield f"{line(question.name)}  ({request.request_id})"
    yield from ("", *(f"  {each}".rstrip() for each in question.prompt.splitlines()), "")
    for label, text in _details(known, now):
        first, *others = text.splitlines() or [""]
        yield f"{label:<10}{first}"
        yield from (" " * 10 + each for each in others)
    yield ""
    yield "Log"
    yield from (f"  {each}" for each in _log(known))


def _details(known: Known, now: datetime) -> Iterator[tuple[str, str]]:
    request, question = known.request, known.request.question
    yield "Status", known.status.value
    review = question.review
    yield "Type", question.data_type
    if review is not None and known.response is None:
        yield "Items", f"{known.decided:,} of {review.count:,} items are decided"
    origin = request.origin
    place = "/".join(part for part in (origin.organization, origin.project, origin.domain) if part)
    yield "Asked by", " · ".join(part for part in (place, f"run {origin.run}", f"action {origin.action}") if part)
    yield "Deadline", _deadline(known, now)
    if question.on_timeout is not None:
        yield "Then", f"the workflow goes on with {Form(question.answer_schema).text(question.on_timeout.value)}"
    if question.is_validated:
        yield "Checked", "by the workflow, before an answer is accepted"
    for attachment in question.show:
        yield "Shows", _attachment(attachment)
    if known.response is not None and known.response.has_value(request):
        yield "Value", answer_in_words(request, known.response)
    if known.response is not None and known.response.comment:
        yield "Comment", known.response.comment
    if known.successor is not None:
        yield "Now", f"asked as {known.successor}"


def _deadline(known: Known, now: datetime) -> str:
    deadline = known.request.deadline
    if deadline is None:
        return "none"
    return f"{moment(deadline)}, in {roughly(deadline - now)}" if now < deadline else f"{moment(deadline)}, over"


def _attachment(attachment: Attachment) -> str:
    title = attachment.title or attachment.name
    files = ", ".join(f"{each.file_name} ({size_in_words(each.size)})" for each in attachment.files)
    return f"{attachment.kind}: " + (f"{title}: {files}" if title else files)


def _log(known: Known) -> Iterator[str]:
    yield f"{moment(known.request.created_at)}  asked"
    for check in known.checks:
        by = f" by {check.response.responder}" if check.response.responder else ""
        yield f"{moment(check.response.responded_at)}  answer {check.number + 1} kept{by}"
        if check.verdict is not None:
            reasons = " ".join(f"{error.field}: {error.reason}" for error in check.errors)
            yield f"{moment(check.verdict.checked_at)}  answer {check.number + 1} {check.state}. {reasons}".rstrip()
    if known.response is not None:
        yield f"{moment(known.response.responded_at)}  {_lowered(ending_in_words(known.response))}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
