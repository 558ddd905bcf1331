"""Several questions at once, in one task: each has a link of its own, and they can be answered in any order.

Shows `asyncio.gather`, one question for each item of a list, and answers of different types.
"""

import asyncio

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="hitl-several", depends_on=[hitl.env])

CAPTIONS = ["A cat asleep on a piano", "Two bicycles against a wall"]


async def corrected(number: int, caption: str) -> str:
    event = await hitl.new_event.aio(
        f"caption_{number}",
        data_type=str,
        prompt=f"The model wrote:\n\n> {caption}\n\nSend the caption as it should be.",
    )
    return await event.wait.aio()


async def threshold() -> float:
    event = await hitl.new_event.aio("threshold", data_type=float, prompt="From which score on is a caption kept?")
    return await event.wait.aio()


@env.task(report=True)
async def main() -> str:
    captions = asyncio.gather(*(corrected(number, caption) for number, caption in enumerate(CAPTIONS, start=1)))
    texts, score = await asyncio.gather(captions, threshold())
    return f"{len(texts)} captions, kept from {score}: {' | '.join(texts)}"


if __name__ == "__main__":
    flyte.init()
    print(flyte.run(main).outputs())
