"""Every transition of a request, on a local folder and on an S3-compatible server, as processes come and go.

Held here: one outcome for a request (P1), asking again is the same request (P2), the deadline is fixed when it is first
asked (P3), a changed question is a new one (P4), and the workflow gets the type it asked for (P5).
Each call goes through a service of its own, as after a restart, so that nothing can rest on a process's memory.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Channel, Origin, Question, Request, Response, Status
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._submission import Submission
from flyteplugins.hitl._successors import successor_of
from flyteplugins.hitl.errors import (
    AccessDenied,
    DeadlinePassed,
    InvalidAnswer,
    RequestClosed,
    RequestNotFound,
)
from tests.support.questions import ORIGIN, MovableClock, answered, asked, question
from tests.support.raw_objects import contents

pytestmark = pytest.mark.asyncio

HOUR = 3600.0


class Processes:
    """A store as processes meet it, one after another: `restarted` is a service that knows nothing yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = MovableClock()

    def restarted(self) -> Service:
        return Service(Store.at(self.url, clock=self.clock), clock=self.clock)

    async def ask(self, content: Question | None = None, **details: Any) -> Request:
        return await asked(self.restarted(), content, **details)

    async def answer(self, request: Request, value: object = "true", **submission: Any) -> Response:
        return await answered(self.restarted(), request, value, **submission)

    async def outcome(self, request: Request) -> Response | None:
        return await self.restarted().response(request)

    async def status(self, request: Request) -> Status:
        return await self.restarted().status(request)

    async def successor(self, request: Request) -> str | None:
        return await successor_of(self.restarted(), request)


@pytest.fixture
def processes(store_url: str) -> Processes:
    return Processes(store_url)


A, B, C = question(prompt="A"), question(prompt="B"), question(prompt="C")


# Asking again


async def test_asking_again_finds_the_same_request_with_its_link_and_its_deadline(processes: Processes) -> None:
    first = await processes.ask()
    token = (await processes.restarted().links()).token(first.request_id)
    processes.clock.move(60)
    again = await processes.ask()
    assert again == first
    assert (await processes.restarted().links()).token(again.request_id) == token


async def test_asking_at_once_from_many_processes_is_one_request(processes: Processes) -> None:
    requests = await asyncio.gather(*(processes.ask() for _ in range(6)))
    assert len({request.nonce for request in requests}) == 1
    assert len((await processes.restarted().listing()).requests) == 1


async def test_an_answer_given_while_the_task_was_down_is_found(processes: Processes) -> None:
    request = await processes.ask()
    given = await processes.answer(request)
    again = await processes.ask()
    assert again == request
    assert await processes.outcome(again) == given


@pytest.mark.parametrize(
    "other",
    [
        Origin(organization="x", project="p", domain="d", run="r", action="a0"),
        Origin(organization="o", project="x", domain="d", run="r", action="a0"),
        Origin(organization="o", project="p", domain="x", run="r", action="a0"),
        Origin(organization="o", project="p", domain="d", run="x", action="a0"),
        Origin(organization="o", project="p", domain="d", run="r", action="x"),
    ],
    ids=["organization", "project", "domain", "run", "action"],
)
async def test_what_somebody_else_asks_is_another_request(processes: Processes, other: Origin) -> None:
    ours = await processes.ask(A)
    theirs = await processes.ask(B, origin=other)
    assert theirs.request_id != ours.request_id
    assert await processes.status(ours) is Status.PENDING


async def test_two_events_of_the_same_content_are_two_requests(processes: Processes) -> None:
    attempt = Earlier()
    first = await processes.ask(A, turn=1, occurrence=1, earlier=attempt)
    second = await processes.ask(A, turn=2, occurrence=2, earlier=attempt)
    assert first.request_id != second.request_id
    await processes.answer(first)
    assert await processes.status(second) is Status.PENDING
    assert await processes.ask(A, turn=1, occurrence=1) == first
    assert await processes.ask(A, turn=2, occurrence=2) == second


