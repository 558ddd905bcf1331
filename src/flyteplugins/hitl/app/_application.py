"""Puts the app together."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from .._service import Service
from .._settings import Settings
from .._version import __version__
from ..errors import HitlError
from . import _api, _attachments, _pages, _review_api, _review_pages, _uploads
from ._headers import HeadersMiddleware
from ._kept_pages import KeptPages
from ._problems import answer_error, answer_http_exception, answer_unreadable, problem_schemas
from ._responders import HolderOfTheLink, Responders, TrustedHeader
from ._state import AppState
from ._static import StaticFiles

_DESCRIPTION = """
Answers the questions of workflows. A request is named by its `request_id`; the right to it is proved by the token of
its link or by its `response_path`, both shown in the report of the task that asks.

Every error is a problem detail (RFC 9457).
"""

_ROUTED = (_pages, _api, _attachments, _uploads, _review_api, _review_pages)


def create_app(
    service: Service,
    *,
    settings: Settings | None = None,
    responders: Responders | None = None,
    instance: str = "",
) -> FastAPI:
    """Makes the app over a service.

    Args:
        service: The rules and the store.
        settings: Limits and the trusted header; read from the environment by default.
        responders: Who is said to have answered; by default the holder of the link, or whom the trusted header names.
        instance: Told by `/health`, so that a caller can tell this process from another on the same port.

    Returns:
        The ASGI application. It starts nothing and holds nothing open.

    Example:
        ```python
        app = create_app(Service(Store.at("s3://bucket/hitl")))
        uvicorn.run(app)
        ```
    """
    settings = settings or Settings.from_environment()
    app = _App(
        title="Human-in-the-loop events for Flyte",
        version=__version__,
        description=_DESCRIPTION,
        # Both load scripts from another host. The document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        # Not by `include_router`, which looks for the route of every call twice.
        routes=[route for each in _ROUTED for route in each.router.routes],
    )
    app.state.hitl = AppState(
        service=service,
        settings=settings,
        responders=responders or _responders(settings),
        instance=instance,
        pages=KeptPages(service.clock),
    )
    app.mount("/static", StaticFiles(), name="static")
    app.add_exception_handler(HitlError, answer_error)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_unreadable)
    app.add_exception_handler(Exception, answer_error)
    app.add_middleware(HeadersMiddleware)
    return app


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].update(problem_schemas())
        return document


def _responders(settings: Settings) -> Responders:
    return TrustedHeader(settings.identity_header) if settings.identity_header else HolderOfTheLink()
