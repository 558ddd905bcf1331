"""A task that waits is woken by Flyte as soon as the app keeps an answer, where that is set; and never needs it.

Flyte's real controller and client speak with a server of Flyte's own messages; nothing of ours is replaced. The task's
own interval is so long that only a push can end a wait in time.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flyte._internal.controllers import create_controller
from flyte.models import ActionID
from flyteidl2.common import phase_pb2

import flyteplugins.hitl as hitl
from flyteplugins.hitl import _push_receiver
from flyteplugins.hitl._push_sender import push_outcomes
from flyteplugins.hitl._push_targets import FOLDER, PushTargets
from flyteplugins.hitl._records import Origin, PushTarget, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import StoreUnavailable
from tests.support.flyte_backend import flyte_backend
from tests.support.flyte_conditions import ConditionService
from tests.support.questions import answered, kept
from tests.unit.task_contexts import entered, task_context

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

FAR = 300.0
"""Seconds between two looks of a task by itself: no test takes as long."""

NEAR = 0.5
SECONDS = 30.0


@pytest.fixture(scope="module")
def flyte_is_there() -> Iterator[ConditionService]:
    with flyte_backend() as backend, pytest.MonkeyPatch.context() as patched:
        patched.setenv("_U_USE_ACTIONS", "1")
        controller = create_controller("remote", endpoint=backend.url, insecure=True, auth_type="Passthrough")
        yield backend.conditions
        asyncio.run(controller.stop())  # type: ignore[no-untyped-call]


@pytest.fixture
def conditions(flyte_is_there: ConditionService, monkeypatch: pytest.MonkeyPatch) -> ConditionService:
    """Flyte's conditions, and no task has any."""
    monkeypatch.setenv("_U_USE_ACTIONS", "1")
    flyte_is_there.__init__()  # type: ignore[misc]
    return flyte_is_there


class Cluster:
    """A task on a cluster, and an app elsewhere, which meet in a store only."""

    def __init__(self, url: str) -> None:
        self.app = Service(Store.at(url))
        push_outcomes(self.app, Settings(push=True))
        self.quiet = Service(Store.at(url))
        push_outcomes(self.quiet, Settings())

    async def ask(self, name: str = "deploy", interval: float = FAR, **question: Any) -> Any:
        return await hitl.new_event.aio(
            name, data_type=bool, prompt="Deploy it?", poll_interval_seconds=interval, **question
        )

    async def request(self, event: Any) -> Request:
        return await self.app.request(event.request_id)

    async def targets(self) -> list[str]:
        return [path async for path in self.app.store.paths(FOLDER)]

    async def has_no_target(self) -> bool:
        return await self.targets() == []


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    url = str(tmp_path / "store")
    for name, value in {"STORE": url, "ENDPOINT": "http://127.0.0.1:1", "CHECK_ENDPOINT": "false", "PUSH": "1"}.items():
        monkeypatch.setenv(f"FLYTE_HITL_{name}", value)
    monkeypatch.setattr(_push_receiver, "PATIENCE_SECONDS", 0.05)
    with in_task(tmp_path):
        yield Cluster(url)


@contextmanager
def in_task(folder: Path) -> Iterator[None]:
    action = ActionID(name="a0", run_name=f"run-{uuid.uuid4().hex[:8]}", project="proj", domain="dev", org="acme")
    with entered(task_context(folder, mode="remote", action=action)):
        yield


@asynccontextmanager
async def waiting(*events: Any) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Waits for events, until the block ends."""
    waits = [asyncio.create_task(event.wait.aio()) for event in events]
    try:
        yield waits
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.wait(waits)


async def until(is_so: Callable[[], Any]) -> None:
    """Waits for something that is seen at once, or has to be awaited."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = is_so()
        if await found if inspect.isawaitable(found) else found:
            return
        assert time.monotonic() < deadline, "It did not come in time."
        await asyncio.sleep(0.01)


async def until_known(cluster: Cluster) -> None:
    """Until the app can know of the task's condition, and the task has looked after that."""
    await until(cluster.targets)
    await asyncio.sleep(0.3)


async def ended(*waits: asyncio.Task[Any]) -> list[Any]:
    return await asyncio.wait_for(asyncio.gather(*waits), SECONDS)


async def test_an_answer_wakes_the_task_long_before_it_looks_by_itself(
    conditions: ConditionService, cluster: Cluster
) -> None:
    event = await cluster.ask()
    async with waiting(event) as waits:
        await until_known(cluster)
        assert not waits[0].done()
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]

    assert conditions.signals[0] == conditions.names[0]


async def test_an_answer_that_the_workflow_checks_wakes_it(conditions: ConditionService, cluster: Cluster) -> None:
    seen: list[bool] = []

    def check(value: bool) -> str | None:
        seen.append(value)
        return None if value else "Say yes."

    event = await cluster.ask(validate=check)
    async with waiting(event) as waits:
        await until_known(cluster)
        await kept(cluster.app, await cluster.request(event), "false")
        await until(lambda: seen)
        await until(lambda: len(conditions.registered) == 2)
        await until_known(cluster)
        await kept(cluster.app, await cluster.request(event), "true")
        assert await ended(*waits) == [True]

    assert seen == [False, True]


