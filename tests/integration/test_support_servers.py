"""The test servers and the fault proxy do what the other tests take for granted."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from tests.support.fault_proxy import Fault, FaultProxy, fault_proxy, matching
from tests.support.processes import ServerProcess, accepts_connections, free_port, server_process
from tests.support.stores import (
    DurableStore,
    RunningStore,
    applied,
    rclone,
)

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

pytestmark = pytest.mark.slow

RACERS = 16
NO_RETRIES: RetryConfig = {"max_retries": 0}
FEW_RETRIES: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=5)}
# Client options that are passed replace those of the environment, so plain HTTP has to be allowed once more.
CLIENT: ClientConfig = {"timeout": "20s", "allow_http": True}
IMPATIENT: ClientConfig = {"timeout": "500ms", "allow_http": True}


@pytest.fixture(scope="module")
def rclone_server() -> Iterator[RunningStore]:
    with rclone() as store:
        yield store


@pytest.fixture(params=["seaweedfs_server", "s3_server", "azure_server", "rclone_server"])
def store(request: pytest.FixtureRequest) -> RunningStore:
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, RunningStore)
    return chosen


@pytest.fixture(params=["seaweedfs_server", "s3_server", "azure_server"])
def honest_store(request: pytest.FixtureRequest) -> RunningStore:
    """A store that keeps the condition of a create."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, RunningStore)
    return chosen


@pytest.fixture(params=["seaweedfs_server", "azure_server", "rclone_server"])
def strict_store(request: pytest.FixtureRequest) -> RunningStore:
    """A store that checks signatures."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, RunningStore)
    return chosen


@pytest.fixture
def proxy(s3_server: RunningStore) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.port) as running:
        yield running


Opener = Callable[..., "ObjectStore"]


@pytest.fixture
def through(proxy: FaultProxy, s3_server: RunningStore) -> Opener:
    """Opens one fresh prefix of ministack through the proxy, as often as asked."""
    url = s3_server.fresh()

    def opened(retry: RetryConfig = FEW_RETRIES, client: ClientConfig = CLIENT) -> ObjectStore:
        with applied(proxy.environment(s3_server)):
            return from_url(url, retry_config=retry, client_options=client)

    return opened


def direct(store: RunningStore, url: str) -> ObjectStore:
    with applied(store.environment):
        return from_url(url, client_options=CLIENT)


def names(objects: ObjectStore) -> list[str]:
    return [entry["path"] for page in objects.list() for entry in page]


async def count_winners(objects: ObjectStore, key: str) -> int:
    async def create(number: int) -> bool:
        try:
            await objects.put_async(key, str(number).encode(), mode="create")
        except AlreadyExistsError:
            return False
        return True

    return sum(await asyncio.gather(*(create(number) for number in range(RACERS))))


def test_each_store_puts_gets_lists_and_deletes(store: RunningStore) -> None:
    objects = direct(store, store.fresh())
    objects.put("folder/one", b"first")
    objects.put("folder/one", b"second")
    assert bytes(objects.get("folder/one").bytes()) == b"second"
    assert names(objects) == ["folder/one"]
    objects.delete("folder/one")
    assert names(objects) == []
    with pytest.raises(FileNotFoundError):
        objects.get("folder/one")


def test_fresh_prefixes_share_nothing(s3_server: RunningStore) -> None:
    first = direct(s3_server, s3_server.fresh())
    second = direct(s3_server, s3_server.fresh())
    first.put("key", b"mine")
    assert names(second) == []


def test_signatures_are_checked(strict_store: RunningStore) -> None:
    # The second is base64, as Azure's keys are.
    wrong = {"AWS_SECRET_ACCESS_KEY": "wrong", "AZURE_STORAGE_ACCOUNT_KEY": "d3Jvbmc="}
    with applied(strict_store.environment | wrong):
        objects = from_url(strict_store.fresh(), retry_config=NO_RETRIES)
    with pytest.raises(BaseError):
        objects.put("key", b"value")


def test_signatures_survive_the_proxy(strict_store: RunningStore) -> None:
    with fault_proxy(strict_store.port) as proxy:
        with applied(proxy.environment(strict_store)):
            objects = from_url(strict_store.fresh(), client_options=CLIENT)
        objects.put("key", b"value", mode="create")
        assert names(objects) == ["key"]
        assert len(proxy.requests) == 2


@pytest.mark.asyncio
async def test_a_race_of_creates_has_one_winner(honest_store: RunningStore) -> None:
    assert await count_winners(direct(honest_store, honest_store.fresh()), "key") == 1


@pytest.mark.asyncio
async def test_rclone_lets_several_creates_win(rclone_server: RunningStore) -> None:
    assert await count_winners(direct(rclone_server, rclone_server.fresh()), "key") > 1


def test_requests_pass_unchanged(proxy: FaultProxy, through: Opener) -> None:
    objects = through()
    body = os.urandom(300_000)
    objects.put("key", body)
    assert bytes(objects.get("key").bytes()) == body
    assert names(objects) == ["key"]
    assert [method for method, _ in proxy.requests] == ["PUT", "GET", "GET"]
    assert proxy.forwarded == proxy.requests
    proxy.forget_requests()
    assert proxy.requests == proxy.forwarded == []


class Echo(BaseHTTPRequestHandler):
    """Answers a body in chunks with the same body in chunks, on a connection that stays open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while size := int(self.rfile.readline(), 16):
            chunk = self.rfile.read(size + 2)
            self.wfile.write(b"%x\r\n%b" % (size, chunk))
        self.rfile.readline()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@pytest.fixture
