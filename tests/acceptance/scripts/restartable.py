"""One task asks one question in a run of a given name, and may be told to fail while it waits.

Arguments: the name of the run, then any of `fail` (raises after it has asked) and `other` (asks something else). They
are no inputs of the task: Flyte takes a task with other inputs for another action.
"""

import sys

import flyte

import flyteplugins.hitl as hitl

RUN, *TOLD = sys.argv[1:]

env = flyte.TaskEnvironment(name="restartable", depends_on=[hitl.env])


@env.task(report=True)
async def main() -> int:
    prompt = "How many minutes?" if "other" in TOLD else "How many hours?"
    event = await hitl.new_event.aio("hours", data_type=int, prompt=prompt, poll_interval_seconds=60)
    print("deadline", event.deadline, flush=True)
    if "fail" in TOLD:
        raise RuntimeError("the task failed")
    return await event.wait.aio()


if __name__ == "__main__":
    flyte.init_from_config()
    print("answer", flyte.with_runcontext(name=RUN).run(main).outputs()[0])
