"""An app is there before the first question of a task on a cluster, or there is one error that says why not.

Flyte's real client speaks with a server of Flyte's own messages; nothing of ours is replaced, only limits are short.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte._internal.image_cache import ImageCache

import flyteplugins.hitl as hitl
from flyteplugins.hitl import _flyte
from flyteplugins.hitl._app_probe import probe
from flyteplugins.hitl._env import app_environment, app_variables
from flyteplugins.hitl._flyte_apps import FlyteApp, definition_of
from flyteplugins.hitl._serving import Pace, Serving, app_name
from flyteplugins.hitl._settings import ServingSettings, Settings
from flyteplugins.hitl.errors import AppUnavailable, InvalidParameter, StoreRefused, StoreUnavailable
from tests.support.apps import running_app
from tests.support.flyte_backend import ACTIVE, DEPLOYING, FAILED, AppService, Spec, flyte_backend
from tests.support.processes import LOOPBACK, free_port
from tests.support.stores import RunningStore, applied, rclone
from tests.unit.task_contexts import entered, task_context

pytestmark = pytest.mark.slow

STORE = "s3://bucket/hitl"
NAME = app_name(STORE)
IMAGE = "registry.example.org/flyte-hitl:built"
ADDRESS = "https://apps.example.org"
PACE = Pace(look=0.02, probe=0.5, endpoint=0.5, failed=0.2)


@pytest.fixture(scope="module")
def running_backend() -> Iterator[AppService]:
    with flyte_backend() as service:
        yield service


@pytest.fixture
def backend(running_backend: AppService) -> AppService:
    """The backend with no app in it."""
    # Nothing answers there, and at once.
    running_backend.__init__()  # type: ignore[misc]
    running_backend.address = "http://127.0.0.1:1"
    return running_backend


@pytest.fixture(autouse=True)
def in_task(tmp_path: Path) -> Iterator[None]:
    """A task on a cluster that was run together with `hitl.env`."""
    cache = ImageCache(image_lookup={"flyte-hitl": IMAGE, "approvals": "registry.example.org/approvals:1"})
    with entered(task_context(tmp_path, mode="remote", compiled_image_cache=cache)):
        yield


async def _unknown_store() -> str:
    raise AssertionError("no app answers, so its store is not asked for")


def serving(store: str = STORE, settings: Settings | None = None, **changes: Any) -> Serving:
    return Serving(
        store,
        _unknown_store,
        settings or Settings(),
        ServingSettings(**{"serve_timeout_seconds": 20.0, **changes}),
        PACE,
    )


async def served(**changes: Any) -> str:
    return await serving(**changes).served(_flyte.current_origin(None))


async def definition(name: str = NAME, store: str | None = STORE) -> Any:
    environment = app_environment(name, IMAGE, app_variables(store, Settings()), ServingSettings())
    return await definition_of(environment, _flyte.current_origin(None))


def variables_of(app: Any) -> dict[str, str]:
    return {each.key: each.value for each in app.spec.container.env}


# Where there is none


@pytest.mark.asyncio
async def test_an_app_that_is_missing_is_made_and_waited_for(backend: AppService) -> None:
    assert await served() == backend.address

    app = backend.apps[NAME]
    assert backend.changes == [f"create {NAME}"]
    assert (app.metadata.id.org, app.metadata.id.project, app.metadata.id.domain) == ("acme", "proj", "dev")
    assert app.spec.container.image == IMAGE
    assert app.spec.container.command[:3] == ["python", "-m", "flyteplugins.hitl.app"]
    assert variables_of(app)["FLYTE_HITL_STORE"] == STORE


@pytest.mark.asyncio
async def test_what_was_set_for_the_app_goes_along(backend: AppService) -> None:
    settings = Settings.from_environment({"FLYTE_HITL_IDENTITY_HEADER": "X-User", "FLYTE_HITL_MAX_CHARACTERS": "7"})

    await served(settings=settings, image="mine:1", cpu="2", memory="1Gi", min_replicas=1, max_replicas=3)

    spec = backend.apps[NAME].spec
    assert spec.container.image == "mine:1"
    assert {each.value for each in spec.container.resources.requests} == {"2", "1Gi"}
    assert (spec.autoscaling.replicas.min, spec.autoscaling.replicas.max) == (1, 3)
    told = {name: value for name, value in variables_of(backend.apps[NAME]).items() if name.startswith("FLYTE_HITL_")}
    assert told == {"FLYTE_HITL_STORE": STORE, "FLYTE_HITL_IDENTITY_HEADER": "X-User"}


@pytest.mark.asyncio
async def test_people_are_sent_to_the_public_address_where_one_is_set(backend: AppService) -> None:
    assert await served(public_address="https://hitl.example.org") == "https://hitl.example.org"


@pytest.mark.asyncio
async def test_each_store_has_an_app_of_its_own(backend: AppService) -> None:
    await served()
    await served(store="s3://other/hitl")

    assert backend.changes == [f"create {NAME}", f"create {app_name('s3://other/hitl')}"]
    assert all(len(name) <= 30 for name in backend.apps)


# Where there is one


@pytest.mark.asyncio
async def test_to_an_app_that_is_active_nothing_is_sent(backend: AppService) -> None:
    backend.put(await definition(), ACTIVE)

    assert await served() == backend.address
    assert backend.changes == []


@pytest.mark.asyncio
async def test_nor_is_an_app_sent_to_that_another_task_starts_just_now(backend: AppService) -> None:
    backend._deploy(await definition())

    await served()

    assert backend.changes == []


@pytest.mark.asyncio
async def test_an_app_that_an_operator_deployed_on_the_same_store_is_taken(backend: AppService) -> None:
    backend.put(await definition("flyte-hitl"), ACTIVE)

    await served()

    assert backend.changes == []


@pytest.mark.asyncio
@pytest.mark.parametrize("store", [None, "s3://other/hitl"])
async def test_one_that_was_deployed_on_none_or_another_is_left_alone(backend: AppService, store: str | None) -> None:
    backend.put(await definition("flyte-hitl", store), ACTIVE)

    await served()

    assert backend.changes == [f"create {NAME}"]


@pytest.mark.asyncio
async def test_an_app_that_was_stopped_is_started_again_however_often(backend: AppService) -> None:
    """The backend passes over a specification that it has already, though the app was stopped since."""
    await served()
    for times in range(1, 4):
        backend.stop(NAME)
        await served()
        assert backend.changes == [f"create {NAME}", *[f"update {NAME}"] * times]
    assert backend.apps[NAME].spec.desired_state in (Spec.DESIRED_STATE_ACTIVE, Spec.DESIRED_STATE_STARTED)


@pytest.mark.asyncio
async def test_an_app_that_failed_before_is_started_as_it_is_set_now(backend: AppService) -> None:
    backend.put(await definition(), FAILED)

    await served(image="mended:2")

    assert backend.changes == [f"update {NAME}"]
    assert backend.apps[NAME].spec.container.image == "mended:2"


@pytest.mark.asyncio
async def test_an_app_that_runs_with_other_settings_is_left_as_it_is_and_that_is_told(
    backend: AppService, caplog: pytest.LogCaptureFixture
) -> None:
    backend.put(await definition(), ACTIVE)

    with caplog.at_level(logging.WARNING, "flyteplugins.hitl"):
        await served(settings=Settings.from_environment({"FLYTE_HITL_IDENTITY_HEADER": "X-User"}))

    assert backend.changes == []
    assert "FLYTE_HITL_IDENTITY_HEADER" in caplog.text


@pytest.mark.asyncio
async def test_an_app_of_an_earlier_version_is_replaced_and_one_of_a_later_is_not(backend: AppService) -> None:
    """So two versions that serve in turn do not take it from each other."""
    for version, changes in (("2.9.9", [f"update {NAME}"]), ("999.0.0", [f"update {NAME}"])):
        app = await definition()
        for each in app.spec.container.env:
            each.value = version if each.key == "HITL_APP_VERSION" else each.value
        backend.put(app, ACTIVE)

        await served()

        assert backend.changes == changes


@pytest.mark.asyncio
async def test_what_an_operator_deployed_is_not_replaced_by_a_task(backend: AppService) -> None:
    app = await definition("flyte-hitl")
    for each in app.spec.container.env:
        each.value = "2.9.9" if each.key == "HITL_APP_VERSION" else each.value
    backend.put(app, ACTIVE)

    await served()

    assert backend.changes == []


# What the app itself says


@pytest.mark.asyncio
async def test_an_active_app_that_can_be_reached_and_is_on_another_store_is_an_error(
    backend: AppService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def store_id() -> str:
        return "another"

    backend.put(await definition(), ACTIVE)
    with running_app(str(tmp_path / "store"), tmp_path) as app:
        monkeypatch.setenv("INTERNAL_APP_ENDPOINT_PATTERN", app.url)
        task = Serving(STORE, store_id, Settings(), ServingSettings(), PACE)
        told, _ = await refusal(lambda: task.served(_flyte.current_origin(None)))

    assert f"The app {NAME} is on another store than this workflow" in told
    assert "FLYTE_HITL_STORE" in told


@pytest.mark.asyncio
async def test_an_active_app_that_cannot_reach_its_store_is_an_error(
    backend: AppService, s3_server: RunningStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.put(await definition(), ACTIVE)
    unreachable = {**s3_server.environment, "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}
    with running_app(s3_server.fresh(), tmp_path, environment=unreachable) as app:
        monkeypatch.setenv("INTERNAL_APP_ENDPOINT_PATTERN", app.url)
        told, _ = await refusal(served)

    assert f"The app {NAME} runs, but cannot use its store" in told
    assert STORE in told


@pytest.mark.asyncio
async def test_an_address_that_swallows_calls_holds_nobody_up_where_another_answers(
    backend: AppService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "store")
    with running_app(store, tmp_path) as app, socket.create_server((LOOPBACK, 0)) as silent:
        monkeypatch.setenv("INTERNAL_APP_ENDPOINT_PATTERN", app.url)
        backend.address = f"http://{LOOPBACK}:{silent.getsockname()[1]}"
        backend.put(await definition(), ACTIVE)
        told = (await probe(app.url)).store

        async def store_id() -> str:
            return str(told)

        task = Serving(STORE, store_id, Settings(), ServingSettings(), replace(PACE, probe=20.0))
        began = time.monotonic()
        assert await task.served(_flyte.current_origin(None)) == backend.address
        assert time.monotonic() - began < 10


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("project", "address"),
    [
        ("proj", f"http://{NAME}-proj-dev.flyte.svc.cluster.local"),
        # Longer than a name may be: the same as the backend makes of it.
        ("p" * 60, f"http://{NAME}-{'p' * 34}-"),
    ],
)
async def test_inside_the_cluster_it_is_asked_where_the_open_source_backend_puts_it(project: str, address: str) -> None:
    app = await definition()
    app.metadata.id.project = project
    app.status.k8s_metadata.namespace = "flyte"
    app.status.ingress.public_url = "https://apps.example.org/"

    inside, public = FlyteApp(app).addresses

    assert inside.startswith(address)
    assert len(inside.removeprefix("http://").partition(".")[0]) <= 63
    assert public == "https://apps.example.org"


# A store that cannot be used


@pytest.fixture
def own_store(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store that no other test has, as an operator sets it."""
    url = f"s3://hitl-tests/{uuid.uuid4().hex}"
    monkeypatch.setenv("FLYTE_HITL_STORE", url)
    return url


