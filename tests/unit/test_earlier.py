"""What an attempt knows of the requests before it: looked up once, and enough to tell whose place a question takes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from flyteplugins.hitl._earlier import Earlier, OriginRequests
from flyteplugins.hitl._records import Request
from tests.support.questions import ORIGIN, MovableClock, question


def request(request_id: str, *, name: str = "review", turn: int = 1, key: str | None = None) -> Request:
    return Request(
        nonce="n",
        request_id=request_id,
        origin=ORIGIN,
        question=question(name=name),
        fingerprint="f",
        occurrence=1,
        turn=turn,
        idempotency_key=key,
        generation=0,
        created_at=MovableClock().now(),
        deadline=None,
        response_path=f"responses/{request_id}",
    )


def rivals(known: OriginRequests, asked: Request) -> list[str]:
    return [rival.request_id for rival in known.enter(asked)[1]]


class TestPlaces:
    """Of one place there is one question at a time."""

    def test_of_the_first_attempt_nothing_stands_and_nothing_is_in_the_way(self) -> None:
        assert OriginRequests().enter(request("a")) == (None, [])

    def test_what_stood_before_is_given_as_it_was_asked(self) -> None:
        before = request("a", turn=1)

        assert OriginRequests([before]).enter(request("a", turn=1)) == (before, [])

    def test_all_that_earlier_attempts_asked_in_this_place_are_in_the_way(self) -> None:
        known = OriginRequests([request("a"), request("b")])

        assert rivals(known, request("c")) == ["a", "b"]

    def test_what_stands_here_is_in_nobodys_way_but_others_are_in_its_own(self) -> None:
        known = OriginRequests([request("a"), request("b")])

        assert rivals(known, request("a")) == ["b"]

    @pytest.mark.parametrize("elsewhere", [{"name": "other"}, {"turn": 2}, {"key": "k"}], ids=str)
    def test_what_is_asked_elsewhere_is_in_nobodys_way(self, elsewhere: dict[str, Any]) -> None:
        assert rivals(OriginRequests([request("a", **elsewhere)]), request("b")) == []

    def test_what_the_attempt_itself_asked_is_not_in_the_way(self) -> None:
        known = OriginRequests([request("b", turn=2)])
        known.enter(request("b", turn=1))

        assert rivals(known, request("a", turn=2)) == []

    def test_what_stands_elsewhere_takes_no_place(self) -> None:
        """Events that are made at once come in another order: the one before may yet be asked too."""
        known = OriginRequests([request("a", turn=1), request("b", turn=2)])

        assert rivals(known, request("b", turn=1)) == []
        assert rivals(known, request("a", turn=2)) == []

    def test_a_key_is_a_place_whatever_the_turn_of_others(self) -> None:
        known = OriginRequests([request("a", key="k"), request("b", key="l"), request("c")])

        assert rivals(known, request("d", key="k")) == ["a"]

    def test_a_key_stands_for_one_question_at_a_time_even_in_one_attempt(self) -> None:
        known = OriginRequests()

        assert [rivals(known, request(each, key="k")) for each in "aba"] == [[], ["a"], ["b"]]

    def test_what_this_attempt_asked_under_a_key_is_not_said_to_stand(self) -> None:
        """It may be on its way still, or another process's may stand: only the store tells."""
        known = OriginRequests()
        known.enter(request("a", key="k"))

        assert known.enter(request("a", key="k")) == (None, [])


class TestLookingUp:
    """Once for each origin of an attempt."""

    def test_many_at_once_on_several_loops_look_up_once(self) -> None:
        earlier, calls, found = Earlier(), list[int](), list[OriginRequests]()

        async def look_up() -> Sequence[Request]:
            calls.append(1)
            await asyncio.sleep(0.05)
            return [request("a")]

        async def ask() -> None:
            found.extend(await asyncio.gather(*(earlier.of("origin", look_up) for _ in range(20))))

        threads = [threading.Thread(target=asyncio.run, args=[ask()]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(calls) == 1
        assert len(found) == 80
        assert len(set(map(id, found))) == 1

    @pytest.mark.asyncio
    async def test_origins_do_not_mix(self) -> None:
        async def one() -> Sequence[Request]:
            return [request("a")]

        async def other() -> Sequence[Request]:
            return []

        earlier = Earlier()

        assert rivals(await earlier.of("one", one), request("b")) == ["a"]
        assert rivals(await earlier.of("other", other), request("b")) == []
