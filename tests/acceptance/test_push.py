"""A task in one process is woken by Flyte when the app, in another and as a task served it, takes an answer.

`FLYTE_HITL_PUSH` is set for the task and nothing for the app: that it pushes, and where Flyte is, it has from the task
and from its pod.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._push_targets import PushTargets
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.cluster import Cluster
from tests.support.commands import running
from tests.support.flyte_backend import flyte_backend
from tests.support.house import run
from tests.support.scripts import Link
from tests.support.stores import RunningStore, applied

pytestmark = pytest.mark.slow

FAR = 300.0
"""Seconds between two looks of the task by itself: no test waits as long."""


@pytest.fixture
def pods() -> dict[str, str]:
    """The variables of every pod."""
    return {"_U_INSECURE": "true", "_U_USE_ACTIONS": "1", "FLYTE_HITL_PUSH": "true"}


@pytest.fixture
def cluster(s3_server: RunningStore, tmp_path: Path, pods: dict[str, str]) -> Iterator[Cluster]:
    with flyte_backend() as backend:
        pods["_U_EP_OVERRIDE"] = backend.url
        made = Cluster(backend, s3_server, tmp_path, pods=pods)
        yield made
        made.stop()


@pytest.fixture
def service(s3_server: RunningStore) -> Service:
    """The store that the task finds by itself."""
    with applied(s3_server.environment):
        return Service(Store.at(f"{s3_server.url}/hitl"))


def test_an_answer_wakes_the_attempt_that_waits(cluster: Cluster, service: Service) -> None:
    with cluster.attempt(1, FAR) as first:
        link = first.link()
        left = first.until(lambda: condition(service, link), "a condition that the app can know of")
        first.kill()

    with cluster.attempt(2, FAR) as second:
        second.until(lambda: condition(service, link) not in (None, left), "a condition of its own")
        assert second.link() == link
        answer(link)
        second.succeeded()
        assert second.lines[-1] == "answer True"

    conditions = cluster.backend.conditions
    of_first, of_second, *_ = conditions.names
    assert conditions.signals[0] == of_second
    # Nobody takes back what a killed task left; its hour does.
    assert of_first in conditions.open


def test_an_app_that_runs_elsewhere_finds_flyte_by_its_configuration(
    cluster: Cluster, service: Service, s3_server: RunningStore, pods: dict[str, str], tmp_path: Path
) -> None:
    configuration = tmp_path / "flyte.yaml"
    configuration.write_text(
        f"admin:\n  endpoint: {cluster.backend.url}\n  insecure: true\n  authType: Passthrough\ntask:\n  org: acme\n"
    )
    variables = {
        "FLYTECTL_CONFIG": str(configuration),
        "FLYTE_HITL_PUSH": "1",
        "FLYTE_HITL_STORE": f"{s3_server.url}/hitl",
        **s3_server.environment,
    }
    with running("serve", "--port", "0", HOME=str(tmp_path), **variables) as app:
        pods["FLYTE_HITL_ENDPOINT"] = app.line(0)
        with cluster.attempt(1, FAR) as attempt:
            link = attempt.link()
            attempt.until(lambda: condition(service, link), "a condition that the app can know of")
            answer(link)
            attempt.succeeded()
        assert app.ended(signal.SIGTERM) == 0

    conditions = cluster.backend.conditions
    assert conditions.signals[0] == conditions.names[0]
    assert cluster.backend.changes == []


def condition(service: Service, link: Link) -> str | None:
    """The condition of Flyte's by which the task that asked is woken, where there is one."""

    async def found() -> str | None:
        target = await PushTargets(service.store).of((await service.request(link.request_id)).origin)
        return None if target is None else target.action

    return run(found())


def answer(link: Link) -> None:
    call = {"request_id": link.request_id, "token": link.token, "value": "true"}
    assert httpx.post(f"{link.endpoint}/submit/json", json=call, timeout=20).status_code == 200
