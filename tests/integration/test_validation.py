"""Answers that the workflow checks itself before they are accepted, as processes come and go.

Held here: accepted if and only if the workflow gets it (P1), nothing that was kept is lost and the verdicts of two
attempts agree (P2), an answer that came before the deadline counts though it is checked later (P3), and one to a
question that was replaced never does (P4).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from pydantic import JsonValue

from flyteplugins.hitl._candidates import HEARTBEAT_SECONDS, MAX_CANDIDATES, Check
from flyteplugins.hitl._checking import CheckAnswer
from flyteplugins.hitl._log import Log
from flyteplugins.hitl._records import Candidate, RecordT, Request, Response, Status
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store, new_nonce
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import (
    DeadlinePassed,
    FieldError,
    InvalidAnswer,
    RequestClosed,
    StoreUnavailable,
    TooManyAnswers,
)
from tests.support.questions import MovableClock, answered, asked, kept, question

pytestmark = pytest.mark.asyncio

HOUR = 3600.0
LONG = 3600.0
"""An interval at which nothing is found by looking while a test lasts."""

SHORT = 0.02

HOURS = question(int, name="hours", prompt="How many hours?", is_validated=True)


class Processes:
    """A store as processes meet it: `restarted` is a service that knows nothing yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = MovableClock()

    def restarted(self) -> Service:
        return Service(Store.at(self.url, clock=self.clock), clock=self.clock)

    async def ask(self) -> Request:
        return await asked(self.restarted(), HOURS)

    async def keep(self, request: Request, value: object, **submission: object) -> Check:
        return await kept(self.restarted(), request, value, **submission)

    async def check(self, request: Request, number: int) -> Check:
        found = await self.restarted().candidates(request).check(number)
        assert found is not None
        return found

    async def judged(self, request: Request, number: int) -> Check:
        """Waits until a candidate has its verdict."""
        return await self._until(request, number, lambda check: check.verdict is not None)

    async def checking(self, request: Request, number: int) -> Check:
        """Waits until a candidate is seen to be checked."""
        return await self._until(request, number, lambda check: check.state == "checking")

    async def _until(self, request: Request, number: int, is_so: Callable[[Check], bool]) -> Check:
        for _ in range(2000):
            check = await self.check(request, number)
            if is_so(check):
                return check
            await asyncio.sleep(0.01)
        raise AssertionError(f"It is still {check.state}.")

    async def wait(self, request: Request, check: CheckAnswer, interval: float = SHORT) -> Response:
        return await asyncio.wait_for(Watch(self.restarted()).outcome(request, interval, check), 20)

    @asynccontextmanager
    async def waiting(
        self, request: Request, check: CheckAnswer, interval: float = SHORT
    ) -> AsyncIterator[asyncio.Task[Response]]:
        """A workflow that waits until the block ends, and is then gone without a word."""
        task = asyncio.create_task(Watch(self.restarted()).outcome(request, interval, check))
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def processes(store_url: str) -> Processes:
    return Processes(store_url)


class Even:
    """Accepts even numbers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[JsonValue] = []

    async def __call__(self, answer: Response) -> Sequence[FieldError]:
        value = answer.value
        self.asked.append(value)
        assert isinstance(value, int)
        return [] if value % 2 == 0 else [FieldError(field="value", reason=f"{value} is odd.")]


class Endless:
    """Never comes to an end, and tells when it has begun and when it is let go of."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, answer: Response) -> Sequence[FieldError]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return []


# Refused and accepted


async def test_an_answer_is_refused_by_the_check_and_the_next_is_accepted(processes: Processes) -> None:
    request, check = await processes.ask(), Even()
    async with processes.waiting(request, check) as workflow:
        first = await processes.keep(request, "3")
        assert first.state == "kept"
        refused = await processes.judged(request, first.number)
        assert (refused.state, [error.reason for error in refused.errors]) == ("refused", ["3 is odd."])
        assert not workflow.done()

        second = await processes.keep(request, "4", comment="as agreed", responder="Ada")
        outcome = await asyncio.wait_for(workflow, 20)

    assert outcome == second.response == await processes.restarted().response(request)
    assert (outcome.value, outcome.comment, outcome.responder) == (4, "as agreed", "Ada")
    assert check.asked == [3, 4]


