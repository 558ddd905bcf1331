"""Puts three questions that nobody cancels when the process ends, as on a cluster, and ends at once."""

import asyncio

from flyteplugins.hitl._runtime import current_runtime
from tests.support.questions import asked, question


async def ask() -> None:
    service = current_runtime().service
    await asyncio.gather(*(asked(service, question(name=f"event-{number}")) for number in range(3)))


if __name__ == "__main__":
    asyncio.run(ask())
    print("asked", flush=True)
