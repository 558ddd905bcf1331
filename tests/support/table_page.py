"""The table alone on a page, served by a real server with the files, headers and checks of the app."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from flyteplugins.hitl._frames import apply_changes, table_of
from flyteplugins.hitl._frames._changes import FrameChanges, InvalidChanges, changes_from_text
from flyteplugins.hitl._frames._table import FrameTable
from flyteplugins.hitl.app._headers import HeadersMiddleware
from flyteplugins.hitl.app._static import STATIC_VERSION, StaticFiles

_ENVIRONMENT = Environment(
    loader=ChoiceLoader([PackageLoader("flyteplugins.hitl.app"), FileSystemLoader(Path(__file__).parent)]),
    autoescape=select_autoescape(default=True),
)


@dataclass
class TablePage:
    """A page with a table, and what came of it.

    Attributes:
        frame: The data frame that is edited.
        endpoint: The address of the page.
        refusals: Reasons that the next answer is refused for, by path, whatever it holds.
        sent: The field's text, each time that it was sent.
        changes: What was accepted, or `None`.
        is_broken: Whether the table is out of reach.
    """

    frame: Any
    endpoint: str = ""
    refusals: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    changes: FrameChanges | None = None
    is_broken: bool = False

    @property
    def table(self) -> FrameTable:
        """The table of the frame."""
        return table_of(self.frame)

    @property
    def result(self) -> Any:
        """The frame that a workflow would get."""
        assert self.changes is not None, "No answer was accepted."
        return apply_changes(self.frame, self.changes)

    async def _show(self, _: Request) -> Response:
        return _page()

    async def _table(self, _: Request) -> Response:
        if self.is_broken:
            return Response(status_code=503)
        return Response(self.table.to_bytes(), media_type="application/json")

    async def _submit(self, request: Request) -> Response:
        async with request.form(max_part_size=8 * 1024 * 1024) as form:
            text = str(form["value"])
        self.sent.append(text)
        refusals, self.refusals = self.refusals, {}
        if refusals:
            return _page(changes=text, errors=refusals)
        try:
            self.changes = changes_from_text(self.table, text)
        except InvalidChanges as error:
            return _page(changes=text, errors=error.reasons)
        return _page(accepted=True)


def _page(**context: Any) -> Response:
    template = _ENVIRONMENT.get_template("table_page.html")
    shown = {"changes": "", "errors": {}, "accepted": False, **context}
    status = 422 if shown["errors"] else 200
    return HTMLResponse(template.render(base="./", static_version=STATIC_VERSION, **shown), status_code=status)


@contextmanager
def open_table(frame: Any) -> Iterator[TablePage]:
    """Serves a page with the table of a frame until the block ends."""
    page = TablePage(frame)
    app = Starlette(
        routes=[
            Route("/", page._show),
            Route("/table", page._table),
            Route("/submit", page._submit, methods=["POST"]),
            Mount("/static", StaticFiles()),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    page.endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(HeadersMiddleware(app), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    try:
        yield page
    finally:
        server.should_exit = True
        thread.join(10)
