"""A task whose check fails in the first attempt, and that is tried again in the same process."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="validated", depends_on=[hitl.env])

asked: list[int] = []


async def at_most_forty(hours: int) -> str | None:
    asked.append(hours)
    if len(asked) == 1:
        raise KeyError("a fault of the check")
    return "There are 40 hours left." if hours > 40 else None


@env.task(report=True, retries=2)
async def main() -> int:
    event = await hitl.new_event.aio("hours", data_type=int, poll_interval_seconds=60, validate=at_most_forty)
    print("asked", flush=True)
    hours = await event.wait.aio()
    assert (await event.response.aio()).value == hours
    return hours


if __name__ == "__main__":
    flyte.init_from_config()
    print("answer", flyte.run(main).outputs()[0], "asked about", asked)
