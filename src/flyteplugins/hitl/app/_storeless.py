"""The app that was not told its store: it is up, so that it can be deployed, and says so to whoever comes."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from .._version import __version__
from ._headers import HeadersMiddleware

DETAIL = (
    "This app was not told which store the questions are in, so it shows none. A task that asks serves an app of its "
    "own on its store. To use this one, set FLYTE_HITL_STORE where it is deployed, and deploy it again."
)


def create_storeless_app(instance: str = "") -> Starlette:
    """Makes it.

    Args:
        instance: Told by `/health`, so that a caller can tell this process from another on the same port.
    """

    async def health(_: HttpRequest) -> HttpResponse:
        return JSONResponse({"status": "healthy", "version": __version__, "instance": instance})

    async def ready(_: HttpRequest) -> HttpResponse:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        problem = {
            "type": "urn:flyteplugins-hitl:error:StoreUnavailable",
            "title": "No store is set",
            "status": int(status),
            "detail": DETAIL,
        }
        return JSONResponse(problem, status, media_type="application/problem+json")

    async def anything(_: HttpRequest) -> HttpResponse:
        return PlainTextResponse(DETAIL, HTTPStatus.SERVICE_UNAVAILABLE)

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", ready),
            Route("/{path:path}", anything, methods=["GET", "POST"]),
        ]
    )
    app.add_middleware(HeadersMiddleware)
    return app
