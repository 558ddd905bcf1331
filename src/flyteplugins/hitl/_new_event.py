"""`new_event`: asks a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeVar, cast

from flyte.syncify import syncify

from . import _flyte
from ._answers import Answer, answer_for
from ._event import Event
from ._form_link import FormLink
from ._parameters import (
    UNSET,
    checked_interval,
    checked_key,
    checked_name,
    checked_prompt,
    checked_scope,
    checked_timeout,
)
from ._records import Fallback, Initial, Question
from ._report import show_in_report
from ._runtime import Runtime, current_runtime
from ._settings import Settings

T = TypeVar("T")

Duration = int | float | timedelta

Labels = Sequence[str] | Mapping[Any, str]


async def _new_event(
    name: str,
    data_type: type[T],
    scope: Literal["run"] = "run",
    prompt: str = "Please provide a value",
    timeout_seconds: Duration | None = 3600,
    poll_interval_seconds: Duration = 5,
    *,
    initial: T | Any = UNSET,
    on_timeout: T | Any = UNSET,
    labels: Labels | None = None,
    idempotency_key: str | None = None,
) -> Event[T]:
    answer = answer_for(data_type, labels=labels, max_characters=Settings.from_environment().max_characters)
    question = _question(name, answer, prompt, initial, on_timeout)
    checked_scope(scope)
    timeout = checked_timeout(timeout_seconds)
    interval = checked_interval(poll_interval_seconds)
    runtime = current_runtime()
    link = await _asked(runtime, question, checked_key(idempotency_key), timeout)
    event = Event(link=link, answer=answer, runtime=runtime, interval=interval)
    await _announce(event, link, runtime)
    return event


def _question(name: str, answer: Answer[Any], prompt: str, initial: object, on_timeout: object) -> Question:
    return Question(
        name=checked_name(name),
        prompt=checked_prompt(prompt),
        data_type=answer.name,
        answer_schema=answer.schema,
        initial=None if initial is UNSET else Initial(value=answer.initial_json(initial)),
        on_timeout=None if on_timeout is UNSET else Fallback(value=answer.fallback_json(on_timeout)),
    )


async def _asked(
    runtime: Runtime,
    question: Question,
    key: str | None,
    timeout: float | None,
    keep: Callable[[], Awaitable[None]] | None = None,
) -> FormLink:
    origin = _flyte.current_origin(key)
    # Counted before anything is awaited, so that events that are made at once are counted in the order of the calls.
    attempt = _flyte.current_attempt()
    turn = attempt.count(origin.action, question.name)
    occurrence = attempt.count(origin.action, question.name, question.fingerprint())
    if keep is not None:
        await keep()
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


class NewEvent(Protocol):
    """Asks a person, in two ways: `new_event(...)` blocks, `new_event.aio(...)` is awaited."""

    def __call__(
        self,
        name: str,
        data_type: type[T],
        scope: Literal["run"] = "run",
        prompt: str = "Please provide a value",
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        *,
        initial: T | Any = UNSET,
        on_timeout: T | Any = UNSET,
        labels: Labels | None = None,
        idempotency_key: str | None = None,
    ) -> Event[T]:
        """Puts a question to a person and returns at once; `event.wait()` gets the answer.

        Asked again after a crash, by the same run and with the same content, it is the same request: the same link,
        the same deadline, and an answer that was given meanwhile.

        Args:
            name: A descriptive name, shown in logs and on the form.
            data_type: The type of the answer: a scalar (`int`, `float`, `str`, `bool`, `Decimal`, `UUID`, a date or
                time, a URL), a choice (`Literal`, `Enum`, or a set or list of these), a dataclass, pydantic model or
                `TypedDict`, a list, tuple or dict of these, an `Optional`, or a union with a discriminator.
            scope: Only `"run"`.
            prompt: The message on the form, in Markdown.
            timeout_seconds: The time to answer, in seconds or as a `timedelta`; `None` for no limit. The deadline is
                fixed when the question is first asked.
            poll_interval_seconds: How often the store is looked into at the longest, in seconds or as a `timedelta`.
                An answer through this process's own app is noticed at once.
            initial: What the form is filled with at first: a value of the type, or some members of it as a dict.
            on_timeout: What `wait` returns when nobody answers in time, instead of raising `TimeoutError`.
            labels: The words on the two buttons of a `bool`, the one for `True` first; or for the choices, in their
                order or as a dict of choice and words.
            idempotency_key: Tells apart requests of one name in one task, in place of the order in which they are
                asked. Outside of a task it makes a later process find the same request.

        Returns:
            The event.

        Raises:
            InvalidParameter: A parameter cannot be used; the message names it and the mend.
            UnsupportedType: `data_type` has no JSON Schema, or cannot be asked for.
            StoreUnavailable: The store cannot be reached.
            StoreRefused: The store cannot keep one outcome per question.

        Example:
            ```python
            event = hitl.new_event("budget", data_type=int, prompt="How many GPU hours?", timeout_seconds=600)
            print(event.form_url)
            hours = event.wait()
            ```
        """
        ...

    def aio(
        self,
        name: str,
        data_type: type[T],
        scope: Literal["run"] = "run",
        prompt: str = "Please provide a value",
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        *,
        initial: T | Any = UNSET,
        on_timeout: T | Any = UNSET,
        labels: Labels | None = None,
        idempotency_key: str | None = None,
    ) -> Awaitable[Event[T]]:
        """The same, to be awaited."""
        ...


_new_event.__name__ = "new_event"
_new_event.__qualname__ = "new_event"
_new_event.__doc__ = NewEvent.__call__.__doc__
new_event: NewEvent = cast(NewEvent, syncify(_new_event))
