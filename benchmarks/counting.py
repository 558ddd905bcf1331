"""A relay before an HTTP server that counts the requests, and the moment of each, without getting in their way."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterator

from tests.support.processes import LOOPBACK

_REQUEST_LINE = re.compile(rb"(?:GET|HEAD|PUT|POST|DELETE) [^ \r\n]+ HTTP/1\.1\r\n")
_CHUNK = 1 << 16
_LONGEST_LINE = 1 << 13
_STOP_SECONDS = 10.0


class CountingRelay:
    """Passes bytes on in both directions.

    Args:
        target_port: The port of the server, on loopback.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.moments: list[float] = []
        """When each request came, by the system's clock."""
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        # What goes wrong on a connection shows in the program whose connection it is.
        self._loop.set_exception_handler(lambda *_: None)
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="counting-relay", daemon=True)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_STOP_SECONDS)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, LOOPBACK, 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
                with contextlib.closing(server_writer):
                    await self._pass_on(reader, writer, server_reader, server_writer)
        finally:
            writer.close()
            self._connections.discard(connection)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        replies = asyncio.ensure_future(_copy(server_reader, writer))
        replies.add_done_callback(lambda _: writer.close())
        try:
            rest = b""
            while data := await reader.read(_CHUNK):
                rest = self._count(rest + data)
                server_writer.write(data)
                await server_writer.drain()
        finally:
            replies.cancel()
            await asyncio.gather(replies, return_exceptions=True)

    def _count(self, data: bytes) -> bytes:
        """Counts the requests that begin in the data; returns what may be the first part of a line."""
        now = time.time()
        self.moments.extend(now for _ in _REQUEST_LINE.finditer(data))
        return data[data.rfind(b"\n") + 1 :][-_LONGEST_LINE:]


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()


@contextlib.contextmanager
def counting_relay(target_port: int) -> Iterator[CountingRelay]:
    """Runs a relay before the server on a loopback port while the block lasts."""
    relay = CountingRelay(target_port)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
