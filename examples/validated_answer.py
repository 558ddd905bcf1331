"""An answer that the workflow checks with a function of its own, before it is accepted.

Shows `validate=` and `hitl.Invalid`: an answer that is refused comes back in the form, with the reason.
"""

import asyncio

import flyteplugins.hitl as hitl


async def hours_left() -> int:
    return 40  # from a database, say, or another service


async def fits_the_budget(hours: int) -> None:
    left = await hours_left()
    if hours > left:
        raise hitl.Invalid(f"Only {left} GPU hours are left this month. Ask for fewer.")


async def main() -> None:
    event = await hitl.new_event.aio(
        "gpu_hours",
        data_type=int,
        prompt="How many **GPU hours** may the next training run use?",
        validate=fits_the_budget,
    )
    print(f"{await event.wait.aio()} hours were granted.")


if __name__ == "__main__":
    asyncio.run(main())
