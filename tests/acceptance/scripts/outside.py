"""A question from outside of any Flyte task: `blocking` or `awaited`, as the argument says."""

import asyncio
import sys

import flyteplugins.hitl as hitl


def blocking() -> int:
    event = hitl.new_event("budget", data_type=int, prompt="How many hours?", poll_interval_seconds=60)
    return event.wait()


async def awaited() -> int:
    event = await hitl.new_event.aio("budget", data_type=int, prompt="How many hours?", poll_interval_seconds=60)
    return await event.wait.aio()


if __name__ == "__main__":
    print(blocking() if sys.argv[1] == "blocking" else asyncio.run(awaited()))