async def test_events_asked_at_once_may_come_in_another_order_after_a_restart(processes: Processes) -> None:
    first, second = await ask_in_turn(processes, [A, B])
    assert await ask_in_turn(processes, [B, A]) == [second, first]
    assert await processes.status(first) is Status.PENDING
    assert await processes.status(second) is Status.PENDING


async def test_events_asked_at_once_in_any_order_after_a_restart_stay_open(processes: Processes) -> None:
    contents_of_turns = [question(prompt=f"number {number}") for number in range(6)]
    before = await ask_in_turn(processes, contents_of_turns)
    for order in (contents_of_turns[::-1], contents_of_turns[3:] + contents_of_turns[:3]):
        after = await ask_in_turn(processes, order)
        assert {request.request_id for request in after} == {request.request_id for request in before}
    for request in before:
        assert await processes.status(request) is Status.PENDING


async def ask_in_turn(processes: Processes, questions: list[Question]) -> list[Request]:
    attempt = Earlier()
    return [await processes.ask(content, turn=turn, earlier=attempt) for turn, content in enumerate(questions, start=1)]


# The caller's own key


async def test_a_key_takes_the_place_of_the_order(processes: Processes) -> None:
    first = await processes.ask(A, turn=1, occurrence=1, idempotency_key="order-7")
    other = await processes.ask(A, turn=2, occurrence=2, idempotency_key="order-8")
    without = await processes.ask(A, turn=3, occurrence=3)
    assert len({first.request_id, other.request_id, without.request_id}) == 3
    assert await processes.ask(A, turn=9, occurrence=4, idempotency_key="order-7") == first
    assert await processes.status(other) is Status.PENDING


async def test_changed_content_under_one_key_is_a_new_question(processes: Processes) -> None:
    old = await processes.ask(A, idempotency_key="order-7")
    new = await processes.ask(B, idempotency_key="order-7")
    assert await processes.status(old) is Status.REPLACED
    assert await processes.successor(old) == new.request_id


# A changed question

