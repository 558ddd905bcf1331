"""The app as a user runs it: a process of its own, reached over HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from .processes import ServerProcess, free_port, server_process


@dataclass(frozen=True)
class RunningApp:
    """An app that takes calls.

    Attributes:
        url: Its address.
        process: Its process, to be killed.
    """

    url: str
    process: ServerProcess


@contextmanager
def running_app(
    store: str | None, folder: Path, *, environment: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[RunningApp]:
    """Runs `python -m flyteplugins.hitl.app` on a store, or on none, until the block ends."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "flyteplugins.hitl.app", "--port", str(port)]
    command += ["--no-default-store"] if store is None else ["--store", store]

    def is_ready() -> bool:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200

    with server_process(
        command, log=folder / f"app-{port}.log", ready=is_ready, environment={**os.environ, **(environment or {})}
    ) as process:
        yield RunningApp(url=url, process=process)
