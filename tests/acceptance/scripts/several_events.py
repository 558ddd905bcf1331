"""A task asks three things at once and one after them; a task that it calls asks one of its own."""

import asyncio
import sys
from typing import Any

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="several_events", depends_on=[hitl.env])


@env.task(report=True)
async def child() -> int:
    event = await hitl.new_event.aio("of_the_child", data_type=int, prompt="How many?")
    return await event.wait.aio()


@env.task(report=True)
async def main() -> str:
    events: list[hitl.Event[Any]] = [
        await hitl.new_event.aio("deploy", data_type=bool, prompt="Deploy **version 7**?", labels=("Ship it", "Hold")),
        await hitl.new_event.aio("budget", data_type=float, prompt="How much may it cost?", timeout_seconds=None),
        await hitl.new_event.aio("fast", data_type=int, prompt="In a hurry?", timeout_seconds=0.5, on_timeout=3),
    ]
    answers = await asyncio.gather(*(event.wait.aio() for event in events))
    last = await hitl.new_event.aio("last", data_type=str, prompt="A word at the end?")
    await last.cancel.aio("Nobody is needed any more.")
    return f"{answers} {await child()}"


if __name__ == "__main__":
    flyte.init_from_config()
    print("answers", flyte.with_runcontext(name=sys.argv[1]).run(main).outputs()[0])
