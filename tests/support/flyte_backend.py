"""Flyte's services, as its own messages describe them, on a loopback port: what Flyte's real client speaks with.

It does what backends were read to do: an unchanged specification is passed over even where the app was stopped since, a
watch of an unchanged app never ends, and a second create of one app is refused.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flyte
import uvicorn
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.actions.actions_service_connect import ActionsServiceASGIApplication
from flyteidl2.app import app_definition_pb2, app_payload_pb2
from flyteidl2.app.app_service_connect import AppServiceASGIApplication
from flyteidl2.workflow.run_service_connect import RunServiceASGIApplication

from tests.support.flyte_conditions import ConditionService
from tests.support.processes import LOOPBACK, free_port

ASGIApplication = Callable[[Any, Any, Any], Awaitable[None]]

Status = app_definition_pb2.Status
Spec = app_definition_pb2.Spec

ACTIVE: int = Status.DEPLOYMENT_STATUS_ACTIVE
DEPLOYING: int = Status.DEPLOYMENT_STATUS_DEPLOYING
STOPPED: int = Status.DEPLOYMENT_STATUS_STOPPED
FAILED: int = Status.DEPLOYMENT_STATUS_FAILED


class AppService:
    """The apps of a cluster that is not there.

    Attributes:
        apps: The apps, by name.
        calls: The calls that came, by name, in their order.
        url: The address of this service.
        address: The public address of every app.
        message: What is said of an app beside its state.
        becomes: What an app is after it was deployed, by how often it was looked at since.
        conditions: The other services, of actions and runs.
        on_get: Called before an app is looked at.
        on_create: Called before an app is made; what it raises is what the caller is told.
    """

    def __init__(self) -> None:
        self.apps: dict[str, Any] = {}
        self.calls: list[str] = []
        self.url = ""
        self.address = "https://apps.example.org"
        self.message = ""
        self.becomes: Callable[[int], int] = lambda looks: ACTIVE if looks > 1 else DEPLOYING
        self.on_create: Callable[[Any], None] = lambda app: None
        self.conditions = ConditionService()
        self.on_get: Callable[[], None] = lambda: None
        self._looks: dict[str, int] = {}

    @property
    def changes(self) -> list[str]:
        """The calls that change something."""
        return [call for call in self.calls if call.partition(" ")[0] not in ("get", "watch")]

    def put(self, app: Any, status: int) -> None:
        """Has an app be there."""
        kept = app_definition_pb2.App()
        kept.CopyFrom(app)
        self.apps[kept.metadata.id.name] = kept
        self._set(kept, status)

    def stop(self, name: str) -> None:
        """Stops an app as an operator does: its specification stays as it was."""
        self._looks.pop(name, None)
        self._set(self.apps[name], STOPPED)

    async def create(self, request: Any, ctx: object) -> Any:
        name = request.app.metadata.id.name
        self.calls.append(f"create {name}")
        self.on_create(request.app)
        if name in self.apps:
            raise ConnectError(Code.ALREADY_EXISTS, "it is there")
        self._deploy(request.app)
        return app_payload_pb2.CreateResponse(app=self.apps[name])

    async def get(self, request: Any, ctx: object) -> Any:
        name = request.app_id.name
        self.calls.append(f"get {name}")
        self.on_get()
        if name not in self.apps:
            raise ConnectError(Code.NOT_FOUND, f"there is no {name}")
        if name in self._looks:
            self._looks[name] += 1
            self._set(self.apps[name], self.becomes(self._looks[name]))
        return app_payload_pb2.GetResponse(app=self.apps[name])

    async def update(self, request: Any, ctx: object) -> Any:
        name = request.app.metadata.id.name
        self.calls.append(f"update {name}")
        if request.app.spec != self.apps[name].spec:
            self._deploy(request.app)
        return app_payload_pb2.UpdateResponse(app=self.apps[name])

    async def watch(self, request: Any, ctx: object) -> AsyncIterator[Any]:
        self.calls.append(f"watch {request.app_id.name}")
        await asyncio.Event().wait()
        yield app_payload_pb2.WatchResponse()

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(request: object, ctx: object) -> None:
            self.calls.append(name)
            raise ConnectError(Code.UNIMPLEMENTED, name)

        return unimplemented

    def _deploy(self, app: Any) -> None:
        self._looks[app.metadata.id.name] = 0
        self.put(app, DEPLOYING)

    def _set(self, app: Any, status: int) -> None:
        app.status.CopyFrom(
            Status(
                ingress=app_definition_pb2.Ingress(public_url=self.address),
                conditions=[app_definition_pb2.Condition(deployment_status=status, message=self.message)],
            )
        )


def _services(service: AppService) -> ASGIApplication:
    """All of them behind one address, told apart by path."""
    by_prefix = {
        "/flyteidl2.actions.": ActionsServiceASGIApplication(service.conditions),
        "/flyteidl2.workflow.": RunServiceASGIApplication(service.conditions),
    }
    apps = AppServiceASGIApplication(service)

    async def called(scope: Any, receive: Any, send: Any) -> None:
        found = (each for prefix, each in by_prefix.items() if scope["path"].startswith(prefix))
        await next(found, apps)(scope, receive, send)

    return called


@contextmanager
def flyte_backend() -> Iterator[AppService]:
    """Runs the service, and has Flyte's client of this process speak with it, until the block ends."""
    service = AppService()
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            _services(service),
            host=LOOPBACK,
            port=port,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    service.url = f"http://{LOOPBACK}:{port}"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The service of apps did not start.")
        threading.Event().wait(0.01)
    flyte.init(
        endpoint=service.url,
        insecure=True,
        auth_type="Passthrough",
        org="acme",
        project="proj",
        domain="dev",
        rpc_retries=0,
    )
    try:
        yield service
    finally:
        from flyte import _initialize

        _initialize._init_config = None
        server.should_exit = True
        thread.join(5)
