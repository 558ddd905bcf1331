"""What is shown with a question, as files: whole or in parts, with nothing in them that a browser would run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from .._blobs import Blobs
from .._proof import Proof
from .._records import Request, StoredFile
from ..errors import AttachmentNotFound
from ._direct_routes import DirectRoute
from ._headers import HEAD_ONLY
from ._problems import page_responses
from ._ranges import NoSuchPart, Part, part_of
from ._state import state_of

router = APIRouter(route_class=DirectRoute)

SHOWN_TYPES = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/svg+xml"),
        *("audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/aac", "audio/mp4", "audio/webm"),
        *("video/mp4", "video/webm", "video/ogg", "application/pdf"),
    }
)
"""What a browser may open. Everything else is only ever downloaded."""

_ANY_FILE = "application/octet-stream"

# A sandbox with nothing allowed: no script, no form, no window, and an origin that is no other page's. What is left
# lets the browser's own viewers of pictures and films work.
_SANDBOX = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self' data:",
        "media-src 'self'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    )
)
_HEADERS = {
    "Accept-Ranges": "bytes",
    # The address names the content for ever: the record never changes, and the content is found by its hash.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": _SANDBOX,
}


@router.get(
    "/attachment/{request_id}/{number}",
    summary="A file that is shown with a question",
    response_class=StreamingResponse,
    responses={
        206: {"description": "Partial Content", "content": {_ANY_FILE: {}}},
        304: {"description": "Not Modified"},
        **page_responses(403, 404, 416, 500, 503),
        200: {"description": "OK", "content": {_ANY_FILE: {}}},
    },
)
async def attachment(
    http_request: HttpRequest,
    request_id: str,
    number: str,
    token: Annotated[str | None, Query(description="Proves the right to see the question.")] = None,
    file: Annotated[str, Query(description="Which of its files, counted from 0.")] = "0",
) -> Response:
    """Sends a file, or the part of it that the `Range` header asks for. The record says which file that is."""
    service = state_of(http_request).service
    request = await service.opened(request_id, Proof(token=token))
    stored = _file(request, number, file)
    tag = f'"{stored.digest}"'
    headers = {**_HEADERS, "ETag": tag, **_described(stored)}
    if tag in http_request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    part = _part(http_request.headers, stored, tag)
    start, end = (0, stored.size) if part is None else (part.start, part.end)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    status = 200 if part is None else 206
    if http_request.scope.get(HEAD_ONLY):
        return Response(status_code=status, headers=headers)
    parts = await _begun(Blobs(service.store).parts(stored.digest, start, end))
    return StreamingResponse(parts, status_code=status, headers=headers)


def _file(request: Request, number: str, file: str) -> StoredFile:
    shown = request.question.show
    for text in (number, file):
        if not (text.isascii() and text.isdigit() and len(text) < 4):
            raise _not_found()
    if int(number) >= len(shown) or int(file) >= len(shown[int(number)].files):
        raise _not_found()
    return shown[int(number)].files[int(file)]


def _not_found() -> AttachmentNotFound:
    return AttachmentNotFound("The question shows nothing by this number. Open its form, and follow a link on it.")


def _described(stored: StoredFile) -> dict[str, str]:
    is_shown = stored.media_type in SHOWN_TYPES
    name = stored.file_name
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    kept = quote(name.encode(errors="replace"), safe="")
    return {
        "Content-Type": stored.media_type if is_shown else _ANY_FILE,
        "Content-Disposition": (
            f"{'inline' if is_shown else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{kept}"
        ),
    }


def _part(headers: Mapping[str, str], stored: StoredFile, tag: str) -> Part | None:
    # A download that goes on must go on with the same content.
    if headers.get("if-range", tag) != tag:
        return None
    try:
        return part_of(stored.size, headers.get("range"))
    except NoSuchPart:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{stored.size}"}) from None


async def _begun(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same parts, the first of them read already: what goes wrong with it can still be told as an error."""
    first = await anext(parts, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return all_of_them()


@router.get(
    "/table/{request_id}",
    summary="The table that a person changes",
    response_class=StreamingResponse,
    responses={200: {"description": "OK", "content": {"application/json": {}}}, **page_responses(403, 404, 500, 503)},
)
async def table(
    http_request: HttpRequest,
    request_id: str,
    token: Annotated[str | None, Query(description="Proves the right to see the question.")] = None,
) -> Response:
    """Sends the cells of a table as JSON, for the page's script."""
    service = state_of(http_request).service
    request = await service.opened(request_id, Proof(token=token))
    stored = request.question.table
    if stored is None:
        raise AttachmentNotFound("The question asks for no table. Open its form.")
    parts = await _begun(Blobs(service.store).parts(stored.digest, 0, stored.size))
    headers = {**_HEADERS, "Content-Length": str(stored.size), "Accept-Ranges": "none"}
    return StreamingResponse(parts, media_type=stored.media_type, headers=headers)
