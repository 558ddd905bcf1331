"""Holds the account of open requests: closed when nobody can wait for them any more, and never before."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from flyteplugins.hitl import _open_requests
from flyteplugins.hitl._open_requests import OpenRequests
from flyteplugins.hitl._records import Channel, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl.errors import FieldError, StoreUnavailable
from tests.support.questions import answered, asked, kept, question

GRACE = 0.05


class Holder:
    """Stands for the event in a workflow's hands."""


class Grace:
    """The timers that were started, run when a test says so and not when the time has come."""

    def __init__(self) -> None:
        self.timers: list[threading.Timer] = []

    async def passes(self) -> None:
        """Runs what the timers would run, as they do: in a thread without a loop."""
        timers, self.timers = self.timers, []
        for timer in timers:
            await asyncio.to_thread(timer.function, *timer.args)


@pytest.fixture
def grace(monkeypatch: pytest.MonkeyPatch) -> Grace:
    """The grace, in the hands of the test."""
    held = Grace()

    class HeldTimer(threading.Timer):
        def start(self) -> None:
            assert self.interval == _open_requests._GRACE_SECONDS
            assert self.daemon
            held.timers.append(self)

    monkeypatch.setattr(threading, "Timer", HeldTimer)
    return held


@pytest.fixture
def open_requests(service: Service) -> OpenRequests:
    """The account over the real service."""
    return OpenRequests(service)


async def outcome_soon(service: Service, request: Request) -> Response | None:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        outcome = await service.response(request)
        if outcome is not None:
            return outcome
        await asyncio.sleep(0.02)
    return None


@pytest.mark.asyncio
async def test_when_the_process_ends_what_is_open_is_closed(service: Service, open_requests: OpenRequests) -> None:
    holder = Holder()
    requests = [await asked(service, question(name=name)) for name in ("one", "two")]
    for request in requests:
        open_requests.hold(holder, request)

    await open_requests.close_all()

    for request in requests:
        outcome = await service.response(request)
        assert outcome is not None
        assert (outcome.status, outcome.channel) == ("cancelled", Channel.RUN_ENDED)
        assert "run ended" in outcome.comment


@pytest.mark.asyncio
async def test_one_whose_event_was_dropped_is_closed_at_the_end_all_the_same(
    service: Service, open_requests: OpenRequests
) -> None:
    request = await asked(service)
    open_requests.hold(Holder(), request)

    await open_requests.close_all()

    assert await service.response(request) is not None


@pytest.mark.asyncio
async def test_an_answer_stands_when_the_process_ends(service: Service, open_requests: OpenRequests) -> None:
    holder = Holder()
    request = await asked(service)
    open_requests.hold(holder, request)
    outcome = await answered(service, request)

    await open_requests.close_all()

    assert await service.response(request) == outcome


@pytest.mark.asyncio
async def test_an_answer_through_another_process_stands_when_this_one_ends(
    service: Service, open_requests: OpenRequests, local_store: str
) -> None:
    holder = Holder()
    request = await asked(service)
    open_requests.hold(holder, request)
    outcome = await answered(Service(service.store, clock=service.clock), request)

    await open_requests.close_all()

    assert await service.response(request) == outcome


@pytest.mark.asyncio
async def test_what_has_an_outcome_is_forgotten(service: Service, open_requests: OpenRequests) -> None:
    holder = Holder()
    request = await asked(service)
    open_requests.hold(holder, request)

    await answered(service, request)

    assert not open_requests._open


@pytest.mark.asyncio
async def test_with_nothing_open_the_end_does_nothing(open_requests: OpenRequests) -> None:
    await open_requests.close_all()


class UnreachableService(Service):
    """The real rules, over a store that cannot be written to any more."""

    cancels = 0

    async def cancel(self, request: Request, reason: str, **channel: object) -> Response:
        self.cancels += 1
        raise StoreUnavailable("out of reach")


@pytest.mark.asyncio
async def test_a_store_out_of_reach_does_not_stop_the_process_from_ending(service: Service) -> None:
    unreachable = UnreachableService(service.store, clock=service.clock)
    open_requests = OpenRequests(unreachable)
    holder = Holder()
    for name in ("one", "two"):
        open_requests.hold(holder, await asked(service, question(name=name)))

    await open_requests.close_all()

    assert unreachable.cancels == 2


@pytest.mark.asyncio
async def test_a_store_out_of_reach_after_the_grace_is_no_error_in_a_thread(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_requests, "_GRACE_SECONDS", GRACE)
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    unreachable = UnreachableService(service.store, clock=service.clock)
    open_requests = OpenRequests(unreachable)
    request = await asked(service)
    open_requests.hold(holder := Holder(), request)
    open_requests.wait_cancelled(request)

    del holder
    await asyncio.sleep(0.5)

    assert unreachable.cancels == 1
    assert not errors


