"""`depends_on=[hitl.env]` and nothing else: a task serves the app, and its attempts meet it on a bucket.

What a cluster would start is started, by the command and the variables that the task sends to Flyte.

The cluster is not there: a server of Flyte's own messages takes its place and starts processes instead of pods.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.cluster import ROLE, Cluster
from tests.support.flyte_backend import flyte_backend
from tests.support.scripts import SCRIPTS, clean_environment
from tests.support.stores import RunningStore

pytestmark = pytest.mark.slow

GIT = (
    ["init", "-q"],
    ["remote", "add", "origin", "https://github.com/acme/flows.git"],
    ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "A commit"],
)
"""Makes a repository of the user's own, which Flyte would name in what it sends."""


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
