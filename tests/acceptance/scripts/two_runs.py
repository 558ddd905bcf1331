"""The same question by two runs of one process, one after the other."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="two-runs", depends_on=[hitl.env])


@env.task(report=True)
async def main() -> int:
    event = await hitl.new_event.aio("number", data_type=int, poll_interval_seconds=60)
    return await event.wait.aio()


if __name__ == "__main__":
    flyte.init_from_config()
    print(flyte.run(main).outputs()[0])
    print(flyte.run(main).outputs()[0])
