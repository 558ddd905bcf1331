"""The page of a question that takes no answer any more, with all that the store knows of how it ended."""

from __future__ import annotations

import contextlib
from urllib.parse import urlencode

from starlette.requests import HTTPConnection

from .._answers import Change, Form
from .._records import Request, Response
from .._tables import changes_to_table
from ..errors import StoreError
from ._shown import NOTHING_SHOWN, Shown
from ._state import state_of
from ._views import ClosedView, closed_view


async def closed_page(
    connection: HTTPConnection,
    request: Request,
    response: Response | None,
    *,
    refusal: str | None = None,
    refused: str | None = None,
    shown: Shown = NOTHING_SHOWN,
) -> ClosedView:
    """The page of a closed question.

    Args:
        connection: The call.
        request: What was asked.
        response: Its outcome; `None` where only its deadline has passed.
        refusal: Why the answer that was sent just now was not taken, or `None`.
        refused: What was sent then.
        shown: What is shown with it.
    """
    successor: str | None = None
    changes: tuple[Change, ...] = ()
    # That an answer was refused must be told even if the store goes away just then.
    with contextlib.suppress(StoreError) if refusal else contextlib.nullcontext():
        successor = await _successor_address(connection, request)
        changes = await _changes(connection, request, response)
    return closed_view(
        request, response, refusal=refusal, refused=refused, successor=successor, changes=changes, shown=shown
    )


async def _successor_address(connection: HTTPConnection, request: Request) -> str | None:
    """The link to the question that took the place of a closed one: whoever may see this one may see that."""
    service = state_of(connection).service
    successor = await service.successor(request)
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