async def test_an_answer_through_this_process_is_checked_at_once(processes: Processes) -> None:
    service, check = processes.restarted(), Even()
    request = await asked(service, HOURS)
    workflow = asyncio.create_task(Watch(service).outcome(request, LONG, check))
    await asyncio.sleep(0.1)

    await kept(service, request, "3")
    await kept(service, request, "4")

    assert (await asyncio.wait_for(workflow, 5)).value == 4


async def test_answers_are_checked_in_their_order_and_none_after_the_first_that_is_accepted(
    processes: Processes,
) -> None:
    request, check = await processes.ask(), Even()
    for value in (1, 3, 8, 6, 5):
        await processes.keep(request, value)

    assert (await processes.wait(request, check)).value == 8
    assert check.asked == [1, 3, 8]
    with pytest.raises(RequestClosed, match="first answer stands"):
        await processes.keep(request, 6)


async def test_an_answer_that_does_not_fit_is_not_even_kept(processes: Processes) -> None:
    request = await processes.ask()
    with pytest.raises(InvalidAnswer, match="not a whole number"):
        await processes.keep(request, "many")
    assert await processes.restarted().latest_check(request) is None


# Crashes


async def test_an_answer_that_came_while_the_workflow_was_down_is_checked_when_it_is_back(
    processes: Processes,
) -> None:
    request = await processes.ask()
    given = await processes.keep(request, 4)
    assert await processes.restarted().response(request) is None
    assert await processes.restarted().status(request) is Status.PENDING

    assert await processes.ask() == request
    assert await processes.wait(request, Even()) == given.response


async def test_a_workflow_that_is_gone_while_its_check_runs_leaves_the_answer_to_the_next(
    processes: Processes,
) -> None:
    request, endless = await processes.ask(), Endless()
    given = await processes.keep(request, 4)
    async with processes.waiting(request, endless):
        await asyncio.wait_for(endless.begun.wait(), 20)
    await asyncio.wait_for(endless.left.wait(), 20)
    assert (await processes.check(request, given.number)).verdict is None

    assert await processes.wait(request, Even()) == given.response


async def accepted_but_not_written(processes: Processes, request: Request) -> Check:
    given = await processes.keep(request, 4)
    assert (await processes.restarted().candidates(request).judge(given.number, ())).accepted
    assert await processes.restarted().response(request) is None
    return given


async def test_a_verdict_without_its_outcome_is_finished_by_the_workflow_with_no_second_check(
    processes: Processes,
) -> None:
    request, check = await processes.ask(), Even()
    given = await accepted_but_not_written(processes, request)

    assert await processes.wait(request, check) == given.response
    assert check.asked == []


async def test_a_verdict_without_its_outcome_is_finished_by_whoever_answers_next(processes: Processes) -> None:
    request = await processes.ask()
    given = await accepted_but_not_written(processes, request)

    with pytest.raises(RequestClosed) as raised:
        await processes.keep(request, 6)
    assert raised.value.response == given.response == await processes.restarted().response(request)


async def test_a_verdict_stands_whatever_the_check_says_the_next_time(processes: Processes) -> None:
    request, check = await processes.ask(), Even()
    given = await processes.keep(request, 4)
    candidates = processes.restarted().candidates(request)
    await candidates.judge(given.number, [FieldError(field="value", reason="Not today.")])

    assert not (await candidates.judge(given.number, ())).accepted
    async with processes.waiting(request, check) as workflow:
        later = await processes.keep(request, 6)
        assert await asyncio.wait_for(workflow, 20) == later.response
    assert check.asked == [6]


async def undecided(answer: Response) -> Sequence[FieldError]:
    await asyncio.sleep(random.uniform(0, 0.01))
    return [] if random.random() < 0.3 else [FieldError(field="value", reason="Bad luck.")]


