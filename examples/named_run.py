"""A run that can be killed and started again: its name is how it finds its question."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="nightly", depends_on=[hitl.env])


@env.task(report=True)
async def main() -> int:
    event = await hitl.new_event.aio("rows_to_keep", data_type=int, prompt="How many rows are to be kept?")
    return await event.wait.aio()


if __name__ == "__main__":
    flyte.init()
    run = flyte.with_runcontext(mode="local", name="nightly-2026-01-02").run(main)
    print(run.outputs())