async def test_all_that_a_task_waits_for_is_one_condition(conditions: ConditionService, cluster: Cluster) -> None:
    events = [await cluster.ask(f"number {number}") for number in range(20)]
    async with waiting(*events) as waits:
        await until_known(cluster)
        assert len(conditions.registered) == 1
        for event in events:
            await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True] * 20


async def test_answers_close_together_are_few_signals(conditions: ConditionService, cluster: Cluster) -> None:
    events = [await cluster.ask(f"number {number}") for number in range(20)]
    async with waiting(*events) as waits:
        await until_known(cluster)
        await asyncio.gather(*[answered(cluster.app, await cluster.request(event)) for event in events])
        assert await ended(*waits) == [True] * 20
    await until(lambda: not conditions.open)
    await asyncio.sleep(0.5)

    assert len(conditions.registered) <= 5
    # The task takes back what nobody signalled, at the same time as the app may.
    assert conditions.calls <= 2 * len(conditions.registered)


async def test_what_came_before_the_app_could_know_of_the_condition_is_looked_for(
    conditions: ConditionService, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_push_receiver, "PATIENCE_SECONDS", 4.0)
    event = await cluster.ask()
    async with waiting(event) as waits:
        # The first look of a wait comes at once.
        await asyncio.sleep(1.0)
        await answered(cluster.app, await cluster.request(event))
        assert not conditions.registered
        assert await ended(*waits) == [True]


async def test_a_wait_that_ends_otherwise_takes_its_condition_back(
    conditions: ConditionService, cluster: Cluster
) -> None:
    event = await cluster.ask()
    async with waiting(event):
        await until_known(cluster)
        assert len(conditions.open) == 1

    await until(lambda: not conditions.open)
    assert len(conditions.signals) == 1
    await until(cluster.has_no_target)


async def test_a_condition_that_flyte_is_slow_to_take_is_taken_back_too(
    conditions: ConditionService, cluster: Cluster
) -> None:
    conditions.delay = 2.0
    event = await cluster.ask()
    async with waiting(event):
        await until_known(cluster)
    assert not conditions.registered

    await until(lambda: conditions.signals)
    assert conditions.open == []


async def test_a_condition_that_flyte_is_slow_to_take_wakes_the_task(
    conditions: ConditionService, cluster: Cluster
) -> None:
    conditions.delay = 2.0
    event = await cluster.ask()
    async with waiting(event) as waits:
        await until_known(cluster)
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]


async def test_a_short_wait_asks_nothing_of_flyte(
    conditions: ConditionService, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_push_receiver, "PATIENCE_SECONDS", 2.0)
    event = await cluster.ask()
    await answered(cluster.app, await cluster.request(event))
    assert await event.wait.aio() is True

    await asyncio.sleep(2.5)
    assert not conditions.registered
    assert await cluster.has_no_target()


async def test_a_condition_whose_time_is_over_is_followed_by_another(
    conditions: ConditionService, cluster: Cluster
) -> None:
    event = await cluster.ask()
    async with waiting(event) as waits:
        await until_known(cluster)
        conditions.end(conditions.open[0], phase_pb2.ACTION_PHASE_TIMED_OUT)
        await until(lambda: conditions.open)
        await until_known(cluster)
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]

    assert conditions.signals[0] == conditions.names[1]


async def test_what_somebody_signals_in_flytes_own_pages_answers_nothing(
    conditions: ConditionService, cluster: Cluster
) -> None:
    event = await cluster.ask()
    async with waiting(event) as waits:
        await until_known(cluster)
        conditions.end(conditions.open[0], phase_pb2.ACTION_PHASE_SUCCEEDED)
        await until(lambda: len(conditions.registered) == 2)
        await until_known(cluster)
        assert not waits[0].done()
        assert await event.status.aio() == "pending"
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]


