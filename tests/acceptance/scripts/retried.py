"""A task that asks, fails in its first attempt, and is tried again in the same process."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="retried", depends_on=[hitl.env])


attempts: list[hitl.Event[int]] = []


@env.task(report=True, retries=2)
async def main() -> int:
    event = await hitl.new_event.aio("hours", data_type=int, poll_interval_seconds=60)
    attempts.append(event)
    if len(attempts) == 1:
        raise RuntimeError("the first attempt failed")
    return await event.wait.aio()


if __name__ == "__main__":
    flyte.init_from_config()
    print("answer", flyte.run(main).outputs()[0])
