"""The pages of a question, each with all that the store knows and the request does not hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pydantic import JsonValue
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from .._answers import UPLOAD_ID, Entries, Form, takes_files
from .._candidates import Check
from .._changes import Change
from .._records import Request, Response, Uploaded
from .._successors import successor_of
from .._tables import changes_to_table
from ..errors import FieldError, StoreError
from ._bodies import FormBody
from ._contexts import CheckView, ClosedView, FormView
from ._shown import FileView, base_of, shown_with
from ._state import state_of
from ._views import check_view, closed_view, form_view, markup, new_key

_MOST_NAMED_UPLOADS = 200
"""Each is a record to read; a form of more still holds all of them, those beyond without their names."""


async def open_page(
    connection: HTTPConnection,
    request: Request,
    token: str,
    typed: FormBody | None = None,
    errors: Sequence[FieldError] = (),
    checked_now: str | None = None,
) -> FormView:
    """The form of an open question.

    Args:
        connection: The call.
        request: What is asked.
        token: Proves the right to answer.
        typed: What was typed before, or `None`.
        errors: What is wrong with it.
        checked_now: Who sent another answer that the workflow has yet to check, or `None`.
    """
    uploads = {} if typed is None else await _uploads_among(connection, request, typed.entries)
    shown = await shown_with(connection, request)
    return form_view(connection, request, token, typed, errors, checked_now, shown, uploads)


async def untouched_form(connection: HTTPConnection, request: Request, token: str) -> HTMLResponse:
    """The form of an open question as everybody gets it who opens it, for somebody who may see it.

    Args:
        connection: The call.
        request: What is asked.
        token: Proves the right to answer; there is but one for each question.
    """
    pages, base = state_of(connection).pages, base_of(connection)
    page = pages.get(request, base, new_key())
    if page is None:
        view = await open_page(connection, request, token)
        page = markup(connection, "form.html", view, base).encode()
        # What cannot be read just now is told in its place, and may be there the next time.
        if not request.question.show:
            pages.keep(request, base, page, view.idempotency_key)
    return HTMLResponse(page)


async def check_page(connection: HTTPConnection, request: Request, check: Check, *, is_own: bool) -> CheckView:
    """The page of an answer that the workflow has yet to check."""
    return check_view(request, check, is_own=is_own, shown=await shown_with(connection, request))


async def closed_page(
    connection: HTTPConnection,
    request: Request,
    response: Response | None,
    *,
    refusal: str | None = None,
    refused: str | None = None,
) -> ClosedView:
    """The page of a question that takes no answer any more.

    Args:
        connection: The call.
        request: What was asked.
        response: Its outcome; `None` where only its deadline has passed.
        refusal: Why the answer that was sent just now was not taken, or `None`.
        refused: What was sent then.
    """
    successor: str | None = None
    changes: tuple[Change, ...] = ()
    # That an answer was refused must be told even if the store goes away just then.
    with contextlib.suppress(StoreError) if refusal else contextlib.nullcontext():
        successor = await _successor_address(connection, request)
        changes = await _changes(connection, request, response)
    return closed_view(
        request,
        response,
        refusal=refusal,
        refused=refused,
        successor=successor,
        changes=changes,
        files=await _files(connection, request, response),
        shown=await shown_with(connection, request),
    )


async def _uploads_among(connection: HTTPConnection, request: Request, entries: Entries) -> dict[str, Uploaded]:
    """The uploads that a form names, by their ids; less those that cannot be read now."""
    if not takes_files(request.question.answer_schema):
        return {}
    ids = [text for _, text in entries if UPLOAD_ID.fullmatch(text)][:_MOST_NAMED_UPLOADS]
    read = state_of(connection).service.uploads.read
    found = await asyncio.gather(*(read(request.request_id, each) for each in ids), return_exceptions=True)
    return {each.upload_id: each for each in found if isinstance(each, Uploaded)}


async def _successor_address(connection: HTTPConnection, request: Request) -> str | None:
    """The link to the question that took the place of a closed one: whoever may see this one may see that."""
    service = state_of(connection).service
    successor = await successor_of(service, request)
    if successor is None:
        return None
    query = urlencode({"token": (await service.links()).token(successor)})
    return f"form/{successor}?{query}"


async def _changes(connection: HTTPConnection, request: Request, response: Response | None) -> tuple[Change, ...]:
    """What the answer changed of what the form was filled with."""
    question = request.question
    if response is None or response.status != "completed":
        return ()
    if question.table is not None:
        return await changes_to_table(state_of(connection).service.store, question.table, response.value)
    if question.initial is not None:
        return Form(question.answer_schema).changes(question.initial.value, response.value)
    return ()


async def _files(connection: HTTPConnection, request: Request, response: Response | None) -> tuple[FileView, ...]:
    """The files of an answer, each with the address where whoever may see the answer can download it."""
    if response is None or not takes_files(request.question.answer_schema) or not response.has_value(request):
        return ()
    found: list[dict[str, Any]] = []

    def find(leaf: JsonValue) -> JsonValue:
        found.extend([leaf] if isinstance(leaf, dict) else [])
        return leaf

    Form(request.question.answer_schema).mapped(response.value, {"file": find})
    query = urlencode({"token": (await state_of(connection).service.links()).token(request.request_id)})
    return tuple(
        FileView(
            name=str(leaf.get("name")),
            size=int(leaf.get("size", 0)),
            address=f"upload/{request.request_id}/{leaf.get('upload')}?{query}",
        )
        for leaf in found
    )
