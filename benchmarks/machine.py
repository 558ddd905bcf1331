"""The machine that the figures come from."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def machine(folder: Path) -> list[str]:
    """What may bear on the figures, a line each.

    Args:
        folder: Where the local stores are.
    """
    return [
        f"{os.cpu_count()} cores{_of(_processor())}, {_memory()} of memory",
        f"{platform.system()} {platform.release()}, {platform.machine()}",
        f"Python {platform.python_version()}",
        f"local stores on {_file_system(folder)}",
        ", ".join(f"{name} {version(name)}" for name in ("flyte", "obstore", "fastapi", "uvicorn")),
        f"load before the run: {os.getloadavg()[0]:.1f}",
    ]


def _of(what: str) -> str:
    return f" of {what}" if what else ""


def _processor() -> str:
    return _first(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo")


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


def _file_system(folder: Path) -> str:
    """The kind of the file system below a folder, as Linux tells; elsewhere it is not known."""
    mounts = re.findall(r"^\S+ (\S+) (\S+)", _read("/proc/mounts"), re.MULTILINE)
    around = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(around, key=lambda mount: len(mount[0]))[1] if around else "an unknown file system"


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, _read(path), re.MULTILINE)
    return found[1].strip() if found else ""


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""
