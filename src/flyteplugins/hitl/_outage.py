"""Goes on through a store that is out of reach: with growing pauses, and with few words."""

from __future__ import annotations

import logging
import random
import threading

from .errors import StoreUnavailable

logger = logging.getLogger("flyteplugins.hitl")

_LONGEST_PAUSE = 60.0
"""Between two tries, in seconds."""

_FIRST_PAUSES = (0.25, 1.0)


class Outage:
    """The times at which the store could not be reached, as all that wait in a process see them.

    It says once that the store is gone, whoever finds out, and once that it is back for all of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._failures)

    def failed(self, who: str, waiting_for: str, error: StoreUnavailable, pace: float) -> float:
        """Notes a failure.

        Args:
            who: Who tried.
            waiting_for: What is waited for, in words.
            error: What came of it.
            pace: How long after the last try this one came, in seconds.

        Returns:
            How long to wait before the next try, in seconds.
        """
        with self._lock:
            is_first = not self._failures
            self._failures[who] = failures = self._failures.get(who, 0) + 1
        if is_first:
            logger.warning("Still waiting for %s. %s", waiting_for, error)
        return backoff(pace, failures)

    def over(self, who: str, waiting_for: str) -> None:
        """Notes a success."""
        with self._lock:
            was_last = self._failures.pop(who, None) is not None and not self._failures
        if was_last:
            logger.warning("The store is back; still waiting for %s.", waiting_for)

    def forget(self, who: str) -> None:
        """Notes that somebody waits no more."""
        with self._lock:
            self._failures.pop(who, None)


def backoff(pace: float, failures: int) -> float:
    """Doubles with each failure up to a minute; the jitter keeps many processes from coming back at once."""
    first = min(max(pace, _FIRST_PAUSES[0]), _FIRST_PAUSES[1])
    pause: float = min(first * 2.0 ** min(failures - 1, 20), _LONGEST_PAUSE)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311
