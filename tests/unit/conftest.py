"""What several unit tests share: a clock that is moved by hand, and the real service over a local folder."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.questions import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still until it is moved."""
    return MovableClock()


@pytest.fixture
def service(local_store: str, clock: MovableClock) -> Service:
    """The real rules, over a folder that nobody has used."""
    return Service(Store.at(local_store, clock=clock), clock=clock)
