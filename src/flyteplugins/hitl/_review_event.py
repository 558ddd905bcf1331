"""`review`: asks a person for a decision on each of many items, in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from ._event import Event
from ._faces import TwoFaces
from ._new_event_call import Duration, Labels
from ._review_call import PROMPT, NewReview, ReviewCall
from ._unset import UNSET

T = TypeVar("T")


async def _new_review(
    items: Iterable[Any],
    *,
    name: str = "review",
    data_type: type[T] = bool,  # type: ignore[assignment]  # A default of one type for a parameter of any.
    prompt: str = PROMPT,
    initial: Iterable[Any] | Callable[[Any], Any] = UNSET,  # type: ignore[assignment]  # Tells what was left out.
    labels: Labels | None = None,
    allow_partial: bool = False,
    key: Callable[[Any], Any] | None = None,
    show: object = None,
    validate: Callable[[list[Any]], object] | None = None,
    timeout_seconds: Duration | None = 3600,
    poll_interval_seconds: Duration = 5,
    on_timeout: Any = UNSET,
    idempotency_key: str | None = None,
) -> Event[list[T]]:
    # Only a workflow that asks pays for the import.
    from ._review_question import ask_for_review

    return await ask_for_review(
        items,
        name=name,
        data_type=data_type,
        prompt=prompt,
        initial=initial,
        labels=labels,
        allow_partial=allow_partial,
        key=key,
        show=show,
        validate=validate,
        timeout_seconds=timeout_seconds,
        poll_interval_seconds=poll_interval_seconds,
        on_timeout=on_timeout,
        idempotency_key=idempotency_key,
    )


async def _reviewed(items: Iterable[Any], **options: Any) -> list[Any]:
    from ._review_question import checked_items

    given = checked_items(items)
    if not given:
        return []
    event = await _new_review(given, **options)
    return await event.wait.aio()


_new_review.__name__ = _new_review.__qualname__ = "new_review"
_new_review.__doc__ = NewReview.__doc__
new_review: NewReview = cast(NewReview, TwoFaces(_new_review))

_reviewed.__name__ = _reviewed.__qualname__ = "review"
_reviewed.__doc__ = ReviewCall.__call__.__doc__
review: ReviewCall = cast(ReviewCall, TwoFaces(_reviewed))
