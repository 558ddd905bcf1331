"""The plugin that is measured, as a script uses it: the same calls, whichever of the two is installed."""

from __future__ import annotations

import asyncio
import os
from importlib.metadata import version
from typing import Any

PROMPT = "Analysis found **3 anomalies** with 87% confidence. Approve for downstream processing?"

_AT_ONCE = 100


def is_earlier() -> bool:
    """Whether the earlier plugin is the one that is installed."""
    return version("flyteplugins-hitl").startswith("2.")


def prepare() -> None:
    """Makes the earlier plugin run on a laptop; this one does."""
    if is_earlier():
        from benchmarks.programs import earlier

        earlier.prepare()


async def ask(name: str, interval: float) -> Any:
    """Asks, as in the documented example."""
    import flyteplugins.hitl as hitl

    return await hitl.new_event.aio(
        name, data_type=bool, prompt=PROMPT, timeout_seconds=3600, poll_interval_seconds=interval
    )


async def ask_many(count: int, interval: float) -> list[Any]:
    """Asks for many, a hundred at once, with the first before all others: it starts the app."""
    events = [await ask("event-0", interval)]
    for start in range(1, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        events += await asyncio.gather(*(ask(f"event-{number}", interval) for number in numbers))
    return events


def answer(event: Any) -> dict[str, str]:
    """The body of the documented JSON call that answers an event."""
    # The earlier plugin has it under a private name, and shows it in its report.
    path = event._response_path if is_earlier() else event.response_path
    return {"request_id": event.request_id, "response_path": path, "value": "true", "data_type": "bool"}


def leave_fsync_out() -> None:
    """Has nothing in this process wait for the disk."""
    for name in ("fsync", "fdatasync"):
        setattr(os, name, lambda _: None)