CHANGES = {
    "prompt": (question(), question(prompt="Approve all of it?")),
    "type": (question(str), question(int)),
    "labels": (question(), question(labels=("Ship it", "Hold"))),
    "fallback": (question(int), question(int, on_timeout=3)),
    "fallback of another value": (question(int, on_timeout=2), question(int, on_timeout=3)),
    "limit": (question(str), question(str, max_characters=7)),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_question_replaces_the_old_one_and_leads_to_the_new(processes: Processes, change: str) -> None:
    before, after = CHANGES[change]
    old, new = await processes.ask(before), await processes.ask(after)
    assert new.request_id != old.request_id
    assert await processes.status(old) is Status.REPLACED
    assert await processes.status(new) is Status.PENDING
    assert await processes.successor(old) == new.request_id


async def test_an_answer_to_a_replaced_question_is_not_taken(processes: Processes) -> None:
    old, new = await processes.ask(A), await processes.ask(B)
    with pytest.raises(RequestClosed, match="something else in its place") as raised:
        await processes.answer(old)
    assert raised.value.response is not None
    assert raised.value.response.replaced_by == new.request_id
    assert await processes.status(new) is Status.PENDING


async def test_an_answered_old_question_is_not_taken_for_the_new(processes: Processes) -> None:
    old = await processes.ask(A)
    given = await processes.answer(old)
    new = await processes.ask(B)
    assert await processes.outcome(old) == given
    assert await processes.outcome(new) is None


async def test_a_question_that_comes_back_is_asked_anew_and_every_old_link_leads_to_it(processes: Processes) -> None:
    first, second = await processes.ask(A), await processes.ask(B)
    third = await processes.ask(A)
    assert len({first.request_id, second.request_id, third.request_id}) == 3
    assert [await processes.status(request) for request in (first, second, third)] == [
        Status.REPLACED,
        Status.REPLACED,
        Status.PENDING,
    ]
    assert await processes.successor(first) == third.request_id
    assert await processes.successor(second) == third.request_id


async def test_after_many_changes_one_question_is_open_and_asking_it_again_is_the_same(processes: Processes) -> None:
    chain = [await processes.ask(content) for content in (A, B, A, C, B, A, B)]
    assert len({request.request_id for request in chain}) == len(chain)
    open_ones = [request for request in chain if await processes.status(request) is Status.PENDING]
    assert open_ones == [chain[-1]]
    assert await processes.ask(B) == chain[-1]
    assert await processes.status(chain[-1]) is Status.PENDING
    for request in chain[:-1]:
        assert await processes.successor(request) == chain[-1].request_id


async def test_a_question_that_was_left_for_an_answered_one_is_closed(processes: Processes) -> None:
    """The task comes back to a question that has its answer: what it asked in between, nobody waits for."""
    first = await processes.ask(A)
    await processes.answer(first)
    left = await processes.ask(B)
    assert await processes.ask(A) == first
    with pytest.raises(RequestClosed):
        await processes.answer(left)


# Closing


async def test_a_request_whose_run_ended_is_asked_anew(processes: Processes) -> None:
    left = await processes.ask()
    await processes.restarted().cancel(left, "The run ended.", channel=Channel.RUN_ENDED)
    anew = await processes.ask()
    assert anew.request_id != left.request_id
    assert await processes.status(anew) is Status.PENDING
    assert await processes.status(left) is Status.CANCELLED
    assert await processes.ask() == anew


async def test_a_cancelled_event_stays_cancelled(processes: Processes) -> None:
    request = await processes.ask()
    await processes.restarted().cancel(request, "not needed any more")
    again = await processes.ask()
    assert again == request
    outcome = await processes.outcome(again)
    assert outcome is not None
    assert (outcome.status, outcome.comment, outcome.responder) == ("cancelled", "not needed any more", None)
    with pytest.raises(RequestClosed, match="cancelled"):
        await processes.answer(request)


async def test_a_cancel_after_the_answer_changes_nothing(processes: Processes) -> None:
    request = await processes.ask()
    given = await processes.answer(request)
    assert await processes.restarted().cancel(request, "too late") == given
    assert await processes.outcome(request) == given


async def test_the_second_of_two_answers_is_told_the_first(processes: Processes) -> None:
    request = await processes.ask()
    given = await processes.answer(request, "yes", comment="looks right", responder="Ada")
    with pytest.raises(RequestClosed, match="first answer stands") as raised:
        await processes.answer(request, "no")
    assert not isinstance(raised.value, DeadlinePassed)
    assert raised.value.response == given == await processes.outcome(request)


# The deadline


async def test_the_deadline_does_not_restart_with_the_task(processes: Processes) -> None:
    asked_at = processes.clock.now()
    first = await processes.ask(timeout_seconds=60)
    processes.clock.move(40)
    again = await processes.ask(timeout_seconds=60)
    assert first.deadline == again.deadline == asked_at + timedelta(seconds=60)
    processes.clock.move(19.999)
    assert await processes.status(again) is Status.PENDING
    processes.clock.move(0.001)
    assert await processes.status(again) is Status.TIMED_OUT
    assert await processes.ask(timeout_seconds=60) == first


async def test_another_timeout_is_no_other_question(processes: Processes) -> None:
    first = await processes.ask(timeout_seconds=60)
    assert await processes.ask(timeout_seconds=HOUR) == first
    assert await processes.ask(timeout_seconds=None) == first


async def test_a_request_without_a_deadline_stays_open(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=None)
    processes.clock.move(100 * 365 * 24 * HOUR)
    assert await processes.status(request) is Status.PENDING
    assert (await processes.answer(request)).value is True


async def test_an_answer_just_before_the_deadline_is_taken(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=60)
    processes.clock.move(59.999999)
    assert (await processes.answer(request)).value is True


@pytest.mark.parametrize("late", [0.0, 0.000001, HOUR])
async def test_an_answer_after_the_deadline_is_too_late_though_no_workflow_runs(
    processes: Processes, late: float
) -> None:
    request = await processes.ask(timeout_seconds=60)
    processes.clock.move(60 + late)
    with pytest.raises(DeadlinePassed, match="deadline"):
        await processes.answer(request)
    outcome = await processes.outcome(request)
    assert outcome is not None, "what the person was told is not recorded"
    assert (outcome.status, outcome.channel, outcome.value) == ("timed_out", Channel.TIMER, None)
    assert outcome.responded_at == now_of(processes)
    with pytest.raises(DeadlinePassed) as raised:
        await processes.answer(request, "no")
    assert raised.value.response == outcome


def now_of(processes: Processes) -> datetime:
    return processes.clock.now()


async def test_a_value_for_nobodys_answer_is_recorded_with_no_responder(processes: Processes) -> None:
    request = await processes.ask(question(int, on_timeout=7), timeout_seconds=60)
    processes.clock.move(60)
    outcome = await processes.restarted().expire(request)
    assert (outcome.status, outcome.value, outcome.responder, outcome.channel) == ("timed_out", 7, None, Channel.TIMER)
    assert outcome.has_value(request)
    assert await processes.outcome(request) == outcome


async def test_a_falsy_value_for_nobodys_answer_is_a_value(processes: Processes) -> None:
    request = await processes.ask(question(bool, on_timeout=False), timeout_seconds=60)
    processes.clock.move(60)
    outcome = await processes.restarted().expire(request)
    assert outcome.value is False
    assert outcome.has_value(request)


async def test_before_its_deadline_nothing_expires(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=60)
    processes.clock.move(59.999)
    with pytest.raises(ValueError, match="has not passed"):
        await processes.restarted().expire(request)
    assert await processes.outcome(request) is None


async def test_an_answered_request_does_not_expire(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=60)
    given = await processes.answer(request)
    processes.clock.move(HOUR)
    assert await processes.restarted().expire(request) == given
    assert await processes.status(request) is Status.COMPLETED
    assert await processes.ask(timeout_seconds=60) == request


async def test_a_request_that_timed_out_is_not_asked_anew(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=60)
    processes.clock.move(HOUR)
    await processes.restarted().expire(request)
    assert await processes.ask(timeout_seconds=60) == request


# Sending an answer again


async def test_the_same_submission_sent_twice_is_accepted_once(processes: Processes) -> None:
    request = await processes.ask()
    first = await processes.answer(request, "true", idempotency_key="k")
    before = contents(processes.url)
    processes.clock.move(1)
    assert await processes.answer(request, "true", idempotency_key="k") == first
    assert contents(processes.url) == before


async def test_the_same_submission_sent_many_times_at_once_is_accepted_once(processes: Processes) -> None:
    request = await processes.ask()
    given = await asyncio.gather(*(processes.answer(request, "true", idempotency_key="k") for _ in range(6)))
    assert {response.value for response in given} == {True}
    assert await processes.outcome(request) == given[0]


async def test_an_accepted_submission_sent_again_after_the_deadline_is_still_accepted(processes: Processes) -> None:
    request = await processes.ask(timeout_seconds=60)
    first = await processes.answer(request, "true", idempotency_key="k")
    processes.clock.move(HOUR)
    assert await processes.answer(request, "true", idempotency_key="k") == first


async def test_another_value_under_the_same_key_is_a_second_answer(processes: Processes) -> None:
    request = await processes.ask()
    first = await processes.answer(request, "true", idempotency_key="k")
    with pytest.raises(RequestClosed) as raised:
        await processes.answer(request, "false", idempotency_key="k")
    assert raised.value.response == first


async def test_values_that_python_takes_for_equal_are_different_answers(processes: Processes) -> None:
    request = await processes.ask(question(str))
    await processes.answer(request, "1", idempotency_key="k")
    with pytest.raises(RequestClosed):
        await processes.answer(request, "1.0", idempotency_key="k")


async def test_another_key_or_none_is_a_second_answer(processes: Processes) -> None:
    request = await processes.ask()
    await processes.answer(request, "true", idempotency_key="k")
    for key in ("l", "", None):
        with pytest.raises(RequestClosed):
            await processes.answer(request, "true", idempotency_key=key)


async def test_one_key_may_be_used_for_two_requests(processes: Processes) -> None:
    first, second = await processes.ask(question(name="first")), await processes.ask(question(name="second"))
    await processes.answer(first, "true", idempotency_key="k")
    assert (await processes.answer(second, "false", idempotency_key="k")).value is False


# What is taken


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        (int, " 9007199254740993 ", 9007199254740993),
        (int, "-" + "9" * 400, -int("9" * 400)),
        (float, "1e-7", 1e-7),
        (float, "3", 3.0),
        (str, "żółć\r\n\r\n\u202e🚀 ", "żółć\n\n\u202e🚀 "),
        (str, "", ""),
        (bool, "Yes", True),
        (bool, "OFF", False),
    ],
)
async def test_the_value_is_kept_without_loss(
    processes: Processes, data_type: type[Any], text: str, value: object
) -> None:
    request = await processes.ask(question(data_type))
    await processes.answer(request, text)
    outcome = await processes.outcome(request)
    assert outcome is not None
    assert outcome.value == value
    assert type(outcome.value) is type(value)


