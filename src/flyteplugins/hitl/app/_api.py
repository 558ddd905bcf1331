"""The JSON calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest

from .._answers import Form
from .._records import Channel, Request, Response, Status, status_of
from .._service import Proof
from .._submission import Submission
from .._version import __version__
from ._bodies import AnswerBody, read_answer
from ._problems import problem_responses
from ._state import state_of

router = APIRouter()


class Outcome(BaseModel):
    """How a request ended."""

    status: Status
    value: Any = Field(description="The answer, or the fallback of a request that timed out.")
    responder: str | None = Field(description="Who answered, as far as the app knows for certain.")
    channel: Channel
    comment: str
    responded_at: datetime


class RequestState(BaseModel):
    """Where a request stands."""

    request_id: str
    name: str
    data_type: str
    status: Status
    created_at: datetime
    deadline: datetime | None
    outcome: Outcome | None


class Accepted(BaseModel):
    """An answer was taken, and the workflow gets it."""

    request_id: str
    status: Status
    value: Any
    data_type: str
    message: str


class Health(BaseModel):
    """The app is up. Nothing is said of the store: a store that is down is no reason to restart the app."""

    status: str = "healthy"
    version: str = __version__
    instance: str


@router.post(
    "/submit/json",
    summary="Answer a question",
    responses=problem_responses(400, 403, 404, 409, 410, 413, 422, 500, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": AnswerBody.model_json_schema()}},
        }
    },
)
async def submit_json(http_request: HttpRequest) -> Accepted:
    """Takes an answer as JSON, if it fits and no outcome stands."""
    state = state_of(http_request)
    body = await read_answer(http_request, state.settings.max_body_bytes)
    request = await state.service.request(body.request_id)
    response = await state.service.answer(
        request,
        Proof(token=body.token, response_path=body.response_path),
        Submission(
            value=body.value,
            channel=Channel.JSON,
            data_type=body.data_type,
            comment=body.comment,
            responder=state.responders.name(http_request),
            idempotency_key=body.idempotency_key,
        ),
    )
    return Accepted(
        request_id=request.request_id,
        status=Status(response.status),
        value=Form(request.question.answer_schema).masked(response.value),
        data_type=request.question.data_type,
        message="The answer was accepted. The workflow gets it.",
    )


@router.get(
    "/status/{request_id}",
    summary="Where a question stands",
    responses=problem_responses(403, 404, 500, 503),
)
async def status(
    http_request: HttpRequest,
    request_id: str,
    token: Annotated[str | None, Query(description="The token of the request's link.")] = None,
    response_path: Annotated[str | None, Query(description="Instead of `token`.")] = None,
) -> RequestState:
    """Tells whether a request is open, and its outcome if it is not. Changes nothing."""
    state = state_of(http_request)
    request = await state.service.request(request_id)
    await state.service.authorize(request, Proof(token=token, response_path=response_path))
    return _state(request, await state.service.response(request), state.service.clock.now())


@router.get("/health", summary="Whether the app is up")
async def health(http_request: HttpRequest) -> Health:
    """Answers as soon as the app can; asks the store for nothing."""
    return Health(instance=state_of(http_request).instance)


def _state(request: Request, response: Response | None, now: datetime) -> RequestState:
    return RequestState(
        request_id=request.request_id,
        name=request.question.name,
        data_type=request.question.data_type,
        status=status_of(request, response, now),
        created_at=request.created_at,
        deadline=request.deadline,
        outcome=None if response is None else _outcome(request, response),
    )


def _outcome(request: Request, response: Response) -> Outcome:
    outcome = Outcome.model_validate(response, from_attributes=True)
    if not response.has_value(request):
        return outcome
    return outcome.model_copy(update={"value": Form(request.question.answer_schema).masked(response.value)})
