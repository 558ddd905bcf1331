"""Folders for what the benchmark writes: removed at its end, and those of a run that was killed at the next start."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "hitl-bench-"
_BYTES_OF_A_NAME = 500


@contextlib.contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """An empty folder while the block lasts."""
    for left in parent.glob(f"{_PREFIX}*"):
        if not _is_running(int(left.name.removeprefix(_PREFIX))):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{_PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def memory_for(files: int) -> Path | None:
    """A folder in memory with room for so many names of files, or `None`.

    A disk may take minutes to remove a million, beside whatever else it has to do.
    """
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return None
    room = os.statvfs(folder)
    is_enough = room.f_favail > files and room.f_bavail * room.f_frsize > files * _BYTES_OF_A_NAME
    return folder if is_enough else None


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
