"""Writes to a folder that come at once are done together, and each is told what became of it alone."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flyteplugins.hitl import _disk
from flyteplugins.hitl._disk import Disk
from flyteplugins.hitl._disk_writes import DiskWrites

MANY = 600
"""More than are done together."""


class Folder:
    """A folder that is written to, and what was brought to the disk, in order."""

    def __init__(self, root: Path) -> None:
        self.disk = Disk(root)
        self.disk.make_root()
        self.writes = DiskWrites(self.disk)
        self.synced: list[Path] = []
        self.is_broken: Callable[[Path], bool] = lambda path: False

    def file(self, path: str) -> Path:
        return self.disk.root / path

    async def put(self, path: str, *, is_durable: bool = True) -> None:
        await self.writes.put(path, lambda: self._write(path), is_durable=is_durable)

    def fsync(self, path: Path) -> None:
        if self.is_broken(path):
            raise OSError(errno.EIO, f"cannot sync {path}")
        self.synced.append(path)

    def _write(self, path: str) -> None:
        self.file(path).parent.mkdir(parents=True, exist_ok=True)
        with self.file(path).open("x") as file:
            file.write(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = Folder(tmp_path / "root")
    monkeypatch.setattr(_disk, "_fsync", made.fsync)
    return made


@pytest.mark.asyncio
async def test_a_file_and_its_folder_are_on_the_disk_when_it_is_told_of(folder: Folder) -> None:
    await folder.put("a/one")

    assert folder.synced[:2] == [folder.file("a/one"), folder.file("a")]


@pytest.mark.asyncio
async def test_many_at_once_are_all_written_and_each_folder_is_synced_a_few_times(folder: Folder) -> None:
    await folder.put("a/first")
    folder.synced.clear()

    await asyncio.gather(*(folder.put(f"a/{number}") for number in range(MANY)))

    files = {folder.file(f"a/{number}") for number in range(MANY)}
    assert set(folder.synced) == files | {folder.file("a")}
    assert all(path.read_text() == f"a/{path.name}" for path in files)
    assert folder.synced.count(folder.file("a")) < MANY / 10
    # The name of none is on the disk before the file itself is.
    assert folder.synced[-1] == folder.file("a")


@pytest.mark.asyncio
async def test_what_may_be_lost_with_the_power_waits_for_no_disk(folder: Folder) -> None:
    await folder.put("a/one", is_durable=False)

    assert folder.file("a/one").read_text() == "a/one"
    assert folder.synced == []


@pytest.mark.asyncio
async def test_of_many_at_once_each_is_told_its_own_failure(folder: Folder) -> None:
    await folder.put("a/7")
    folder.is_broken = lambda path: path == folder.file("a/11")

    outcomes = await asyncio.gather(*(folder.put(f"a/{number}") for number in range(40)), return_exceptions=True)

    failed = {number: type(outcome) for number, outcome in enumerate(outcomes) if outcome is not None}
    assert failed == {7: FileExistsError, 11: OSError}


@pytest.mark.asyncio
async def test_where_the_names_cannot_be_synced_none_is_said_to_be_written(folder: Folder) -> None:
    folder.is_broken = lambda path: path == folder.file("a")

    outcomes = await asyncio.gather(
        *(folder.put(f"{parent}/{number}") for parent in "ab" for number in range(5)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [OSError] * 5 + [type(None)] * 5


@pytest.mark.asyncio
async def test_one_that_is_cancelled_takes_no_other_with_it(folder: Folder) -> None:
    first, second = (asyncio.create_task(folder.put(f"a/{number}")) for number in range(2))
    await asyncio.sleep(0)
    first.cancel()

    await second
    await folder.put("a/third")

    assert first.cancelled()


def test_loops_in_several_threads_write_at_once(folder: Folder) -> None:
    async def write(thread: int) -> None:
        await asyncio.gather(*(folder.put(f"{thread}/{number}") for number in range(50)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda thread: asyncio.run(write(thread)), range(4)))

    assert sum(1 for path in folder.disk.root.rglob("*") if path.is_file()) == 200


def test_a_loop_that_is_closed_meanwhile_holds_up_no_other(folder: Folder) -> None:
    release = threading.Event()

    async def leave() -> None:
        blocked = asyncio.create_task(folder.writes.put("a", lambda: release.wait(10), is_durable=False))
        await asyncio.sleep(0.01)
        blocked.cancel()

    asyncio.run(leave())
    release.set()
    asyncio.run(folder.put("b"))

    assert folder.file("b").exists()


@pytest.mark.asyncio
async def test_the_loop_runs_on_while_the_disk_is_slow(folder: Folder) -> None:
    slow = asyncio.create_task(folder.writes.put("a", lambda: time.sleep(0.3), is_durable=False))
    await asyncio.sleep(0)

    assert not slow.done()
    await slow


AT_THE_END = """
import atexit, asyncio, sys
from flyteplugins.hitl._disk import Disk
from flyteplugins.hitl._disk_writes import DiskWrites
from flyteplugins.hitl._event_loops import run_to_end

writes = DiskWrites(Disk.__new__(Disk))

async def write():
    await asyncio.gather(*(writes.put(str(number), lambda: print("written"), is_durable=False) for number in range(3)))

atexit.register(lambda: run_to_end(write()))
if sys.argv[1:]:
    asyncio.run(write())
"""


@pytest.mark.parametrize("before", [[], ["before"]], ids=["for the first time", "once more"])
def test_a_script_that_ends_still_writes(before: list[str]) -> None:
    command = [sys.executable, "-c", AT_THE_END, *before]

    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout.split() == ["written"] * (6 if before else 3)
    assert done.stderr == ""


def test_a_fork_has_threads_of_its_own() -> None:
    script = AT_THE_END.replace("atexit.register", "(lambda work: None)") + (
        "asyncio.run(write())\n"
        "with writes._lock:\n"
        "    child = os.fork()\n"
        "if child == 0:\n"
        "    asyncio.run(asyncio.wait_for(write(), 10))\n"
        "    os._exit(0)\n"
        "print('child', os.waitpid(child, 0)[1])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", f"import os\n{script}"], check=True, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.splitlines()[-1] == "child 0"
