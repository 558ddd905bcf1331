"""Pages of open questions, kept for a while: each time one is opened, only the key in its form is another.

Nothing here proves a right to a question; a page is asked for once that is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._clock import Clock
from .._recent import Recent
from .._records import Request

LIFE_SECONDS = 60.0
MOST_PAGES = 500
MOST_BYTES = 4 * 1024 * 1024

LARGEST_BYTES = 64 * 1024
"""A page of many fields is rare, and a few of them would leave no room for any other."""


@dataclass(frozen=True)
class _KeptPage:
    request: Request
    before: bytes
    after: bytes


class KeptPages:
    """The pages of one app.

    Args:
        clock: Tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._recent: Recent[_KeptPage] = Recent(
            clock, seconds=LIFE_SECONDS, most=MOST_PAGES, most_bytes=MOST_BYTES, largest=LARGEST_BYTES
        )

    def get(self, request: Request, base: str, key: str) -> bytes | None:
        """The page of a question with this key in its form, or `None`.

        Args:
            request: The question. Only of this very record is a page given, not of another with the same id.
            base: What leads from the page to the root of the app.
            key: Stands in the page as it is, so it must be made of letters, digits, `-` and `_`.
        """
        page = self._recent.get((request.request_id, base))
        return page.before + key.encode() + page.after if page is not None and page.request is request else None

    def keep(self, request: Request, base: str, page: bytes, key: str) -> None:
        """Keeps a page that was just made with this key, which nobody can have known who wrote the question."""
        before, found, after = page.partition(key.encode())
        if found and key.encode() not in after:
            self._recent.keep((request.request_id, base), _KeptPage(request, before, after), len(page))
