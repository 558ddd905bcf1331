"""A program of the benchmark: run by the Python of either plugin, told what to do, and ending with a result."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.programs import plugin


def run(work: Callable[..., Awaitable[Any]]) -> None:
    """Does the work and writes its result as JSON. The command line has the file for it, and the arguments as JSON."""
    target, arguments = Path(sys.argv[1]), json.loads(sys.argv[2])
    open_many_files()
    plugin.prepare()
    result = asyncio.run(_done(work, arguments))
    target.write_text(json.dumps(result))
    # Thousands of events may be open, which nobody needs closed one by one.
    sys.stdout.flush()
    os._exit(0)


def open_many_files() -> None:
    """Thousands of events may be looked for at once, each over a connection of its own."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Where there is no limit at all, the system may still not take that for an answer.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _done(work: Callable[..., Awaitable[Any]], arguments: dict[str, Any]) -> Any:
    return await work(**arguments)
