"""Fixtures of the tests of the app over HTTP: a real uvicorn on real stores, started once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.app_cases import MAX_BODY_BYTES, Broken
from tests.support.fault_proxy import fault_proxy
from tests.support.sites import Site, running_site
from tests.support.stores import RunningStore, applied


@pytest.fixture(scope="module", params=["local", "s3"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app on each kind of store; the tests of a module share it, each with questions of its own."""
    folder = tmp_path_factory.mktemp("site")
    limits = {"FLYTE_HITL_MAX_BODY_BYTES": str(MAX_BODY_BYTES)}
    if request.param == "local":
        with running_site(str(folder / "store"), folder, environment=limits) as running:
            yield running
        return
    server: RunningStore = request.getfixturevalue("s3_server")
    with applied(server.environment), running_site(server.fresh(), folder, environment=limits) as running:
        yield running


@pytest.fixture(scope="module")
def broken_site(s3_server: RunningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    """An app on a store that can be cut off; the tests of a module share it."""
    folder = tmp_path_factory.mktemp("broken")
    url = s3_server.fresh()
    with applied(s3_server.environment):
        direct = Service(Store.at(url))
    with (
        fault_proxy(s3_server.port) as proxy,
        applied(proxy.environment(s3_server)),
        running_site(url, folder, service=direct) as site,
    ):
        yield Broken(site, proxy)


@pytest.fixture
def broken(broken_site: Broken) -> Iterator[Broken]:
    """The same, and whatever a test does to the store is over when it ends."""
    yield broken_site
    broken_site.proxy.clear()
    broken_site.proxy.up()
