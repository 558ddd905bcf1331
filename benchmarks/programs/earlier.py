"""Makes the earlier plugin run on a laptop. `python -m benchmarks.programs.earlier PORT` runs its app alone.

It wants a cluster to deploy its app to, and an object store that needs no folders. So it is given the address of an app
that uvicorn runs, and the folder of a request is made when it is named. Nothing else of it is touched.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn

_HOST = "127.0.0.1"
_START_SECONDS = 20.0


def prepare() -> None:
    """Has it name an app that runs: the one that it is told of, or else one in a thread of this process."""
    event: Any = importlib.import_module("flyteplugins.hitl._event")
    _make_folders(event)
    handle: list[SimpleNamespace] = []

    async def served(_: type) -> SimpleNamespace:
        if not handle:
            handle.append(SimpleNamespace(endpoint=os.environ.get("FLYTE_HITL_ENDPOINT") or _in_thread()))
        return handle[0]

    event.Event._serve_app = classmethod(served)


def main() -> None:
    uvicorn.run(_app(), host=_HOST, port=int(sys.argv[1]), log_level="warning")


def _make_folders(module: Any) -> None:
    """A local store has folders, which are to be there before anything is written into them."""
    path_of = module._get_request_path

    def path_in_folder(request_id: str) -> str:
        path: str = path_of(request_id)
        if "://" not in path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        return path

    module._get_request_path = path_in_folder


def _app() -> Any:
    app: Any = importlib.import_module("flyteplugins.hitl._app").app
    # It would sign in to a cluster when it starts.
    app.router.lifespan_context = _nothing
    return app


@contextlib.asynccontextmanager
async def _nothing(_: Any) -> AsyncIterator[None]:
    yield


def _in_thread() -> str:
    listener = socket.create_server((_HOST, 0))
    server = uvicorn.Server(uvicorn.Config(_app(), log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            raise RuntimeError("The app of the earlier plugin did not start.")
        time.sleep(0.005)
    return f"http://{_HOST}:{listener.getsockname()[1]}"


if __name__ == "__main__":
    main()
