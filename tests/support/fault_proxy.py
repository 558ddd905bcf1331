"""A proxy that breaks HTTP on purpose, one chosen request at a time.

Networks lose replies, and the worst loss, a write that was stored and never acknowledged, cannot be had from a healthy
server. This proxy stands before a real one and makes it happen. It changes neither Host nor any other header, so that
request signatures still hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, NamedTuple, TypeVar

from tests.support.processes import LOOPBACK, free_port
from tests.support.stores import RunningStore

Headers = Mapping[str, str]
Match = Callable[[str, str, Headers], bool]
Result = TypeVar("Result")

# Bounds one message head; the stores' own heads are below 4 KiB.
_HEAD_LIMIT = 1 << 20
_CONTROL_SECONDS = 10.0
# SO_LINGER on, for no time: the close sends RST instead of FIN.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request. Made by the class methods."""

    kind: Literal["delay", "status", "reset", "drop_reply", "truncate", "hang"]
    seconds: float = 0.0
    code: int = 0

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Wait, then forward as if nothing had been."""
        return cls("delay", seconds=seconds)

    @classmethod
    def status(cls, code: int) -> Fault:
        """Answer with this status and no body; the server never hears of the request."""
        return cls("status", code=code)

    @classmethod
    def reset(cls) -> Fault:
        """Reset the connection; the server never hears of the request."""
        return cls("reset")

    @classmethod
    def drop_reply(cls) -> Fault:
        """Forward, let the server finish, then close the connection without a reply."""
        return cls("drop_reply")

    @classmethod
    def truncate(cls) -> Fault:
        """Forward, send the head and half of the body (half of the head when there is no body), then close."""
        return cls("truncate")

    @classmethod
    def hang(cls, seconds: float) -> Fault:
        """Say nothing until `clear` or for this long, then close; the server never hears of the request."""
        return cls("hang", seconds=seconds)


def matching(method: str | None = None, fragment: str = "", header: str | None = None) -> Match:
    """Return a predicate for `FaultProxy.fail`.

    Args:
        method: The method, or `None` for any.
        fragment: Text that the path or query must contain.
        header: The name of a header, in lower case, that must be present, such as `if-none-match`.
    """

    def matches(request_method: str, path: str, headers: Headers) -> bool:
        return method in (None, request_method) and fragment in path and (header is None or header in headers)

    return matches


class _Message(NamedTuple):
    start: list[str]
    headers: dict[str, str]
    head: bytes
    body: bytes

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close" or "HTTP/1.0" in self.start


@dataclass
class _Plan:
    match: Match
    fault: Fault
    times: int


class FaultProxy:
    """The running proxy. Every method may be called from any thread; `fault_proxy` makes it."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []
        self._requests: list[tuple[str, str]] = []
        self._forwarded: list[tuple[str, str]] = []
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._released = asyncio.Event()

    @property
    def requests(self) -> list[tuple[str, str]]:
        """The method and path (with its query) of every request that arrived, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def forwarded(self) -> list[tuple[str, str]]:
        """The method and path of those requests that the server was given."""
        with self._lock:
            return list(self._forwarded)

    def forget_requests(self) -> None:
        """Empty both lists of requests."""
        with self._lock:
            self._requests.clear()
            self._forwarded.clear()

    def environment(self, store: RunningStore) -> dict[str, str]:
        """Return the store's variables with this proxy as its endpoint."""
        direct, proxied = f"{LOOPBACK}:{store.port}", f"{LOOPBACK}:{self.port}"
        return {name: value.replace(direct, proxied) for name, value in store.environment.items()}

    def fail(self, match: Match, fault: Fault, times: int = 1) -> None:
        """Let `fault` befall the next `times` requests for which `match(method, path, headers)` is true.

        Header names are in lower case. Of several plans that match, the oldest serves first.
        """
        with self._lock:
            self._plans.append(_Plan(match, fault, times))

    def clear(self) -> None:
        """Forget the faults that are still due and release every hanging request."""
        with self._lock:
            self._plans.clear()
        self._call(self._release())

    def down(self) -> None:
        """Reset every connection and refuse new ones."""
        self._call(self._close())

    def up(self) -> None:
        """Listen again, on the same port."""
        self._call(self._listen())

    def start(self) -> None:
        """Start the thread and listen."""
        self._thread.start()
        self.up()

    def stop(self) -> None:
        """End every connection and the thread."""
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CONTROL_SECONDS)
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        future: Future[Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(_CONTROL_SECONDS)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, LOOPBACK, self.port, limit=_HEAD_LIMIT)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        connections = dict(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # A connection that was cancelled before its first step has not done this itself.
        for writer in connections.values():
            _reset(writer)
        # Sockets close one turn of the loop after they are told to.
        await asyncio.sleep(0)

    async def _release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._serve(reader, writer))
        self._connections[connection] = writer
        connection.add_done_callback(self._connections.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(await _read_request(reader, writer), writer):
                pass
            writer.close()
        except (OSError, EOFError, asyncio.CancelledError):
            # Either side went away, or the proxy is going down.
            _reset(writer)

    async def _answer(self, request: _Message, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        fault = self._arrived(request)
        if fault is None:
            return await self._relay(request, writer)
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await self._relay(request, writer)
        if fault.kind == "status":
            return await _send_status(fault.code, writer)
        if fault.kind == "reset":
            raise ConnectionResetError
        if fault.kind == "hang":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._released.wait(), fault.seconds)
            return False
        reply = await self._forward(request)
        if fault.kind == "truncate":
            writer.write(_half(reply))
            await writer.drain()
        return False

    def _arrived(self, request: _Message) -> Fault | None:
        method, path = request.start[:2]
        with self._lock:
            self._requests.append((method, path))
            plan = next((plan for plan in self._plans if plan.match(method, path, request.headers)), None)
            if plan is None:
                return None
            plan.times -= 1
            if plan.times <= 0:
                self._plans.remove(plan)
            return plan.fault

    async def _relay(self, request: _Message, writer: asyncio.StreamWriter) -> bool:
        reply = await self._forward(request)
        writer.write(reply.head + reply.body)
        await writer.drain()
        return not (request.closes or reply.closes)

    async def _forward(self, request: _Message) -> _Message:
        method, path = request.start[:2]
        # A connection for each request: one that was kept could be closed by the server just as it is used again.
        reader, writer = await asyncio.open_connection(LOOPBACK, self._target_port, limit=_HEAD_LIMIT)
        try:
            with self._lock:
                self._forwarded.append((method, path))
            writer.write(request.head + request.body)
            await writer.drain()
            return await _read_reply(reader, method)
        finally:
            writer.transport.abort()


@contextlib.contextmanager
def fault_proxy(target_port: int) -> Iterator[FaultProxy]:
    """Run a proxy before the loopback server on `target_port` while the block lasts."""
    proxy = FaultProxy(target_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Message:
    start, headers, head = await _read_head(reader)
    if headers.get("expect", "").lower() == "100-continue":
        # The body is read before anything is forwarded, so the proxy has to ask for it.
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await _read_body(reader, headers) or b""
    return _Message(start, headers, head, body)


async def _read_reply(reader: asyncio.StreamReader, method: str) -> _Message:
    start, headers, head = await _read_head(reader)
    status = int(start[1])
    if status < 200:
        return await _read_reply(reader, method)
    if method == "HEAD" or status in (204, 304):
        return _Message(start, headers, head, b"")
    body = await _read_body(reader, headers)
    if body is None:
        # Neither length nor chunks: the body lasts until the server closes, and only a close can hand that on.
        return _Message(start, headers | {"connection": "close"}, head, await reader.read())
    return _Message(start, headers, head, body)


async def _read_head(reader: asyncio.StreamReader) -> tuple[list[str], dict[str, str], bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return first.split(" "), headers, head


async def _read_body(reader: asyncio.StreamReader, headers: Headers) -> bytes | None:
    """Return the body as it came, chunk marks included; `None` when the head does not say how long it is."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return None


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        received += line
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        received += await reader.readexactly(size + 2)
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        received += line
    return bytes(received)


async def _send_status(code: int, writer: asyncio.StreamWriter) -> bool:
    writer.write(f"HTTP/1.1 {code} {HTTPStatus(code).phrase}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()
    return True


def _half(reply: _Message) -> bytes:
    if reply.body:
        return reply.head + reply.body[: len(reply.body) // 2]
    return reply.head[: len(reply.head) // 2]


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
