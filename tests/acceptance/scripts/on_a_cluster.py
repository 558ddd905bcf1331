"""One attempt of a task in a pod: Flyte is initialised, and its context is the one that a cluster gives.

Given the address of Flyte's backend, where this attempt's raw data lies, and how often it looks for an answer.
"""

import asyncio
import os
import sys
from pathlib import Path

import flyte
from flyte._context import Context, ContextData
from flyte._internal.controllers import create_controller
from flyte._internal.image_cache import ImageCache
from flyte.models import ActionID, RawDataPath, TaskContext
from flyte.report import Report

import flyteplugins.hitl as hitl


def attempt(raw_data: str, folder: Path) -> TaskContext:
    return TaskContext(
        action=ActionID(name="a0", run_name=os.environ["RUN"], project="proj", domain="dev", org="acme"),
        version="v1",
        raw_data_path=RawDataPath(path=raw_data),
        output_path=str(folder / "outputs"),
        run_base_dir=str(folder),
        report=Report("a0"),
        mode="remote",
        compiled_image_cache=ImageCache(image_lookup={"flyte-hitl": "registry.example.org/flyte-hitl:built"}),
    )


async def main() -> None:
    interval = float(sys.argv[3])
    event = await hitl.new_event.aio("deploy", data_type=bool, prompt="Deploy it?", poll_interval_seconds=interval)
    print(event.form_url, flush=True)
    print("answer", await event.wait.aio(), flush=True)


if __name__ == "__main__":
    flyte.init(endpoint=sys.argv[1], insecure=True, auth_type="Passthrough", org="acme", project="proj", domain="dev")
    create_controller("remote", endpoint=sys.argv[1], insecure=True, auth_type="Passthrough")
    with Context(ContextData(task_context=attempt(sys.argv[2], Path.cwd()))):
        asyncio.run(main())
