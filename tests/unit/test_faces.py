"""Two faces of one function: which loop each runs on, and how each is told of and sent to a cluster."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import threading

import cloudpickle
import pytest

import flyteplugins.hitl as hitl
from flyteplugins.hitl._faces import TwoFaces


async def _where(factor: int = 1) -> tuple[int, str]:
    """Tells where it runs."""
    return factor, threading.current_thread().name


where = TwoFaces(_where)
where.__qualname__ = "where"  # type: ignore[attr-defined]


class Place:
    def __init__(self, factor: int) -> None:
        self.factor = factor

    @TwoFaces
    async def where(self) -> tuple[int, str]:
        """Tells where it runs."""
        return await where.aio(self.factor)

    @TwoFaces
    async def fail(self) -> None:
        raise LookupError("of the author")


def test_the_blocking_face_runs_on_the_loop_of_flyte() -> None:
    assert where(3) == (3, "flyte_syncify")
    assert Place(5).where() == Place.where(Place(5)) == (5, "flyte_syncify")


def test_the_awaited_face_runs_on_the_loop_of_whoever_awaits_it() -> None:
    async def ours() -> list[tuple[int, str]]:
        return [await where.aio(3), await Place(5).where.aio()]

    name = threading.current_thread().name
    assert asyncio.run(ours()) == [(3, name), (5, name)]


def test_both_raise_what_the_function_raises() -> None:
    with pytest.raises(LookupError, match="of the author"):
        Place(1).fail()
    with pytest.raises(LookupError, match="of the author"):
        asyncio.run(Place(1).fail.aio())


def test_it_is_told_of_as_the_function_is() -> None:
    assert inspect.getdoc(where) == "Tells where it runs."
    assert inspect.getdoc(Place(1).where) == inspect.getdoc(Place.where) == "Tells where it runs."
    assert list(inspect.signature(where).parameters) == ["factor"]


@pytest.mark.parametrize("pickled_by", [pickle, cloudpickle])
@pytest.mark.parametrize("name", ["new_event", "review", "approve", "edit"])
def test_a_task_that_uses_it_is_sent_with_its_name_only(pickled_by: object, name: str) -> None:
    face = getattr(hitl, name)
    sent = pickled_by.dumps(face)  # type: ignore[attr-defined]
    assert pickle.loads(sent) is face
    assert len(sent) < 200


def test_the_function_of_the_author_runs_on_the_loop_of_whoever_awaits() -> None:
    seen: list[asyncio.AbstractEventLoop] = []

    async def check(value: int) -> None:
        seen.append(asyncio.get_running_loop())

    async def ours() -> asyncio.AbstractEventLoop:
        event = await hitl.new_event.aio("hours", data_type=int, validate=check)
        await event.wait.aio()
        return asyncio.get_running_loop()

    with hitl.testing.answers({"hours": 3}):
        loop = asyncio.run(ours())
    assert seen == [loop]
