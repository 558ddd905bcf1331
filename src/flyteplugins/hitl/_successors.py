"""Which request took the place of a closed one."""

from __future__ import annotations

import contextlib

from ._questions import was_left
from ._records import Request
from ._service import Service
from .errors import RequestNotFound


async def successor_of(service: Service, request: Request) -> str | None:
    """The id of the request that took the place of a closed one, however often that happened since.

    The same question asked anew comes before another one in its place.
    """
    chain = [request.request_id]
    current = await _next(service, request)
    while current is not None and current.request_id not in chain:
        chain.append(current.request_id)
        current = await _next(service, current)
    return chain[-1] if len(chain) > 1 else None


async def _next(service: Service, request: Request) -> Request | None:
    response = await service.response(request)
    if response is None or not was_left(response):
        return None
    links = await service.links()
    again = links.request_id(links.origin_id(request.origin.to_bytes()), request.identity().anew().to_bytes())
    for request_id in (again, response.replaced_by):
        # Its task may have been killed on the way to asking it, and asks it when it comes back.
        with contextlib.suppress(RequestNotFound):
            if request_id is not None:
                return await service.request(request_id)
    return await service.questions.latest_in_place_of(request) if response.replaced_by else None
