"""A workflow that waits for an answer and checks it itself, in a thread of the test, beside the app."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from pydantic import JsonValue

from flyteplugins.hitl._checking import CheckAnswer
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._validation import Validate, errors_of
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import FieldError

LIMIT_SECONDS = 20.0


class Gate:
    """A check that lets its caller decide how long it runs.

    Args:
        validate: What it says, once it is opened.
    """

    def __init__(self, validate: Validate, *, is_open: bool = True) -> None:
        self.calls: list[JsonValue] = []
        self.begun = threading.Event()
        self._validate = validate
        self._open = threading.Event()
        if is_open:
            self.open()

    def open(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open.clear()
        self.begun.clear()

    def wait_until_begun(self) -> None:
        assert self.begun.wait(LIMIT_SECONDS), "The function was not called."

    async def __call__(self, answer: Response) -> Sequence[FieldError]:
        value = answer.value
        self.calls.append(value)
        self.begun.set()
        # Looked at, because it is opened from another thread.
        while not self._open.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return await errors_of(self._validate, value)


class Workflow:
    """A wait that goes on in a thread."""

    def __init__(self, outcome: Future[Response]) -> None:
        self._outcome = outcome

    def outcome(self) -> Response:
        """What it gets."""
        return self._outcome.result(LIMIT_SECONDS)

    @property
    def is_waiting(self) -> bool:
        return not self._outcome.done()


@contextmanager
def running_workflow(
    service: Service, request: Request, check: CheckAnswer, *, interval: float = 0.05
) -> Iterator[Workflow]:
    """Waits for a request until the block ends; then it is cancelled wherever it is, as by a preemption."""
    loop = asyncio.new_event_loop()
    waiting: list[asyncio.Task[Response]] = []

    def run() -> Response:
        waiting.append(loop.create_task(Watch(service).outcome(request, interval, check)))
        try:
            return loop.run_until_complete(waiting[0])
        finally:
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

    with ThreadPoolExecutor(1) as threads:
        workflow = Workflow(threads.submit(run))
        try:
            yield workflow
        finally:
            if workflow.is_waiting:
                loop.call_soon_threadsafe(lambda: waiting[0].cancel())
