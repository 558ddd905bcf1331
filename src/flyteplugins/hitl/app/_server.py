"""Runs the app: in a thread of the process that waits, or as a process of its own."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from .._event_loops import run_to_end
from .._machine import user_of_this_machine
from .._service import Service
from .._settings import Settings
from ..errors import HitlError
from ._application import create_app
from ._responders import ThisMachine
from ._state import Confirmations
from ._storeless import DETAIL, create_storeless_app

logger = logging.getLogger("flyteplugins.hitl.app")

LOOPBACK = "127.0.0.1"

_START_SECONDS = 20.0
_CONFIRMATION_SECONDS = 3.0
"""How long a script that is done waits for the browser to fetch the page that says so."""
_STOP_SECONDS = 3.0


class EmbeddedApp:
    """The app on a loopback port, in a thread of this process.

    Args:
        service: The rules and the store.
        settings: Limits and the trusted header.
        preferred_port: The port to take if it is free, so that a tab left open goes on working.
    """

    def __init__(self, service: Service, settings: Settings, preferred_port: int | None = None) -> None:
        self._socket = _listen(preferred_port)
        self.port: int = self._socket.getsockname()[1]
        app = create_app(
            service, settings=settings, responders=ThisMachine(user_of_this_machine()), instance=secrets.token_hex(8)
        )
        self._confirmations: Confirmations = app.state.hitl.confirmations
        self._server = uvicorn.Server(_config(app))
        self._thread = threading.Thread(target=self._run, name="flyteplugins-hitl-app", daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Starts the thread and returns once the app takes calls."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"The form's app did not start on {self.endpoint}; see the log above for why.")
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends the app, once those whose answers were accepted have been shown so."""
        deadline = time.monotonic() + _CONFIRMATION_SECONDS
        while self._confirmations and time.monotonic() < deadline:
            time.sleep(0.02)
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        run_to_end(self._server.serve(sockets=[self._socket]))


def serve(
    service: Service,
    settings: Settings,
    *,
    host: str,
    port: int,
    on_listening: Callable[[str], None],
) -> None:
    """Runs the app in this process until it is told to end by SIGTERM or SIGINT; then completes the calls it has.

    Args:
        service: The rules and the store.
        settings: Limits and the trusted header.
        host: The address to listen on.
        port: The port; 0 for any that is free.
        on_listening: Told the app's address, once it is reached there.
    """
    app = create_app(service, settings=settings, instance=secrets.token_hex(8))
    _serve(_WithStore(_config(app), service), host=host, port=port, on_listening=on_listening)


def serve_storeless(*, host: str, port: int, on_listening: Callable[[str], None]) -> None:
    """The same with no store: it only says so."""
    logger.error(DETAIL)
    server = uvicorn.Server(_config(create_storeless_app(secrets.token_hex(8))))
    _serve(server, host=host, port=port, on_listening=on_listening)


class _WithStore(uvicorn.Server):
    """Looks, once it runs, whether its store can be used: nobody should learn that only from people who are asked."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        try:
            await self._service.links()
        except HitlError as error:
            logger.error("%s The app goes on, and tries again with each call.", error)


def _serve(server: uvicorn.Server, *, host: str, port: int, on_listening: Callable[[str], None]) -> None:
    listener = _listen(port, host)
    taken = listener.getsockname()[1]
    if port not in (0, taken):
        logger.warning("Port %d is in use by another program; the app listens on %d instead.", port, taken)
    with _told_to_end(server):
        on_listening(f"http://{f'[{host}]' if ':' in host else host}:{taken}")
        server.run(sockets=[listener])


def _config(app: Starlette) -> uvicorn.Config:
    # No access log: the addresses hold tokens.
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
    )


@contextmanager
def _told_to_end(server: uvicorn.Server) -> Iterator[None]:
    """Has the signals that end the app do no more than that, from when its address is told.

    Those that come before uvicorn listens to them would be lost; it sends itself those it got once it is done.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(preferred_port: int | None, host: str = LOOPBACK) -> socket.socket:
    """Binds the port here and now, so that no other process can take it or be taken for this one."""
    if preferred_port:
        try:
            return _bound(host, preferred_port)
        except OSError:
            if host != LOOPBACK:
                raise
    return _bound(host, 0)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, an answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