@pytest.mark.asyncio
async def test_a_store_that_hangs_does_not_keep_the_process_from_ending(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HangingService(Service):
        async def cancel(self, request: Request, reason: str, **channel: object) -> Response:
            await asyncio.sleep(60)
            raise AssertionError

    monkeypatch.setattr(_open_requests, "_CLOSING_SECONDS", 0.1)
    open_requests = OpenRequests(HangingService(service.store, clock=service.clock))
    holder = Holder()
    open_requests.hold(holder, await asked(service))

    await asyncio.wait_for(open_requests.close_all(), 5)


@pytest.mark.asyncio
async def test_a_cancelled_wait_whose_event_is_dropped_closes_the_request_after_the_grace(
    service: Service, open_requests: OpenRequests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open_requests, "_GRACE_SECONDS", GRACE)
    request = await asked(service)
    holder = Holder()
    open_requests.hold(holder, request)
    open_requests.wait_cancelled(request)

    del holder

    outcome = await outcome_soon(service, request)
    assert outcome is not None
    assert (outcome.status, outcome.channel) == ("cancelled", Channel.RUN_ENDED)


@pytest.mark.asyncio
async def test_it_is_not_closed_before_the_grace_has_passed(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    request = await asked(service)
    holder = Holder()
    open_requests.hold(holder, request)
    open_requests.wait_cancelled(request)

    del holder
    assert await service.response(request) is None

    await grace.passes()
    assert await service.response(request) is not None


def test_the_grace_is_long_enough_for_a_retry_to_begin() -> None:
    assert _open_requests._GRACE_SECONDS >= 10


@pytest.mark.asyncio
async def test_a_cancelled_wait_whose_event_is_kept_leaves_the_request_open(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    """Such as `asyncio.wait_for(event.wait.aio(), 1)` in a loop."""
    request = await asked(service)
    holder = Holder()
    open_requests.hold(holder, request)
    open_requests.wait_cancelled(request)

    await grace.passes()

    assert await service.response(request) is None
    del holder


@pytest.mark.asyncio
async def test_a_dropped_event_that_nobody_stopped_waiting_for_stays_open(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    """Somebody may hold its id, and ask for it again by its key."""
    request = await asked(service)
    open_requests.hold(Holder(), request)

    await grace.passes()

    assert await service.response(request) is None


@pytest.mark.asyncio
async def test_a_request_that_another_event_holds_too_stays_open(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    request = await asked(service)
    first, second = Holder(), Holder()
    open_requests.hold(first, request)
    open_requests.hold(second, request)
    open_requests.wait_cancelled(request)

    del first
    await grace.passes()
    assert await service.response(request) is None

    del second
    await grace.passes()
    assert await service.response(request) is not None


@pytest.mark.asyncio
async def test_a_retry_that_asks_again_in_time_keeps_the_request_open(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    request = await asked(service)
    holder = Holder()
    open_requests.hold(holder, request)
    open_requests.wait_cancelled(request)
    del holder

    taken_up = Holder()
    open_requests.hold(taken_up, request)
    await grace.passes()

    assert await service.response(request) is None
    del taken_up


@pytest.mark.asyncio
async def test_a_request_that_was_taken_up_again_stays_open(
    service: Service, open_requests: OpenRequests, grace: Grace
) -> None:
    """It was asked again, and that event was dropped without a wait that was cancelled: as if there had been none."""
    request = await asked(service)
    holder = Holder()
    open_requests.hold(holder, request)
    open_requests.wait_cancelled(request)
    del holder

    open_requests.hold(Holder(), request)
    await grace.passes()

    assert await service.response(request) is None


@pytest.mark.asyncio
async def test_an_answer_within_the_grace_stands(service: Service, open_requests: OpenRequests, grace: Grace) -> None:
    request = await asked(service)
    open_requests.hold(holder := Holder(), request)
    open_requests.wait_cancelled(request)
    del holder

    outcome = await answered(service, request)
    await grace.passes()

    assert await service.response(request) == outcome


@pytest.mark.asyncio
async def test_what_has_an_answer_that_is_yet_to_be_checked_stays_open(
    service: Service, open_requests: OpenRequests
) -> None:
    """Somebody was told that it is kept: the run that comes back has to find it."""
    holder, request = Holder(), await asked(service, question(int, is_validated=True))
    open_requests.hold(holder, request)
    given = await kept(service, request, 3)

    await open_requests.close_all()
    assert await service.response(request) is None

    await service.candidates(request).judge(given.number, [FieldError(field="value", reason="Odd.")])
    await open_requests.close_all()
    outcome = await service.response(request)
    assert outcome is not None
    assert outcome.channel is Channel.RUN_ENDED
