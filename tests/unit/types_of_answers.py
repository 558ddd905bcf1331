"""What a type checker knows of an event: the answer has the type that was asked for.

Nothing here runs: `make check` reads it with mypy, where each `assert_type` fails if the type is another.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from typing_extensions import assert_type

import flyteplugins.hitl as hitl


def answers_are_typed() -> None:
    event = hitl.new_event("review", data_type=bool, prompt="Approve?", timeout_seconds=timedelta(hours=1))
    assert_type(event, hitl.Event[bool])
    assert_type(event.wait(), bool)
    assert_type(event.response(), hitl.Outcome[bool])
    assert_type(event.response().value, bool | None)
    assert_type(event.status(), hitl.Status)


def choices_and_shapes_are_typed_as_they_are_written() -> None:
    label: hitl.Event[Literal["cat", "dog"]] = hitl.new_event("label", Literal["cat", "dog"], show={"a": 1})
    assert_type(label.wait(), Literal["cat", "dog"])
    assert_type(hitl.new_event("rows", list[int]).wait(), list[int])
    assert_type(hitl.choose("Which?", ["a", "b"]), str)
    assert_type(hitl.choose_several("Which?", {"One": 1}), list[int])
    assert_type(hitl.edit(3.5, "Correct it."), float)
    assert_type(hitl.approve("Ship it?"), hitl.Approval)


async def awaited_answers_are_typed() -> None:
    event = await hitl.new_event.aio("hours", int, on_timeout=4, poll_interval_seconds=0.5)
    assert_type(event, hitl.Event[int])
    assert_type(await event.wait.aio(), int)
    assert_type(await event.cancel.aio("No longer needed."), hitl.Outcome[int])
