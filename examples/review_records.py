"""Many records to be corrected, in one request: each form is filled with what the model read.

Shows `new_review`, which returns the event before anybody answers, and what the reviewer changed.
"""

import asyncio
from dataclasses import dataclass

import flyteplugins.hitl as hitl


@dataclass
class Invoice:
    customer: str
    total: float


READ = [Invoice("Ada Ltd", 120.0), Invoice("Babbage", 8.05)]


async def main() -> None:
    event = await hitl.new_review.aio(
        READ,
        name="invoices",
        data_type=Invoice,
        prompt="Does this fit the scan?",
        initial=READ,
    )
    outcome = await event.response.aio()
    for change in outcome.changes:
        print(f"{change.path}: {change.before} → {change.after}")


if __name__ == "__main__":
    asyncio.run(main())
