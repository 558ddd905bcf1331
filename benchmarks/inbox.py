"""The first page of the inbox, with 100,000 requests open and 1,000,000 closed.

The index of the open ones is written by the code that writes it in a workflow. The closed ones are at their real
paths, but hollow: the inbox must never read one, and would fail if it did. By itself: `python benchmarks/inbox.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from flyteplugins.hitl._inbox import Inbox
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._records import Origin, Question, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store

OPEN = 100_000
CLOSED = 1_000_000
ROUNDS = 20
PAGE = 50
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_WRITE_SECONDS = 900.0


@dataclass(frozen=True)
class Layout:
    """How the open requests were asked.

    Attributes:
        name: For people.
        burst: How many one process asked at once.
        pause: Between two of these processes.
    """

    name: str
    burst: int
    pause: timedelta


TOGETHER = Layout("asked by 100 processes, 1,000 each", 1000, timedelta(hours=6))
APART = Layout("each asked by a process of its own", 1, timedelta(seconds=25))


@dataclass(frozen=True, kw_only=True)
class Pages:
    """What was measured.

    Attributes:
        first: How long each first page took, in milliseconds; each by an inbox that had read nothing before.
        second: The same of the page after it.
        grown_by: How much the peak of the process's memory grew meanwhile, in megabytes.
    """

    first: list[float]
    second: list[float]
    grown_by: float


def first_page(folder: Path, layout: Layout = TOGETHER) -> Pages:
    """Measures the first page over a local store.

    Args:
        folder: An empty folder, or one that this was called with before: what is closed is made once.
        layout: How the open requests were asked.
    """
    store = folder / "store"
    service = Service(Store.at(str(store)))
    if not (store / "responses").exists():
        asyncio.run(_close(store, service, CLOSED))
    shutil.rmtree(store / "open", ignore_errors=True)
    asyncio.run(_open(service, layout, OPEN))
    return read(str(store))


def read(store: str) -> Pages:
    """Reads pages in a process of its own."""
    command = [sys.executable, __file__, "--read", store]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_WRITE_SECONDS)
    return Pages(**json.loads(done.stdout))


async def _open(service: Service, layout: Layout, count: int) -> None:
    """Writes the index of open requests, as the processes that asked them do."""
    index = OpenIndex(service.store)
    begin = datetime.now(timezone.utc) - timedelta(days=40)
    for number, request_id in enumerate(_ids(count)):
        burst, within = divmod(number, layout.burst)
        asked_at = begin + burst * layout.pause + within * timedelta(milliseconds=2)
        index.add(_request(request_id, asked_at))
    await asyncio.to_thread(index.close, _WRITE_SECONDS)


def _request(request_id: str, asked_at: datetime) -> Request:
    return Request.model_construct(
        request_id=request_id,
        question=_QUESTION,
        origin=Origin(project="flytesnacks", domain="development", run=f"nightly-{request_id[:8]}", action="a0"),
        created_at=asked_at,
        deadline=None,
    )


_QUESTION = Question(name="review_decision", prompt="Approve?", data_type="bool", answer_schema={"type": "boolean"})


async def _close(store: Path, service: Service, count: int) -> None:
    """Makes an empty file for each request that is closed, and for its outcome."""
    links = await service.links()
    for request_id in _ids(count):
        for path in (request_path(request_id), links.response_path(request_id)):
            _touch(store / path)


def _touch(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY))
    except FileNotFoundError:
        file.parent.mkdir(parents=True)
        _touch(file)


def _ids(count: int) -> Iterator[str]:
    for _ in range(count):
        yield "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(26))


async def _read(store: str) -> Pages:
    first, second = [], []
    await Service(Store.at(store)).links()  # Loads what every use of a store loads.
    before = _peak()
    for _ in range(ROUNDS):
        inbox = Inbox(Service(Store.at(store)))
        page, seconds = await _timed(inbox, None)
        first.append(1000 * seconds)
        _, seconds = await _timed(inbox, page)
        second.append(1000 * seconds)
    return Pages(first=first, second=second, grown_by=_peak() - before)


async def _timed(inbox: Inbox, after: str | None) -> tuple[str | None, float]:
    start = time.perf_counter()
    page = await inbox.page(PAGE, after)
    seconds = time.perf_counter() - start
    assert len(page.entries) == PAGE
    return page.after, seconds


def _peak() -> float:
    """The most memory that this process has held so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1000


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(asyncio.run(_read(sys.argv[2])).__dict__))
        return
    with tempfile.TemporaryDirectory() as folder:
        for layout in (TOGETHER, APART):
            pages = first_page(Path(folder), layout)
            print(f"{OPEN:,} open, {layout.name}; {CLOSED:,} closed")
            for name, samples in (("first", pages.first), ("second", pages.second)):
                ordered = sorted(samples)
                print(f"  {name} page: median {ordered[len(ordered) // 2]:.1f} ms, most {ordered[-1]:.1f} ms")
            print(f"  memory grew by {pages.grown_by:.1f} MB")


if __name__ == "__main__":
    main()
