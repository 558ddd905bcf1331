"""`depends_on=[hitl.env]` and nothing else: a task serves the app, and its attempts meet it on a bucket.

What a cluster would start is started, by the command and the variables that the task sends to Flyte.

The cluster is not there: a server of Flyte's own messages takes its place and starts processes instead of pods.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.flyte_backend import ACTIVE, DEPLOYING, FAILED, AppService, flyte_backend
from tests.support.processes import LOOPBACK, ServerProcess, accepts_connections, free_port
from tests.support.scripts import SCRIPTS, RunningScript, clean_environment, running_script
from tests.support.stores import RunningStore

pytestmark = pytest.mark.slow

ROLE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
"""What a pod on a cluster has by itself: the right to the bucket, which the task never hands on."""

GIT = (
    ["init", "-q"],
    ["remote", "add", "origin", "https://github.com/acme/flows.git"],
    ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "A commit"],
)
"""Makes a repository of the user's own, which Flyte would name in what it sends."""


class Cluster:
    """Starts the process of an app as it was sent to Flyte.

    Args:
        backend: Flyte's service of apps.
        server: Where the bucket is.
        folder: For logs and homes.
        python: How Python is started in the app's image.
    """

    def __init__(self, backend: AppService, server: RunningStore, folder: Path, python: Sequence[str]) -> None:
        self.backend = backend
        self.run = f"run-{uuid.uuid4().hex[:8]}"
        self._server = server
        self._folder = folder
        self._python = python
        self._port = free_port()
        # A server dies with the thread that starts it, and that of a call to the backend ends with its connection.
        self._starting = ThreadPoolExecutor(1)
        self.sent: dict[str, str] = {}
        self.app: ServerProcess | None = None
        backend.address = f"http://{LOOPBACK}:{self._port}"
        backend.on_create = lambda app: self._starting.submit(self._start, app).result()
        backend.becomes = lambda looks: self._state()

    @contextmanager
    def attempt(self, number: int) -> Iterator[RunningScript]:
        """An attempt of the task, whose raw data lies elsewhere each time."""
        raw_data = f"{self._server.url}/x{number}/proj/dev/{self.run}/a0/{number}"
        variables = {**self._server.environment, "RUN": self.run}
        script = SCRIPTS / "on_a_cluster.py"
        home = self._folder / "task"
        with running_script(script, self.backend.url, raw_data, home=home, environment=variables) as running:
            yield running

    def stop(self) -> None:
        if self.app is not None:
            self.app.stop()
        self._starting.shutdown()

    def _start(self, app: Any) -> None:
        container = app.spec.container
        self.sent = {each.key: each.value for each in container.env}
        assert container.command[0] == "python"
        # All as it was sent but for the port, which may be taken on this machine.
        command = [str(self._port) if word == "8080" else word for word in container.command[1:]]
        home = self._folder / "app"
        home.mkdir()
        self.app = ServerProcess(
            [*self._python, *command],
            log=home / "log.txt",
            environment={
                **clean_environment(home),
                **{name: self._server.environment[name] for name in ROLE},
                **self.sent,
            },
            folder=home,
        )
        self.app.start(lambda: True)

    def _state(self) -> int:
        if accepts_connections(self._port):
            return ACTIVE
        assert self.app is not None
        if not self.app.running:
            self.backend.message = self.app.log_tail(1)
            return FAILED
        return DEPLOYING


@pytest.fixture
def cluster_of(s3_server: RunningStore, tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Makes the cluster, of one kind of image."""
    made: list[Cluster] = []
    with flyte_backend() as backend:

        def make(*python: str) -> Cluster:
            made.append(Cluster(backend, s3_server, tmp_path, python or (sys.executable,)))
            return made[-1]

        yield make
        for cluster in made:
            cluster.stop()


def test_a_task_serves_the_app_and_its_next_attempt_finds_the_same_question(
    cluster_of: Callable[..., Cluster], s3_server: RunningStore
) -> None:
    cluster = cluster_of()
    with cluster.attempt(1) as first:
        link = first.link()
        first.kill()

    with cluster.attempt(2) as second:
        assert second.link() == link
        answer = {"request_id": link.request_id, "token": link.token, "value": "true"}
        reply = httpx.post(f"{link.endpoint}/submit/json", json=answer, timeout=20)
        assert reply.status_code == 200
        second.succeeded()
        assert second.lines[-1] == "answer True"

    assert [call.partition(" ")[0] for call in cluster.backend.changes] == ["create"]
    assert cluster.sent["FLYTE_HITL_STORE"] == f"{s3_server.url}/hitl"
    assert not set(ROLE) & set(cluster.sent)
    assert not {s3_server.environment[name] for name in ROLE} & set(cluster.sent.values())


def test_an_image_without_the_package_is_one_error_that_says_so(cluster_of: Callable[..., Cluster]) -> None:
    """Its Python finds none of what is installed."""
    cluster = cluster_of(sys.executable, "-I", "-S")

    with cluster.attempt(1) as attempt:
        assert attempt.ended() == 1

    told = attempt.described()
    assert "AppUnavailable" in told
    assert "No module named 'flyteplugins'" in told
    assert "FLYTE_HITL_IMAGE" in told
    assert attempt.links == []


def test_what_is_sent_is_the_same_from_every_machine(tmp_path: Path) -> None:
    """Another order of variables, another folder, home and seed, in a repository of the user's own."""
    variables = {"FLYTE_HITL_IDENTITY_HEADER": "X-User", "FLYTE_HITL_MAX_BODY_BYTES": "5", "AWS_REGION": "eu-west-1"}
    sent = set()
    for number, order in enumerate(itertools.permutations(variables.items())):
        home = tmp_path / str(number)
        home.mkdir()
        if number % 2:
            for words in GIT:
                subprocess.run(["git", *words], cwd=home, check=True)
        done = subprocess.run(
            [sys.executable, str(SCRIPTS / "definition_sent.py")],
            env={**clean_environment(home), **dict(order), "PYTHONHASHSEED": str(number)},
            cwd=home,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        sent.add(done.stdout.splitlines()[-1])
    assert len(sent) == 1
    assert os.fsencode("X-User").hex() in sent.pop()
