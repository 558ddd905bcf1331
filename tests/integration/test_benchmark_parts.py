"""Holds the parts of the benchmark that could be wrong without anybody noticing. Nothing is measured here."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from benchmarks.counting import counting_relay
from benchmarks.programs.history import multiplied
from benchmarks.run import MEASUREMENTS
from tests.support.house import open_house
from tests.support.processes import LOOPBACK
from tests.support.scripts import REPOSITORY


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def server_port() -> Iterator[int]:
    """A server that sends back what it is sent."""
    server = ThreadingHTTPServer((LOOPBACK, 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_the_relay_counts_each_request_of_each_connection_and_changes_nothing(server_port: int) -> None:
    with counting_relay(server_port) as relay:
        for _ in range(2):
            with httpx.Client(base_url=f"http://{LOOPBACK}:{relay.port}") as client:
                bodies = [client.put("/object", content=b"x" * size).content for size in (0, 10, 300_000)]
        assert [len(body) for body in bodies] == [0, 10, 300_000]
        assert len(relay.moments) == 6


def test_the_relay_counts_a_request_once_that_comes_in_two_pieces() -> None:
    pieces = (b"PUT /object HT", b"TP/1.1\r\nHost: here\r\n\r\n")
    with (
        socket.create_server((LOOPBACK, 0)) as server,
        counting_relay(server.getsockname()[1]) as relay,
        socket.create_connection((LOOPBACK, relay.port)) as client,
    ):
        passed_on, _ = server.accept()
        with passed_on:
            for piece in pieces:
                client.sendall(piece)
                assert passed_on.recv(1000) == piece
    assert len(relay.moments) == 1


def test_a_history_has_all_that_a_finished_request_left_under_other_ids(tmp_path: Path) -> None:
    with open_house(str(tmp_path)) as house:
        request = house.ask()
        house.answer(request, True)
    before = _files(tmp_path)
    left = [path for path in before if request.request_id in path.replace("/", "")]
    assert len(left) >= 2
    count = multiplied(tmp_path, [request.request_id], copies=3)
    others = set(_files(tmp_path)) - set(before)
    assert len(others) == 3 * len(left)
    assert not any(request.request_id in path.replace("/", "") for path in others)
    assert count == len(before) + len(others)


def _files(folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]


def test_the_command_tells_how_it_is_called_and_what_it_measures() -> None:
    usage = _run("--help")
    assert all(option in usage for option in ("--only", "--quick", "--page", "--list"))
    listed = _run("--list").splitlines()
    assert [line.split()[0] for line in listed] == [each.name for each in MEASUREMENTS]


def _run(*options: str) -> str:
    command = [sys.executable, "-m", "benchmarks.run", *options]
    return subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=60).stdout
