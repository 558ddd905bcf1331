"""What the marks say of requests that are waited for: who is looked at just now, and about which there is news."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ._marks import Interest, Mark

QUICK_SECONDS = 0.2
"""Between two looks at the marks while a person looks at a form."""

_LASTS = {Interest.OPENED: 600.0, Interest.LOOKING: 60.0}
"""How long a mark of interest counts, in seconds. A page with script says every few seconds that it is looked at, so it
is over soon after that stops; one without says it once, when it is opened."""

_FIRST_RELOOK = 0.05


@dataclass
class _News:
    """What is waited for of a request with news: they may be written a moment after their mark, or never."""

    paths: set[str] = field(default_factory=set)
    pause: float = _FIRST_RELOOK
    next_look: float = 0.0


class Attention:
    """Follows the marks. All times are in seconds of one clock that never goes back."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[str, str]] = {}
        self._until: dict[str, float] = {}
        self._news: dict[str, _News] = {}

    def note(self, mark: Mark, now: float) -> None:
        """Takes in a mark of a request that is waited for."""
        if mark.interest is None:
            news = self._news.setdefault(mark.request_id, _News())
            if mark.path not in news.paths:
                news.paths.add(mark.path)
                news.pause, news.next_look = _FIRST_RELOOK, now
            return
        versions = self._versions.setdefault(mark.request_id, {})
        if versions.get(mark.path) != mark.version:
            versions[mark.path] = mark.version
            # The latest word counts: of a page that says that it is looked at, the last time that it said so.
            self._until[mark.request_id] = now + _LASTS[mark.interest]

    def is_quick(self, now: float) -> bool:
        """Whether somebody looks at a form."""
        return any(until > now for until in self._until.values())

    def with_news(self, now: float) -> Sequence[str]:
        """The requests to look at, because there should be something to read."""
        return [request_id for request_id, news in self._news.items() if news.next_look <= now]

    def found_nothing(self, request_id: str, now: float, interval: float) -> None:
        """Notes that there was nothing to read yet. The next look comes soon at first, then once an interval."""
        news = self._news.get(request_id)
        if news is not None:
            news.next_look = now + news.pause
            news.pause = min(2 * news.pause, interval)

    def next_look(self) -> float | None:
        """When there should be something to read, or `None`."""
        return min((news.next_look for news in self._news.values()), default=None)

    def spent(self, now: float) -> Sequence[str]:
        """Forgets the interest that is over; returns its marks."""
        over = [request_id for request_id, until in self._until.items() if until <= now]
        return [path for request_id in over for path in self._drop_interest(request_id)]

    def forget(self, request_id: str) -> Collection[str]:
        """Forgets a request that is waited for no more; returns all its marks."""
        news = self._news.pop(request_id, _News())
        return {*self._drop_interest(request_id), *news.paths}

    def _drop_interest(self, request_id: str) -> Sequence[str]:
        self._until.pop(request_id, None)
        return tuple(self._versions.pop(request_id, ()))
