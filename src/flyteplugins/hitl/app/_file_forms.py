"""Reads forms with files in them, as a browser sends them that runs no script: the files go to the store on the way.

Such a form names its request and the proof in its address, because both must be known before the body is read: whoever
may not answer uploads nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request as HttpRequest

from .._answers import UPLOAD_ID, Entries, Pair, size_in_words, takes_files
from .._proof import Proof
from .._records import Request
from .._uploads import file_field
from ..errors import (
    FieldError,
    InvalidAnswer,
    MalformedBody,
    MediaTypeRefused,
    RequestClosed,
    StoreUnavailable,
    UploadTooLarge,
)
from ._bodies import MAX_FORM_FIELDS, FormBody, declared_length, form_body_as, read_form, too_large
from ._problems import FormAttempt
from ._state import AppState, state_of

_MAX_FILES = 200
_CHUNK_BYTES = 1024 * 1024


class _Parser(MultiPartParser):
    # Two hundred files of the framework's own megabyte would be much memory for one call.
    spool_max_size = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class _Part:
    name: str
    file: UploadFile

    @property
    def file_name(self) -> str:
        return self.file.filename or ""


async def read_form_and_files(http_request: HttpRequest) -> FormBody:
    """Reads the body of a form, and stores the files in it where its question asks for any.

    The entries have the ids of the uploads in place of the files. What was read is kept with the call at once, so that
    an error gives it back.

    Raises:
        BodyTooLarge: It has more bytes than the app takes.
        MalformedBody: It is no form, or is for another request than its address says.
        InvalidAnswer: A field is missing, or a file is not what is asked for.
        AccessDenied: The address does not prove the right to answer.
        StoreUnavailable: A file could not be stored.
    """
    state = state_of(http_request)
    query = http_request.query_params
    content_type = http_request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "request_id" not in query or content_type != "multipart/form-data":
        return await read_form(http_request, state.settings.max_body_bytes)
    proof = Proof(token=query.get("token"), response_path=query.get("response_path"))
    request = await state.service.opened(query["request_id"], proof)
    if not takes_files(request.question.answer_schema):
        return await read_form(http_request, state.settings.max_body_bytes)
    texts, parts = await _parsed(http_request, state)
    try:
        body = form_body_as(FormBody, texts)
        if body.request_id != request.request_id:
            raise MalformedBody("The form is for another question than its address. Reload the page.")
        return await _with_files_stored(http_request, state, request, body, parts)
    finally:
        for part in parts:
            await part.file.close()


async def _parsed(http_request: HttpRequest, state: AppState) -> tuple[list[Pair], list[_Part]]:
    settings = state.settings
    limit = settings.max_body_bytes + settings.max_upload_bytes
    too_much = UploadTooLarge(
        f"The files are too large to be sent at once: at most {size_in_words(settings.max_upload_bytes)} are taken. "
        "Nothing was stored. Send smaller files; the operator can raise FLYTE_HITL_MAX_UPLOAD_BYTES."
    )
    if declared_length(http_request) > limit:
        raise too_much

    async def bounded() -> AsyncIterator[bytes]:
        size = 0
        async for chunk in http_request.stream():
            size += len(chunk)
            if size > limit:
                raise too_much
            yield chunk

    parser = _Parser(
        http_request.headers,
        bounded(),  # type: ignore[arg-type]  # Starlette asks for a generator, and only iterates.
        max_files=_MAX_FILES,
        max_fields=MAX_FORM_FIELDS,
        max_part_size=settings.max_body_bytes,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise MalformedBody(f"The form could not be read: {error}. Send it from the page again.") from None
    items = form.multi_items()
    texts = [(name, text) for name, text in items if isinstance(text, str)]
    if sum(len(text) for _, text in texts) > settings.max_body_bytes:
        raise too_large(settings.max_body_bytes)
    # A field in which no file was chosen is sent as one without a name.
    files = [_Part(name=name, file=file) for name, file in items if isinstance(file, UploadFile) and file.filename]
    return texts, files


async def _with_files_stored(
    http_request: HttpRequest, state: AppState, request: Request, body: FormBody, parts: list[_Part]
) -> FormBody:
    http_request.state.attempt = FormAttempt(body=body, request=request)
    try:
        await state.service.check_open(request)
    except RequestClosed:
        return body  # Whoever takes the answer says so, with all that was typed.
    stored: list[Pair] = []
    errors: list[FieldError] = []
    for number, part in enumerate(parts):
        try:
            stored.append((part.name, await _stored(state, request, part)))
        except InvalidAnswer as error:
            errors.extend(error.errors)
        except StoreUnavailable:
            lost = tuple((each.name, each.file_name) for each in parts[number:])
            typed = _with(request, body, stored).model_copy(update={"lost": lost})
            http_request.state.attempt = FormAttempt(body=typed, request=request)
            raise
    body = _with(request, body, stored)
    http_request.state.attempt = FormAttempt(body=body, request=request)
    if errors:
        raise InvalidAnswer(*errors)
    return body


async def _stored(state: AppState, request: Request, part: _Part) -> str:
    field = file_field(request.question, part.name)
    if field is None:
        raise InvalidAnswer(FieldError(field=part.name, reason="No file is asked for here."))
    try:
        upload = await state.service.uploads.receive(
            request.request_id,
            field.limits.capped(state.settings.max_upload_bytes),
            _chunks(part.file),
            name=part.file_name,
            media_type=part.file.content_type or "",
        )
    except (UploadTooLarge, MediaTypeRefused) as error:
        raise InvalidAnswer(FieldError(field=field.path, reason=error.detail)) from None
    return upload.upload_id


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk


def _with(request: Request, body: FormBody, stored: list[Pair]) -> FormBody:
    # Behind what stands there already: of a field for one file the last is taken.
    entries = Entries((*body.entries, *stored))
    names = {name for name, text in entries if UPLOAD_ID.fullmatch(text)}
    files = frozenset(name for name in names if file_field(request.question, name))
    return body.model_copy(update={"entries": entries, "files": files})
