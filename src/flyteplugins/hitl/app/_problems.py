"""One handler for every error: problem details (RFC 9457) for programs, a page with the same words for people."""

from __future__ import annotations

import contextlib
import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, JsonValue
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse

from .._answers import Form, InvalidValue
from .._records import Request
from .._reviews import form_to_fill
from ..errors import AccessDenied, FieldError, HitlError, InvalidAnswer, RequestClosed, StoreError, StoreUnavailable
from ._bodies import DecisionBody, FormBody, ProgressBody
from ._contexts import ErrorView, View
from ._headers import SECURITY_HEADERS
from ._question_pages import closed_page, open_page
from ._state import state_of
from ._views import render

logger = logging.getLogger("flyteplugins.hitl.app")

_MEDIA_TYPE = "application/problem+json"
_SCHEMA = "#/components/schemas/{model}"
_JSON_PATH = re.compile(
    r"/(submit/json|review/progress|review/[^/]*/(items|progress|like)|status/[^/]*|upload/[^/]*|health|ready|openapi\.json)$"
)


class ProblemField(BaseModel):
    """What is wrong with one field."""

    field: str
    reason: str


class ProblemOutcome(BaseModel):
    """The outcome that stands."""

    status: str
    value: Any
    responder: str | None
    channel: str
    comment: str
    responded_at: str


class Problem(BaseModel):
    """A problem detail (RFC 9457)."""

    type: str = Field(description="Names the kind of error, such as `urn:flyteplugins-hitl:error:RequestClosed`.")
    title: str
    status: int
    detail: str = Field(description="What is wrong, why, and how to mend it.")
    errors: list[ProblemField] | None = Field(default=None, description="By field, where the answer does not fit.")
    outcome: ProblemOutcome | None = Field(default=None, description="The outcome that stands, where there is one.")


@dataclass(frozen=True, kw_only=True)
class FormAttempt:
    """What a person just sent, so that an error can give it back. Kept with the call by the route that read it.

    Attributes:
        body: What was typed.
        request: The request that it was for, once it is known that the sender may see it.
    """

    body: FormBody
    request: Request | None = None


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documents the errors of a call for OpenAPI."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {_MEDIA_TYPE: {"schema": {"$ref": _SCHEMA.format(model="Problem")}}},
        }
        for status in statuses
    }


def problem_schemas() -> dict[str, Any]:
    """The schemas that `problem_responses` refers to. FastAPI can document a model only as plain JSON."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization"), (DecisionBody, "validation")]
    _, schemas = models_json_schema(models, ref_template=_SCHEMA)
    definitions = schemas["$defs"]
    assert isinstance(definitions, dict)  # noqa: S101
    return definitions


def progress_schema() -> dict[str, Any]:
    """The schema of the body that keeps decisions; it refers to one of `problem_schemas`."""
    schema = ProgressBody.model_json_schema(ref_template=_SCHEMA)
    return {keyword: content for keyword, content in schema.items() if keyword != "$defs"}


def page_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same for a page, which is HTML unless the caller asks for JSON only."""
    responses = problem_responses(*statuses)
    for response in responses.values():
        response["content"]["text/html"] = {"schema": {"type": "string"}}
    return responses


async def answer_error(http_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answers with any error of this package, or with what was not foreseen."""
    known = error if isinstance(error, HitlError) else _unforeseen()
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR and known is error:
        logger.error("%s %s: %s", http_request.method, _route(http_request), known)
    if wants_json(http_request):
        response: HttpResponse = JSONResponse(_problem(known), known.status, media_type=_MEDIA_TYPE)
    else:
        response = render(http_request, await _view(http_request, known), known.status)
    response.headers.update(SECURITY_HEADERS)
    if isinstance(known, StoreUnavailable):
        response.headers["Retry-After"] = str(known.retry_after_seconds)
    return response


async def answer_unreadable(http_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answers where a parameter of the address is none that the call takes."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = (FieldError(field=str(each["loc"][-1]), reason=f"{each['msg']}.") for each in error.errors())
    return await answer_error(http_request, InvalidAnswer(*fields))


async def answer_http_exception(http_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answers with an error of the framework, such as an address that does not exist."""
    assert isinstance(error, HTTPException)  # noqa: S101
    response = await answer_error(http_request, _of_the_framework(HTTPStatus(error.status_code)))
    response.headers.update(error.headers or {})
    return response


def _of_the_framework(status: HTTPStatus) -> HitlError:
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address. Open the whole link that you were given.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address is not for that method. See /openapi.json for what is.",
    }
    kind = type("HttpError", (HitlError,), {"status": status, "title": status.phrase})
    problem = kind(details.get(status, f"{status.phrase}."))
    assert isinstance(problem, HitlError)  # noqa: S101
    return problem


def _unforeseen() -> HitlError:
    return HitlError(
        "The app failed in a way that was not foreseen, and logged it. An answer counts as accepted only where the "
        "page of the question says so: open it again to see."
    )


def _problem(error: HitlError) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": f"urn:flyteplugins-hitl:error:{type(error).__name__}",
        "title": error.title,
        "status": int(error.status),
        "detail": error.public_detail,
    }
    if isinstance(error, InvalidAnswer):
        problem["errors"] = [{"field": each.field, "reason": each.reason} for each in error.errors]
    if isinstance(error, RequestClosed) and error.response is not None:
        problem["outcome"] = jsonable_encoder(
            error.response, include={"status", "value", "responder", "channel", "comment", "responded_at"}
        )
    return problem


async def _view(http_request: HttpRequest, error: HitlError) -> View:
    attempt = getattr(http_request.state, "attempt", None)
    if not isinstance(attempt, FormAttempt) or isinstance(error, AccessDenied):
        return ErrorView(status=int(error.status), title=error.title, detail=error.public_detail)
    request = attempt.request
    if request is not None and request.question.review is not None and not isinstance(error, RequestClosed):
        # Its pages show what does not fit by themselves, and its form is not the one of all other questions.
        return ErrorView(status=int(error.status), title=error.title, detail=error.public_detail)
    if request is not None and isinstance(error, InvalidAnswer):
        links = await state_of(http_request).service.links()
        return await open_page(http_request, request, links.token(request.request_id), attempt.body, error.errors)
    if request is not None and isinstance(error, RequestClosed):
        return await closed_page(
            http_request,
            request,
            error.response,
            refusal=error.detail,
            refused=await _sent(http_request, attempt.body, request),
        )
    return ErrorView(
        status=int(error.status),
        title=error.title,
        detail=error.public_detail,
        typed=attempt.body if isinstance(error, StoreUnavailable) else None,
    )


async def _sent(http_request: HttpRequest, body: FormBody, request: Request) -> str:
    """What was sent, in words where it can be read, so that it is not lost. Secrets are not among them."""
    form = form_to_fill(request)
    try:
        return form.text(await _named(http_request, request, form, form.parse_form(body.entries)))
    except InvalidValue:
        return "\n".join(text for name, text in body.entries if name not in body.secrets)


async def _named(http_request: HttpRequest, request: Request, form: Form, value: JsonValue) -> JsonValue:
    """A value with the names of the files in it, as far as they can be read."""
    with contextlib.suppress(InvalidAnswer, StoreError):
        return await state_of(http_request).service.uploads.resolved(request.request_id, request.question, value)
    return value


def wants_json(http_request: HttpRequest) -> bool:
    """Whether an error is to be told as JSON."""
    if _JSON_PATH.search(http_request.url.path):
        return True
    accepted = http_request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted


def _route(http_request: HttpRequest) -> str:
    """The address less its query, which holds the token."""
    return http_request.url.path
