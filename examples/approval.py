"""The README's example: one task computes, a person approves, the workflow goes on."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="approvals", depends_on=[hitl.env])


@env.task
async def train() -> float:
    return 0.87  # the accuracy of a new model


@env.task(report=True)
async def main() -> str:
    accuracy = await train()
    event = await hitl.new_event.aio(
        "deploy_model",
        data_type=bool,
        prompt=f"The new model reaches **{accuracy:.0%}**. Deploy it?",
        labels=("Deploy", "Discard"),
    )
    approved = await event.wait.aio()
    return "deployed" if approved else "discarded"


if __name__ == "__main__":
    flyte.init()
    print(flyte.run(main).outputs())
