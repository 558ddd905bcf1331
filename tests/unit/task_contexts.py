"""Flyte's own task context, as a runner sets it before it calls a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flyte._context import Context, ContextData
from flyte.models import ActionID, RawDataPath, TaskContext
from flyte.report import Report

ACTION = ActionID(name="a7", run_name="run1", project="proj", domain="dev", org="acme")


def task_context(folder: Path, **changes: Any) -> TaskContext:
    """The context of one attempt of a task, on a laptop unless `mode` says otherwise."""
    fields: dict[str, Any] = {
        "action": ACTION,
        "version": "v1",
        "raw_data_path": RawDataPath(path=str(folder / "raw")),
        "output_path": str(folder / "outputs"),
        "run_base_dir": str(folder),
        "report": Report("a7"),
        "mode": "local",
    }
    return TaskContext(**{**fields, **changes})


def entered(context: TaskContext) -> Context:
    """What makes a task context the current one, in a `with` block."""
    return Context(ContextData(task_context=context))
