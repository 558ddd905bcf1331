"""Asking is one write: what it costs, what an attempt finds of those before it, and that it may be killed anywhere.

Held here: a crash asks nobody twice (P2), and a changed question is a new one (P4).
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

import flyteplugins.hitl as hitl
from flyteplugins.hitl._earlier import Earlier
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._records import Origin, Question, Request, Response, Status
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._successors import successor_of
from flyteplugins.hitl.errors import DamagedRecord
from tests.support.fault_proxy import fault_proxy
from tests.support.observed import Killed, observed
from tests.support.questions import ORIGIN, MovableClock, answered, asked, question
from tests.support.raw_objects import raw_objects
from tests.support.stores import RunningStore, applied
from tests.unit.task_contexts import entered, task_context

pytestmark = pytest.mark.asyncio

MANY = 1_000
CLOCK = MovableClock()


def many(count: int = MANY) -> list[Question]:
    return [question(name="review", prompt=f"number {number}") for number in range(count)]


async def asked_at_once(service: Service, questions: Sequence[Question]) -> list[Request]:
    """Asks in the order of the list, as one attempt does with `asyncio.gather`."""
    attempt = Earlier()
    asking = [asked(service, each, turn=turn, earlier=attempt) for turn, each in enumerate(questions, start=1)]
    return list(await asyncio.gather(*asking))


# What it costs


async def test_the_first_question_of_an_attempt_is_one_look_and_one_write(store_url: str) -> None:
    service, store = await observed(store_url, CLOCK)
    request = await asked(service)
    path = request_path(request.request_id)
    assert store.calls == [f"list {path.rpartition('/')[0]}", f"put {path}"]


async def test_every_other_question_of_a_first_attempt_is_one_write(store_url: str) -> None:
    service, store = await observed(store_url, CLOCK)
    attempt = Earlier()
    await asked(service, question(name="first"), earlier=attempt)
    store.calls.clear()
    request = await asked(service, question(name="second"), earlier=attempt)
    assert store.calls == [f"put {request_path(request.request_id)}"]


async def test_a_thousand_questions_at_once_are_one_look_and_a_thousand_writes(local_store: str) -> None:
    service, store = await observed(local_store, CLOCK)
    requests = await asked_at_once(service, many())
    assert store.counts() == {"list": 1, "put": MANY}
    assert len({request.request_id for request in requests}) == MANY
    assert len((await service.listing()).requests) == MANY


async def test_an_attempt_looks_once_for_each_of_its_actions(store_url: str) -> None:
    service, store = await observed(store_url, CLOCK)
    attempt = Earlier()
    traces = [ORIGIN.model_copy(update={"action": f"trace{number}"}) for number in range(3)]
    for origin in traces * 2:
        await asked(service, question(), origin=origin, earlier=attempt)
    assert store.counts()["list"] == len(traces)


async def test_an_attempt_may_ask_in_several_stores(store_url: str, local_store: str) -> None:
    attempt, elsewhere = Earlier(), f"{local_store}-elsewhere"
    for url in (store_url, elsewhere):
        service, _ = await observed(url, CLOCK)
        before = await asked(service, question(prompt="before"))
        await asked(service, question(prompt="after"), earlier=attempt)
        assert await service.status(before) is Status.REPLACED


async def test_events_made_at_once_cost_one_write_each(
    s3_server: RunningStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYTE_HITL_STORE", s3_server.fresh())
    monkeypatch.setenv("FLYTE_HITL_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("FLYTE_HITL_CHECK_ENDPOINT", "false")
    with fault_proxy(s3_server.port) as proxy, entered(task_context(tmp_path, mode="remote")):
        with applied(proxy.environment(s3_server)):
            await hitl.new_event.aio("the first", data_type=bool)
        proxy.forget_requests()
        await asyncio.gather(*(hitl.new_event.aio(f"event {number}", data_type=bool) for number in range(50)))
        # The index of open requests follows by itself, some time later.
        calls = Counter(method for method, path in proxy.requests if "/open/" not in path)
        assert calls == {"PUT": 50}


# A later attempt


async def test_a_retry_of_a_thousand_questions_asks_nothing_twice(local_store: str) -> None:
    service, _ = await observed(local_store, CLOCK)
    before = await asked_at_once(service, many())
    retried, store = await observed(local_store, CLOCK)
    assert await asked_at_once(retried, many()) == before
    # Each is read, and whether it was answered.
    assert store.counts() == {"list": 1, "get": 2 * MANY}


async def test_in_another_order_a_retry_finds_the_same_questions(store_url: str) -> None:
    questions = many(40)
    service, _ = await observed(store_url, CLOCK)
    before = await asked_at_once(service, questions)
    random.Random(7).shuffle(questions)
    retried, store = await observed(store_url, CLOCK)
    again = await asked_at_once(retried, questions)
    assert sorted(request.request_id for request in again) == sorted(request.request_id for request in before)
    assert "put" not in store.counts()
    assert [await service.status(request) for request in before] == [Status.PENDING] * len(before)


async def test_a_retry_that_was_killed_half_way_asks_the_other_half(store_url: str) -> None:
    questions = many(20)
    service, _ = await observed(store_url, CLOCK)
    half = await asked_at_once(service, questions[:10])
    retried, store = await observed(store_url, CLOCK)
    assert (await asked_at_once(retried, questions))[:10] == half
    assert store.counts()["put"] == 10


async def test_what_was_found_is_told_with_its_outcome(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    given = await answered(service, await asked(service))
    attempts = [await ask_once(service) for _ in range(2)]
    assert attempts == [(False, given)] * 2


async def ask_once(service: Service) -> tuple[bool, Response | None]:
    content = question()
    put = await service.ask(content, origin=ORIGIN, turn=1, occurrence=1, timeout_seconds=3600)
    return put.is_new, put.response


async def test_what_was_put_just_now_has_no_outcome(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    assert await ask_once(service) == (True, None)


async def test_one_key_stands_for_one_question_at_a_time_in_one_attempt(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    attempt = Earlier()
    first, second, third = [
        await asked(service, question(prompt=prompt), idempotency_key="k", earlier=attempt) for prompt in "aba"
    ]
    statuses = [await service.status(request) for request in (first, second, third)]
    assert statuses == [Status.REPLACED, Status.REPLACED, Status.PENDING]
    assert await successor_of(service, first) == third.request_id


async def test_questions_of_one_key_asked_at_once_leave_one_open(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    attempt = Earlier()
    requests = await asyncio.gather(
        *(asked(service, each, idempotency_key="k", earlier=attempt) for each in many(6)),
    )
    statuses = Counter([await service.status(request) for request in requests])
    assert statuses == {Status.PENDING: 1, Status.REPLACED: 5}


# What else lies in the folder of an action


async def test_a_question_of_another_origin_in_the_same_folder_is_left_alone(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    ours = await asked(service, question(prompt="before"))
    theirs = await of_another_origin_in_the_same_folder(service, ours)
    raw_objects(store_url).put(request_path(theirs.request_id), theirs.to_bytes())
    await asked(service, question(prompt="after"))
    assert await service.status(ours) is Status.REPLACED
    assert await service.status(theirs) is Status.PENDING


async def of_another_origin_in_the_same_folder(service: Service, request: Request) -> Request:
    request_id = request.request_id[:10] + "a" * 16
    response_path = (await service.links()).response_path(request_id)
    other = Origin(run="another", action="a0")
    return request.model_copy(
        update={"nonce": "n", "request_id": request_id, "response_path": response_path, "origin": other}
    )


async def test_what_is_no_question_in_the_folder_hinders_nobody(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    before = await asked(service, question(prompt="before"))
    folder = request_path(before.request_id).rpartition("/")[0]
    raw_objects(store_url).put(f"{folder}/{'a' * 16}.json", b"{not json")
    raw_objects(store_url).put(f"{folder}/notes.txt", b"notes")
    forged = before.model_copy(
        update={"request_id": before.request_id[:10] + "b" * 16, "response_path": "responses/elsewhere.json"}
    )
    raw_objects(store_url).put(request_path(forged.request_id), forged.to_bytes())
    after = await asked(service, question(prompt="after"))
    assert await service.status(before) is Status.REPLACED
    assert await successor_of(service, before) == after.request_id
    assert "responses/elsewhere.json" not in [path async for path in service.store.paths("responses")]


async def test_a_damaged_question_is_named_when_it_is_asked_again(store_url: str) -> None:
    service, _ = await observed(store_url, CLOCK)
    request = await asked(service)
    raw_objects(store_url).put(request_path(request.request_id), b"{not json")
    with pytest.raises(DamagedRecord, match=request_path(request.request_id)):
        await asked(service)


# Killed at each step

A, B, C, OTHER = question(prompt="A"), question(prompt="B"), question(prompt="C"), question(name="other")
Attempt = Sequence[Question | str]
"""What an attempt asks, one after another; `answer` answers the last."""

STORIES: dict[str, Sequence[Attempt]] = {
    "the first attempt": [[A, OTHER]],
    "the same again": [[A, OTHER], [A, OTHER]],
    "a changed question": [[A, OTHER], [B, OTHER]],
    "a question that comes back": [[A], [B], [A]],
    "an answered one that comes back": [[A, "answer"], [B], [A]],
    "one change after another": [[A], [B], [C], [A], [C]],
    "two of one name": [[A, B], [A, C], [C, B]],
    "one more of one name": [[A], [A, B], [C, A]],
}


@pytest.mark.parametrize("story", STORIES)
async def test_killed_at_any_step_and_started_again_it_comes_out_the_same(local_store: str, story: str) -> None:
    *before, last = STORIES[story]
    unharmed = await told(f"{local_store}-unharmed", [*before, last])
    step = 0
    while True:
        step += 1
        url = f"{local_store}-{step}"
        await told(url, before)
        try:
            await attempted(url, last, dies_at=step)
        except Killed:
            assert await told(url, [last]) == unharmed, f"killed at step {step}"
        else:
            break
    # Before and after a look and a write for what is new, and three reads for what is not.
    assert step > 4


@pytest.mark.parametrize("story", ["a changed question", "a question that comes back", "one change after another"])
async def test_killed_at_any_step_and_changed_once_more_one_is_open(local_store: str, story: str) -> None:
    *before, last = STORIES[story]
    once_more = question(prompt="once more")
    step = 0
    is_through = False
    while not is_through:
        step += 1
        url = f"{local_store}-{step}"
        await told(url, before)
        try:
            await attempted(url, last, dies_at=step)
            is_through = True
        except Killed:
            assert len(await open_reviews(url)) <= 1, f"killed at step {step}, and two are open in one place"
        await attempted(url, [once_more])
        assert await open_reviews(url) == ["once more"], f"killed at step {step}"
        assert await left_links(url) <= {"once more"}, f"killed at step {step}"


async def open_reviews(url: str) -> list[str]:
    """The prompts of those that can be answered; the stories here have one place for them."""
    service = Service(Store.at(url), clock=CLOCK)
    requests = [each for each in (await service.listing()).requests if each.question.name == "review"]
    return [each.question.prompt for each in requests if await service.status(each) is Status.PENDING]


async def left_links(url: str) -> set[str | None]:
    """The prompts to which the links of those that were replaced lead."""
    service = Service(Store.at(url), clock=CLOCK)
    requests = {each.request_id: each for each in (await service.listing()).requests}
    left = [each for each in requests.values() if await service.status(each) is Status.REPLACED]
    successors = [await successor_of(service, each) for each in left]
    return {None if each is None else requests[each].question.prompt for each in successors}


async def told(url: str, attempts: Sequence[Attempt]) -> set[tuple[str, str, int, Status, str | None]]:
    """Lets attempts run one after another; returns what stands then: each question, and which it leads to."""
    for attempt in attempts:
        await attempted(url, attempt)
    service = Service(Store.at(url), clock=CLOCK)
    requests = {request.request_id: request for request in (await service.listing()).requests}
    found = set()
    for request in requests.values():
        successor = await successor_of(service, request)
        leads_to = None if successor is None else requests[successor].question.prompt
        content = request.question
        found.add((content.name, content.prompt, request.generation, await service.status(request), leads_to))
    return found


async def attempted(url: str, attempt: Attempt, *, dies_at: int = 0) -> None:
    CLOCK.move(0.001)
    service, _ = await observed(url, CLOCK, dies_at=dies_at)
    earlier, turns, occurrences = Earlier(), Counter[str](), Counter[str]()
    request: Request | None = None
    for content in attempt:
        if isinstance(content, str):
            assert request is not None
            await answered(service, request)
            continue
        turns[content.name] += 1
        occurrences[content.fingerprint()] += 1
        occurrence = occurrences[content.fingerprint()]
        request = await asked(service, content, turn=turns[content.name], occurrence=occurrence, earlier=earlier)
