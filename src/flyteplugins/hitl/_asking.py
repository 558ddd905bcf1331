"""Puts a question for the workflow that runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import _flyte
from ._earlier import Earlier
from ._form_link import FormLink
from ._records import Question, Response
from ._runtime import Runtime


async def put_question(
    runtime: Runtime,
    question: Question,
    key: str | None,
    timeout: float | None,
    complete: Callable[[Question], Awaitable[Question]],
) -> tuple[FormLink, Response | None]:
    """Puts a question, or finds it where it was put before.

    Args:
        runtime: Where it is put.
        question: What is asked.
        key: The caller's own key, or `None`.
        timeout: The time to answer, in seconds; `None` for no limit.
        complete: Keeps what belongs to the question and adds where that is. It comes before the question, so that
            whoever can open it can see all of it.

    Returns:
        Where it can be answered, and its outcome if it has one already.
    """
    origin = _flyte.current_origin(key)
    # Counted before anything is awaited, so that events that are made at once are counted in the order of the calls.
    attempt = _flyte.current_attempt()
    turn = 1 if key is not None else attempt.count(origin.action, question.name)
    question = await complete(question)
    fingerprint = question.fingerprint()
    occurrence = 1 if key is not None else attempt.count(origin.action, question.name, fingerprint)
    endpoint = await runtime.endpoint(origin.run)
    asked = await runtime.service.ask(
        question,
        origin=origin,
        turn=turn,
        occurrence=occurrence,
        idempotency_key=key,
        timeout_seconds=timeout,
        fingerprint=fingerprint,
        earlier=_earlier(attempt, key),
    )
    token = (await runtime.service.links()).token(asked.request.request_id)
    return FormLink(request=asked.request, endpoint=endpoint, token=token), asked.response


def _earlier(attempt: _flyte.Attempt, key: str | None) -> Earlier:
    # A process that is no task may run for months and ask under one key after another: it looks each of them up.
    return attempt.earlier if key is None or _flyte.is_in_task() else Earlier()
