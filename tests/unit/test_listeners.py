"""Those who are told what becomes of requests."""

from __future__ import annotations

from typing import Any

import pytest

from flyteplugins.hitl._listeners import Listeners


@pytest.mark.parametrize("what", ["request", "outcome", "candidate"])
def test_each_is_told_of_what_it_listens_to_in_the_order_in_which_they_came(what: str) -> None:
    listeners, told = Listeners(), []
    for kind in ("request", "outcome", "candidate"):
        for number in (1, 2):

            def listen(of: Any, kind: str = kind, number: int = number) -> None:
                told.append((kind, number, of))

            getattr(listeners, f"on_{kind}")(listen)
    getattr(listeners, f"tell_{what}")("this")
    assert told == [(what, 1, "this"), (what, 2, "this")]


def test_a_process_waits_for_a_request_if_any_of_those_who_are_asked_does() -> None:
    listeners = Listeners()
    assert not listeners.is_awaited("a")
    listeners.on_interest({"a"}.__contains__)
    listeners.on_interest({"b"}.__contains__)
    assert [listeners.is_awaited(each) for each in "abc"] == [True, True, False]
