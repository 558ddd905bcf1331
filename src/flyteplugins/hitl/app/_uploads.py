"""Files of an answer: streamed in before the answer is sent, and out again to whoever holds the link."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, StreamingResponse
from starlette.responses import Response as HttpResponse

from .._proof import Proof
from .._records import Request
from .._uploads import UNKNOWN_TYPE, check_size, file_field, safe_name
from ..errors import FieldError, InvalidAnswer
from ._bodies import declared_length
from ._direct_routes import DirectRoute
from ._problems import page_responses, problem_responses
from ._state import AppState, state_of

router = APIRouter(route_class=DirectRoute)

_BYTES = {"requestBody": {"required": True, "content": {UNKNOWN_TYPE: {"schema": {"format": "binary"}}}}}

_Token = Annotated[str | None, Query(description="The token of the request's link.")]
_ResponsePath = Annotated[str | None, Query(description="Instead of `token`.")]


class UploadedFile(BaseModel):
    """A file that was uploaded: an answer names it by `upload`."""

    upload: str = Field(description="The id to answer with.")
    name: str
    media_type: str
    size: int = Field(description="In bytes.")
    sha256: str


@router.post(
    "/upload/{request_id}",
    summary="Upload a file to answer with",
    status_code=201,
    response_model=UploadedFile,
    responses=problem_responses(403, 404, 409, 410, 413, 415, 422, 500, 503),
    openapi_extra=_BYTES,
)
async def upload(
    http_request: HttpRequest,
    request_id: str,
    token: _Token = None,
    response_path: _ResponsePath = None,
    field: Annotated[
        str, Query(description="The field that it is for, such as `value.scan`; one of another field's may not fit.")
    ] = "value",
    name: Annotated[str, Query(description="What the file is called. Shown, and handed on; never a path.")] = "",
) -> HttpResponse:
    """Streams the body to the store, and returns the id to answer with. It is no answer yet."""
    state = state_of(http_request)
    request = await state.service.opened(request_id, Proof(token=token, response_path=response_path))
    await state.service.check_open(request)
    try:
        return JSONResponse(await _received(http_request, state, request, field, name), status_code=201)
    except ClientDisconnect:
        return HttpResponse(status_code=400)  # Nobody is there to read it, and nothing was kept.


@router.get(
    "/upload/{request_id}/{upload_id}",
    summary="Download an uploaded file",
    response_class=StreamingResponse,
    responses={
        200: {"content": {UNKNOWN_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
        **page_responses(403, 404, 422, 500, 503),
    },
)
async def download(
    http_request: HttpRequest,
    request_id: str,
    upload_id: str,
    token: _Token = None,
    response_path: _ResponsePath = None,
) -> HttpResponse:
    """Gives the file back as bytes to keep, never as something to show: whatever it is, no browser runs it."""
    state = state_of(http_request)
    request = await state.service.opened(request_id, Proof(token=token, response_path=response_path))
    record = await state.service.uploads.read(request.request_id, upload_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(record.name, safe='')}",
        "Content-Length": str(record.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return StreamingResponse(state.service.uploads.content(record), media_type=UNKNOWN_TYPE, headers=headers)


async def _received(
    http_request: HttpRequest, state: AppState, request: Request, field_name: str, name: str
) -> dict[str, object]:
    field = file_field(request.question, field_name)
    if field is None:
        reason = "The question has no such field that takes a file. Send `value`, or a name such as `value.scan`."
        raise InvalidAnswer(FieldError(field="field", reason=reason))
    limits = field.limits.capped(state.settings.max_upload_bytes)
    check_size(declared_length(http_request), safe_name(name), limits)
    record = await state.service.uploads.receive(
        request.request_id,
        limits,
        http_request.stream(),
        name=name,
        media_type=http_request.headers.get("content-type", ""),
    )
    return UploadedFile(upload=record.upload_id, **record.model_dump(include=_TOLD)).model_dump()


_TOLD = {"name", "media_type", "size", "sha256"}
