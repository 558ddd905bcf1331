"""What a process has for its events: one store, one service, one watch and one app, shared by all of them."""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import threading
from typing import TYPE_CHECKING, Any

from . import _flyte
from ._event_loops import Once, run_to_end
from ._open_index import OpenIndex
from ._open_requests import OpenRequests
from ._records import CheckedEndpoint, Endpoint
from ._service import Service
from ._settings import ServingSettings, Settings, default_local_store
from ._store import Store, new_nonce
from ._watch import Watch

if TYPE_CHECKING:
    from ._serving import Serving
    from .app._server import EmbeddedApp


class Runtime:
    """What the events of one store share in this process.

    Args:
        store: Where the records are.
        settings: What is set.
        url: The URL of the store, as an app is told it.
    """

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        self.service = Service(store)
        self.watch = Watch(self.service)
        self.open_requests = OpenRequests(self.service)
        self._open_index = OpenIndex(store)
        self.service.on_request(self._open_index.add)
        self.service.on_outcome(lambda response: self._open_index.remove(response.request_id))
        self._settings = settings
        self._url = url
        self._lock = threading.Lock()
        self._app: EmbeddedApp | None = None
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

    async def _found(self, run: str) -> str:
        serving = ServingSettings.from_environment()
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
        path = f"endpoints/{hashlib.sha256(run.encode()).hexdigest()[:26]}.json"
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
        self.watch.stop()
        run_to_end(self.open_requests.close_all())
        if self._app is not None:
            self._app.stop()
        self._open_index.close()


_runtimes: dict[tuple[str, Settings], Runtime] = {}
_runtimes_lock = threading.Lock()


def current_runtime() -> Runtime:
    """The runtime of the store that is in force where this is called.

    Raises:
        InvalidParameter: A setting cannot be used, or no store can be found.
    """
    settings = Settings.from_environment()
    url = settings.store or (_flyte.remote_store() if _flyte.is_remote() else default_local_store())
    options: dict[str, Any] = _flyte.storage_options(url)
    with _runtimes_lock:
        if (url, settings) not in _runtimes:
            _runtimes[url, settings] = Runtime(Store.at(url, options=options), settings, url)
        return _runtimes[url, settings]