@pytest.mark.parametrize(
    ("data_type", "value"),
    [(bool, "maybe"), (bool, 2), (float, "nan"), (float, "1e999"), (int, "1.5"), (int, 1.0), (int, True), (str, 5)],
)
async def test_what_does_not_fit_is_refused_and_the_request_stays_open(
    processes: Processes, data_type: type[Any], value: object
) -> None:
    request = await processes.ask(question(data_type))
    before = contents(processes.url)
    with pytest.raises(InvalidAnswer) as raised:
        await processes.answer(request, value)
    assert [error.field for error in raised.value.errors] == ["value"]
    assert contents(processes.url) == before


# Who may answer


async def test_without_proof_nothing_is_answered(processes: Processes) -> None:
    request, other = await processes.ask(question(name="this")), await processes.ask(question(name="that"))
    links = await processes.restarted().links()
    before = contents(processes.url)
    proofs = [
        Proof(),
        Proof(token=""),
        Proof(token="x" * 43),
        Proof(token=links.token(other.request_id)),
        Proof(response_path=""),
        Proof(response_path=other.response_path),
        Proof(response_path=request.response_path, token=links.token(other.request_id)),
        Proof(response_path=other.response_path, token=links.token(request.request_id)),
    ]
    for proof in proofs:
        with pytest.raises(AccessDenied):
            await processes.restarted().answer(request, proof, Submission(value="true", channel=Channel.FORM))
    assert contents(processes.url) == before


