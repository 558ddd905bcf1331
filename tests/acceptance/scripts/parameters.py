"""What `new_event` and `Event` can do beyond the documented example; prints a line for each."""

import asyncio
from datetime import timedelta

import flyte

import flyteplugins.hitl as hitl
from flyteplugins.hitl.errors import EventCancelled

env = flyte.TaskEnvironment(name="parameters", depends_on=[hitl.env])


async def times_out() -> str:
    event = await hitl.new_event.aio("too_late", data_type=int, timeout_seconds=timedelta(seconds=1))
    try:
        await event.wait.aio()
    except TimeoutError as error:
        return f"TimeoutError {str(error).split('.')[0]}"
    return "no error"


async def goes_on() -> str:
    event = await hitl.new_event.aio("with_fallback", data_type=int, timeout_seconds=1, on_timeout=7)
    outcome = await event.response.aio()
    return f"{await event.wait.aio()} {outcome.status.value} {outcome.responder} {outcome.channel.value}"


async def is_cancelled() -> str:
    event = await hitl.new_event.aio("cancelled", data_type=int)
    await event.cancel.aio("the budget is settled")
    outcome = await event.response.aio()
    try:
        await event.wait.aio()
    except EventCancelled as error:
        return f"{outcome.status.value} {outcome.comment} / {error}"
    return "no error"


async def is_described() -> str:
    event = await hitl.new_event.aio(
        "described", data_type=str, timeout_seconds=None, poll_interval_seconds=timedelta(minutes=1)
    )
    outcome = await event.response.aio()
    is_in_order = outcome.asked_at < outcome.closed_at
    return (
        f"{outcome.value} {outcome.status.value} {outcome.channel.value} {outcome.comment} "
        f"{outcome.deadline} {is_in_order} {outcome.responder}"
    )


@env.task(report=True)
async def main() -> list[str]:
    return list(await asyncio.gather(times_out(), goes_on(), is_cancelled(), is_described()))


if __name__ == "__main__":
    flyte.init_from_config()
    for line in flyte.run(main).outputs()[0]:
        print(line)
