"""What is set wrongly is one error that names the setting and the mend, within a minute. Nothing is asked elsewhere.

Each is a process of its own, as a user starts it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.processes import LOOPBACK, free_port
from tests.support.scripts import SCRIPTS, clean_environment, running_script
from tests.support.stores import RunningStore
from tests.support.wrong_servers import always, silent, unroutable

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 60.0
BUCKET = {
    "FLYTE_HITL_STORE": "s3://bucket/hitl",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "the-secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


def told(home: Path, environment: Mapping[str, str]) -> str:
    """The one error that a script ends with."""
    began = time.monotonic()
    with running_script(SCRIPTS / "asks_once.py", home=home, environment=environment) as running:
        assert running.ended(within=LIMIT_SECONDS) == 1, running.described()
        assert time.monotonic() - began < LIMIT_SECONDS
        # Flyte writes the last of it to the output.
        lines = [line for line in (running.errors + running.output).splitlines() if line]
    assert not [line for line in lines if line.startswith("asked")]
    assert not [line for line in lines if "the-secret" in line]
    assert len(lines) <= 15, f"the error is hard to find: {lines}"
    assert not (home / ".flyte" / "hitl").exists(), "it fell back on another store"
    return lines[-1]


def nobody() -> AbstractContextManager[str]:
    return contextlib.nullcontext(f"http://{LOOPBACK}:{free_port()}")


def forbidden() -> AbstractContextManager[str]:
    return always(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")


def missing() -> AbstractContextManager[str]:
    return always(404, b"<Error><Code>NoSuchBucket</Code></Error>")


def web_page() -> AbstractContextManager[str]:
    return always(200)


def no_name() -> AbstractContextManager[str]:
    return contextlib.nullcontext("http://no-such-host.invalid:9000")


@contextlib.contextmanager
def no_tls() -> Iterator[str]:
    with always(200) as address:
        yield address.replace("http:", "https:")


@pytest.mark.parametrize(
    ("server", "reason", "mend"),
    [
        (nobody, "nothing takes connections there", "AWS_ENDPOINT_URL"),
        (unroutable, "its server did not answer in time", "AWS_ENDPOINT_URL"),
        (silent, "its server did not answer in time", "AWS_ENDPOINT_URL"),
        (no_name, "the name of its server is not known", "AWS_ENDPOINT_URL"),
        (no_tls, "its server does not speak TLS", "AWS_ENDPOINT_URL"),
        (forbidden, "InvalidAccessKeyId", "credentials that may read, create and list"),
        (missing, "there is no such bucket", "Make it"),
        (web_page, "something else than an object store answers", "AWS_ENDPOINT_URL"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_with_its_cause(
    server: Callable[[], AbstractContextManager[str]], reason: str, mend: str, tmp_path: Path
) -> None:
    with server() as address:
        error = told(tmp_path, BUCKET | {"AWS_ENDPOINT_URL": address})

    assert "s3://bucket/hitl" in error
    assert "FLYTE_HITL_STORE" in error
    assert reason in error
    assert mend in error


def test_a_bucket_that_is_missing_is_told_by_a_real_server_too(s3_server: RunningStore, tmp_path: Path) -> None:
    variables = {**s3_server.environment, "FLYTE_HITL_STORE": "s3://there-is-none/hitl"}

    assert "there is no such bucket or container" in told(tmp_path, variables)


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        ("s3:/bucket/hitl", "for want of `//`"),
        ("s3:bucket", "for want of `//`"),
        ("s4://bucket/hitl", "cannot be opened"),
        ("s3://", "cannot be opened"),
        ("file://folder/hitl", "three slashes"),
        ("memory://", "no store that workflow and app could share"),
        ("http://127.0.0.1:1/hitl", "no store that workflow and app could share"),
        ("{file}", "cannot be used"),
        ("{file}/below", "cannot be used"),
    ],
)
@pytest.mark.parametrize("asks", [True, False], ids=["workflow", "app"])
def test_an_address_that_names_no_store_is_told_by_workflow_and_app(
    store: str, reason: str, asks: bool, tmp_path: Path
) -> None:
    file = tmp_path / "a file"
    file.touch()
    variables = {"FLYTE_HITL_STORE": store.format(file=file)}

    error = (told if asks else app_error)(tmp_path / "home", variables)

    assert reason in error
    assert "FLYTE_HITL_STORE" in error


def app_error(home: Path, variables: Mapping[str, str]) -> str:
    home.mkdir(exist_ok=True)
    ended = subprocess.run(
        [sys.executable, "-m", "flyteplugins.hitl.app", "--port", "0"],
        env={**clean_environment(home), **variables},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert not (home / ".flyte").exists()
    (line,) = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize("asks", [True, False], ids=["workflow", "app"])
def test_a_slip_in_the_name_of_a_setting_is_no_other_store(asks: bool, tmp_path: Path) -> None:
    variables = {"FLYTE_HITL_STOR": str(tmp_path / "store")}

    error = (told if asks else app_error)(tmp_path / "home", variables)

    assert "FLYTE_HITL_STOR is no setting. Is FLYTE_HITL_STORE meant?" in error


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (nobody, "Connection refused"),
        (unroutable, "timed out"),
        (silent, "timed out"),
        (no_name, "Name or service not known"),
        (no_tls, "SSL"),
        (web_page, "status 200"),
    ],
)
def test_an_endpoint_where_no_app_is_is_told(
    server: Callable[[], AbstractContextManager[str]], reason: str, tmp_path: Path
) -> None:
    with server() as address:
        error = told(tmp_path / "home", {"FLYTE_HITL_STORE": str(tmp_path / "store"), "FLYTE_HITL_ENDPOINT": address})

    assert f"No app answers at FLYTE_HITL_ENDPOINT={address}" in error
    assert reason in error
    assert "FLYTE_HITL_CHECK_ENDPOINT=false" in error


@pytest.mark.parametrize("name", ["FLYTE_HITL_ENDPOINT", "FLYTE_HITL_PUBLIC_ADDRESS"])
def test_a_password_in_an_address_gets_neither_into_links_nor_into_the_error(name: str, tmp_path: Path) -> None:
    variables = {"FLYTE_HITL_STORE": str(tmp_path / "store"), name: "https://me:the-secret@hitl.example.org"}

    assert f"{name} holds a name or a password" in told(tmp_path / "home", variables)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """Root may write everywhere but to what the kernel keeps."""
    error = told(tmp_path, {"FLYTE_HITL_STORE": "/proc/self/task"})

    assert "Set FLYTE_HITL_STORE to a folder that this process can write to" in error


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (nobody, "Connection refused"),
        (silent, "Flyte did not answer within"),
        (unroutable, "Flyte did not answer within"),
        (no_name, "Name or service not known"),
        (no_tls, "could not be served by Flyte"),
        (forbidden, "could not be served by Flyte: Forbidden"),
        (web_page, "could not be served by Flyte"),
    ],
)
def test_a_flyte_that_cannot_be_asked_for_an_app_is_told_by_the_task(
    server: Callable[[], AbstractContextManager[str]], reason: str, s3_server: RunningStore, tmp_path: Path
) -> None:
    variables = {**s3_server.environment, "RUN": "run1", "FLYTE_HITL_SERVE_TIMEOUT_SECONDS": "5"}
    raw_data = f"{s3_server.fresh()}/proj/dev/run1/a0/1"
    script = SCRIPTS / "on_a_cluster.py"
    with (
        server() as address,
        running_script(script, address, raw_data, "0.5", home=tmp_path, environment=variables) as task,
    ):
        assert task.ended(within=LIMIT_SECONDS) == 1

    (error,) = (line for line in task.output.splitlines() if line.startswith("AppUnavailable"))
    assert reason in error
    assert "FLYTE_HITL_ENDPOINT" in error