def echo_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", free_port()), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_chunked_bodies_pass_on_one_kept_connection(echo_port: int) -> None:
    with fault_proxy(echo_port) as proxy:
        connection = HTTPConnection("127.0.0.1", proxy.port, timeout=5)
        connection.connect()
        opened = connection.sock
        for _ in range(3):
            connection.request("POST", "/echo?q", iter([b"first ", b"second"]), encode_chunked=True)
            assert connection.getresponse().read() == b"first second"
        assert connection.sock is opened
        connection.close()
        assert proxy.forwarded == [("POST", "/echo?q")] * 3


def test_a_client_that_waits_for_continue_is_told_to(echo_port: int) -> None:
    with fault_proxy(echo_port) as proxy, socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"2\r\nhi\r\n0\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_delay_only_delays(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.delay(0.4))
    started = time.monotonic()
    through(NO_RETRIES).put("key", b"value")
    assert time.monotonic() - started >= 0.4
    assert len(proxy.forwarded) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_status_is_retried_and_never_forwarded(code: int, proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.status(code))
    through().put("key", b"value", mode="create")
    assert len(proxy.requests) == 2
    assert len(proxy.forwarded) == 1


def test_a_conflict_looks_like_a_lost_race_with_nothing_stored(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT", header="if-none-match"), Fault.status(409))
    with pytest.raises(AlreadyExistsError):
        through().put("key", b"value", mode="create")
    assert proxy.forwarded == []
    assert names(through()) == []


def test_a_reset_comes_before_forwarding(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.reset())
    with pytest.raises(BaseError):
        through(NO_RETRIES).put("key", b"value")
    assert proxy.forwarded == []
    proxy.fail(matching("PUT"), Fault.reset())
    through().put("key", b"value")
    assert len(proxy.requests) == 3
    assert len(proxy.forwarded) == 1


def test_a_dropped_reply_leaves_the_object_stored(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.drop_reply())
    with pytest.raises(BaseError):
        through(NO_RETRIES).put("key", b"mine", mode="create")
    assert len(proxy.forwarded) == 1
    assert bytes(through().get("key").bytes()) == b"mine"


def test_a_retry_after_a_dropped_reply_meets_its_own_write(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.drop_reply())
    with pytest.raises(AlreadyExistsError):
        through().put("key", b"mine", mode="create")
    assert len([method for method, _ in proxy.forwarded if method == "PUT"]) == 2
    assert bytes(through().get("key").bytes()) == b"mine"


def test_truncate_cuts_the_body_of_a_reply(proxy: FaultProxy, through: Opener) -> None:
    objects = through(NO_RETRIES)
    objects.put("key", b"value" * 1000)
    proxy.fail(matching("GET", "key"), Fault.truncate())
    with pytest.raises(BaseError):
        objects.get("key").bytes()
    assert bytes(objects.get("key").bytes()) == b"value" * 1000


def test_truncate_cuts_the_head_of_a_reply_without_a_body(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.truncate())
    with pytest.raises(BaseError):
        through(NO_RETRIES).put("key", b"value")
    assert bytes(through().get("key").bytes()) == b"value"


def test_hang_outlasts_an_impatient_client(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.hang(30))
    started = time.monotonic()
    with pytest.raises(BaseError):
        through(NO_RETRIES, IMPATIENT).put("key", b"value")
    assert 0.4 <= time.monotonic() - started < 5
    assert proxy.forwarded == []


@pytest.mark.asyncio
async def test_clear_releases_a_hang_and_forgets_the_rest(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT"), Fault.hang(30))
    proxy.fail(matching("PUT"), Fault.status(503), times=50)
    hanging = asyncio.create_task(through(NO_RETRIES).put_async("key", b"value"))
    await wait_for(lambda: len(proxy.requests) == 1)
    proxy.clear()
    with pytest.raises(BaseError):
        await asyncio.wait_for(hanging, 5)
    await through(NO_RETRIES).put_async("key", b"value")


async def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the condition was not met in 4 s")


def test_a_fault_strikes_as_often_as_told_and_only_its_match(proxy: FaultProxy, through: Opener) -> None:
    proxy.fail(matching("PUT", "/struck"), Fault.status(503), times=2)
    objects = through(NO_RETRIES)
    objects.put("spared", b"value")
    for _ in range(2):
        with pytest.raises(BaseError):
            objects.put("struck", b"value")
    objects.put("struck", b"value")


def test_down_refuses_and_up_serves_again(proxy: FaultProxy, through: Opener) -> None:
    objects = through(NO_RETRIES)
    objects.put("key", b"value")
    proxy.down()
    assert not accepts_connections(proxy.port)
    with pytest.raises(BaseError):
        objects.get("key")
    proxy.up()
    assert bytes(objects.get("key").bytes()) == b"value"


def test_a_server_that_ends_early_shows_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('out of luck'); raise SystemExit(3)"]
    server = ServerProcess(command, log=tmp_path / "log")
    with pytest.raises(RuntimeError, match="out of luck"):
        server.start(lambda: False)
    assert server.pid is None


def test_a_server_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = ServerProcess(command, log=tmp_path / "log")
    with pytest.raises(TimeoutError):
        server.start(lambda: not accepts_connections(port) and False, limit=1.0)
    assert not accepts_connections(port)


STUBBORN_FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(child, file=open(sys.argv[1], "w"), flush=True)
time.sleep(60)
"""


def test_stop_ends_a_whole_group_that_ignores_the_request(tmp_path: Path) -> None:
    note = tmp_path / "child"
    command = [sys.executable, "-c", STUBBORN_FAMILY, str(note)]
    ready: Callable[[], bool] = lambda: note.read_text().endswith("\n")  # noqa: E731
    with server_process(command, ready=ready, log=tmp_path / "log", grace=0.2):
        child = int(note.read_text())
    assert ended(child)


def ended(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # Orphans wait for init to collect them, which some containers do late or never.
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


LAUNCHER = """
import pathlib, sys, time
from tests.support.processes import ServerProcess
folder = pathlib.Path(sys.argv[1])
server = ServerProcess([sys.executable, "-c", "import time; time.sleep(60)"], log=folder / "log")
server.start(lambda: True)
print(server.pid, file=open(folder / "server", "w"), flush=True)
time.sleep(60)
"""


def test_no_server_outlives_a_killed_parent(tmp_path: Path) -> None:
    note = tmp_path / "server"
    launcher = ServerProcess(
        [sys.executable, "-c", LAUNCHER, str(tmp_path)],
        log=tmp_path / "launcher.log",
        folder=Path(__file__).resolve().parents[2],
    )
    launcher.start(lambda: note.read_text().endswith("\n"))
    launcher.kill()
    assert ended(int(note.read_text()))


def test_seaweedfs_keeps_an_object_through_a_crash(seaweedfs_server: DurableStore) -> None:
    objects = direct(seaweedfs_server, seaweedfs_server.fresh())
    objects.put("key", b"kept", mode="create")
    seaweedfs_server.kill()
    assert not accepts_connections(seaweedfs_server.port)
    seaweedfs_server.restart()
    assert bytes(objects.get("key").bytes()) == b"kept"
