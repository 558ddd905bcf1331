"""`new_event`: asks a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal, cast

from flyte.syncify import syncify

from . import _flyte
from ._answers import Answer, answer_for
from ._blobs import Blobs
from ._event import Event
from ._form_link import FormLink
from ._frames import FrameAnswer, FrameTable, frame_answer, is_frame_type
from ._new_event_call import Duration, Labels, NewEvent
from ._parameters import (
    UNSET,
    checked_interval,
    checked_key,
    checked_name,
    checked_prompt,
    checked_scope,
    checked_timeout,
    checked_validate,
)
from ._records import Fallback, Initial, Question
from ._report import show_in_report
from ._runtime import Runtime, current_runtime
from ._settings import Settings
from ._showing import kept_attachments
from ._tables import kept_table


async def _new_event(
    name: str,
    data_type: Any,
    scope: Literal["run"] = "run",
    prompt: str = "Please provide a value",
    timeout_seconds: Duration | None = 3600,
    poll_interval_seconds: Duration = 5,
    *,
    initial: Any = UNSET,
    labels: Labels | None = None,
    show: object = None,
    validate: Callable[[Any], object] | None = None,
    on_timeout: Any = UNSET,
    idempotency_key: str | None = None,
) -> Event[Any]:
    check = checked_validate(validate)
    answer = await _answer(data_type, initial, labels)
    question = _question(name, answer, prompt, initial, on_timeout, is_validated=check is not None)
    checked_scope(scope)
    timeout = checked_timeout(timeout_seconds)
    interval = checked_interval(poll_interval_seconds)
    runtime = current_runtime()
    table = answer.table if isinstance(answer, FrameAnswer) else None
    link = await _asked(runtime, question, checked_key(idempotency_key), timeout, show, table)
    event = Event(link=link, answer=answer, runtime=runtime, interval=interval, validate=check)
    await _announce(event, link, runtime)
    return event


async def _answer(data_type: Any, initial: object, labels: Labels | None) -> Answer[Any]:
    if is_frame_type(data_type):
        return await asyncio.to_thread(frame_answer, data_type, None if initial is UNSET else initial)
    return answer_for(data_type, labels=labels, max_characters=Settings.from_environment().max_characters)


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


async def _asked(
    runtime: Runtime,
    question: Question,
    key: str | None,
    timeout: float | None,
    show: object,
    table: FrameTable | None,
) -> FormLink:
    origin = _flyte.current_origin(key)
    # Counted before anything is awaited, so that events that are made at once are counted in the order of the calls.
    attempt = _flyte.current_attempt()
    turn = attempt.count(origin.action, question.name)
    question = await _with_what_it_shows(question, Blobs(runtime.service.store), show, table)
    occurrence = attempt.count(origin.action, question.name, question.fingerprint())
    endpoint = await runtime.endpoint(origin.run)
    request = await runtime.service.ask(
        question,
        origin=origin,
        turn=turn,
        occurrence=occurrence,
        idempotency_key=key,
        timeout_seconds=timeout,
        # A key stands for one question at a time, even in one attempt: another one under it takes its place.
        asked_before=attempt.asked if key is None else (),
    )
    attempt.asked.add(request.request_id)
    token = (await runtime.service.links()).token(request.request_id)
    return FormLink(request=request, endpoint=endpoint, token=token)


async def _with_what_it_shows(question: Question, blobs: Blobs, show: object, table: FrameTable | None) -> Question:
    """Keeps what is shown before the question is put, so that whoever can open it can see all of it."""
    kept = () if show is None else await kept_attachments(show, blobs)
    stored = None if table is None else await kept_table(table, blobs)
    return question.model_copy(update={"show": kept, "table": stored})


async def _announce(event: Event[Any], link: FormLink, runtime: Runtime) -> None:
    """Shows the link: in the running task's report, and on a laptop in the terminal too."""
    if _flyte.is_remote():
        # What a task prints on a cluster goes to a log, and a link is a secret.
        await show_in_report(link, None)
        return
    response = await runtime.service.response(link.request)
    await show_in_report(link, response)
    state = "waits for an answer" if response is None else "is closed already"
    print(f"\n“{event.name}” {state}:\n{link.form_url}\n", flush=True)  # noqa: T201
    if response is None:
        runtime.open_requests.hold(event, link.request)


_new_event.__name__ = "new_event"
_new_event.__qualname__ = "new_event"
_new_event.__doc__ = NewEvent.__call__.__doc__
new_event: NewEvent = cast(NewEvent, syncify(_new_event))
