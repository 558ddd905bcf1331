"""Flyte's apps, as far as they are needed: looked up, started, and where they are reached.

Flyte's own way to serve an app waits for a change that may never come, and makes another specification of the same app
on another machine. So what it does in one is done here step by step, each of them public but the translation.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import flyte.app
import flyte.remote
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte.app._runtime import translate_app_env_to_idl
from flyte.models import SerializationContext
from flyteidl2.app import app_definition_pb2

from ._records import Origin

Definition: TypeAlias = app_definition_pb2.App
"""An app as Flyte's own messages have it."""

Spec = app_definition_pb2.Spec
Status = app_definition_pb2.Status

_ENDPOINT_PATTERN = "INTERNAL_APP_ENDPOINT_PATTERN"
"""The variable in which a hosted backend says how pods reach apps."""

_LONGEST_SERVICE = 63


class Phase(Enum):
    """Where an app stands."""

    ACTIVE = "active"
    STARTING = "starting"
    STOPPED = "stopped"
    FAILED = "failed"


_PHASES = {
    Status.DEPLOYMENT_STATUS_ACTIVE: Phase.ACTIVE,
    Status.DEPLOYMENT_STATUS_STARTED: Phase.ACTIVE,
    Status.DEPLOYMENT_STATUS_SCALING_UP: Phase.ACTIVE,
    Status.DEPLOYMENT_STATUS_SCALING_DOWN: Phase.ACTIVE,
    Status.DEPLOYMENT_STATUS_STOPPED: Phase.STOPPED,
    Status.DEPLOYMENT_STATUS_UNASSIGNED: Phase.STOPPED,
    Status.DEPLOYMENT_STATUS_FAILED: Phase.FAILED,
}


@dataclass(frozen=True)
class FlyteApp:
    """An app as Flyte knows it.

    Attributes:
        definition: Flyte's own record of it.
    """

    definition: Definition

    @property
    def name(self) -> str:
        return str(self.definition.metadata.id.name)

    @property
    def phase(self) -> Phase:
        conditions = self.definition.status.conditions
        return _PHASES.get(conditions[-1].deployment_status, Phase.STARTING) if conditions else Phase.STARTING

    @property
    def state(self) -> str:
        """Where it stands, in Flyte's own words."""
        conditions = self.definition.status.conditions
        if not conditions:
            return "nothing is known of it yet"
        name = Status.DeploymentStatus.Name(conditions[-1].deployment_status).removeprefix("DEPLOYMENT_STATUS_")
        message = " ".join(conditions[-1].message.split())[:500]
        return f"{name}: {message}" if message else name

    @property
    def variables(self) -> Mapping[str, str]:
        """Its environment variables; none where Flyte does not tell them."""
        return {each.key: each.value for each in self.definition.spec.container.env}

    @property
    def public_address(self) -> str:
        """Where people reach it; empty where Flyte knows no such address."""
        ingress = self.definition.status.ingress
        return str(ingress.cname_url or ingress.public_url).rstrip("/")

    @property
    def addresses(self) -> Sequence[str]:
        """Where a task may reach it, the likeliest first."""
        pattern = os.environ.get(_ENDPOINT_PATTERN)
        inside = [pattern.format(app_fqdn=self.name)] if pattern else []
        namespace = self.definition.status.k8s_metadata.namespace
        if namespace:
            inside.append(f"http://{self._service}.{namespace}.svc.cluster.local")
        return [address.rstrip("/") for address in (*inside, self.public_address) if address]

    @property
    def _service(self) -> str:
        """What the open-source backend calls its service."""
        identity = self.definition.metadata.id
        name = f"{identity.name}-{identity.project}-{identity.domain}".lower()
        if len(name) <= _LONGEST_SERVICE:
            return name
        told = hashlib.sha256(f"{identity.project}/{identity.domain}/{identity.name}".encode()).hexdigest()[:8]
        return f"{name[: _LONGEST_SERVICE - 9]}-{told}"


async def find_app(name: str, origin: Origin) -> FlyteApp | None:
    """Looks an app up where the task runs, or `None` where there is none.

    Raises:
        Exception: Whatever Flyte's client raises.
    """
    try:
        found = await flyte.remote.App.get.aio(name=name, project=origin.project or None, domain=origin.domain or None)
    except ConnectError as error:
        if error.code is Code.NOT_FOUND:
            return None
        raise
    return FlyteApp(found.pb2)


def is_told_by_flyte(error: Exception) -> bool:
    """Whether it is Flyte's answer, or that there was none: not a fault of this package or of its use."""
    return isinstance(error, ConnectError)


async def create_app(definition: Definition) -> FlyteApp:
    """Makes an app that is not there.

    Raises:
        Exception: Whatever Flyte's client raises; two that make one at once may both get an error.
    """
    return FlyteApp((await flyte.remote.App.create.aio(definition)).pb2)


async def restart_app(found: FlyteApp, definition: Definition) -> FlyteApp:
    """Starts an app that is there and does not run, as it is defined now.

    Raises:
        Exception: Whatever Flyte's client raises.
    """
    anew = Definition()
    anew.CopyFrom(found.definition)
    anew.spec.CopyFrom(definition.spec)
    anew.spec.creator.CopyFrom(found.definition.spec.creator)
    # The open-source backend passes over a specification that it has already, even where the app was stopped since.
    # Both words mean that it shall run, so the one that was not said last makes it another.
    if found.definition.spec.desired_state == Spec.DESIRED_STATE_ACTIVE:
        anew.spec.desired_state = Spec.DESIRED_STATE_STARTED
    return FlyteApp((await flyte.remote.App.update.aio(anew, reason="A task asks, and needs the app")).pb2)


async def definition_of(environment: flyte.app.AppEnvironment, origin: Origin) -> Definition:
    """What is sent to Flyte for an environment whose image is a URI: the same from every machine.

    Args:
        environment: The environment.
        origin: Who asks for it; it is served in the same project and domain.

    Raises:
        Exception: Flyte cannot make it.
    """
    context = SerializationContext(
        version=environment.name,
        org=origin.organization or None,
        project=origin.project,
        domain=origin.domain,
        # With a folder, Flyte would have the app look for modules where they lie on this machine.
        root_dir=None,
    )
    definition: Definition = await translate_app_env_to_idl.aio(environment, context)
    # The commit of whatever folder this runs in.
    definition.metadata.ClearField("source_code")
    return definition
