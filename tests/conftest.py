"""Fixtures that all kinds of tests share: real stores, each started once, and services and apps over them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.stores import DurableStore, RunningStore, azurite, ministack, seaweedfs

# Its assertions tell what they met, as those of a test do.
pytest.register_assert_rewrite("tests.support.replies")

# How long an example takes says nothing on a machine that is shared.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

# A shell has what it runs in the background ignore Ctrl-C, and whatever that starts: the scripts under test as well.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[RunningStore]:
    """The quick S3-compatible server."""
    with ministack() as store:
        yield store


@pytest.fixture(scope="session")
def seaweedfs_server() -> Iterator[DurableStore]:
    """The S3-compatible server that keeps what it is given; slower to start."""
    with seaweedfs() as store:
        yield store


@pytest.fixture(scope="session")
def azure_server() -> Iterator[RunningStore]:
    """Microsoft's emulator of Azure Blob Storage."""
    with azurite() as store:
        yield store


@pytest.fixture
def local_store(tmp_path: Path) -> str:
    """A folder that does not exist yet, as the URL of a store."""
    return str(tmp_path / "store")


@pytest.fixture(params=["local", "s3"])
def store_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store that nobody has used: once a local folder, once on the quick S3-compatible server.

    The environment has what it takes to reach it, also for processes that the test starts.
    """
    if request.param == "local":
        url = request.getfixturevalue("local_store")
        assert isinstance(url, str)
        return url
    server = request.getfixturevalue("s3_server")
    assert isinstance(server, RunningStore)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server.fresh()
