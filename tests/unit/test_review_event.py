"""`review`: what it takes, what it says of what it cannot take, and that all items are of the question (P4, P5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, SecretStr

import flyteplugins.hitl as hitl
from flyteplugins.hitl import _review_question
from flyteplugins.hitl._candidates import Check
from flyteplugins.hitl._reviews import Reviews
from flyteplugins.hitl._runtime import current_runtime
from flyteplugins.hitl.errors import InvalidParameter
from tests.support.reviews import decided, proof, submitted


class Invoice(BaseModel):
    """A record to be corrected."""

    customer: str
    total: float


@dataclass
class Point:
    """An item of the author's own."""

    x: int
    y: int


class Opaque:
    """Nothing that can be shown."""


@pytest.fixture(autouse=True)
def _own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLYTE_HITL_STORE", str(tmp_path / "store"))
    # No app is needed to ask.
    monkeypatch.setenv("FLYTE_HITL_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("FLYTE_HITL_CHECK_ENDPOINT", "false")


def ask(items: Any, **options: Any) -> hitl.Event[Any]:
    return hitl.new_review(items, **{"idempotency_key": "k", **options})


def finish(event: hitl.Event[Any], values: list[Any], **submission: Any) -> None:
    async def decide() -> None:
        service = current_runtime().service
        request = await service.request(event.request_id)
        await decided(service, request, {number: value for number, value in enumerate(values) if value is not None})
        await submitted(service, request, **submission)

    asyncio.run(decide())


def test_nobody_is_asked_about_nothing(tmp_path: Path) -> None:
    assert hitl.review([]) == []
    assert not (tmp_path / "store").exists()
    with pytest.raises(InvalidParameter, match="`items` is empty"):
        ask([])


def test_the_workflow_gets_the_list_in_order_and_typed() -> None:
    records = [Invoice(customer=f"Firm {number}", total=number) for number in range(250)]
    event = ask(records, data_type=Invoice, initial=records)
    given = [{"customer": f"Firm {number}", "total": number + 0.5} for number in range(250)]
    finish(event, given)

    assert event.wait() == [Invoice(customer=f"Firm {number}", total=number + 0.5) for number in range(250)]


def test_the_outcome_tells_item_by_item_what_was_changed() -> None:
    records = [{"customer": "A", "total": 1.0}, {"customer": "B", "total": 2.0}]
    event = ask(records, data_type=Invoice, initial=records)
    finish(event, [records[0], {"customer": "B", "total": 3.0}])

    (change,) = event.response().changes
    assert (change.path, change.before, change.after) == ("1.total", 2.0, 3.0)


def test_undecided_items_are_none_where_that_is_allowed() -> None:
    event = ask(["a", "b", "c"], data_type=Literal["x", "y"], allow_partial=True)
    finish(event, [None, "y", None])

    assert event.wait() == [None, "y", None]


def test_asking_again_is_the_same_request() -> None:
    assert ask(["a", "b"]).request_id == ask(["a", "b"]).request_id


@pytest.mark.parametrize(
    ("items", "options"),
    [
        (["a", "c"], {}),
        (["b", "a"], {}),
        (["a"], {}),
        (["a", "b"], {"initial": [True, False]}),
        (["a", "b"], {"key": len}),
        (["a", "b"], {"allow_partial": True}),
        (["a", "b"], {"data_type": int}),
        (["a", "b"], {"labels": ("Yes", "No")}),
    ],
)
def test_another_item_suggestion_or_type_is_another_question(items: list[str], options: dict[str, Any]) -> None:
    assert ask(["a", "b"]).request_id != ask(items, **options).request_id


def test_items_may_be_of_many_kinds() -> None:
    items = ["text", 1, 2.5, True, {"a": [1]}, Invoice(customer="A", total=1), Point(1, 2), ["a"], float("nan")]
    event = ask(items)

    async def kept() -> list[Any]:
        service = current_runtime().service
        review = (await service.request(event.request_id)).question.review
        assert review is not None
        return [item.shown for item in await service.shelf.items(review)]

    shown = asyncio.run(kept())
    assert shown[:8] == ["text", 1, 2.5, True, {"a": [1]}, {"customer": "A", "total": 1.0}, {"x": 1, "y": 2}, ["a"]]
    assert shown[8] == "NaN"


@pytest.mark.parametrize(
    ("items", "options", "message"),
    [
        ("text", {}, r"`items` is a str"),
        ({"a": 1}, {}, r"`items` is a dict"),
        (7, {}, r"`items` is a int"),
        (range(10_001), {}, r"`items` has 10,001 items; at most 10,000"),
        ([1, 2, 3, Opaque()], {}, r"`items\[3\]=.*cannot be shown"),
        (["a", "\ud800"], {}, r"`items\[1\].*cannot be shown"),
        (["a", "x" * 50_001], {}, r"`items\[1\]` has 50,0\d\d characters; at most 50,000"),
        (["a"], {"initial": [True, False]}, r"`initial` has 2 suggestions for 1 items"),
        (["a"], {"initial": "yes"}, r"`initial` is neither a list nor a function"),
        (["a", "b"], {"initial": [True, "maybe"]}, r"The suggestion for `items\[1\]` cannot be used"),
        (["a"], {"key": lambda item: Opaque()}, r"`key` of `items\[0\]`.*cannot be compared"),
        (["a"], {"data_type": SecretStr}, r"holds a secret"),
        (["a"], {"data_type": bool | None, "allow_partial": True}, r"has None as a decision"),
        (["a"], {"on_timeout": [True, True]}, r"At most 1 are taken"),
        (["a"], {"name": ""}, r"`name` is empty"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_place(items: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        ask(items, **options)


def test_the_limit_is_what_it_is_documented_to_be() -> None:
    assert _review_question.MAX_ITEMS == 10_000


def test_the_workflow_may_check_the_whole_list_before_it_is_accepted() -> None:
    def at_most_one(values: list[bool]) -> None:
        if sum(values) > 1:
            raise hitl.Invalid({"1": "Keep at most one."})

    async def play() -> tuple[list[bool], list[str]]:
        event = await hitl.new_review.aio(["a", "b"], validate=at_most_one, idempotency_key="k")
        service = current_runtime().service
        request = await service.request(event.request_id)
        waiting = asyncio.ensure_future(event.wait.aio())
        reasons = []
        for values in ([True, True], [True, False]):
            await decided(service, request, dict(enumerate(values)))
            reviews = Reviews(service)
            seen = (await reviews.standing(request)).number
            taken = await reviews.submit(request, await proof(service, request), seen=seen)
            assert isinstance(taken, Check)
            number = taken.number
            while (found := await service.candidates(request).check(number)) is None or (  # noqa: ASYNC110
                found.is_open and not waiting.done()
            ):
                await asyncio.sleep(0.01)
            reasons += [error.reason for error in found.errors]
        return await waiting, reasons

    assert asyncio.run(play()) == ([True, False], ["Keep at most one."])
