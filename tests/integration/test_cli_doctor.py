"""`flyte hitl doctor` on stores and apps that are well, and on those that are not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl._store import Store
from flyteplugins.hitl._version import __version__
from flyteplugins.hitl.cli import _health as health
from tests.support.apps import running_app
from tests.support.commands import Asker, Done, at_a_terminal, hitl
from tests.support.fault_proxy import Fault, fault_proxy, matching
from tests.support.house import run
from tests.support.processes import free_port
from tests.support.stores import RunningStore, applied, rclone

pytestmark = pytest.mark.slow

# Beside what a check may take there is the start of the process, on a machine that does much else.
MOST_SECONDS = 60.0


def checks(done: Done) -> dict[str, dict[str, Any]]:
    """The findings, by the name of the check."""
    return {each["name"]: each for each in done.data["checks"]}


def states(done: Done) -> dict[str, str]:
    return {name: each["state"] for name, each in checks(done).items()}


def setting(done: Done, name: str) -> tuple[object, str]:
    """A setting that is in force, and its source."""
    (found,) = [each for each in done.data["settings"] if each["name"] == name]
    return found["value"], found["source"]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_all_is_well_with_a_store_and_its_app(store_url: str, tmp_path: Path) -> None:
    Asker(store_url).ask()
    with running_app(store_url, tmp_path) as app:
        done = hitl("doctor", "--json", "--endpoint", app.url, store=store_url)
        plain = hitl("doctor", "--endpoint", app.url, store=store_url)
        with at_a_terminal("doctor", "--endpoint", app.url, store=store_url) as process:
            process.ended()

    assert set(states(done).values()) == {"ok"}
    assert len(done.data["checks"]) == 6
    assert (done.code, done.data["ok"]) == (0, True)
    assert __version__ in checks(done)[health.VERSIONS]["detail"]
    assert {row[0] for row in plain.rows} == {"setting", "ok"}
    assert "\x1b" not in plain.output
    assert process.shown.count("✓") == 6


def test_it_leaves_nothing_in_the_store(local_store: str) -> None:
    Asker(local_store).ask()
    before = sorted(path for path in Path(local_store).rglob("*") if path.is_file())

    hitl("doctor", store=local_store)

    assert sorted(path for path in Path(local_store).rglob("*") if path.is_file()) == before


def test_it_tells_what_is_in_force_and_who_says_so(tmp_path: Path) -> None:
    given = hitl(
        "doctor",
        "--json",
        HOME=str(tmp_path),
        FLYTE_HITL_STORE=str(tmp_path),
        FLYTE_HITL_MAX_CHARACTERS="50",
    )
    default = hitl("doctor", "--json", HOME=str(tmp_path))

    assert setting(given, "store") == (str(tmp_path), "FLYTE_HITL_STORE")
    assert setting(given, "max_characters") == (50, "FLYTE_HITL_MAX_CHARACTERS")
    assert setting(given, "max_body_bytes")[1] == "default"
    assert setting(default, "store") == (str(tmp_path / ".flyte" / "hitl"), "default")
    assert states(default)[health.REACHED] == "skipped"
    assert default.code == 0
    assert not (tmp_path / ".flyte").exists()


def test_a_setting_that_cannot_be_used_is_named(local_store: str) -> None:
    done = hitl("doctor", "--json", store=local_store, FLYTE_HITL_MAX_BODY_BYTES="lots")

    assert done.code == 1
    (found,) = done.data["checks"]
    assert "FLYTE_HITL_MAX_BODY_BYTES" in found["detail"]


def test_a_store_that_is_down_is_told_by_the_setting_that_names_it(s3_server: RunningStore) -> None:
    port = str(free_port())
    variables = {name: value.replace(str(s3_server.port), port) for name, value in s3_server.environment.items()}
    started = time.monotonic()

    done = hitl("doctor", "--json", **variables, FLYTE_HITL_STORE="s3://hitl-tests/down")

    assert time.monotonic() - started < MOST_SECONDS
    assert done.code == 1
    assert states(done)[health.REACHED] == "wrong"
    assert "FLYTE_HITL_STORE" in checks(done)[health.REACHED]["mend"]
    assert states(done)[health.CREATE_ONLY] == "skipped"


def test_a_store_and_an_app_that_say_nothing_are_not_waited_for(s3_server: RunningStore) -> None:
    with silent_port() as store_port, silent_port() as app_port:
        variables = {
            name: value.replace(str(s3_server.port), str(store_port)) for name, value in s3_server.environment.items()
        }
        started = time.monotonic()
        done = hitl("doctor", "--json", "--endpoint", f"http://127.0.0.1:{app_port}", store="s3://b/x", **variables)

    assert time.monotonic() - started < MOST_SECONDS
    assert done.code == 1
    assert states(done)[health.REACHED] == "wrong"
    assert states(done)[health.APP] == "wrong"


def test_a_folder_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    # As a network drive whose server is gone: to open this never returns.
    import os

    (tmp_path / "keys").mkdir()
    os.mkfifo(tmp_path / "keys" / "signing.json")
    started = time.monotonic()

    done = hitl("doctor", "--json", store=str(tmp_path))

    assert time.monotonic() - started < MOST_SECONDS
    assert done.code == 1
    assert states(done)[health.REACHED] == "wrong"


def test_a_store_that_lets_two_create_is_found_out(tmp_path: Path) -> None:
    with rclone() as store:
        done = hitl("doctor", "--json", store=store.fresh(), **store.environment)

    assert done.code == 1
    assert states(done)[health.CREATE_ONLY] == "wrong"
    assert "If-None-Match" in checks(done)[health.CREATE_ONLY]["detail"]


def test_what_was_once_found_good_is_looked_at_again(tmp_path: Path) -> None:
    """The store keeps that it was checked, which another server in its place would inherit."""
    asker = Asker(str(tmp_path))
    asker.ask()
    assert (tmp_path / "checks" / "create-only.json").exists()
    with rclone() as store:
        url = store.fresh()
        with applied(store.environment):
            other = Store.at(url).backend
            content = (tmp_path / "checks" / "create-only.json").read_bytes()
            run(other.put("checks/create-only.json", content, "overwrite"))
        done = hitl("doctor", "--json", store=url, **store.environment)

    assert states(done)[health.CREATE_ONLY] == "wrong"


def test_a_store_that_cannot_be_written_to_is_told(s3_server: RunningStore) -> None:
    url = s3_server.fresh()
    with fault_proxy(s3_server.port) as proxy:
        proxy.fail(matching("PUT"), Fault.status(403), times=1000)
        done = hitl("doctor", "--json", store=url, **proxy.environment(s3_server))

    assert done.code == 1
    assert states(done)[health.REACHED] == "ok"
    assert states(done)[health.CREATE_ONLY] == "wrong"


def test_an_app_on_another_store_is_found_out(tmp_path: Path) -> None:
    here, there = Asker(str(tmp_path / "here")), Asker(str(tmp_path / "there"))
    here.ask()
    there.ask()
    with running_app(there.store, tmp_path) as app:
        done = hitl("doctor", "--json", store=here.store, FLYTE_HITL_ENDPOINT=app.url)

    assert done.code == 1
    assert states(done)[health.APP] == "ok"
    assert states(done)[health.SAME_STORE] == "wrong"
    assert setting(done, "endpoint") == (app.url, "FLYTE_HITL_ENDPOINT")


def test_an_app_on_a_new_store_is_told_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with running_app(str(tmp_path / "store"), tmp_path) as app:
        done = hitl("doctor", "--json", "--endpoint", app.url, store=str(tmp_path / "store"))
        other = hitl("doctor", "--json", "--endpoint", app.url, store=str(tmp_path / "other"))

    assert done.code == 0
    assert (states(done)[health.SAME_STORE], states(other)[health.SAME_STORE]) == ("ok", "wrong")


def test_an_app_that_cannot_use_its_store_is_found_out(s3_server: RunningStore, tmp_path: Path) -> None:
    url = s3_server.fresh()
    with (
        fault_proxy(s3_server.port) as proxy,
        running_app(url, tmp_path, environment=proxy.environment(s3_server)) as app,
    ):
        proxy.down()
        done = hitl("doctor", "--json", "--endpoint", app.url, store=url, **s3_server.environment)

    assert done.code == 1
    assert states(done)[health.REACHED] == "ok"
    assert states(done)[health.SAME_STORE] == "wrong"


@pytest.mark.parametrize(
    ("seconds", "state", "words"), [(0, "ok", ""), (-40, "warning", "behind"), (40, "warning", "ahead")]
)
def test_a_clock_that_is_wrong_is_told(seconds: float, state: str, words: str, store_url: str) -> None:
    def now() -> datetime:
        return datetime.now(timezone.utc) + timedelta(seconds=seconds)

    found = run(health.clocks_agree(Store.at(store_url), now))

    assert found.state == state
    assert words in found.detail
    if seconds:
        assert "40 s" in found.detail or "39 s" in found.detail


def test_an_app_on_this_machine_is_reached_past_a_proxy_for_the_web(local_store: str, tmp_path: Path) -> None:
    Asker(local_store).ask()
    past = {"http_proxy": f"http://127.0.0.1:{free_port()}", "NO_PROXY": "", "no_proxy": ""}
    with running_app(local_store, tmp_path) as app:
        done = hitl("doctor", "--json", "--endpoint", app.url, store=local_store, **past)

    assert states(done)[health.APP] == "ok"
