"""Holds the clock: aware, in UTC, and the machine's own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from flyteplugins.hitl._clock import SystemClock


def test_the_time_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_the_time_is_the_present() -> None:
    before = datetime.now(timezone.utc)
    now = SystemClock().now()

    assert before <= now <= datetime.now(timezone.utc)
