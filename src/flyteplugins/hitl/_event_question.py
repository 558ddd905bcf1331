"""The question that `new_event` asks: made, put and announced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from ._answers import Answer, answer_for
from ._asked import Asked
from ._asking import put_question
from ._blobs import Blobs
from ._event import Event
from ._frames import FrameAnswer, FrameTable, frame_answer, is_frame_type
from ._new_event_call import Duration, Labels
from ._parameters import (
    checked_interval,
    checked_key,
    checked_name,
    checked_prompt,
    checked_scope,
    checked_timeout,
    checked_validate,
)
from ._records import Fallback, Initial, Question
from ._runtime import current_runtime
from ._settings import Settings
from ._showing import kept_attachments
from ._tables import kept_table
from ._unset import UNSET


async def ask(
    name: str,
    data_type: Any,
    scope: Literal["run"],
    prompt: str,
    timeout_seconds: Duration | None,
    poll_interval_seconds: Duration,
    *,
    initial: Any,
    labels: Labels | None,
    show: object,
    validate: Callable[[Any], object] | None,
    on_timeout: Any,
    idempotency_key: str | None,
) -> Event[Any]:
    """Asks as `new_event` does, which tells of its parameters and errors."""
    settings = Settings.from_environment()
    check = checked_validate(validate)
    answer = await _answer(data_type, initial, labels, settings)
    question = _question(name, answer, prompt, initial, on_timeout, is_validated=check is not None)
    checked_scope(scope)
    timeout = checked_timeout(timeout_seconds)
    interval = checked_interval(poll_interval_seconds)
    runtime = current_runtime(settings)
    table = answer.table if isinstance(answer, FrameAnswer) else None
    complete = partial(with_what_it_shows, Blobs(runtime.service.store), show, table)
    link, response = await put_question(runtime, question, checked_key(idempotency_key), timeout, complete)
    event = Event(Asked(link=link, answer=answer, runtime=runtime, interval=interval, check=check))
    await runtime.announce(event, link, answer, response)
    return event


async def _answer(data_type: Any, initial: object, labels: Labels | None, settings: Settings) -> Answer[Any]:
    if is_frame_type(data_type):
        return await asyncio.to_thread(frame_answer, data_type, None if initial is UNSET else initial)
    return answer_for(data_type, labels=labels, max_characters=settings.max_characters)


def _question(
    name: str, answer: Answer[Any], prompt: str, initial: object, on_timeout: object, *, is_validated: bool
) -> Question:
    is_table = isinstance(answer, FrameAnswer)
    return Question(
        name=checked_name(name),
        prompt=checked_prompt(prompt),
        data_type=answer.name,
        answer_schema=answer.schema,
        initial=None if is_table or initial is UNSET else Initial(value=answer.initial_json(initial)),
        on_timeout=None if on_timeout is UNSET else Fallback(value=answer.fallback_json(on_timeout)),
        # A type with rules of its own, which no schema can say, is checked where its code is.
        is_validated=is_validated or answer.needs_workflow,
    )


async def with_what_it_shows(blobs: Blobs, show: object, table: FrameTable | None, question: Question) -> Question:
    """Keeps what is shown, and adds to the question where it is."""
    if show is None and table is None:
        return question
    kept = () if show is None else await kept_attachments(show, blobs)
    stored = None if table is None else await kept_table(table, blobs)
    return question.model_copy(update={"show": kept, "table": stored})
