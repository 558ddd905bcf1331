"""Flyte's conditions, as far as they are needed: one that a task registers and awaits, and that the app signals.

What the signal carries means nothing. It only has the task look into the store, at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from dataclasses import dataclass
from typing import Any

import flyte
import flyte.remote
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte._initialize import ensure_client
from flyte._internal.controllers import get_controller
from flyte.errors import ConditionTimedoutError, InitializationError
from flyteidl2.workflow import run_definition_pb2

from ._records import PushTarget
from ._store import new_nonce

LIFE_SECONDS = 3600.0
"""After which Flyte ends a condition by itself: one that a killed task left asks people in Flyte's UI for no longer."""

_SIGNAL_SECONDS = 10.0
"""How long Flyte gets to take a signal."""

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Between two tries to signal: a task's controller says that a condition is registered before it has sent it."""

_LOOK = "look"
"""What the signal carries. Who may write the store may name any condition: to an approval, a text is no yes."""

_PROMPT = (
    "A task waits for answers to its questions. Please give them where it asks: the links are in the report of the "
    "task. To signal this here answers nothing; it only has the task look whether there is an answer."
)
_ACTIONS_SERVICE = "_U_USE_ACTIONS"
"""The variable by which a backend tells its tasks that it has the service that conditions need."""

_IN_CLUSTER = ("_U_EP_OVERRIDE", "_UNION_EAGER_API_KEY", "EAGER_API_KEY")
"""The variables in which a backend tells its pods where it is."""


_ENDED = (Code.NOT_FOUND, Code.ALREADY_EXISTS, Code.FAILED_PRECONDITION)


class PushUnavailable(Exception):
    """Flyte cannot be used to push. It is told in the log, and the store is looked into as without it."""


@dataclass
class WakeUp:
    """A condition that the running task registered.

    Attributes:
        target: How the app finds it.
        condition: Flyte's own object.
        is_over: Whether it was signalled, or its time is over.
    """

    target: PushTarget
    condition: Any
    is_over: bool = False

    async def signalled(self) -> bool:
        """Waits until it is signalled; `False` if its time was over before.

        Raises:
            Exception: Whatever Flyte raises: it was aborted, or the backend did not take it.
        """
        is_signalled = True
        try:
            await self.condition.wait.aio()
        except ConditionTimedoutError:
            is_signalled = False
        self.is_over = True
        return is_signalled


async def register() -> WakeUp:
    """Registers a condition for the running task.

    Raises:
        PushUnavailable: The backend has no conditions, or this SDK keeps them elsewhere.
        Exception: Whatever Flyte raises.
    """
    if os.environ.get(_ACTIONS_SERVICE) != "1":
        raise PushUnavailable(f"this backend offers its tasks no conditions ({_ACTIONS_SERVICE} is not 1)")
    # Flyte tells the names of conditions apart by how often they were registered, which an attempt after a crash does
    # in another order.
    name = f"hitl-wake-up-{secrets.token_hex(4)}"
    condition = await flyte.new_condition.aio(name, prompt=_PROMPT, data_type=str, timeout=LIFE_SECONDS)
    return WakeUp(_target(name), condition)


async def signal(target: PushTarget) -> None:
    """Signals a condition; one that Flyte does not know yet, again until it does.

    Raises:
        Exception: Whatever Flyte's client raises.
    """
    action = run_definition_pb2.Action()
    run = action.id.run
    run.org, run.project, run.domain, run.name = target.organization, target.project, target.domain, target.run
    action.id.name = target.action
    action.metadata.parent = target.parent
    condition = flyte.remote.Condition(pb2=action)
    for pause in _PAUSES:
        try:
            await _signal_once(condition)
        except ConnectError as error:
            if error.code is not Code.NOT_FOUND:
                raise
        else:
            return
        await asyncio.sleep(pause)
    await _signal_once(condition)


async def _signal_once(condition: flyte.remote.Condition) -> None:
    await asyncio.wait_for(condition.signal.aio(_LOOK), _SIGNAL_SECONDS)


def is_over(error: Exception) -> bool:
    """Whether a condition was not signalled because it had ended already: somebody else did, or nobody waits for it."""
    return isinstance(error, ConnectError) and error.code in _ENDED


async def connect() -> None:
    """Gives this process a client of Flyte's, if it can have one: from what the backend told its pod, or from a file.

    Raises:
        Exception: Whatever Flyte raises.
    """
    with contextlib.suppress(InitializationError):
        ensure_client()  # type: ignore[no-untyped-call]
        return
    if any(os.environ.get(variable) for variable in _IN_CLUSTER):
        await flyte.init_in_cluster.aio()
    else:
        await flyte.init_from_config.aio()


def _target(name: str) -> PushTarget:
    # Flyte's own way to find a condition filters the actions of a run by their type, which the open-source backend was
    # reported to refuse. Its controller knows what it sent.
    pending = getattr(get_controller(), "_pending_conditions", {}).get(name)
    if pending is None:
        raise PushUnavailable(f"Flyte {flyte.__version__} does not tell which condition it registered")
    identity = pending.action_id
    return PushTarget(
        nonce=new_nonce(),
        organization=identity.run.org,
        project=identity.run.project,
        domain=identity.run.domain,
        run=identity.run.name,
        action=identity.name,
        parent=pending.parent_action_name,
    )
