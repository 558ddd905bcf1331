"""Fills a local store of this plugin with requests that are finished.

A few are asked and answered. The others are names of the same objects, so who read one would find another request.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.programs import plugin, program

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


async def history(*, real: int, count: int) -> int:
    """Asks and answers a few by the public calls, and gives what each left more names, with other ids.

    Args:
        real: How many to ask and answer.
        count: How many there are to be in all.

    Returns:
        How many objects there are then.
    """
    plugin.leave_fsync_out()
    asked = await plugin.ask_many(real, 5)
    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(_finished(client, event) for event in asked))
    root = Path(os.environ["FLYTE_HITL_STORE"])
    return await asyncio.to_thread(multiplied, root, [event.request_id for event in asked], count // real - 1)


async def _finished(client: httpx.AsyncClient, event: Any) -> None:
    (await client.post(event.api_url, json=plugin.answer(event))).raise_for_status()
    assert await event.wait.aio() is True


def multiplied(root: Path, request_ids: list[str], copies: int) -> int:
    """Gives all that some requests left in a folder more names, each with another id; tells how many there are then."""
    files = [file for file in root.rglob("*") if file.is_file()]
    named = len(files)
    for request_id in request_ids:
        left = [(file, part) for file in files for part in _spellings(request_id) if part in str(file)]
        for _ in range(copies):
            another = "".join(secrets.choice(_ALPHABET) for _ in request_id)
            for file, part in left:
                _link(Path(str(file).replace(part, _alike(part, another))), file)
        named += copies * len(left)
    return named


def _spellings(request_id: str) -> Iterator[str]:
    """An id as it may stand in a path: whole, or with its first part as a folder."""
    yield request_id
    yield from (f"{request_id[:length]}/{request_id[length:]}" for length in range(1, len(request_id)))


def _alike(part: str, another: str) -> str:
    length = part.find("/")
    return another if length < 0 else f"{another[:length]}/{another[length:]}"


def _link(name: Path, file: Path) -> None:
    try:
        # Quicker to make, and far quicker to remove, than a file of its own.
        os.link(file, name)
    except FileNotFoundError:
        name.parent.mkdir(parents=True)
        os.link(file, name)


if __name__ == "__main__":
    program.run(history)
