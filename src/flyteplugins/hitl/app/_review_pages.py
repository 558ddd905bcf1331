"""The pages of a review, which work without script: an item, its decision, the list, and what submits it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response as HttpResponse

from .._candidates import Check
from .._records import Request, Response
from .._reviews import Decision, Decisions, Reviews, review_of
from ..errors import FieldError, InvalidAnswer, ReviewMoved
from ._bodies import FormBody, ReviewForm, read_form_as
from ._contexts import ClosedView
from ._direct_routes import DirectRoute
from ._problems import FormAttempt, page_responses, wants_json
from ._review_views import ROWS, Refused, decided_view, decision_view, pages_of, review_view
from ._shown import shown_with
from ._state import AppState, state_of
from ._views import rendered

_FORM = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": ReviewForm.model_json_schema()}},
    }
}

router = APIRouter(default_response_class=HTMLResponse, route_class=DirectRoute)


@router.post(
    "/review/decide",
    summary="Decide on an item of a review",
    status_code=303,
    response_class=RedirectResponse,
    responses=page_responses(400, 403, 404, 409, 410, 413, 422, 500, 503),
    openapi_extra=_FORM,
)
async def decide(http_request: HttpRequest) -> HttpResponse:
    """Keeps the decision that a person made, and leads to the next item that has none."""
    state, body, request = await _read(http_request)
    token = (await state.service.links()).token(request.request_id)
    number = _number(body.item, review_of(request).count)
    if number is None:
        raise InvalidAnswer(FieldError(field="item", reason="There is no such item. Open the page again."))
    decisions = Decisions(
        decided=() if body.withdraw else [Decision(items=[number], value=body.entries)],
        withdrawn=[number] if body.withdraw else (),
        responder=state.responders.name(http_request),
    )
    try:
        standing = await Reviews(state.service).keep(request, body.proof, decisions)
    except InvalidAnswer as error:
        if wants_json(http_request):
            raise
        errors = [replace(each, field=each.field.removeprefix(f"{number}.")) for each in error.errors]
        return await show_review(http_request, request, token, item=body.item, typed=body, errors=errors, status=422)
    following = number
    if not body.withdraw:
        following = next((each for each in _from(number + 1, request) if each not in standing.decided), number)
    query = urlencode({"token": token, "item": following + 1})
    return RedirectResponse(f"../form/{request.request_id}?{query}", status_code=303)


@router.post(
    "/review/submit",
    summary="Submit a review",
    status_code=303,
    response_class=RedirectResponse,
    responses=page_responses(400, 403, 404, 409, 410, 413, 422, 500, 503),
    openapi_extra=_FORM,
)
async def submit(http_request: HttpRequest) -> HttpResponse:
    """Answers with the decisions that are kept, and leads to the page that says so."""
    state, body, request = await _read(http_request)
    token = (await state.service.links()).token(request.request_id)
    try:
        taken = await Reviews(state.service).submit(
            request,
            body.proof,
            seen=int(body.seen) if body.seen and _is_number(body.seen) else -1,
            comment=body.comment,
            responder=state.responders.name(http_request),
            idempotency_key=body.idempotency_key,
        )
    except (InvalidAnswer, ReviewMoved) as error:
        if wants_json(http_request):
            raise
        reasons = [each.reason for each in error.errors] if isinstance(error, InvalidAnswer) else [error.detail]
        notice = " ".join(reasons[:5])
        return await show_review(http_request, request, token, typed=body, notice=notice, status=int(error.status))
    state.confirmations.expect(request.request_id)
    proven: dict[str, str | int] = {"token": token}
    query = urlencode(proven | {"candidate": taken.number} if isinstance(taken, Check) else proven)
    return RedirectResponse(f"../form/{request.request_id}?{query}", status_code=303)


async def show_review(
    http_request: HttpRequest,
    request: Request,
    token: str,
    *,
    item: str | None = None,
    page: str | None = None,
    typed: FormBody | None = None,
    errors: list[FieldError] | None = None,
    notice: str | None = None,
    refused: Refused | None = None,
    comment: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Shows an open review: at an item, or a page of its list.

    Args:
        item: The number of the item, from 1; else the first that is undecided.
        page: The page of the list to show instead.
        typed: What was typed and is not kept yet.
        errors: What is wrong with it.
        notice: What went wrong with submitting.
        refused: What the workflow found wrong with what was submitted; the first of these items is shown.
        comment: What the comment is filled with, where nothing was typed.
        status: The HTTP status.
    """
    state, reviews = state_of(http_request), Reviews(state_of(http_request).service)
    standing = await reviews.standing(request)
    count = review_of(request).count
    number = _number(refused.first if refused is not None and item is None else item, count)
    if number is None:
        number = next((each for each in range(count) if each not in standing.decided), count - 1)
    listed, shown_page = None, _number(page, pages_of(request))
    if shown_page is not None:
        rows = await reviews.items(request, shown_page * ROWS, ROWS)
        listed = decided_view(request, token, rows, standing.decided, shown_page + 1, can_open=True)
    (shown,) = await reviews.items(request, number, 1)
    decision = decision_view(
        request,
        token,
        shown,
        number,
        standing,
        max_bytes=state.settings.max_body_bytes,
        typed=typed,
        errors=errors or (),
    )
    beside = await shown_with(http_request, request)
    view = review_view(
        request,
        token,
        decision,
        standing,
        listed=listed,
        comment=comment if typed is None else typed.comment,
        idempotency_key=None if typed is None else typed.idempotency_key,
        notice=notice,
        refused=refused,
        shown=beside,
    )
    return rendered(http_request, "review.html", view, status)


async def with_decisions(
    http_request: HttpRequest,
    view: ClosedView,
    request: Request,
    response: Response | None,
    token: str,
    page: str | None,
) -> ClosedView:
    """The page of a closed review, with a page of its decisions."""
    if response is None or not isinstance(response.value, list) or not response.has_value(request):
        return view
    allow_partial = review_of(request).allow_partial
    decided = {number: value for number, value in enumerate(response.value) if value is not None or not allow_partial}
    shown_page = _number(page, pages_of(request)) or 0
    rows = await Reviews(state_of(http_request).service).items(request, shown_page * ROWS, ROWS)
    return replace(view, review=decided_view(request, token, rows, decided, shown_page + 1, can_open=False))


async def _read(http_request: HttpRequest) -> tuple[AppState, ReviewForm, Request]:
    state = state_of(http_request)
    body = await read_form_as(ReviewForm, http_request, state.settings.max_body_bytes)
    request = await state.service.opened(body.request_id, body.proof)
    review_of(request)
    http_request.state.attempt = FormAttempt(body=body, request=request)
    return state, body, request


def _number(text: str | None, count: int) -> int | None:
    """A number from 1 as one from 0, or `None` for what is none of them."""
    if text is None or not _is_number(text) or not 1 <= int(text) <= count:
        return None
    return int(text) - 1


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _from(number: int, request: Request) -> list[int]:
    """All items, beginning at one and going round."""
    count = review_of(request).count
    return [*range(number, count), *range(min(number, count))]