@pytest.mark.asyncio
async def test_a_store_that_cannot_be_reached_is_one_error_before_anything_is_served(
    backend: AppService, own_store: str, s3_server: RunningStore
) -> None:
    began = time.monotonic()
    with (
        applied({**s3_server.environment, "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}),
        pytest.raises(StoreUnavailable, match="FLYTE_HITL_STORE"),
    ):
        await hitl.new_event.aio("deploy", data_type=bool)

    assert time.monotonic() - began < 60
    assert backend.calls == []


@pytest.mark.asyncio
async def test_a_store_that_keeps_no_promise_is_one_error_before_anything_is_served(
    backend: AppService, own_store: str
) -> None:
    with rclone() as server, applied(server.environment), pytest.raises(StoreRefused, match="FLYTE_HITL_STORE"):
        await hitl.new_event.aio("deploy", data_type=bool)

    assert backend.calls == []


@pytest.mark.asyncio
async def test_a_store_that_can_be_used_has_an_app_served_for_it(
    backend: AppService, own_store: str, s3_server: RunningStore
) -> None:
    """Shows that the two above come that far."""
    with applied(s3_server.environment):
        event = await hitl.new_event.aio("deploy", data_type=bool)

    assert backend.changes == [f"create {app_name(own_store)}"]
    assert event.form_url.startswith(f"{backend.address}/form/")


# Two at once


@pytest.mark.asyncio
@pytest.mark.parametrize("code", [Code.INTERNAL, Code.ABORTED, Code.UNAVAILABLE])
async def test_of_two_that_make_it_at_once_both_end_well(backend: AppService, code: Code) -> None:
    """The loser of the race is told an error, of whatever kind, and the app is there."""

    def lose(app: Any) -> None:
        if NAME in backend.apps:
            raise ConnectError(code, "failed to create KService: already exists")

    backend.on_create = lose

    assert [*await asyncio.gather(served(), served())] == [backend.address] * 2


@pytest.mark.asyncio
async def test_a_create_that_meets_the_app_of_another_changes_nothing(backend: AppService) -> None:
    there = await definition()
    there.spec.creator.SetInParent()  # A backend that knows who makes apps notes it.
    # Between the look and the create, another task made it.
    backend.on_create = lambda app: backend.put(there, ACTIVE)

    assert await served() == backend.address
    assert backend.changes == [f"create {NAME}"]


# Where it does not come up


async def refusal(waiting: Callable[[], Any]) -> tuple[str, float]:
    began = time.monotonic()
    with pytest.raises(AppUnavailable) as caught:
        await waiting()
    return str(caught.value), time.monotonic() - began


@pytest.mark.asyncio
async def test_an_app_that_never_becomes_active_is_an_error_within_the_limit(backend: AppService) -> None:
    backend.becomes = lambda looks: DEPLOYING
    backend.message = "pulling the image"

    told, seconds = await refusal(lambda: served(serve_timeout_seconds=1.0))

    assert seconds < 3
    assert f"{NAME} did not come up within 1 seconds" in told
    assert "DEPLOYING: pulling the image" in told
    assert "FLYTE_HITL_SERVE_TIMEOUT_SECONDS" in told


@pytest.mark.asyncio
async def test_an_app_that_fails_is_an_error_long_before_the_limit(backend: AppService) -> None:
    """Such as one whose image lacks this package."""
    backend.becomes = lambda looks: FAILED
    backend.message = "No module named flyteplugins"

    told, seconds = await refusal(served)

    assert seconds < 5
    assert "FAILED: No module named flyteplugins" in told
    assert "hitl.image()" in told
    assert "FLYTE_HITL_IMAGE" in told


@pytest.mark.asyncio
async def test_a_failure_of_a_moment_is_none(backend: AppService) -> None:
    backend.becomes = lambda looks: {1: FAILED, 2: DEPLOYING, 3: FAILED}.get(looks, ACTIVE)

    assert await served() == backend.address


@pytest.mark.asyncio
async def test_a_backend_that_fails_for_a_moment_while_the_app_starts_is_asked_again(backend: AppService) -> None:
    looks = iter(range(100))

    def fail_at_times() -> None:
        if next(looks) in (3, 4):
            raise ConnectError(Code.UNAVAILABLE, "restarting")

    backend.on_get = fail_at_times
    backend.becomes = lambda looks: ACTIVE if looks > 3 else DEPLOYING

    assert await served() == backend.address


@pytest.mark.asyncio
async def test_a_watch_is_never_waited_on(backend: AppService) -> None:
    """It never ends where nothing changes."""
    await served()

    assert not [call for call in backend.calls if call.startswith("watch")]


@pytest.mark.asyncio
async def test_a_backend_that_answers_nothing_is_an_error_within_the_limit(backend: AppService) -> None:
    backend.on_get = lambda: time.sleep(2)

    told, seconds = await refusal(lambda: served(serve_timeout_seconds=0.5))

    assert seconds < 2
    assert "Flyte did not answer within" in told
    assert "FLYTE_HITL_ENDPOINT" in told


@pytest.mark.asyncio
async def test_a_backend_that_forbids_it_is_named_with_what_to_do(backend: AppService) -> None:
    def forbid(app: Any) -> None:
        raise ConnectError(Code.PERMISSION_DENIED, "tasks may not make apps")

    backend.on_create = forbid

    with pytest.raises(AppUnavailable) as caught:
        await served()

    told = str(caught.value)
    printed = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert "ConnectError" not in printed, "what Flyte's client went through hides what it was told"
    assert "tasks may not make apps" in told
    assert "flyte deploy" in told
    assert "FLYTE_HITL_ENDPOINT" in told


@pytest.mark.asyncio
async def test_an_app_with_no_public_address_asks_for_one(backend: AppService) -> None:
    backend.address = ""

    told, _ = await refusal(served)

    assert "FLYTE_HITL_PUBLIC_ADDRESS" in told


@pytest.mark.asyncio
async def test_with_no_image_the_mend_is_the_dependency(backend: AppService, tmp_path: Path) -> None:
    with (
        entered(task_context(tmp_path, mode="remote")),
        pytest.raises(InvalidParameter, match=r"depends_on=\[hitl\.env\].*FLYTE_HITL_IMAGE.*FLYTE_HITL_ENDPOINT"),
    ):
        await served()
    assert backend.changes == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("store", "reason"),
    [
        ("/some/folder", "is a folder, which an app elsewhere on the cluster cannot see"),
        ("file:///some/folder", "is a folder"),
        ("s3://key:secret@bucket/hitl", "holds a secret"),
        ("az://container/hitl?sig=secret", "holds a secret"),
    ],
)
async def test_a_store_that_no_app_could_be_told_is_refused(backend: AppService, store: str, reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason) as caught:
        await served(store=store)

    assert "FLYTE_HITL_STORE" in str(caught.value)
    assert "secret@" not in str(caught.value)
    assert "sig=" not in str(caught.value)
    assert backend.calls == []
