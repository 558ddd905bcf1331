"""Servers that are not what somebody takes them for, each on a loopback port."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator

from tests.support.processes import LOOPBACK


@contextlib.contextmanager
def always(status: int, body: bytes = b"<h1>Hello</h1>") -> Iterator[str]:
    """Answers every call alike, and gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server((LOOPBACK, 0), backlog=128) as server:
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}"


@contextlib.contextmanager
def unroutable() -> Iterator[str]:
    """Takes no connection and refuses none, as a host does whose packets are dropped on the way."""
    with contextlib.ExitStack() as kept:
        server = kept.enter_context(socket.create_server((LOOPBACK, 0), backlog=0))
        for _ in range(4):  # More than wait in its queue: from then on the system drops them.
            filling = kept.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(server.getsockname())
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}"
