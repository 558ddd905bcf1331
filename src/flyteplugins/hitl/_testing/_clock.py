"""The time of a test: it stands still until it is moved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone


class Clock:
    """The time by which questions are asked, answered and run into their deadlines. It begins at the present."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = datetime.now(timezone.utc)
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The present moment of the test, in UTC."""
        return self._now

    def advance(self, by: float | timedelta) -> None:
        """Moves the time. Whoever waits for an answer whose deadline is passed by then waits no longer.

        Args:
            by: How far, in seconds or as a `timedelta`.

        Raises:
            ValueError: It would go back.
        """
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            raise ValueError(f"The clock cannot go back by {-step}. Time only passes.")
        with self._lock:
            self._now += step
        self._tell()

    def advance_to(self, moment: datetime) -> None:
        """Moves the time to a moment, unless it is later than that already.

        Args:
            moment: The moment, aware of its time zone.
        """
        with self._lock:
            self._now = max(self._now, moment)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _on_move(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def __repr__(self) -> str:
        return f"Clock({self._now.isoformat()})"