async def test_the_recorded_response_path_is_proof_enough(processes: Processes) -> None:
    request = await processes.ask()
    proof = Proof(response_path=request.response_path)
    submission = Submission(value=False, channel=Channel.JSON)
    taken = await processes.restarted().answer(request, proof, submission)
    assert isinstance(taken, Response)
    assert taken.value is False


@pytest.mark.parametrize("request_id", ["", "a", "../keys/signing", "a" * 26, "A" * 26, "é" * 26, "a" * 26 + "\n"])
async def test_an_id_of_no_request_is_not_found(processes: Processes, request_id: str) -> None:
    await processes.ask()
    with pytest.raises(RequestNotFound):
        await processes.restarted().request(request_id)


async def test_another_store_knows_neither_the_request_nor_its_link(processes: Processes, local_store: str) -> None:
    request = await processes.ask(origin=ORIGIN)
    elsewhere = Processes(local_store + "-elsewhere")
    same_there = await elsewhere.ask(origin=ORIGIN)
    assert same_there.request_id != request.request_id
    with pytest.raises(RequestNotFound):
        await elsewhere.restarted().request(request.request_id)
    token = (await processes.restarted().links()).token(same_there.request_id)
    with pytest.raises(AccessDenied):
        await elsewhere.restarted().authorize(same_there, Proof(token=token))
