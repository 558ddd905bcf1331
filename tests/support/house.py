"""The app in a thread of the test, over a real store, with the service behind it at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, TypeVar

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app._server import EmbeddedApp
from tests.support.questions import MovableClock, answered, asked, question
from tests.support.scripts import Link

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a thread of its own: Playwright's keeps this one's event loop to itself."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class House:
    """A service, its app, and a clock that stands at the present until it is moved."""

    def __init__(self, store: str, kind: Callable[..., Service] = Service, settings: Settings | None = None) -> None:
        self.clock = MovableClock(datetime.now(timezone.utc))
        self.service = kind(Store.at(store), clock=self.clock)
        self._settings = settings or Settings()
        self.app = EmbeddedApp(self.service, self._settings)
        self.app.start()

    @property
    def endpoint(self) -> str:
        return self.app.endpoint

    def ask(self, data_type: type[Any] = bool, *, timeout_seconds: float | None = 3600, **content: Any) -> Request:
        """Puts a question. What is said twice the same is the same request."""
        return run(asked(self.service, question(data_type, **content), timeout_seconds=timeout_seconds))

    def link(self, request: Request) -> Link:
        token = run(self.service.links()).token(request.request_id)
        return Link(FormLink(request=request, endpoint=self.endpoint, token=token).form_url)

    def answer(self, request: Request, value: object, **submission: Any) -> Response:
        return run(answered(self.service, request, value, responder="Ada", **submission))

    def response(self, request: Request) -> Response | None:
        return run(self.service.response(request))

    def value(self, request: Request) -> Any:
        """The answer that the workflow gets."""
        response = self.response(request)
        assert response is not None, "The request is open."
        assert response.status == "completed"
        return response.value

    def is_open(self, request: Request) -> bool:
        return self.response(request) is None

    def stop(self) -> None:
        self.app.stop()

    def start_again(self) -> None:
        """Starts the app once more, on the same port."""
        self.app = EmbeddedApp(self.service, self._settings, self.app.port)
        self.app.start()


@contextmanager
def open_house(store: str, kind: Callable[..., Service] = Service, settings: Settings | None = None) -> Iterator[House]:
    """Runs the app over a store until the block ends."""
    house = House(store, kind, settings)
    try:
        yield house
    finally:
        house.stop()
