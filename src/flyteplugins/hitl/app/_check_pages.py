"""What a reader is shown of a question whose answers the workflow checks: one page for each state of the check."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from .._answers import Form
from .._candidates import Check
from .._records import Request, Response
from .._refusals import closed
from ._bodies import FormBody
from ._contexts import ClosedView, View
from ._question_pages import check_page, closed_page, open_page
from ._state import state_of


async def view_of_check(
    connection: HTTPConnection,
    request: Request,
    response: Response | None,
    token: str,
    number: int | None,
) -> View:
    """The page of a question that is validated.

    Args:
        connection: The call.
        request: What is asked.
        response: Its outcome, or `None` while it is open.
        token: Proves the right to see it.
        number: The number of the answer that the reader sent, or `None` where the reader sent none.
    """
    candidates = state_of(connection).service.candidates(request)
    own = None if number is None else await candidates.check(number)
    if response is not None:
        return await _closed_view(connection, request, response, own)
    latest = await candidates.latest()
    if own is not None and own.is_open:
        return await check_page(connection, request, own, is_own=True)
    if not request.is_past_deadline(state_of(connection).service.clock.now()):
        others = latest.response.responder if latest is not None and latest.is_open else None
        errors = () if own is None else own.errors
        return await open_page(connection, request, token, _typed(request, own), errors, checked_now=others)
    if latest is not None and latest.is_open:
        return await check_page(connection, request, latest, is_own=False)
    return await closed_page(connection, request, None, refusal=_refusal(own), refused=_text(request, own))


async def _closed_view(
    connection: HTTPConnection, request: Request, response: Response, own: Check | None
) -> ClosedView:
    if own is None or own.response.nonce == response.nonce:
        return await closed_page(connection, request, response)
    refusal = _refusal(own) or closed(request, response).detail
    return await closed_page(connection, request, response, refusal=refusal, refused=_text(request, own))


def _refusal(own: Check | None) -> str | None:
    if own is None or own.is_open:
        return None
    return " ".join(["The workflow checked it and refused it.", *(error.reason for error in own.errors)])


def _typed(request: Request, own: Check | None) -> FormBody | None:
    """What was typed, as the form sent it; the answer that is sent next is another one, with a key of its own."""
    if own is None:
        return None
    entries = Form(request.question.answer_schema).filled(own.response.value)
    return FormBody(request_id=request.request_id, entries=entries, comment=own.response.comment)


def _text(request: Request, own: Check | None) -> str | None:
    if own is None:
        return None
    return Form(request.question.answer_schema).text(own.response.value)
