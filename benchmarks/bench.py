"""Where the measurements run: scratch folders, programs and apps as processes, and a limit of time.

Every process ends with the block or the call that started it, on Ctrl-C too, and with this one at the latest.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from benchmarks.scratch import memory_for, scratch
from benchmarks.sides import Side
from tests.support.processes import ServerProcess, free_port, server_process

_PAUSE_SECONDS = 0.05


class BenchmarkFailed(Exception):
    """A measurement could not be taken. The message says why."""


class Bench:
    """Runs programs and apps.

    Args:
        folder: An empty folder for all that they write.
        seconds: How long all of it may take.
        is_quick: Whether a few samples are enough, to see that it works.
    """

    def __init__(self, folder: Path, *, seconds: float, is_quick: bool) -> None:
        self.is_quick = is_quick
        self._folder = folder
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._count = 0

    def fresh(self, name: str) -> Path:
        """Makes a folder that nobody has used."""
        self._count += 1
        folder = self._folder / f"{self._count}-{name}"
        folder.mkdir()
        return folder

    def local_store(self) -> dict[str, str]:
        """What tells both plugins to keep all in a fresh folder on the disk."""
        return _in_folder(self.fresh("store"))

    @contextlib.contextmanager
    def large_store(self, files: int) -> Iterator[dict[str, str]]:
        """The same with room for very many files, while the block lasts: in memory, if that has the room."""
        parent = memory_for(files)
        if parent is None:
            yield self.local_store()
            return
        with scratch(parent) as folder:
            yield _in_folder(folder)

    def run(self, side: Side, program: str, store: Mapping[str, str], **arguments: Any) -> Any:
        """Runs one of `benchmarks.programs` to its end, and returns its result.

        Raises:
            BenchmarkFailed: It failed, or took too long.
        """
        with self.started(side, program, store, **arguments) as running:
            return running.result()

    @contextlib.contextmanager
    def started(self, side: Side, program: str, store: Mapping[str, str], **arguments: Any) -> Iterator[Running]:
        """Runs one of `benchmarks.programs` while the block goes on."""
        told = ", ".join(f"{name} {value}" for name, value in arguments.items())
        self.say(f"{program}, {side.name}: {told}")
        folder = self.fresh(f"{program}-{side.name}")
        result = folder / "result.json"
        command = side.program(program, str(result), json.dumps(arguments))
        process = ServerProcess(
            command, log=folder / "log", environment=side.environment(folder, store), folder=folder, grace=0
        )
        try:
            process.start(lambda: True)
            yield Running(self, f"{program} ({side.name})", process, result)
        finally:
            process.stop()

    @contextlib.contextmanager
    def app(self, side: Side, store: Mapping[str, str]) -> Iterator[str]:
        """Runs the app as a process of its own while the block goes on, and yields its address."""
        folder, port = self.fresh(f"app-{side.name}"), free_port()
        address = f"http://127.0.0.1:{port}"

        def is_ready() -> bool:
            return httpx.get(f"{address}/health", timeout=2).status_code == 200

        environment = side.environment(folder, store)
        with server_process(
            side.app(port), ready=is_ready, log=folder / "log", environment=environment, folder=folder, grace=1
        ):
            yield address

    def say(self, what: str) -> None:
        """Tells how far the measurement is."""
        print(f"    {self._seconds - (self._deadline - time.monotonic()):4.0f} s  {what}", flush=True)

    def check_time(self, what: str) -> None:
        """Ends a measurement that takes too long.

        Raises:
            BenchmarkFailed: It does.
        """
        if time.monotonic() > self._deadline:
            raise BenchmarkFailed(f"{what} was not done within the {self._seconds:.0f} s of this measurement.")


def _in_folder(folder: Path) -> dict[str, str]:
    return {"FLYTE_HITL_STORE": str(folder / "hitl"), "RAW_DATA_PATH": str(folder / "raw")}


class Running:
    """A program that was started."""

    def __init__(self, bench: Bench, name: str, process: ServerProcess, result: Path) -> None:
        self._bench = bench
        self._name = name
        self._process = process
        self._result = result

    def result(self) -> Any:
        """Waits for its end, and returns its result.

        Raises:
            BenchmarkFailed: It failed, or took too long.
        """
        while self._process.running:
            self._bench.check_time(self._name)
            time.sleep(_PAUSE_SECONDS)
        if not self._result.exists():
            raise BenchmarkFailed(f"{self._name} ended with no result. The end of its log:\n{self._process.log_tail()}")
        return json.loads(self._result.read_text())
