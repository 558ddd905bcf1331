"""What a process has for its events: one store, one service, one watch and one app, shared by all of them.

A test puts another runtime in its place, in which nothing leaves the process.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _flyte
from ._answers import Answer
from ._event_loops import Once, run_to_end
from ._form_link import FormLink
from ._open_index import OpenIndex
from ._open_requests import OpenRequests
from ._prompter import prompter
from ._push_receiver import PushReceiver
from ._push_targets import PushTargets
from ._records import CheckedEndpoint, Endpoint, Request, Response
from ._report import show_in_report
from ._service import Service
from ._setting_names import check_names
from ._settings import ServingSettings, Settings, default_local_store
from ._store import Store, new_nonce
from ._wait_sources import Source
from ._watch import Watch

if TYPE_CHECKING:
    from ._serving import Serving
    from .app._server import EmbeddedApp


class Runtime(ABC):
    """Where events are asked, shown, and waited for.

    Args:
        service: The rules, over the store.
        watch: Waits for the outcomes.
    """

    def __init__(self, service: Service, watch: Watch) -> None:
        self.service = service
        self.watch = watch
        self.open_requests = OpenRequests(service)

    @abstractmethod
    async def endpoint(self, run: str) -> str:
        """The address of the app that shows the forms.

        Args:
            run: The name of the run that asks.
        """

    @abstractmethod
    async def announce(self, holder: object, link: FormLink, answer: Answer[Any], response: Response | None) -> None:
        """Has those who may answer know of a question that was just put.

        Args:
            holder: Lives as long as the question may be waited for.
            link: Where it is answered.
            answer: What it asks for.
            response: Its outcome, if it has one already.
        """

    @abstractmethod
    async def show(self, link: FormLink, response: Response | None) -> None:
        """Brings what shows where a question stands up to date."""

    @abstractmethod
    def begin_wait(self, request: Request) -> None:
        """Is told that something is waited for."""

    @abstractmethod
    def end_wait(self, request: Request, response: Response | None) -> None:
        """Is told that a wait has ended, and with what."""


class ProcessRuntime(Runtime):
    """What the events of one store share in this process.

    Args:
        store: Where the records are.
        settings: What is set.
        url: The URL of the store, as an app is told it.
    """

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        service = Service(store)
        super().__init__(service, Watch(service))
        self._open_index = OpenIndex(store)
        self.service.listeners.on_request(self._open_index.add)
        self.service.listeners.on_outcome(lambda response: self._open_index.remove(response.request_id))
        self._settings = settings
        self._source = Source(self.service, self.watch.waits, self.endpoint)
        self._url = url
        self._lock = threading.Lock()
        self._app: EmbeddedApp | None = None
        self._push_receiver = PushReceiver(PushTargets(store), self.watch.look_now)
        self._endpoints: dict[str, Once[str]] = {}
        self._process = os.getpid()
        atexit.register(self._end)

    async def endpoint(self, run: str) -> str:
        """The address of the app that shows the forms: one that runs already, one on the cluster, or one in here.

        Args:
            run: The name of the run that asks; its app comes back on the same port, where that is free.
        """
        with self._lock:
            once = self._endpoints.setdefault(run, Once())
        return await once.get(lambda: self._found(run))

    async def announce(self, holder: object, link: FormLink, answer: Answer[Any], response: Response | None) -> None:
        """Shows the link: in the running task's report, and on a laptop in the terminal too."""
        await self.show(link, response)
        if _flyte.is_remote():
            # What a task prints on a cluster goes to a log, and a link is a secret.
            return
        state = "waits for an answer" if response is None else "is closed already"
        print(f"\n“{link.request.question.name}” {state}:\n{link.form_url}\n", flush=True)  # noqa: T201
        if response is None:
            self.open_requests.hold(holder, link.request)

    async def show(self, link: FormLink, response: Response | None) -> None:
        """Brings the running task's report up to date."""
        await show_in_report(link, response)

    def begin_wait(self, request: Request) -> None:
        """Has the person at this machine told that something is waited for, or Flyte.

        What prints on a cluster nobody reads.
        """
        if _flyte.is_remote():
            if self._settings.push:
                self._push_receiver.begin(request.origin)
        elif self._settings.progress:
            prompter.begin(self._source)

    def end_wait(self, request: Request, response: Response | None) -> None:
        """Has them told how a wait ended that was begun before."""
        if _flyte.is_remote():
            if self._settings.push:
                self._push_receiver.end(request.origin)
        elif self._settings.progress:
            prompter.end(request, response)

    async def _found(self, run: str) -> str:
        serving = ServingSettings.from_environment()
        # A store that cannot be used is told of before anything else is done with it, or served for it.
        await self.service.links()
        endpoint = self._settings.endpoint
        if endpoint is not None:
            if serving.check_endpoint:
                await self._check(endpoint, serving)
            return serving.public_address or endpoint
        if _flyte.is_remote():
            return await self._serving(serving).served(_flyte.current_origin(None))
        return await self._embedded_endpoint(run)

    def _serving(self, serving: ServingSettings) -> Serving:
        # Not loaded where nothing is served: Flyte's client takes long.
        from ._serving import Serving

        async def store_id() -> str:
            return (await self.service.links()).store_id()

        return Serving(self._url, store_id, self._settings, serving)

    async def _check(self, endpoint: str, serving: ServingSettings) -> None:
        """Looks whether an app answers there, once for each store: while it is down, a restarted workflow waits on."""
        path = f"endpoints/checked-{hashlib.sha256(endpoint.encode()).hexdigest()[:26]}.json"
        if await self.service.store.read(path, CheckedEndpoint) is not None:
            return
        await self._serving(serving).check_endpoint(endpoint)
        found = CheckedEndpoint(nonce=new_nonce(), address=endpoint, checked_at=self.service.clock.now())
        await self.service.store.overwrite(path, found)

    async def _embedded_endpoint(self, run: str) -> str:
        path = endpoint_path(run)
        recorded = await self.service.store.read(path, Endpoint)
        app = await asyncio.to_thread(self._embedded, recorded.port if recorded else None)
        if recorded is None or recorded.port != app.port:
            await self.service.store.overwrite(path, Endpoint(nonce=new_nonce(), port=app.port))
        return app.endpoint

    def _embedded(self, preferred_port: int | None) -> EmbeddedApp:
        from .app._server import EmbeddedApp

        with self._lock:
            if self._app is None:
                app = EmbeddedApp(self.service, self._settings, preferred_port)
                app.start()
                self._app = app
            return self._app

    def _end(self) -> None:
        if os.getpid() != self._process:
            return  # A fork inherits the handler, but neither the app nor the events.
        prompter.stop()
        self.watch.stop()
        run_to_end(self.open_requests.close_all())
        if self._app is not None:
            self._app.stop()
        self._open_index.close()


