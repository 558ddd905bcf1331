"""A cluster that is not there: Flyte's own messages, and processes instead of pods."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.flyte_backend import ACTIVE, DEPLOYING, FAILED, AppService
from tests.support.processes import LOOPBACK, ServerProcess, accepts_connections, free_port
from tests.support.scripts import SCRIPTS, RunningScript, clean_environment, running_script
from tests.support.stores import RunningStore

ROLE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
"""What a pod on a cluster has by itself: the right to the bucket, which the task never hands on."""


class Cluster:
    """Starts the process of an app as it was sent to Flyte.

    Args:
        backend: Flyte's service of apps.
        server: Where the bucket is.
        folder: For logs and homes.
        python: How Python is started in the app's image.
        pods: Variables that the cluster gives every pod.
    """

    def __init__(
        self,
        backend: AppService,
        server: RunningStore,
        folder: Path,
        python: Sequence[str] = (sys.executable,),
        pods: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.backend = backend
        self.run = f"run-{uuid.uuid4().hex[:8]}"
        self._server = server
        self._folder = folder
        self._python = python
        self._pods = pods
        self._port = free_port()
        # A server dies with the thread that starts it, and that of a call to the backend ends with its connection.
        self._starting = ThreadPoolExecutor(1)
        self.sent: dict[str, str] = {}
        self.app: ServerProcess | None = None
        backend.address = f"http://{LOOPBACK}:{self._port}"
        backend.on_create = lambda app: self._starting.submit(self._start, app).result()
        backend.becomes = lambda looks: self._state()

    @contextmanager
    def attempt(self, number: int, interval: float = 0.5) -> Iterator[RunningScript]:
        """An attempt of the task, whose raw data lies elsewhere each time.

        Args:
            number: Which one.
            interval: How often it looks for an answer by itself, in seconds.
        """
        raw_data = f"{self._server.url}/x{number}/proj/dev/{self.run}/a0/{number}"
        variables = {**self._server.environment, **self._pods, "RUN": self.run}
        script = SCRIPTS / "on_a_cluster.py"
        home = self._folder / "task"
        arguments = (self.backend.url, raw_data, str(interval))
        with running_script(script, *arguments, home=home, environment=variables) as running:
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
                **self._pods,
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
