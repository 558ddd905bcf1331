"""How `review` and `new_review` are called: their parameters, for type checkers and for those who read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, overload

from typing_extensions import TypedDict, TypeVar, Unpack

from ._event import Event
from ._new_event_call import Duration, Labels

T = TypeVar("T", default=bool)

PROMPT = "Please decide on each of these."


class ReviewOptions(TypedDict, total=False):
    """What `review` takes beside the items and the type of a decision."""

    name: str
    prompt: str
    initial: Any
    labels: Labels | None
    allow_partial: bool
    key: Callable[[Any], Any] | None
    show: object
    validate: Callable[[list[Any]], object] | None
    timeout_seconds: Duration | None
    poll_interval_seconds: Duration
    on_timeout: Any
    idempotency_key: str | None


class NewReview(Protocol):
    """Asks for a decision on each of many items: `new_review(...)` blocks, `new_review.aio(...)` is awaited.

    It returns once the question is put; `event.wait()` gets the decisions. The parameters are those of `review`.
    """

    @overload
    def __call__(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: type[T] = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Event[list[T]]: ...

    @overload
    def __call__(
        self, items: Iterable[Any], *, data_type: Any, **options: Unpack[ReviewOptions]
    ) -> Event[list[Any]]: ...

    def __call__(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: Any = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Event[list[Any]]:
        """Puts the question and returns at once."""
        ...

    @overload
    def aio(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: type[T] = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Awaitable[Event[list[T]]]: ...

    @overload
    def aio(
        self, items: Iterable[Any], *, data_type: Any, **options: Unpack[ReviewOptions]
    ) -> Awaitable[Event[list[Any]]]: ...

    def aio(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: Any = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Awaitable[Event[list[Any]]]:
        """The same, to be awaited."""
        ...


class ReviewCall(Protocol):
    """Asks for a decision on each of many items, in two ways: `review(...)` blocks, `review.aio(...)` is awaited."""

    @overload
    def __call__(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: type[T] = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> list[T]: ...

    @overload
    def __call__(self, items: Iterable[Any], *, data_type: Any, **options: Unpack[ReviewOptions]) -> list[Any]: ...

    def __call__(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: Any = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> list[Any]:
        """Asks a person for a decision on each item, in one request, and waits for all of them.

        The reviewer goes through the items one by one. Each decision is kept in the store as it is made, so that
        closing the browser, or the app, loses nothing. The workflow gets the list when the reviewer submits it.

        Args:
            items: What is decided on, up to 10,000: text (Markdown), numbers, or dicts, dataclasses and pydantic
                models, whose members are shown by name. Of an empty list nobody is asked; the list is `[]`.
            name: A descriptive name, shown in logs and on the page.
            data_type: The type of one decision, `bool` by default: all that `new_event` takes, but no secrets.
            prompt: The message on the page, in Markdown.
            initial: Suggestions: a list with one for each item, `None` for none, or a function of the item.
            labels: The words for the choices, as for `new_event`.
            allow_partial: Whether items may be left undecided; they are `None` in the list. The deadline then takes
                what was decided by then, if anything was.
            key: A function of the item that says what is alike, for "apply to the rest like it". Without it, equal
                items are alike.
            show: What the reviewer is to look at beside the items, as `new_event` takes it.
            validate: A function that checks the whole list in the workflow before it is accepted, as for `new_event`.
            timeout_seconds: The time for all of it, in seconds or as a `timedelta`; `None` for no limit.
            poll_interval_seconds: How often the store is looked into at the longest.
            on_timeout: The list to go on with when nobody submits in time, instead of raising `TimeoutError`.
            idempotency_key: As for `new_event`.

        Returns:
            The decisions, in the order of the items.

        Raises:
            InvalidParameter: A parameter cannot be used; the message names it, an item as `items[3]`.
            EventTimedOut: Nobody submitted before the deadline. It is a `TimeoutError`.
            EventCancelled: The event was cancelled.
            EventReplaced: A later attempt of the task asks something else under this name.

        Example:
            ```python
            labels = hitl.review(captions, data_type=Literal["good", "bad"], prompt="Does the caption fit?")
            ```
        """
        ...

    @overload
    def aio(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: type[T] = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Awaitable[list[T]]: ...

    @overload
    def aio(
        self, items: Iterable[Any], *, data_type: Any, **options: Unpack[ReviewOptions]
    ) -> Awaitable[list[Any]]: ...

    def aio(
        self,
        items: Iterable[Any],
        *,
        name: str = "review",
        data_type: Any = ...,
        prompt: str = PROMPT,
        initial: Iterable[Any] | Callable[[Any], Any] = ...,
        labels: Labels | None = None,
        allow_partial: bool = False,
        key: Callable[[Any], Any] | None = None,
        show: object = None,
        validate: Callable[[list[Any]], object] | None = None,
        timeout_seconds: Duration | None = 3600,
        poll_interval_seconds: Duration = 5,
        on_timeout: Any = ...,
        idempotency_key: str | None = None,
    ) -> Awaitable[list[Any]]:
        """The same, to be awaited."""
        ...
