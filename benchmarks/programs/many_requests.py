"""Fills a store of this plugin with requests for the inbox: some open, far more closed.

The index of the open ones is written by the code that writes it in a workflow. The closed ones are at their real paths,
but names of one empty file: the inbox must never read one, and would fail if it did.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.programs import plugin, program
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._open_index import OpenIndex
from flyteplugins.hitl._records import Origin, Question, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_FIRST_PART = 10
_OF_ONE_ACTION = 100
_MOST_NAMES = 60_000
_WRITE_SECONDS = 300.0


async def many_requests(*, opened: int, burst: int, pause_seconds: float, closed: int) -> None:
    """Makes them, in the place of the open ones that were there.

    Args:
        opened: How many are open.
        burst: How many of those one process asked at once.
        pause_seconds: How long it was until the next process asked.
        closed: How many are closed, beside those that were there; in a local store only.
    """
    plugin.leave_fsync_out()
    store = os.environ["FLYTE_HITL_STORE"]
    root, service = Path(store), Service(Store.at(store))
    links = await service.links()
    hollow = _Hollow(root)
    for request_id in _ids(closed):
        for path in (request_path(request_id), links.response_path(request_id)):
            hollow.name(root / path)
    await asyncio.to_thread(shutil.rmtree, root / "open", ignore_errors=True)
    index = OpenIndex(service.store)
    begin = datetime.now(timezone.utc) - timedelta(days=40)
    for number, request_id in enumerate(_ids(opened)):
        process, within = divmod(number, burst)
        index.add(_request(request_id, begin + timedelta(seconds=process * pause_seconds + within * 0.002)))
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


class _Hollow:
    """An empty file with many names: quicker to make, and far quicker to remove, than as many files."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root
        self._names = 0

    def name(self, name: Path) -> None:
        """Gives it one more name; from time to time it is another file, for file systems limit the names of one."""
        if self._names % _MOST_NAMES == 0:
            self._file = self._root / f"hollow-{secrets.token_hex(8)}"
            self._file.touch()
        self._names += 1
        try:
            os.link(self._file, name)
        except FileNotFoundError:
            name.parent.mkdir(parents=True)
            os.link(self._file, name)


def _ids(count: int) -> Iterator[str]:
    """Ids of which those that one action asked begin alike."""
    for number in range(count):
        if number % _OF_ONE_ACTION == 0:
            first = _letters(_FIRST_PART)
        yield first + _letters(26 - _FIRST_PART)


def _letters(count: int) -> str:
    return "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(count))


if __name__ == "__main__":
    program.run(many_requests)
