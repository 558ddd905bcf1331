"""The JSON calls."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from .._answers import Form
from .._candidates import Check, CheckState
from .._marks import Interest
from .._proof import Proof
from .._records import Channel, Request, Response, Status, status_of
from .._submission import Submission
from .._version import __version__
from ..errors import InvalidAnswer
from ._bodies import AnswerBody, candidate_number, read_answer
from ._direct_routes import DirectRoute
from ._problems import ProblemField, problem_responses
from ._state import state_of

router = APIRouter(route_class=DirectRoute)


class Outcome(BaseModel):
    """How a request ended."""

    status: Status
    value: Any = Field(description="The answer, or the fallback of a request that timed out.")
    responder: str | None = Field(description="Who answered, as far as the app knows for certain.")
    channel: Channel
    comment: str
    responded_at: datetime


class CheckOfAnswer(BaseModel):
    """Where the workflow's own check of an answer stands."""

    candidate: int = Field(description="The number of the answer, among those to this question that were checked.")
    state: CheckState = Field(
        description="`kept` until the workflow looks, `checking` while it does, `refused`, or `accepted`: then it "
        "becomes the outcome, unless the question is cancelled just then."
    )
    errors: list[ProblemField] = Field(description="Why it was refused, by field.")
    submitted_at: datetime


class RequestState(BaseModel):
    """Where a request stands."""

    request_id: str
    name: str
    data_type: str
    status: Status
    created_at: datetime
    deadline: datetime | None
    outcome: Outcome | None
    check: CheckOfAnswer | None = Field(
        description="Of the answer asked for, else of the latest one, where the workflow checks answers itself."
    )


class Accepted(BaseModel):
    """An answer was taken, and the workflow gets it."""

    request_id: str
    status: Status
    value: Any
    data_type: str
    message: str


class Kept(BaseModel):
    """An answer is kept, and the workflow checks it before it is accepted."""

    request_id: str
    status: Status
    data_type: str
    candidate: int = Field(description="Ask for its state by `GET /status/{request_id}?candidate=`.")
    message: str


class Health(BaseModel):
    """The app is up. Nothing is said of the store: a store that is down is no reason to restart the app."""

    status: str = "healthy"
    version: str = __version__
    instance: str


class Ready(BaseModel):
    """The app can use its store."""

    store: str = Field(description="Tells the store from others, and nothing else of it.")


@router.post(
    "/submit/json",
    summary="Answer a question",
    response_model=Accepted,
    responses={
        202: {"model": Kept, "description": "The workflow checks the answer before it is accepted"},
        **problem_responses(400, 403, 404, 409, 410, 413, 422, 429, 500, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": AnswerBody.model_json_schema()}},
        }
    },
)
async def submit_json(http_request: HttpRequest) -> Accepted | JSONResponse:
    """Takes an answer as JSON, if it fits and no outcome stands; keeps it, if the workflow is to check it first."""
    state = state_of(http_request)
    body = await read_answer(http_request, state.settings.max_body_bytes)
    request = await state.service.request(body.request_id)
    taken = await state.service.answer(
        request,
        body.proof,
        Submission(
            value=body.value,
            channel=Channel.JSON,
            data_type=body.data_type,
            comment=body.comment,
            responder=state.responders.name(http_request),
            idempotency_key=body.idempotency_key,
        ),
    )
    if isinstance(taken, Check):
        return _kept(request, taken)
    return Accepted(
        request_id=request.request_id,
        status=Status(taken.status),
        value=Form(request.question.answer_schema).masked(taken.value),
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
    candidate: Annotated[str | None, Query(description="The number of an answer that the workflow checks.")] = None,
) -> RequestState:
    """Tells whether a request is open, and its outcome if it is not. Answers nothing."""
    state = state_of(http_request)
    request = await state.service.opened(request_id, Proof(token=token, response_path=response_path))
    latest = await state.service.latest_check(request)
    number = candidate_number(candidate)
    is_latest = latest is None or number in (None, latest.number)
    check = latest if is_latest else await state.service.candidates(request).check(number or 0)
    # Read last, so that nothing is called open that the check has closed meanwhile.
    response = await state.service.response(request)
    is_unchecked = latest is not None and latest.is_open
    if response is None and token is not None:
        # The page asks as long as it is open; a program that has the path may ask for ever.
        await state.service.seen(request, Interest.LOOKING)
    return RequestState(
        request_id=request.request_id,
        name=request.question.name,
        data_type=request.question.data_type,
        status=status_of(request, response, state.service.clock.now(), is_unchecked=is_unchecked),
        created_at=request.created_at,
        deadline=request.deadline,
        outcome=None if response is None else _outcome(request, response),
        check=None if check is None else _described(check),
    )


@router.get("/health", summary="Whether the app is up")
async def health(http_request: HttpRequest) -> Health:
    """Answers as soon as the app can; asks the store for nothing."""
    return Health(instance=state_of(http_request).instance)


@router.get(
    "/ready", summary="Whether the app can use its store", response_model=Ready, responses=problem_responses(500, 503)
)
async def ready(http_request: HttpRequest) -> Ready:
    """Asks the store each time; not to be asked whether the app shall be restarted."""
    return Ready(store=(await state_of(http_request).service.links_now()).store_id())


def _kept(request: Request, check: Check) -> JSONResponse:
    if check.errors:
        # The same call was made before, and the check has refused it meanwhile.
        raise InvalidAnswer(*check.errors)
    kept = Kept(
        request_id=request.request_id,
        status=Status.PENDING,
        data_type=request.question.data_type,
        candidate=check.number,
        message="The answer is kept. The workflow checks it before it is accepted.",
    )
    return JSONResponse(kept.model_dump(mode="json"), HTTPStatus.ACCEPTED)


def _described(check: Check) -> CheckOfAnswer:
    return CheckOfAnswer(
        candidate=check.number,
        state=check.state,
        errors=[ProblemField(field=error.field, reason=error.reason) for error in check.errors],
        submitted_at=check.response.responded_at,
    )


def _outcome(request: Request, response: Response) -> Outcome:
    outcome = Outcome.model_validate(response, from_attributes=True)
    if not response.has_value(request):
        return outcome
    return outcome.model_copy(update={"value": Form(request.question.answer_schema).masked(response.value)})
