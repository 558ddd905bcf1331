"""One task waits for an answer of each type, all at once."""

import asyncio

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="every-type", depends_on=[hitl.env])

TYPES = (int, float, str, bool)


async def answer(kind: type[object]) -> object:
    event: hitl.Event[object] = await hitl.new_event.aio(f"a_{kind.__name__}", data_type=kind, poll_interval_seconds=60)
    return await event.wait.aio()


@env.task(report=True)
async def main() -> str:
    answers = await asyncio.gather(*(answer(kind) for kind in TYPES))
    return repr(answers)


if __name__ == "__main__":
    flyte.init_from_config()
    print(flyte.run(main).outputs()[0])
