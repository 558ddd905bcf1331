"""A task asks for files, and hands each to another task, which reads it in two ways."""

import hashlib

import flyte
from flyte.io import File

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="uploaded", depends_on=[hitl.env])


@env.task
async def digest(file: File) -> str:
    hashed = hashlib.sha256()
    async with file.open("rb") as opened:
        while chunk := bytes(await opened.read(1 << 20)):
            hashed.update(chunk)
    return hashed.hexdigest()


@env.task
def downloaded_digest(file: File) -> str:
    with open(file.download_sync(), "rb") as opened:
        return hashlib.sha256(opened.read()).hexdigest()


@env.task
async def ask() -> list[File]:
    event = await hitl.new_event.aio("files", data_type=list[File], poll_interval_seconds=60)
    return await event.wait.aio()


@env.task
async def main() -> list[str]:
    lines = []
    for file in await ask():
        lines.append(f"{await digest(file)} {await downloaded_digest.aio(file)} {file.hash}")
    return lines


if __name__ == "__main__":
    flyte.init_from_config()
    for line in flyte.run(main).outputs()[0]:
        print(line)
