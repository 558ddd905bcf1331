"""An app, as it is seen from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from .._records import Request

_SECONDS = 5.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class App:
    """An app at an address.

    Attributes:
        endpoint: The address.
    """

    endpoint: str

    async def health(self) -> dict[str, Any]:
        """What the app says of itself.

        Raises:
            httpx.HTTPError: It cannot be reached, or says no such thing.
        """
        response = await self._got("/health")
        response.raise_for_status()
        try:
            content = response.json()
        except ValueError:
            content = None
        if not isinstance(content, dict) or "instance" not in content:
            raise httpx.DecodingError("what answers there is not an app of this package")
        return content

    async def knows(self, request: Request) -> bool:
        """Whether the app is on the store of a request: proved by what only that store's key makes.

        Raises:
            httpx.HTTPError: It cannot be reached.
        """
        response = await self._got(f"/status/{request.request_id}", response_path=request.response_path)
        return response.status_code == httpx.codes.OK

    async def shows(self, request: Request) -> bool:
        """Whether this is an app, up, and on the store of a request."""
        try:
            # What proves a right is sent to nothing that is no app.
            return bool(await self.health()) and await self.knows(request)
        except httpx.HTTPError:
            return False

    async def _got(self, path: str, **query: str) -> httpx.Response:
        # A proxy for the web at large has no way to this machine's own ports.
        is_here = urlsplit(self.endpoint).hostname in _LOOPBACK
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=not is_here) as client:
            return await client.get(f"{self.endpoint.rstrip('/')}{path}", params=query)
