"""A file as the answer: what a person uploads is a Flyte `File`, and any task can read it."""

from typing import Annotated

import flyte
from flyte.io import File

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="contracts", depends_on=[hitl.env])

Contract = Annotated[File, hitl.Upload(max_bytes=50_000_000, media_types=("application/pdf", "image/*"))]


@env.task
async def count_bytes(contract: File) -> int:
    async with contract.open("rb") as opened:
        return len(bytes(await opened.read()))


@env.task(report=True)
async def main() -> str:
    event = await hitl.new_event.aio("signed_contract", data_type=Contract, prompt="Upload the **signed** contract.")
    contract = await event.wait.aio()
    return f"{contract.name} has {await count_bytes(contract)} bytes."


if __name__ == "__main__":
    flyte.init_from_config()
    print(flyte.run(main).outputs()[0])
