"""Flyte's services of actions and runs, as far as conditions need them: registered by a task, watched, signalled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.actions import actions_service_pb2
from flyteidl2.common import phase_pb2
from flyteidl2.core import literals_pb2
from flyteidl2.workflow import run_service_pb2, state_service_pb2

_LOOK_SECONDS = 0.01


class ConditionService:
    """The conditions of a cluster that is not there.

    Attributes:
        registered: The conditions, by the name of their action, in the order in which they came.
        signals: The names of the actions that were signalled, in their order.
        calls: How often somebody wanted to signal one.
        delay: How long it takes to take a condition, in seconds.
        is_refusing: Whether it takes no condition.
        is_refusing_signals: Whether it takes no signal.
    """

    def __init__(self) -> None:
        self.registered: dict[str, Any] = {}
        self.signals: list[str] = []
        self.calls = 0
        self.delay = 0.0
        self.is_refusing = False
        self.is_refusing_signals = False
        self._phases: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The names of all that were registered, in their order."""
        return list(self.registered)

    @property
    def open(self) -> list[str]:
        """The conditions that ask people for a signal."""
        return [name for name, phase in self._phases.items() if phase == phase_pb2.ACTION_PHASE_RUNNING]

    def end(self, name: str, phase: int) -> None:
        """Ends a condition as its time-out does, or somebody who aborts it."""
        with self._lock:
            self._phases[name] = phase

    async def enqueue(self, request: Any, ctx: object) -> Any:
        if self.is_refusing:
            raise ConnectError(Code.INVALID_ARGUMENT, "no conditions here")
        await asyncio.sleep(self.delay)
        name = request.action.action_id.name
        with self._lock:
            self.registered[name] = request.action
            self._phases.setdefault(name, phase_pb2.ACTION_PHASE_RUNNING)
        return actions_service_pb2.EnqueueResponse()

    async def watch_for_updates(self, request: Any, ctx: object) -> AsyncIterator[Any]:
        parent = request.parent_action_id
        yield actions_service_pb2.WatchForUpdatesResponse(
            control_message=state_service_pb2.ControlMessage(sentinel=True)
        )
        told: dict[str, int] = {}
        while True:
            for name, phase in list(self._phases.items()):
                action = self.registered[name]
                is_of_parent = action.action_id.run == parent.run and action.parent_action_name == parent.name
                if is_of_parent and told.get(name) != phase:
                    told[name] = phase
                    yield actions_service_pb2.WatchForUpdatesResponse(action_update=_update(action, phase))
            await asyncio.sleep(_LOOK_SECONDS)

    async def signal_event(self, request: Any, ctx: object) -> Any:
        self.calls += 1
        name = request.action_id.name
        action = self.registered.get(name)
        if self.is_refusing_signals:
            raise ConnectError(Code.PERMISSION_DENIED, "not you")
        if action is None or action.action_id != request.action_id:
            raise ConnectError(Code.NOT_FOUND, f"there is no {name}")
        if action.parent_action_name != request.parent_action_name or not request.payload.HasField("string_value"):
            raise ConnectError(Code.INVALID_ARGUMENT, f"this is not how {name} is signalled")
        with self._lock:
            if self._phases[name] != phase_pb2.ACTION_PHASE_RUNNING:
                raise ConnectError(Code.FAILED_PRECONDITION, f"{name} is over")
            self.signals.append(name)
            self._phases[name] = phase_pb2.ACTION_PHASE_SUCCEEDED
        return run_service_pb2.SignalEventResponse()

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(request: object, ctx: object) -> None:
            raise ConnectError(Code.UNIMPLEMENTED, name)

        return unimplemented


def _update(action: Any, phase: int) -> Any:
    update = state_service_pb2.ActionUpdate(action_id=action.action_id, phase=phase)
    if phase == phase_pb2.ACTION_PHASE_SUCCEEDED:
        scalar = literals_pb2.Scalar(primitive=literals_pb2.Primitive(string_value="look"))
        update.value.CopyFrom(literals_pb2.Literal(scalar=scalar))
    return update
