"""The store is reached by what Flyte itself is told of the storage, with nothing else set."""

from __future__ import annotations

import pytest
from obstore.store import S3Store

from flyteplugins.hitl import _flyte
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.questions import answered, asked
from tests.support.stores import RunningStore

pytestmark = pytest.mark.slow

_NAMES = {
    "AWS_ENDPOINT_URL": "FLYTE_AWS_ENDPOINT",
    "AWS_ACCESS_KEY_ID": "FLYTE_AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY": "FLYTE_AWS_SECRET_ACCESS_KEY",
}


@pytest.mark.asyncio
async def test_flytes_endpoint_and_keys_are_enough(s3_server: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in s3_server.environment:
        monkeypatch.delenv(name, raising=False)
    for name, flytes in _NAMES.items():
        monkeypatch.setenv(flytes, s3_server.environment[name])
    url = s3_server.fresh()

    service = Service(Store.at(url, options=_flyte.storage_options(url)))

    request = await asked(service)
    assert (await answered(service, request)).value is True


def test_how_long_a_person_waits_is_not_flytes_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_AWS_ENDPOINT", "http://127.0.0.1:1")
    options = _flyte.storage_options("s3://bucket/hitl")
    assert options["client_options"]["timeout"] == "99999s"

    backend = Store.at("s3://bucket/hitl", options=options).backend.store

    assert isinstance(backend, S3Store)
    assert backend.client_options is not None
    assert backend.client_options["timeout"] == "5s"
    assert backend.retry_config is not None
    assert backend.retry_config["max_retries"] == 2


def test_a_folder_needs_nothing_of_flyte() -> None:
    assert _flyte.storage_options("/some/folder") == {}
