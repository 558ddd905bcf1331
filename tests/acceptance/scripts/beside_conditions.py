"""The same question put in both ways: by Flyte's own condition, and by an event.

Arguments: `condition` or `event`, what to do, the type to ask for, and the name of the run.
"""

import asyncio
import sys
from typing import Any

import flyte

import flyteplugins.hitl as hitl

WAY, WHAT, *_ = sys.argv[1:]
KIND: Any = {"bool": bool, "int": int, "float": float, "str": str, "list": list[int]}[(sys.argv[3:] or ["bool"])[0]]

env = flyte.TaskEnvironment(name="beside_conditions", depends_on=[hitl.env])


async def put(prompt: str = "How many?", timeout: float | None = None) -> Any:
    if WAY == "condition":
        return await flyte.new_condition.aio("same", prompt=prompt, data_type=KIND, timeout=timeout)
    return await hitl.new_event.aio("same", data_type=KIND, prompt=prompt, timeout_seconds=timeout)


async def waited() -> str:
    return repr(await (await put()).wait.aio())


async def timed_out() -> str:
    try:
        await (await put(timeout=1.0)).wait.aio()
    except Exception as error:
        return f"{type(error).__name__} {isinstance(error, TimeoutError)}"
    return "answered"


async def twice() -> str:
    first, second = await put("First?"), await put("Second?")
    return repr(await asyncio.gather(first.wait.aio(), second.wait.aio()))


async def beside() -> str:
    """Counts how often other work of the task comes to its turn while it waits."""
    turns = 0

    async def work() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    asked = await put()
    working = asyncio.create_task(work())
    await asked.wait.aio()
    working.cancel()
    return "went on" if turns else "stood still"


TASKS = {"wait": waited, "time_out": timed_out, "twice": twice, "beside": beside}


@env.task
async def main() -> str:
    return await TASKS[WHAT]()


if __name__ == "__main__":
    if WHAT == "outside":
        print("answer", asyncio.run(waited()))
    else:
        flyte.init_from_config()
        name = sys.argv[4] if len(sys.argv) > 4 else None
        print("answer", flyte.with_runcontext(name=name).run(main).outputs()[0])
