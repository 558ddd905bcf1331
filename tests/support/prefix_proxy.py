"""A reverse proxy that serves an app below a path, as an operator's would, and tells the app nothing of it."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.processes import LOOPBACK

_SECONDS = 20.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, prefix: str) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.target = target
        self.prefix = prefix


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _relay(self) -> None:
        if not self.path.startswith(self.server.prefix + "/"):
            self.send_error(404, "outside of the prefix")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(self.server.target, timeout=_SECONDS)
        try:
            path = self.path.removeprefix(self.server.prefix)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, path, body, headers)
            self._answer(connection.getresponse())
        finally:
            connection.close()

    def _answer(self, reply: http.client.HTTPResponse) -> None:
        content = reply.read()
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _relay

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextlib.contextmanager
def prefix_proxy(target: str, prefix: str) -> Iterator[str]:
    """Serve the app at `target` below `prefix`, and yield the address of that."""
    server = _Server(urlsplit(target).netloc, prefix)
    thread = threading.Thread(target=server.serve_forever, name="prefix-proxy", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_SECONDS)
