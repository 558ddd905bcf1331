"""A label on each of many items, in one request: the reviewer goes through them by keyboard.

Shows `review`, which returns the list in the order of the items, with suggestions, and what counts as alike.
"""

from typing import Literal

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="hitl-review-labels", depends_on=[hitl.env])

CAPTIONS = ["A cat asleep on a **piano**", "Two bicycles against a wall", "A red door in the rain"]


@env.task(report=True)
async def main() -> str:
    labels = await hitl.review.aio(
        CAPTIONS,
        name="captions",
        data_type=Literal["good", "bad"],
        prompt="Is this a good caption?",
        initial=lambda caption: "good" if len(caption) > 25 else "bad",
        key=len,
        timeout_seconds=8 * 3600,
    )
    return f"{labels.count('good')} of {len(labels)} captions are good."


if __name__ == "__main__":
    flyte.init()
    print(flyte.run(main).outputs())
