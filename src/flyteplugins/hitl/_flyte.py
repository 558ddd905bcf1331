"""All that touches Flyte: which run and action this is, where its data lies, and its report.

The facts that this rests on are in `docs/explanation/flyte.md`.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import flyte
import flyte.report
import flyte.storage
from flyte.models import TaskContext
from flyte.syncify import syncify

from ._earlier import Earlier
from ._event_loops import Paced, in_thread
from ._records import Origin
from .errors import InvalidParameter

logger = logging.getLogger("flyteplugins.hitl")

REPORT_TAB = "Human input"

_ATTEMPT_KEY = "flyteplugins.hitl.attempt"
_SCRIPT = "script"


@dataclass
class Attempt:
    """What was asked so far in one attempt of an action: what tells requests apart that look alike.

    Counts by action as well, because a trace runs as an action of its own, and may be replayed without running.
    """

    earlier: Earlier = field(default_factory=Earlier)
    reported: dict[str, Any] = field(default_factory=dict)
    saves: Paced = field(default_factory=Paced)
    _counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *what: str) -> int:
        """How many of this there are now, this one included."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what]


_script_attempt = Attempt()
_script_run = f"{_SCRIPT}-{secrets.token_hex(4)}"


def _task_context() -> TaskContext | None:
    context = flyte.ctx()
    # Outside of a task Flyte returns an object that is false, though its type does not say so.
    return context if bool(context) else None


def is_in_task() -> bool:
    """Whether this is a task, here or on a cluster."""
    return _task_context() is not None


def is_remote() -> bool:
    """Whether this is a task on a cluster."""
    context = _task_context()
    return context is not None and context.mode == "remote"


def current_attempt() -> Attempt:
    """The attempt of the task that this is called in; outside of any, the process is one attempt."""
    context = _task_context()
    if context is None:
        return _script_attempt
    attempt = context.data.setdefault(_ATTEMPT_KEY, Attempt())
    assert isinstance(attempt, Attempt)  # noqa: S101
    return attempt


def current_origin(idempotency_key: str | None) -> Origin:
    """Who asks.

    Outside of a task there is no run that could come back, so each process is one of its own; unless the caller gives
    a key, with which a later process finds the same request.
    """
    context = _task_context()
    if context is None:
        # What other keys asked would only have to be looked through: a store's scripts may have thousands.
        return (
            Origin(run=_SCRIPT, action=idempotency_key) if idempotency_key else Origin(run=_script_run, action=_SCRIPT)
        )
    action = context.action
    return Origin(
        organization=action.org or "",
        project=action.project or "",
        domain=action.domain or "",
        run=action.run_name or action.name,
        action=action.name,
    )


def remote_store() -> str:
    """The store of a task on a cluster: `hitl/` in the bucket of its raw data.

    The path below the bucket changes with every attempt, so only the bucket is the same for all.

    Raises:
        InvalidParameter: The raw data lies in no bucket.
    """
    path = flyte.ctx().raw_data_path.path
    parts = urlsplit(path)
    if not parts.scheme or not parts.netloc:
        raise InvalidParameter(
            f"The task's raw data path {path!r} is in no bucket, so the store cannot be found. "
            "Set FLYTE_HITL_STORE to a URL such as s3://bucket/hitl."
        )
    return f"{parts.scheme}://{parts.netloc}/hitl"


def built_image(environment: str) -> str | None:
    """The URI of the image that was built for an environment with the running task's, or `None` where none was."""
    cache = flyte.ctx().compiled_image_cache
    return None if cache is None else cache.image_lookup.get(environment)


def storage_options(url: str) -> dict[str, Any]:
    """What Flyte knows of how to reach a store: endpoint and credentials from its own configuration."""
    scheme = urlsplit(url).scheme
    if scheme not in ("s3", "gs", "abfs", "abfss"):
        return {}
    return dict(flyte.storage.get_configured_fsspec_kwargs(scheme))


def show_in_report(content: Callable[[], str]) -> None:
    """Puts the tab of this package into the running task's report.

    Args:
        content: Makes the HTML of it, each time the report is saved.
    """
    tab = flyte.report.get_tab(REPORT_TAB)
    # Flyte takes a tab for empty whose list is, and does not save a report of empty ones.
    tab.replace("")
    tab.get_html = content  # type: ignore[method-assign]  # So it is up to date whoever saves it, and made no oftener.


@syncify
async def save_report_soon(saves: Paced, content: Callable[[], str]) -> None:
    """Saves the running task's report, now or soon.

    It is saved whole: to save it for each of a thousand events would take longer than all else together. What is saved
    later is on Flyte's own loop, which outlives that of a task.

    Args:
        saves: Those of the task's attempt.
        content: Makes the HTML of it.
    """
    await saves.do(partial(save_report, content))


async def save_report(content: Callable[[], str]) -> None:
    """Saves the running task's report. One that cannot be saved is no reason to fail a task that waits for a person."""
    try:
        # In another thread the first time, so that little is left to be made when it is saved.
        await in_thread(content)
        await flyte.report.flush.aio()
    except Exception as error:
        logger.warning("The form's link could not be put into the task's report: %s", error)