def endpoint_path(run: str) -> str:
    """Where the port of a run's app is kept."""
    return f"endpoints/{hashlib.sha256(run.encode()).hexdigest()[:26]}.json"


_runtimes: dict[tuple[str, Settings], Runtime] = {}
_runtimes_lock = threading.Lock()
StandIn = Callable[[], "Runtime | None"]
"""Gives the runtime to whoever asks, or `None` where that is the one of the store."""

_PYTEST_PLUGIN = "flyteplugins._hitl_pytest"
# It is there before this is, and must not load it for tests that ask nothing.
_stand_in: StandIn | None = getattr(sys.modules.get(_PYTEST_PLUGIN), "in_place", None)


def stand_in(make: StandIn | None) -> StandIn | None:
    """Has all that is asked in this process from now on asked elsewhere, whatever thread or event loop asks.

    Args:
        make: Gives the runtime to whoever asks; `None` for the one of the store.

    Returns:
        What stood in before, to be put back.
    """
    global _stand_in
    with _runtimes_lock:
        before, _stand_in = _stand_in, make
    return before


def current_runtime(settings: Settings | None = None) -> Runtime:
    """The runtime of the store that is in force where this is called.

    Args:
        settings: The settings in force, from whoever has them already.

    Raises:
        InvalidParameter: A setting cannot be used, or no store can be found.
    """
    instead = None if _stand_in is None else _stand_in()
    if instead is not None:
        return instead
    settings = settings or Settings.from_environment()
    url = settings.store or (_flyte.remote_store() if _flyte.is_remote() else default_local_store())
    options: dict[str, Any] = _flyte.storage_options(url)
    with _runtimes_lock:
        if (url, settings) not in _runtimes:
            check_names()
            _runtimes[url, settings] = ProcessRuntime(Store.at(url, options=options), settings, url)
        return _runtimes[url, settings]
