"""The JSON calls of a review: its items, how far it has come, and decisions to be kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest

from .._answers import ROOT, Entries
from .._marks import Interest
from .._progress import Standing
from .._proof import Proof
from .._records import Request, Status, status_of
from .._reviews import Decision, Decisions, Reviews, decision_form, review_of
from ._bodies import DecisionBody, read_progress
from ._problems import problem_responses, progress_schema
from ._review_views import decision_view, line
from ._state import state_of
from ._views import markup

MOST_ITEMS = 100
"""That are told in one call."""

_BASE = "../"
"""From the page of the review to the root of the app: what is told here is put into that page."""

router = APIRouter(prefix="/review")

Token = Annotated[str | None, Query(description="The token of the request's link.")]


class ReviewItem(BaseModel):
    """An item, ready to be shown."""

    number: int = Field(description="From 0.")
    title: str
    html: str = Field(description="The item, made safe.")
    suggested: str | None = Field(description="What is suggested, in words.")
    form: str | None = Field(description="What takes the decision on it; `null` where that is the same for all items.")


class ReviewItems(BaseModel):
    """Some items of a review, in order."""

    items: list[ReviewItem]


class ReviewProgress(BaseModel):
    """How far a review has come."""

    request_id: str
    status: Status
    count: int = Field(description="How many items there are.")
    seen: int = Field(description="How many entries its log has.")
    decided: dict[int, str] | None = Field(
        description="By the number of the item, from 0: what the form sends for the decision, or it in words; "
        "`null` where the log has not grown since `known`."
    )


class Kept(BaseModel):
    """The decisions were kept."""

    request_id: str
    seen: int = Field(description="How many entries the log has now.")
    decided: int = Field(description="How many items are decided now.")


class Like(BaseModel):
    """Items that are alike."""

    items: list[int] = Field(description="Their numbers, from 0.")


@router.get("/{request_id}/items", summary="Items of a review", responses=problem_responses(403, 404, 422, 500, 503))
async def items(
    http_request: HttpRequest,
    request_id: str,
    token: Token = None,
    start: Annotated[int, Query(ge=0, le=1_000_000, description="The first item, from 0.")] = 0,
    count: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="How many.")] = MOST_ITEMS,
) -> ReviewItems:
    """Tells some items of a review, each with what takes the decision on it. Changes nothing."""
    request, reviews = await _opened(http_request, request_id, token)
    standing = await reviews.standing(request)
    max_bytes = state_of(http_request).settings.max_body_bytes
    found = []
    for number, item in enumerate(await reviews.items(request, start, count), start):
        view = decision_view(request, token or "", item, number, standing, max_bytes=max_bytes)
        found.append(
            ReviewItem(
                number=number,
                title=view.item.title,
                html=markup(http_request, "_review_item.html", view.item, _BASE),
                suggested=view.suggested,
                # A few choices look the same at every item.
                form=None if view.field.sends else markup(http_request, "_review_decision.html", view, _BASE),
            )
        )
    return ReviewItems(items=found)


@router.get(
    "/{request_id}/progress", summary="How far a review has come", responses=problem_responses(403, 404, 422, 500, 503)
)
async def progress(
    http_request: HttpRequest,
    request_id: str,
    token: Token = None,
    known: Annotated[int, Query(ge=0, le=100_000_000, description="What the caller has seen of the log.")] = 0,
) -> ReviewProgress:
    """Tells which items are decided, and how. Changes nothing."""
    request, reviews = await _opened(http_request, request_id, token)
    service = state_of(http_request).service
    standing = await reviews.standing(request)
    response = await service.response(request)
    if response is None:
        await service.seen(request, Interest.LOOKING)
    return ReviewProgress(
        request_id=request_id,
        status=status_of(request, response, service.clock.now()),
        count=review_of(request).count,
        seen=standing.number,
        decided=None if known and known == standing.number else _short(request, standing),
    )


@router.get("/{request_id}/like", summary="Items that are alike", responses=problem_responses(403, 404, 422, 500, 503))
async def like(
    http_request: HttpRequest,
    request_id: str,
    token: Token = None,
    item: Annotated[int, Query(ge=0, le=1_000_000, description="The number of the item, from 0.")] = 0,
) -> Like:
    """Tells which items are like one. Changes nothing."""
    request, reviews = await _opened(http_request, request_id, token)
    return Like(items=list(await reviews.like(request, item)))


@router.post(
    "/progress",
    summary="Keep decisions of a review",
    responses=problem_responses(400, 403, 404, 409, 410, 413, 422, 500, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": progress_schema()}},
        }
    },
)
async def keep(http_request: HttpRequest) -> Kept:
    """Keeps decisions as they are made. The workflow gets them when the review is submitted."""
    state = state_of(http_request)
    body = await read_progress(http_request, state.settings.max_body_bytes)
    request = await state.service.opened(body.request_id, body.proof)
    review_of(request)
    decisions = Decisions(
        decided=[Decision(items=each.items, value=_value(each)) for each in body.decisions],
        withdrawn=body.withdrawn,
        responder=state.responders.name(http_request),
        key=body.key,
    )
    standing = await Reviews(state.service).keep(request, body.proof, decisions)
    return Kept(request_id=request.request_id, seen=standing.number, decided=len(standing.decided))


async def _opened(http_request: HttpRequest, request_id: str, token: str | None) -> tuple[Request, Reviews]:
    service = state_of(http_request).service
    request = await service.opened(request_id, Proof(token=token))
    review_of(request)
    return request, Reviews(service)


def _value(decision: DecisionBody) -> object:
    if decision.entries is None:
        return decision.value
    return Entries((name, text) for name, text in decision.entries)


def _short(request: Request, standing: Standing) -> dict[int, str]:
    form = decision_form(request)
    is_choice = form.field(form.blank()).sends
    texts: dict[str, str] = {}
    short: dict[int, str] = {}
    for number, value in sorted(standing.decided.items()):
        if is_choice:
            # Of a few choices, each is put into words once.
            key = repr(value)
            if key not in texts:
                texts[key] = form.filled(value).one(ROOT) or ""
            short[number] = texts[key]
        else:
            short[number] = line(form.text(value))
    return short
