"""A decision that does not hold up the run for ever: when nobody answers in time, the workflow goes on with a value.

Shows `on_timeout=`, the author's own words on the two buttons, and how to tell an answer from the fallback.
"""

import asyncio
from datetime import timedelta

import flyteplugins.hitl as hitl


async def may_publish() -> bool:
    event = await hitl.new_event.aio(
        "publish_report",
        data_type=bool,
        prompt="The weekly report is ready.\n\nPublish it now, or hold it until tomorrow?",
        labels=("Publish", "Hold"),
        timeout_seconds=timedelta(seconds=30),
        on_timeout=False,
    )
    publish = await event.wait.aio()
    outcome = await event.response.aio()
    if outcome.status is hitl.Status.TIMED_OUT:
        print("Nobody decided in time.")
    return publish


if __name__ == "__main__":
    print("Published." if asyncio.run(may_publish()) else "Held.")
