"""Where an event stands, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Status(str, Enum):
    """Where a request stands. Derived, never stored twice: with no response it is `pending`."""

    PENDING = "pending"
    COMPLETED = "completed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class Channel(str, Enum):
    """How an outcome came about."""

    FORM = "form"
    JSON = "json"
    CLI = "cli"
    TERMINAL = "terminal"
    TIMER = "timer"
    WORKFLOW = "workflow"
    RUN_ENDED = "run_ended"

    @property
    def in_words(self) -> str:
        """The same for people: how an outcome came about."""
        return _WORDS[self]


_WORDS = {
    Channel.FORM: "through the form",
    Channel.JSON: "through the JSON call",
    Channel.CLI: "on the command line",
    Channel.TERMINAL: "where the script runs",
    Channel.TIMER: "by the deadline",
    Channel.WORKFLOW: "by the workflow",
    Channel.RUN_ENDED: "because its run ended",
}


@dataclass(frozen=True, kw_only=True)
class Outcome(Generic[T]):
    """How an event ended.

    Attributes:
        value: The answer, or the value of `on_timeout=`; `None` where there is neither.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        responder: Who answered, as far as the app knows for certain; `None` where no person did.
        channel: How the outcome came about.
        comment: What the responder added, or the reason of a cancellation.
        asked_at: When it was asked, in UTC.
        deadline: Until when it could be answered, in UTC; `None` for no limit.
        closed_at: When the outcome came about, in UTC.
        changes: What the person changed of what the form was filled with by `initial=`: a `Change` each, or a
            `FrameChange` for a data frame.
    """

    value: T | None
    status: Status
    responder: str | None
    channel: Channel
    comment: str
    asked_at: datetime
    deadline: datetime | None
    closed_at: datetime
    changes: tuple[Any, ...] = ()
