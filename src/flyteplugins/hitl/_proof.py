"""What a caller shows to be let at a request."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._links import Links
from ._records import Request


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a caller shows to prove that it may see or answer a request: either is enough.

    Attributes:
        token: The signed part of a link.
        response_path: The path that the task's report shows.
    """

    token: str | None = field(default=None, repr=False)
    response_path: str | None = field(default=None, repr=False)

    def check(self, request: Request, links: Links) -> None:
        """Holds it against a request. Where both are there, both must fit.

        Raises:
            AccessDenied: It does not prove a right to the request.
        """
        if self.response_path is not None:
            links.check_response_path(request.response_path, self.response_path)
        if self.response_path is None or self.token is not None:
            links.check_token(request.request_id, self.token)