@pytest.mark.parametrize("kind", ["refused", "aborted", "not offered", "another SDK"])
async def test_without_conditions_a_task_says_so_once_and_looks_by_itself(
    conditions: ConditionService,
    cluster: Cluster,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    conditions.is_refusing = kind == "refused"
    if kind == "not offered":
        monkeypatch.delenv("_U_USE_ACTIONS")
    if kind == "another SDK":
        # Nothing can be imported under this name: as where a part of Flyte that it rests on is not there.
        monkeypatch.setitem(sys.modules, "flyteplugins.hitl._flyte_conditions", None)
    with caplog.at_level(logging.WARNING, "flyteplugins.hitl"):
        first, second = await cluster.ask("first", NEAR), await cluster.ask("second", NEAR)
        for event in (first, second):
            async with waiting(event) as waits:
                if kind == "aborted" and event is first:
                    await until_known(cluster)
                    conditions.end(conditions.open[0], phase_pb2.ACTION_PHASE_ABORTED)
                await until(lambda: told(caplog))
                await answered(cluster.app, await cluster.request(event))
                assert await ended(*waits) == [True]

    assert len(told(caplog)) == 1
    assert "FLYTE_HITL_PUSH=false" in told(caplog)[0]
    assert not conditions.signals


async def test_a_store_that_is_out_of_reach_for_a_moment_ends_no_pushes(
    conditions: ConditionService, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [StoreUnavailable("The store is not there.")]
    keep = PushTargets.keep

    async def kept_at_last(targets: PushTargets, origin: Origin, target: PushTarget) -> None:
        if failures:
            raise failures.pop()
        await keep(targets, origin, target)

    monkeypatch.setattr(PushTargets, "keep", kept_at_last)
    monkeypatch.setattr(_push_receiver, "_OUTAGE_SECONDS", 0.1)
    event = await cluster.ask()
    async with waiting(event) as waits:
        await until_known(cluster)
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]

    assert len(conditions.registered) == 2
    await until(lambda: not conditions.open)
    assert told(caplog) == []


async def test_an_app_that_may_not_signal_says_so_once_and_the_task_looks_by_itself(
    conditions: ConditionService, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    conditions.is_refusing_signals = True
    with caplog.at_level(logging.WARNING, "flyteplugins.hitl"):
        for name in ("first", "second"):
            event = await cluster.ask(name, NEAR)
            async with waiting(event) as waits:
                await until_known(cluster)
                await answered(cluster.app, await cluster.request(event))
                assert await ended(*waits) == [True]
        await until(lambda: told(caplog))

    assert len(told(caplog)) == 1
    assert "not you" in told(caplog)[0]
    assert "FLYTE_HITL_PUSH=false" in told(caplog)[0]


async def test_a_condition_that_is_over_already_is_nothing_to_warn_of(
    conditions: ConditionService, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    event = await cluster.ask()
    request = await cluster.request(event)
    targets = PushTargets(cluster.app.store)
    async with waiting(event):
        await until_known(cluster)
        standing = await targets.of(request.origin)
        assert standing is not None
    await until(cluster.has_no_target)
    calls = conditions.calls
    await targets.keep(request.origin, standing)
    await answered(cluster.app, request)
    await until(lambda: conditions.calls > calls)
    await asyncio.sleep(0.3)

    assert told(caplog) == []


async def test_a_condition_of_another_run_is_never_signalled(conditions: ConditionService, cluster: Cluster) -> None:
    event = await cluster.ask(interval=3.0)
    request = await cluster.request(event)
    targets = PushTargets(cluster.app.store)
    async with waiting(event) as waits:
        await until_known(cluster)
        standing = await targets.of(request.origin)
        assert standing is not None
        for change in ({"run": "another"}, {"project": "another"}, {"domain": "another"}, {"organization": "another"}):
            await targets.keep(request.origin, standing.model_copy(update=change))
            cluster.app.listeners.tell_candidate(request.request_id)
        await asyncio.sleep(0.5)
        assert conditions.calls == 0
        await answered(cluster.app, request)
        assert await ended(*waits) == [True]


async def test_an_app_that_does_not_push_is_no_worse_than_without(
    conditions: ConditionService, cluster: Cluster
) -> None:
    event = await cluster.ask(interval=6.0)
    async with waiting(event) as waits:
        await until_known(cluster)
        await answered(cluster.quiet, await cluster.request(event))
        await asyncio.sleep(0.5)
        assert not conditions.signals
        assert not waits[0].done()
        assert await ended(*waits) == [True]

    # It takes its own condition back.
    await until(lambda: len(conditions.signals) == 1)


async def test_tasks_of_one_process_say_it_once(
    conditions: ConditionService, cluster: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    conditions.is_refusing = True
    one = await cluster.ask("one", NEAR)
    with in_task(tmp_path):
        other = await cluster.ask("other", NEAR)
        other_wait = asyncio.create_task(other.wait.aio())
    async with waiting(one) as waits:
        await until(lambda: told(caplog))
        await asyncio.sleep(1.0)
        for event in (one, other):
            await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits, other_wait) == [True, True]

    assert len(told(caplog)) == 1


async def test_nothing_is_pushed_unless_it_is_set(
    conditions: ConditionService, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLYTE_HITL_PUSH")
    event = await cluster.ask(interval=NEAR)
    async with waiting(event) as waits:
        await asyncio.sleep(0.5)
        await answered(cluster.app, await cluster.request(event))
        assert await ended(*waits) == [True]

    assert not conditions.registered
    assert await cluster.has_no_target()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings about pushes."""
    return [each.getMessage() for each in caplog.records if "FLYTE_HITL_PUSH" in each.getMessage()]
