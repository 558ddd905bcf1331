"""Whoever listens is told, and told only of that for which it listens."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._listeners import Listeners
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.questions import answered, asked, kept, question


@pytest.fixture
def service(local_store: str) -> Service:
    return Service(Store.at(local_store))


@pytest.fixture
def told(service: Service) -> list[tuple[str, str]]:
    """What is told of the service's requests, as it comes."""
    told: list[tuple[str, str]] = []
    service.listeners.on_request(lambda request: told.append(("request", request.request_id)))
    service.listeners.on_candidate(lambda request_id: told.append(("candidate", request_id)))
    service.listeners.on_outcome(lambda response: told.append(("outcome", response.request_id)))
    return told


@pytest.mark.asyncio
async def test_a_question_and_its_answer_are_told(service: Service, told: list[tuple[str, str]]) -> None:
    request = await asked(service)
    assert told == [("request", request.request_id)]

    await answered(service, request)
    assert told[1:] == [("outcome", request.request_id)]


@pytest.mark.asyncio
async def test_a_question_that_stood_closed_is_told_as_an_outcome_alone(
    service: Service, told: list[tuple[str, str]]
) -> None:
    request = await asked(service)
    await answered(service, request)
    told.clear()

    await asked(service)

    assert set(told) == {("outcome", request.request_id)}


@pytest.mark.asyncio
async def test_an_answer_that_is_to_be_checked_is_told_as_a_candidate(
    service: Service, told: list[tuple[str, str]]
) -> None:
    request = await asked(service, question(is_validated=True))
    told.clear()

    await kept(service, request)

    assert told == [("candidate", request.request_id)]


@pytest.mark.asyncio
async def test_all_that_listen_are_told_in_the_order_in_which_they_came(service: Service) -> None:
    order: list[str] = []
    service.listeners.on_request(lambda _: order.append("first"))
    service.listeners.on_request(lambda _: order.append("second"))

    await asked(service)

    assert order == ["first", "second"]


def test_a_request_is_awaited_where_any_of_those_asked_waits_for_it() -> None:
    listeners = Listeners()
    assert not listeners.is_awaited("a")

    listeners.on_interest({"a"}.__contains__)
    listeners.on_interest({"b"}.__contains__)

    assert [listeners.is_awaited(request_id) for request_id in "abc"] == [True, True, False]
