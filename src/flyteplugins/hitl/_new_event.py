"""`new_event`: asks a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from ._event import Event
from ._faces import TwoFaces
from ._new_event_call import Duration, Labels, NewEvent
from ._unset import UNSET


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
    # Only a workflow that asks pays for the import.
    from ._event_question import ask

    return await ask(
        name,
        data_type,
        scope,
        prompt,
        timeout_seconds,
        poll_interval_seconds,
        initial=initial,
        labels=labels,
        show=show,
        validate=validate,
        on_timeout=on_timeout,
        idempotency_key=idempotency_key,
    )


_new_event.__name__ = _new_event.__qualname__ = "new_event"
_new_event.__doc__ = NewEvent.__call__.__doc__
new_event: NewEvent = cast(NewEvent, TwoFaces(_new_event))
