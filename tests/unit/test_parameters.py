"""Holds the checks of `new_event`'s parameters: each error names the parameter, the reason and the mend."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl._parameters import (
    MAX_NAME_CHARACTERS,
    MAX_PROMPT_CHARACTERS,
    checked_interval,
    checked_key,
    checked_name,
    checked_prompt,
    checked_scope,
    checked_timeout,
    checked_validate,
)
from flyteplugins.hitl._unset import UNSET
from flyteplugins.hitl.errors import InvalidParameter

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_NAME_CHARACTERS)

CHECKS: dict[str, Callable[[Any], object]] = {
    "name": checked_name,
    "prompt": checked_prompt,
    "scope": checked_scope,
    "timeout_seconds": checked_timeout,
    "poll_interval_seconds": checked_interval,
    "idempotency_key": checked_key,
    "validate": checked_validate,
}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [(parameter, value) for parameter in CHECKS for value in (b"bytes", [], {}, object(), True, 1j)],
)
def test_a_value_of_the_wrong_type_is_refused_by_the_name_of_the_parameter(parameter: str, value: object) -> None:
    with pytest.raises(InvalidParameter, match=f"^`{parameter}="):
        CHECKS[parameter](value)


@pytest.mark.parametrize("parameter", sorted(CHECKS))
def test_a_number_too_long_to_be_shown_is_refused_like_any_other(parameter: str) -> None:
    """Python does not turn an `int` of more than 4300 digits into text."""
    with pytest.raises(InvalidParameter, match=f"^`{parameter}"):
        CHECKS[parameter](10**5000)


@given(UNICODE.filter(str.strip))
def test_any_text_is_a_name_and_is_kept_as_it_is(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "\n\t", "\u00a0"])
def test_a_name_must_show(name: str) -> None:
    with pytest.raises(InvalidParameter, match=r"`name` is empty.*such as"):
        checked_name(name)


@given(UNICODE)
def test_any_text_is_a_prompt_even_none_at_all(prompt: str) -> None:
    assert checked_prompt(prompt) == prompt


@pytest.mark.parametrize(
    ("check", "limit"),
    [(checked_name, MAX_NAME_CHARACTERS), (checked_prompt, MAX_PROMPT_CHARACTERS), (checked_key, MAX_NAME_CHARACTERS)],
)
def test_the_longest_text_is_taken_and_a_longer_one_refused(check: Callable[[object], object], limit: int) -> None:
    assert check("x" * limit) == "x" * limit
    with pytest.raises(InvalidParameter, match=f"has {limit + 1:,} characters; at most {limit:,} are taken"):
        check("x" * (limit + 1))


@pytest.mark.parametrize("parameter", ["name", "prompt", "idempotency_key"])
@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_is_refused_with_its_position(parameter: str, text: str) -> None:
    with pytest.raises(InvalidParameter, match=f"`{parameter}` holds half .* position {len(text) - 1}"):
        CHECKS[parameter](text)


def test_the_scope_of_the_run_is_taken() -> None:
    checked_scope("run")


@pytest.mark.parametrize("scope", ["global", "Run", "", None, "run "])
def test_another_scope_is_refused_with_the_one_that_is_supported(scope: object) -> None:
    with pytest.raises(InvalidParameter, match=r'`scope=.*Write `scope="run"`'):
        checked_scope(scope)


@pytest.mark.parametrize(
    ("given_time", "seconds"),
    [(3600, 3600.0), (0.5, 0.5), (timedelta(minutes=2), 120.0), (timedelta(microseconds=1), 1e-6), (3e9, 3e9)],
)
@pytest.mark.parametrize("check", [checked_timeout, checked_interval])
def test_seconds_and_timedeltas_are_taken(check: Callable[[object], float], given_time: object, seconds: float) -> None:
    assert check(given_time) == seconds
    assert type(check(given_time)) is float


@pytest.mark.parametrize(
    "given_time",
    [
        0,
        0.0,
        -0.0,
        -1,
        -0.001,
        math.nan,
        math.inf,
        -math.inf,
        1e300,
        10**400,
        timedelta(0),
        timedelta(seconds=-1),
        timedelta.max,
        timedelta.min,
    ],
    ids=repr,
)
@pytest.mark.parametrize("parameter", ["timeout_seconds", "poll_interval_seconds"])
def test_what_is_no_time_to_wait_is_refused_with_what_is(parameter: str, given_time: object) -> None:
    with pytest.raises(InvalidParameter, match=f"`{parameter}=.*Give seconds above zero"):
        CHECKS[parameter](given_time)


@pytest.mark.parametrize("given_time", ["5", None])
def test_an_interval_is_a_time(given_time: object) -> None:
    with pytest.raises(InvalidParameter, match=r"`poll_interval_seconds=.*Give seconds"):
        checked_interval(given_time)


def test_no_timeout_means_no_limit() -> None:
    assert checked_timeout(None) is None


@given(st.integers() | st.floats() | st.timedeltas())
def test_a_time_is_taken_or_refused_and_nothing_else_happens(given_time: object) -> None:
    try:
        seconds = checked_timeout(given_time)
    except InvalidParameter:
        return
    assert seconds is not None
    assert 0 < seconds < math.inf


def test_a_key_is_optional_but_not_empty() -> None:
    assert checked_key(None) is None
    assert checked_key("order-17") == "order-17"
    with pytest.raises(InvalidParameter, match="`idempotency_key` is empty"):
        checked_key("")


def test_unset_shows_as_not_given_in_a_signature() -> None:
    assert repr(UNSET) == "<not given>"


class CalledAsync:
    """Its instances can be called."""

    async def __call__(self, value: object) -> None: ...

    def method(self, value: object, *, limit: int = 3) -> None: ...


@pytest.mark.parametrize(
    "validate",
    [lambda value: None, lambda value, limit=3: None, lambda *values: None, CalledAsync(), CalledAsync().method, max],
    ids=["plain", "default", "any", "object", "method", "in C"],
)
def test_whatever_can_be_called_with_the_answer_is_a_check(validate: Callable[..., object]) -> None:
    assert checked_validate(validate) is validate


@pytest.mark.parametrize(
    "validate",
    [lambda: None, lambda value, limit: None, lambda value, *, limit: None, CalledAsync.method],
    ids=["none", "two", "keyword", "unbound"],
)
def test_a_check_that_cannot_be_called_with_the_answer_alone_is_refused(validate: Callable[..., object]) -> None:
    with pytest.raises(InvalidParameter, match=r"^`validate=.* cannot be called with the answer alone: .*one argument"):
        checked_validate(validate)


def test_a_check_is_optional() -> None:
    assert checked_validate(None) is None