@pytest.mark.parametrize("seed", range(5))
async def test_attempts_that_run_at_once_agree_though_the_check_is_left_to_chance(
    processes: Processes, seed: int
) -> None:
    random.seed(seed)
    request = await processes.ask()
    attempts = [asyncio.create_task(processes.wait(request, undecided)) for _ in range(3)]
    given: list[Check] = []
    while not any(attempt.done() for attempt in attempts):
        with contextlib.suppress(RequestClosed):
            given.append(await processes.keep(request, len(given)))
    outcomes = await asyncio.gather(*attempts)

    states = [(await processes.check(request, check.number)).state for check in given]
    winner = states.index("accepted")
    assert states[:winner] == ["refused"] * winner
    assert set(states[winner + 1 :]) <= {"kept", "checking"}
    assert outcomes == [given[winner].response] * 3


async def test_a_check_that_fails_is_raised_and_the_answer_is_checked_by_the_next_attempt(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(answer: Response) -> Sequence[FieldError]:
        raise KeyError("price")

    request = await processes.ask()
    given = await processes.keep(request, 4)
    with pytest.raises(KeyError, match="price"):
        await processes.wait(request, broken)

    assert (await processes.check(request, given.number)).verdict is None
    assert "“hours”. The answer is kept" in caplog.text
    assert await processes.wait(request, Even()) == given.response


async def test_a_failure_of_the_check_is_not_taken_for_one_of_the_store(processes: Processes) -> None:
    async def away(answer: Response) -> Sequence[FieldError]:
        raise StoreUnavailable("another store is away")

    request = await processes.ask()
    await processes.keep(request, 4)
    with pytest.raises(StoreUnavailable, match="another store is away"):
        await processes.wait(request, away)


class AwayOnce(Store):
    """A store that is out of reach the first time that a verdict is written."""

    was_away = False

    async def create(self, path: str, record: RecordT, *, mark: str | None = None) -> tuple[RecordT, bool]:
        if path.startswith("verdicts/") and not self.was_away:
            self.was_away = True
            raise StoreUnavailable("The store is away.")
        return await super().create(path, record, mark=mark)


async def test_what_the_check_said_is_not_lost_while_the_store_is_away(processes: Processes) -> None:
    request, check, store = await processes.ask(), Even(), AwayOnce.at(processes.url, clock=processes.clock)
    given = await processes.keep(request, 4)

    watch = Watch(Service(store, clock=processes.clock))
    assert await asyncio.wait_for(watch.outcome(request, SHORT, check), 20) == given.response
    assert isinstance(store, AwayOnce)
    assert store.was_away
    assert check.asked == [4]


# Sent again


async def test_the_same_answer_sent_again_is_kept_once(processes: Processes) -> None:
    request = await processes.ask()
    first = await processes.keep(request, 3, idempotency_key="k")
    other = await processes.keep(request, 5, idempotency_key="other")
    again = await processes.keep(request, 3, idempotency_key="k")

    assert (first.number, other.number, again.number) == (0, 1, 0)
    assert again.response == first.response


async def test_the_same_answer_sent_many_times_at_once_is_kept_once(processes: Processes) -> None:
    request = await processes.ask()
    for value in range(3):
        await processes.keep(request, value)
    sent = [processes.keep(request, 3, idempotency_key="k") for _ in range(5)]
    sent += [processes.keep(request, number) for number in range(10, 15)]
    checks = await asyncio.gather(*sent)

    assert len({check.number for check in checks[:5]}) == 1
    assert {check.number for check in checks} == set(range(3, 9))


async def test_the_same_answer_sent_again_finds_what_became_of_it(processes: Processes) -> None:
    request = await processes.ask()
    await processes.keep(request, 3, idempotency_key="odd")
    await processes.keep(request, 4, idempotency_key="even")
    outcome = await processes.wait(request, Even())

    assert await answered(processes.restarted(), request, 4, idempotency_key="even") == outcome
    with pytest.raises(RequestClosed):
        await processes.keep(request, 3, idempotency_key="odd")


async def test_the_key_of_another_answer_is_refused(processes: Processes) -> None:
    request = await processes.ask()
    await processes.keep(request, 3, idempotency_key="k")

    with pytest.raises(InvalidAnswer) as raised:
        await processes.keep(request, 4, idempotency_key="k")
    assert [error.field for error in raised.value.errors] == ["idempotency_key"]


async def test_answers_without_end_are_not_taken(local_store: str) -> None:
    processes = Processes(local_store)
    request = await processes.ask()
    given = (await processes.keep(request, 1, idempotency_key="k")).response
    log = Log(processes.restarted().store, Candidate, f"candidates/{request.request_id}")
    for number in range(1, MAX_CANDIDATES):
        record = Candidate(nonce=new_nonce(), request_id=request.request_id, response=given)
        await log.write(number, record)

    with pytest.raises(TooManyAnswers, match="1,000"):
        await processes.keep(request, 2)
    assert (await processes.keep(request, 1, idempotency_key="k")).number == 0


# The deadline


async def test_an_answer_that_came_in_time_counts_though_it_is_checked_after_the_deadline(
    processes: Processes,
) -> None:
    request = await processes.ask()
    given = await processes.keep(request, 4)
    processes.clock.move(HOUR + 1)

    assert await processes.restarted().status(request) is Status.PENDING
    assert await processes.restarted().settle(request) is None
    outcome = await processes.wait(request, Even())
    assert outcome == given.response
    assert request.deadline is not None
    assert outcome.responded_at < request.deadline


async def test_nobody_can_answer_after_the_deadline_though_it_waits_for_a_check(processes: Processes) -> None:
    request = await processes.ask()
    given = await processes.keep(request, 4, idempotency_key="k")
    processes.clock.move(HOUR)

    with pytest.raises(DeadlinePassed, match="has yet to check") as raised:
        await processes.keep(request, 6)
    assert raised.value.response is None
    assert await processes.keep(request, 4, idempotency_key="k") == given


async def test_the_time_runs_out_when_the_last_answer_is_refused_after_the_deadline(processes: Processes) -> None:
    request, check = await processes.ask(), Even()
    await processes.keep(request, 3)
    await processes.keep(request, 5)
    processes.clock.move(HOUR)

    assert (await processes.wait(request, check)).status == "timed_out"
    assert check.asked == [3, 5]
    assert await processes.restarted().status(request) is Status.TIMED_OUT


async def test_with_no_answer_in_time_the_fallback_counts_and_is_not_checked(processes: Processes) -> None:
    content = question(int, on_timeout=7, is_validated=True)
    request, check = await asked(processes.restarted(), content), Even()
    processes.clock.move(HOUR)

    outcome = await processes.wait(request, check)
    assert (outcome.status, outcome.value) == ("timed_out", 7)
    assert check.asked == []


async def test_the_deadline_is_met_by_a_workflow_that_sleeps_and_has_refused_an_answer(processes: Processes) -> None:
    service = processes.restarted()
    request = await asked(service, HOURS, timeout_seconds=0.5)
    async with processes.waiting(request, Even(), LONG) as workflow:
        await processes.keep(request, 3)
        await asyncio.sleep(0.1)
        processes.clock.move(1)
        assert (await asyncio.wait_for(workflow, 20)).status == "timed_out"


async def test_the_app_closes_a_question_whose_answers_were_all_refused(processes: Processes) -> None:
    request = await processes.ask()
    given = await processes.keep(request, 3)
    await processes.restarted().candidates(request).judge(given.number, [FieldError(field="value", reason="Odd.")])
    processes.clock.move(HOUR)
    assert await processes.restarted().status(request) is Status.TIMED_OUT

    with pytest.raises(DeadlinePassed) as raised:
        await processes.keep(request, 4)
    assert raised.value.response is not None
    assert raised.value.response.status == "timed_out"


async def test_a_deadline_that_was_entered_but_not_written_is_finished_by_anybody(processes: Processes) -> None:
    request = await processes.ask()
    processes.clock.move(HOUR)
    assert await processes.restarted().candidates(request).close()
    assert await processes.restarted().response(request) is None

    assert (await processes.wait(request, Even())).status == "timed_out"


async def test_no_answer_comes_behind_the_deadline_whatever_the_clock_of_the_app_says(processes: Processes) -> None:
    """Clocks differ: here the workflow's has passed the deadline, and the app's has not."""
    request = await processes.ask()
    assert await processes.restarted().candidates(request).close()

    with pytest.raises(DeadlinePassed):
        await processes.keep(request, 4)
    assert await processes.restarted().latest_check(request) is None


@pytest.mark.parametrize("number", range(12))
async def test_an_answer_that_was_said_to_be_kept_counts_even_at_the_deadline(
    processes: Processes, number: int
) -> None:
    """The deadline and the answers race for one entry of the log, so that one of them is told."""
    request, closing = await processes.ask(), processes.restarted()
    candidates = processes.restarted().candidates(request)
    response = (await kept(processes.restarted(), await other_request(processes), 4)).response

    async def close() -> bool:
        await asyncio.sleep(number * 0.0005)
        return await closing.candidates(request).close()

    check, is_closed = await asyncio.gather(candidates.enter(response, is_in_time=True), close())

    assert (check is None) == is_closed
    assert await closing.candidates(request).close() == is_closed


async def other_request(processes: Processes) -> Request:
    return await asked(processes.restarted(), question(int, name="other", is_validated=True))


# Other outcomes


async def test_a_cancel_ends_the_wait_though_the_check_goes_on_for_ever(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    request, endless = await processes.ask(), Endless()
    given = await processes.keep(request, 4)
    async with processes.waiting(request, endless) as workflow:
        await asyncio.wait_for(endless.begun.wait(), 20)
        await processes.restarted().cancel(request, "not needed")
        assert (await asyncio.wait_for(workflow, 20)).status == "cancelled"
        await asyncio.wait_for(endless.left.wait(), 20)
    assert (await processes.check(request, given.number)).verdict is None
    assert "failed" not in caplog.text


async def test_a_cancel_between_verdict_and_outcome_wins(processes: Processes) -> None:
    request = await processes.ask()
    await accepted_but_not_written(processes, request)
    await processes.restarted().cancel(request, "not needed")

    assert (await processes.wait(request, Even())).status == "cancelled"


async def test_an_answer_to_a_question_that_was_replaced_is_never_checked(processes: Processes) -> None:
    old, check = await processes.ask(), Even()
    await processes.keep(old, 4)
    new = await asked(processes.restarted(), question(int, name="hours", prompt="Minutes?", is_validated=True))

    assert (await processes.wait(old, check)).status == "replaced"
    assert check.asked == []
    assert await processes.restarted().latest_check(new) is None


async def test_asking_with_a_check_is_another_question_than_asking_without(processes: Processes) -> None:
    plain = question(int, name="hours", prompt="How many hours?")
    assert (await asked(processes.restarted(), plain)).request_id != (await processes.ask()).request_id


# What the page says meanwhile


async def test_an_answer_is_said_to_be_checked_only_while_a_workflow_was_seen_to(processes: Processes) -> None:
    request, endless = await processes.ask(), Endless()
    given = await processes.keep(request, 4)
    async with processes.waiting(request, endless):
        await processes.checking(request, given.number)
    processes.clock.move(5 * HEARTBEAT_SECONDS)

    assert (await processes.check(request, given.number)).state == "kept"


async def test_a_check_of_one_answer_is_not_said_to_be_one_of_another(processes: Processes) -> None:
    request, endless = await processes.ask(), Endless()
    first, second = await processes.keep(request, 4), await processes.keep(request, 6)
    async with processes.waiting(request, endless):
        await processes.checking(request, first.number)
        assert (await processes.check(request, second.number)).state == "kept"
