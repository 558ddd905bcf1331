"""An answer that the workflow checks itself before it is accepted, as processes come and go.

Held here: accepted if and only if the workflow gets it (P1), nothing that was kept is lost and the verdicts of two
attempts agree (P2), and an answer that came before the deadline counts though it is checked later (P3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from pydantic import JsonValue

from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import FieldError
from tests.support.questions import asked, kept, question

pytestmark = pytest.mark.asyncio

HOURS = question(int, name="hours", prompt="How many hours?", is_validated=True)


async def even(value: JsonValue) -> Sequence[FieldError]:
    assert isinstance(value, int)
    return [] if value % 2 == 0 else [FieldError(field="value", reason=f"{value} is odd.")]


async def test_an_answer_is_refused_by_the_check_and_the_next_is_accepted(store_url: str) -> None:
    service = Service(Store.at(store_url))
    request = await asked(service, HOURS)
    waiting = asyncio.create_task(Watch(service).outcome(request, 3600, even))

    first = await kept(service, request, "3")
    while (check := await service.candidates(request).check(first.number)) is None or check.state != "refused":
        await asyncio.sleep(0.01)
    assert [error.reason for error in check.errors] == ["3 is odd."]
    assert not waiting.done()
    second = await kept(service, request, "4")

    assert (await asyncio.wait_for(waiting, 5)) == second.response
    assert (await service.response(request)) == second.response
    assert second.response.value == 4
