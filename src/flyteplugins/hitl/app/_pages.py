"""The pages, for people."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response as HttpResponse

from .._answers import InvalidValue
from .._candidates import Check
from .._marks import Interest
from .._proof import Proof
from .._records import Channel, Request, Response
from .._reviews import form_to_fill
from .._submission import Submission
from ..errors import FieldError, InvalidAnswer
from ._bodies import FormBody, candidate_number
from ._check_pages import view_of_check
from ._contexts import ClosedView, FormView, HomeView
from ._direct_routes import DirectRoute
from ._file_forms import read_form_and_files
from ._problems import FormAttempt, page_responses
from ._question_pages import closed_page, open_page, untouched_form
from ._review_pages import show_review, with_decisions
from ._review_views import refused_by_check
from ._state import state_of
from ._views import render

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": FormBody.model_json_schema()}
            for media_type in ("application/x-www-form-urlencoded", "multipart/form-data")
        },
    }
}

router = APIRouter(default_response_class=HTMLResponse, route_class=DirectRoute)


@router.get("/", summary="What this is")
async def home(http_request: HttpRequest) -> HTMLResponse:
    """Says what this is, and nothing of any request."""
    return render(http_request, HomeView())


@router.get("/form/{request_id}", summary="The form of a question", responses=page_responses(403, 404, 500, 503))
async def form(
    http_request: HttpRequest,
    request_id: str,
    token: Annotated[str | None, Query(description="Proves the right to see and answer the question.")] = None,
    candidate: Annotated[str | None, Query(description="The number of an answer that the workflow checks.")] = None,
    item: Annotated[str | None, Query(description="Of a review: the number of the item to show, from 1.")] = None,
    page: Annotated[str | None, Query(description="Of a review: the page of the list of items to show.")] = None,
) -> HTMLResponse:
    """Shows an open question as a form, or a closed one with its outcome. Answers nothing.

    Of an open one the workflow is told that somebody looks at it.
    """
    state = state_of(http_request)
    request = await state.service.opened(request_id, Proof(token=token))
    response = await state.service.response(request)
    shown = await _shown(http_request, request, response, token or "", candidate=candidate, item=item, page=page)
    if response is None and not request.is_past_deadline(state.service.clock.now()):
        # Once the page is sent, so that nobody waits for it.
        shown.background = BackgroundTask(state.service.seen, request, Interest.OPENED)
    return shown


@router.post(
    "/edit",
    summary="Add, remove or move a row of a form",
    responses=page_responses(400, 403, 404, 413, 422, 500, 503),
    openapi_extra=_FORM,
)
async def edit(http_request: HttpRequest) -> HttpResponse:
    """Shows the form again as it was typed, with a row more, fewer or moved. Changes nothing."""
    state = state_of(http_request)
    body = await read_form_and_files(http_request)
    request = await state.service.opened(body.request_id, body.proof)
    try:
        entries = form_to_fill(request).acted(body.entries, body.action or "")
    except InvalidValue as error:
        raise InvalidAnswer(FieldError(field="action", reason=str(error))) from None
    token = (await state.service.links()).token(request.request_id)
    typed = body.model_copy(update={"entries": entries})
    if request.question.review is not None:
        return await show_review(http_request, request, token, item=body.item, typed=typed)
    return render(http_request, await open_page(http_request, request, token, typed))


@router.post(
    "/submit",
    summary="Send the form of a question",
    status_code=303,
    response_class=RedirectResponse,
    responses=page_responses(400, 403, 404, 409, 410, 413, 422, 429, 500, 503),
    openapi_extra=_FORM,
)
async def submit(http_request: HttpRequest) -> HttpResponse:
    """Takes the answer that a person sent, and leads to the page that says so."""
    state = state_of(http_request)
    body = await read_form_and_files(http_request)
    http_request.state.attempt = FormAttempt(body=body)
    request = await state.service.opened(body.request_id, body.proof)
    http_request.state.attempt = FormAttempt(body=body, request=request)
    taken = await state.service.answer(
        request,
        body.proof,
        Submission(
            value=body.entries,
            channel=Channel.FORM,
            data_type=body.data_type,
            comment=body.comment,
            responder=state.responders.name(http_request),
            idempotency_key=body.idempotency_key,
        ),
    )
    state.confirmations.expect(request.request_id)
    links = await state.service.links()
    proven = {"token": links.token(request.request_id)}
    query = urlencode(proven | {"candidate": taken.number} if isinstance(taken, Check) else proven)
    return RedirectResponse(f"form/{request.request_id}?{query}", status_code=303)


async def _shown(
    http_request: HttpRequest,
    request: Request,
    response: Response | None,
    token: str,
    *,
    candidate: str | None,
    item: str | None,
    page: str | None,
) -> HTMLResponse:
    state = state_of(http_request)
    if request.question.is_validated:
        number = candidate_number(candidate)
        view = await view_of_check(http_request, request, response, token, number)
        # Somebody else's form, with no number, does not show the sender what became of the answer.
        if isinstance(view, ClosedView) or (isinstance(view, FormView) and number is not None):
            state.confirmations.shown(request.request_id)
        if request.question.review is not None and isinstance(view, FormView):
            refused = refused_by_check(request, view.problems, number)
            return await show_review(
                http_request, request, token, item=item, page=page, refused=refused, comment=view.comment
            )
        if request.question.review is not None and isinstance(view, ClosedView):
            view = await with_decisions(http_request, view, request, response, token, page)
        return render(http_request, view)
    if response is None and not request.is_past_deadline(state.service.clock.now()):
        if request.question.review is not None:
            return await show_review(http_request, request, token, item=item, page=page)
        return await untouched_form(http_request, request, token)
    state.confirmations.shown(request.request_id)
    view = await closed_page(http_request, request, response)
    if request.question.review is not None:
        view = await with_decisions(http_request, view, request, response, token, page)
    return render(http_request, view)
