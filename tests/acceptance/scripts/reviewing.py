"""Asks for a review in a run of a given name, and prints the list."""

import sys
from typing import Any, Literal

import flyte

import flyteplugins.hitl as hitl

LABEL: Any = Literal["good", "bad"]

env = flyte.TaskEnvironment(name="hitl-reviewing", depends_on=[hitl.env])


@env.task(report=True)
async def main() -> list[str]:
    items = [f"Item {number}" for number in range(150)]
    labels: list[str] = await hitl.review.aio(items, name="labels", data_type=LABEL)
    return labels


if __name__ == "__main__":
    flyte.init()
    print("labels:", *flyte.with_runcontext(name=sys.argv[1]).run(main).outputs()[0], flush=True)
