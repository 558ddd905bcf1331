"""A store with the app over it in a process of its own, and a short way to ask a question that the app can show."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Origin, Question, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.apps import running_app
from tests.support.questions import answered, asked

# After an error that nobody foresaw uvicorn closes the connection, which a client that kept it would learn too late.
_ONE_CALL_A_CONNECTION = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A store with an app over it.

    Attributes:
        url: The address of the app.
        store: The URL of the store.
        service: The same store, from this process.
        log: The file with all that the app printed.
        client: For calls to the app; follows no redirect.
    """

    url: str
    store: str
    service: Service
    log: Path
    client: httpx.Client = field(repr=False)

    def ask(self, content: Question | None = None, **details: Any) -> FormLink:
        """Ask a question of its own run, and return its link."""
        origin = Origin(organization="o", project="p", domain="d", run=uuid.uuid4().hex, action="a0")
        return self.link(asyncio.run(asked(self.service, content, origin=origin, **details)))

    def link(self, request: Request) -> FormLink:
        """Return the link to a request."""
        links = asyncio.run(self.service.links())
        return FormLink(request=request, endpoint=self.url, token=links.token(request.request_id))

    def answer(self, link: FormLink, value: object, **submission: Any) -> Response:
        """Answer in this process, past the app."""
        return asyncio.run(answered(self.service, link.request, value, **submission))

    def outcome(self, link: FormLink) -> Response | None:
        """Read the outcome from the store."""
        return asyncio.run(self.service.response(link.request))

    def send_form(self, link: FormLink, value: object, **fields: Any) -> httpx.Response:
        """Send what the page's form would. `None` leaves a field out."""
        body = {"request_id": link.request.request_id, "token": link.token, "value": value, **fields}
        present = {name: content for name, content in body.items() if content is not None}
        return self.client.post("/submit", data=present)

    def send_json(self, link: FormLink, value: object, **fields: Any) -> httpx.Response:
        """Make the JSON call with the response path as its proof. `None` leaves a field out."""
        path = link.request.response_path
        body = {"request_id": link.request.request_id, "response_path": path, "value": value, **fields}
        present = {name: content for name, content in body.items() if content is not None}
        return self.client.post("/submit/json", json=present)


@contextmanager
def running_site(
    store: str, folder: Path, *, environment: Mapping[str, str] | None = None, service: Service | None = None
) -> Iterator[Site]:
    """Run an app on a store until the block ends. The store must be within reach of the present environment."""
    with (
        running_app(store, folder, environment=environment) as app,
        httpx.Client(base_url=app.url, timeout=30, limits=_ONE_CALL_A_CONNECTION) as client,
    ):
        log = folder / f"app-{app.url.rpartition(':')[2]}.log"
        yield Site(url=app.url, store=store, service=service or Service(Store.at(store)), log=log, client=client)
