"""What is kept for a while is forgotten in time, and never grows beyond its bounds."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._recent import Recent
from tests.support.questions import MovableClock


def recent(clock: MovableClock | None = None, **bounds: int) -> Recent[str]:
    given = {"seconds": 60, "most": 3, "most_bytes": 100, "largest": 60, **bounds}
    return Recent(clock or MovableClock(), **given)


def kept(some: Recent[str], keys: str) -> str:
    return "".join(key for key in keys if some.get(key) is not None)


def test_what_was_kept_is_got_until_its_life_is_over() -> None:
    clock = MovableClock()
    some = recent(clock)
    some.keep("a", "thing", 1)
    clock.move(59.9)
    assert some.get("a") == "thing"
    clock.move(0.1)
    assert some.get("a") is None


def test_to_be_asked_for_makes_no_life_longer() -> None:
    clock = MovableClock()
    some = recent(clock)
    some.keep("a", "thing", 1)
    for _ in range(5):
        clock.move(11)
        assert some.get("a") == "thing"
    clock.move(11)
    assert some.get("a") is None


def test_a_clock_that_was_set_back_makes_no_life_longer() -> None:
    clock = MovableClock()
    some = recent(clock)
    some.keep("a", "thing", 1)
    clock.move(-1)
    assert some.get("a") is None
    clock.move(2)
    assert some.get("a") is None


def test_of_too_many_the_one_goes_that_was_not_asked_for_the_longest() -> None:
    some = recent(most=3)
    for key in "abc":
        some.keep(key, key, 1)
    some.get("a")
    some.keep("d", "d", 1)
    assert kept(some, "abcd") == "acd"


def test_all_of_them_have_no_more_bytes_than_are_allowed() -> None:
    some = recent(most_bytes=100)
    for key, size in (("a", 50), ("b", 40), ("c", 10)):
        some.keep(key, key, size)
    assert kept(some, "abc") == "abc"
    some.keep("d", "d", 51)
    assert kept(some, "abcd") == "cd"
    # What went gave its bytes back.
    some.keep("e", "e", 39)
    assert kept(some, "abcde") == "cde"


def test_what_is_forgotten_because_of_its_age_gives_its_bytes_back() -> None:
    clock = MovableClock()
    some = recent(clock, most_bytes=100)
    some.keep("a", "a", 60)
    clock.move(30)
    some.keep("b", "b", 40)
    clock.move(30)
    assert kept(some, "ab") == "b"
    some.keep("c", "c", 60)
    assert kept(some, "bc") == "bc"


def test_what_is_too_large_is_not_kept_nor_is_what_it_replaces() -> None:
    some = recent(largest=60)
    some.keep("a", "before", 60)
    some.keep("a", "after", 61)
    assert some.get("a") is None


@pytest.mark.parametrize("size", [1, 30])
def test_another_thing_of_the_same_key_takes_its_place(size: int) -> None:
    some = recent(most_bytes=100)
    for number in range(50):
        some.keep("a", str(number), size)
        some.keep("b", str(number), size)
    assert some.get("a") == some.get("b") == "49"
