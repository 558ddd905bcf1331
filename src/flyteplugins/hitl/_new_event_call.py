"""How `new_event` is called: its parameters, for type checkers and for those who read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeVar, overload

from typing_extensions import TypedDict, Unpack

from ._event import Event
from ._unset import UNSET

T = TypeVar("T")

Duration = int | float | timedelta
"""Seconds, or a `timedelta`."""

Labels = Sequence[str] | Mapping[Any, str]
"""Words for choices: in their order, or by choice."""


class QuestionOptions(TypedDict, total=False):
    """What `new_event` takes by name only."""

    initial: Any
    labels: Labels | None
    show: object
    validate: Callable[[Any], object] | None
    on_timeout: Any
    idempotency_key: str | None


class NewEvent(Protocol):
    """Asks a person, in two ways: `new_event(...)` blocks, `new_event.aio(...)` is awaited.

    A type checker knows the type of the answer where `data_type` is a class; for what is no class to it, such as
    `Literal["a", "b"]` or `int | None`, write the type yourself: `event: hitl.Event[int | None] = ...`.
    """

    @overload
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
        labels: Labels | None = None,
        show: object = None,
        validate: Callable[[T], object] | None = None,
        on_timeout: T | Any = UNSET,
        idempotency_key: str | None = None,
    ) -> Event[T]: ...

    @overload
    def __call__(
        self,
        name: str,
        data_type: Any,
        scope: Literal["run"] = "run",
        prompt: str = "Please provide a value",
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        **options: Unpack[QuestionOptions],
    ) -> Event[Any]: ...

    def __call__(
        self,
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
        """Puts a question to a person and returns at once; `event.wait()` gets the answer.

        Asked again after a crash, by the same run and with the same content, it is the same request: the same link,
        the same deadline, and an answer that was given meanwhile.

        Args:
            name: A descriptive name, shown in logs and on the form.
            data_type: The type of the answer: a scalar (`int`, `float`, `str`, `bool`, `Decimal`, `UUID`, a date or
                time, a URL), a choice (`Literal`, `Enum`, or a set or list of these), a dataclass, pydantic model or
                `TypedDict`, a file (`flyte.io.File`), a list, tuple or dict of these, an `Optional`, or a union with a
                discriminator; or a data frame, given as `initial`.
            scope: Only `"run"`.
            prompt: The message on the form, in Markdown.
            timeout_seconds: The time to answer, in seconds or as a `timedelta`; `None` for no limit. The deadline is
                fixed when the question is first asked.
            poll_interval_seconds: How often the store is looked into at the longest, in seconds or as a `timedelta`.
                An answer through this process's own app is noticed at once.
            initial: What the form is filled with at first: a value of the type, or some members of it as a dict.
            labels: The words on the two buttons of a `bool`, the one for `True` first; or for the choices, in their
                order or as a dict of choice and words.
            show: What the person is to look at, one thing or a list: data frames, pictures, figures, files, dicts and
                lists, models, text in Markdown, or the classes of `hitl.show`, such as `hitl.show.Diff`.
            validate: A function of your own, plain or async, that checks each answer before it is accepted. It runs in
                the workflow while the event is waited for, on the answer as `wait` would return it. It returns `None`
                or `True` to accept; `False`, a reason, a list of reasons or a dict of reasons by field to refuse; or
                raises `hitl.Invalid`, `ValueError` or `AssertionError`. The question then stays open, with the reasons
                in the form. Anything else that it raises is raised by `wait`, and the answer is kept. It may run more
                than once for one answer. The value of `on_timeout` is not checked.
            on_timeout: What `wait` returns when nobody answers in time, instead of raising `TimeoutError`.
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

    @overload
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
        labels: Labels | None = None,
        show: object = None,
        validate: Callable[[T], object] | None = None,
        on_timeout: T | Any = UNSET,
        idempotency_key: str | None = None,
    ) -> Awaitable[Event[T]]: ...

    @overload
    def aio(
        self,
        name: str,
        data_type: Any,
        scope: Literal["run"] = "run",
        prompt: str = "Please provide a value",
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        **options: Unpack[QuestionOptions],
    ) -> Awaitable[Event[Any]]: ...

    def aio(
        self,
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
    ) -> Awaitable[Event[Any]]:
        """The same, to be awaited."""
        ...
