"""Routes with nothing between the call and their function.

FastAPI takes parameters apart by models, and holds what a function returns against one: as long again as most calls
take. Here every parameter is text, which no model has to look at.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, get_type_hints

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse

_TEXT = (str, str | None)


class DirectRoute(APIRoute):
    """A route whose function gets the call, and each parameter as the address has it.

    FastAPI documents it like any other. A model that the function returns is sent as it is: it was held against itself
    when it was made.

    Raises:
        TypeError: A parameter is no text.
    """

    def get_route_handler(self) -> Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]:
        endpoint, defaults = self.endpoint, _defaults(self.endpoint)

        async def handle(http_request: HttpRequest) -> HttpResponse:
            given = _given(http_request, defaults) if defaults else {}
            result = await endpoint(http_request, **given)
            if isinstance(result, BaseModel):
                return JSONResponse(result.model_dump(mode="json"))
            assert isinstance(result, HttpResponse)  # noqa: S101
            return result

        return handle


def _defaults(endpoint: Callable[..., Any]) -> Mapping[str, str | None]:
    """The parameters beside the call itself, each with what it is where the address does not have it."""
    hints = get_type_hints(endpoint)
    _, *parameters = inspect.signature(endpoint).parameters.values()
    for parameter in parameters:
        if hints[parameter.name] not in _TEXT:
            raise TypeError(f"`{parameter.name}` of {endpoint.__name__} is no text: use a route of FastAPI's own.")
    return {each.name: None if each.default is each.empty else each.default for each in parameters}


def _given(http_request: HttpRequest, defaults: Mapping[str, str | None]) -> dict[str, str | None]:
    path, query = http_request.path_params, http_request.query_params
    return {name: path[name] if name in path else query.get(name, default) for name, default in defaults.items()}
