"""Runs another program and kills it with SIGKILL at its first storage call at which no run before was killed.

`python killed_at_storage_calls.py SCRIPT ARGUMENTS` or `... -m MODULE ARGUMENTS`. The variable `KILLED_AT` names the
file that keeps account: a line for each place at which a run was killed, such as `after put requests/x/y.json #1`.
Each call is two places, before it is made and after it was, and the same call made once more is another place. Run it
again and again until it gets through: then it was killed everywhere.
"""

import functools
import os
import re
import runpy
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore

ACCOUNT = Path(os.environ["KILLED_AT"])

# Polls, the writers of the store's own test of itself, those of the index, and news are alike; some of each will do.
MOST_ALIKE = 4
MOST_PROBES = 2

killed_at = set(ACCOUNT.read_text().splitlines()) if ACCOUNT.exists() else set()
calls: Counter[str] = Counter()


def place_of(operation: str, path: Any) -> str:
    operation = operation.removesuffix("_async")
    shown = re.sub(r"/probe-.*", "/probe", path if isinstance(path, str) else path[0])
    shown = re.sub(r"^open/.*", "open/chunk", shown)
    shown = re.sub(r"\.news-.*", ".news", shown)
    most = MOST_PROBES if shown.endswith("/probe") else MOST_ALIKE
    calls[f"{operation} {shown}"] += 1
    return f"{operation} {shown} #{min(calls[f'{operation} {shown}'], most)}"


def die_once(place: str) -> None:
    if place not in killed_at:
        with ACCOUNT.open("a") as account:
            account.write(f"{place}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def wrapped(operation: str) -> Callable[..., Any]:
    original = getattr(obstore, operation)

    @functools.wraps(original)
    async def call(store: Any, path: Any, *arguments: Any, **options: Any) -> Any:
        place = place_of(operation, path)
        die_once(f"before {place}")
        try:
            return await original(store, path, *arguments, **options)
        finally:
            die_once(f"after {place}")

    return call


def wrapped_in_thread(operation: str) -> Callable[..., Any]:
    original = getattr(obstore, operation)

    @functools.wraps(original)
    def call(store: Any, path: Any, *arguments: Any, **options: Any) -> Any:
        place = place_of(operation, path)
        die_once(f"before {place}")
        try:
            return original(store, path, *arguments, **options)
        finally:
            die_once(f"after {place}")

    return call


def wrapped_listing(operation: str) -> Callable[..., Any]:
    original = getattr(obstore, operation)

    @functools.wraps(original)
    async def call(store: Any, prefix: str, *arguments: Any, **options: Any) -> Any:
        place = place_of(operation, prefix)
        die_once(f"before {place}")
        async for page in original(store, prefix, *arguments, **options):
            yield page
        die_once(f"after {place}")

    return call


if __name__ == "__main__":
    for operation in ("put_async", "get_async", "delete_async"):
        setattr(obstore, operation, wrapped(operation))
    obstore.list = wrapped_listing("list")
    # A local folder is written to and read in threads.
    for operation in ("put", "get"):
        setattr(obstore, operation, wrapped_in_thread(operation))
    is_module = sys.argv[1] == "-m"
    del sys.argv[0 : 2 if is_module else 1]
    if is_module:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")
