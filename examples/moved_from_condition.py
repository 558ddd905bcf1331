"""What was a condition of Flyte's, as an event."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="releases", depends_on=[hitl.env])


@env.task(report=True)
async def main() -> str:
    event = await hitl.new_event.aio("review", data_type=bool, prompt="Ship it?", timeout_seconds=None)
    return "shipped" if await event.wait.aio() else "held back"


if __name__ == "__main__":
    flyte.init()
    print(flyte.run(main).outputs())
