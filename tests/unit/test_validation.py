"""Holds what becomes of whatever an author's function returns or raises: accepted, refused with reasons, or a fault."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from flyteplugins.hitl import Invalid
from flyteplugins.hitl._validation import (
    MAX_ERRORS,
    MAX_FIELD_CHARACTERS,
    MAX_REASON_CHARACTERS,
    NO_REASON,
    Validate,
    errors_of,
)
from flyteplugins.hitl.errors import FieldError, InvalidAnswer, InvalidParameter, StoreUnavailable

pytestmark = pytest.mark.asyncio


async def told(validate: Validate, value: object = 3) -> list[tuple[str, str]]:
    return [(error.field, error.reason) for error in await errors_of(validate, value)]


def returning(result: object) -> Validate:
    return lambda value: result


def raising(error: BaseException) -> Validate:
    def validate(value: object) -> None:
        raise error

    return validate


def as_async(validate: Validate) -> Validate:
    async def run(value: object) -> object:
        return validate(value)

    return run


WHOLE = "value"

RESULTS: tuple[tuple[object, list[tuple[str, str]]], ...] = (
    (None, []),
    (True, []),
    ({}, []),
    ([], []),
    ((), []),
    (False, [(WHOLE, NO_REASON)]),
    ("Too high.", [(WHOLE, "Too high.")]),
    ("  Too high.\n", [(WHOLE, "Too high.")]),
    (["Too high.", "Odd."], [(WHOLE, "Too high."), (WHOLE, "Odd.")]),
    (("Too high.",), [(WHOLE, "Too high.")]),
    ({"price": "Too high."}, [("value.price", "Too high.")]),
    ({"items.0.price": "Too high."}, [("value.items.0.price", "Too high.")]),
    ({0: "Too high."}, [("value.0", "Too high.")]),
    ({"": "No.", "value": "Not at all."}, [(WHOLE, "No."), (WHOLE, "Not at all.")]),
    ({"price": ["Too high.", "Odd."]}, [("value.price", "Too high."), ("value.price", "Odd.")]),
    (MappingProxyType({"price": "Too high."}), [("value.price", "Too high.")]),
)


@pytest.mark.parametrize("wrapped", [lambda validate: validate, as_async], ids=["plain", "async"])
@pytest.mark.parametrize(("result", "expected"), RESULTS, ids=repr)
async def test_what_it_returns_accepts_or_says_why_not(
    result: object, expected: list[tuple[str, str]], wrapped: Any
) -> None:
    assert await told(wrapped(returning(result))) == expected


class Order(BaseModel):
    price: float
    items: list[int]


def as_pydantic_would(value: object) -> None:
    TypeAdapter(Order).validate_python({"price": "much", "items": [1, "two"]})


REFUSALS: tuple[tuple[Validate, list[tuple[str, str]]], ...] = (
    (raising(ValueError("Too high.")), [(WHOLE, "Too high.")]),
    (raising(ValueError()), [(WHOLE, NO_REASON)]),
    (raising(AssertionError("Too high.")), [(WHOLE, "Too high.")]),
    (raising(AssertionError()), [(WHOLE, NO_REASON)]),
    (raising(Invalid("Too high.")), [(WHOLE, "Too high.")]),
    (raising(Invalid({"price": "Too high."})), [("value.price", "Too high.")]),
    (raising(Invalid(["Too high.", "Odd."])), [(WHOLE, "Too high."), (WHOLE, "Odd.")]),
    (raising(Invalid([])), [(WHOLE, NO_REASON)]),
    (raising(InvalidAnswer(FieldError(field="value.price", reason="Odd."))), [("value.price", "Odd.")]),
    (raising(InvalidAnswer(FieldError(field="price", reason="Odd."))), [("value.price", "Odd.")]),
    (raising(InvalidAnswer(FieldError(field="value", reason="Odd."))), [(WHOLE, "Odd.")]),
    (raising(InvalidAnswer()), [(WHOLE, NO_REASON)]),
    (
        as_pydantic_would,
        [
            ("value.price", "Input should be a valid number, unable to parse string as a number"),
            ("value.items.1", "Input should be a valid integer, unable to parse string as an integer"),
        ],
    ),
)


@pytest.mark.parametrize("wrapped", [lambda validate: validate, as_async], ids=["plain", "async"])
@pytest.mark.parametrize(("validate", "expected"), REFUSALS)
async def test_what_it_raises_says_why_not(validate: Validate, expected: list[tuple[str, str]], wrapped: Any) -> None:
    assert await told(wrapped(validate)) == expected


@pytest.mark.parametrize("result", [5, 0, 1.5, b"no", "", "  ", [1], [""], {"price": 5}, {"price": ""}, {None: "No."}])
async def test_what_is_neither_is_an_error_that_says_what_may_be_returned(result: object) -> None:
    with pytest.raises(TypeError, match=r"(?s)`validate=` returned .*Return None or True to accept, False"):
        await errors_of(returning(result), 3)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("price"),
        TypeError("no"),
        TimeoutError(),
        StoreUnavailable("The store is away."),
        # It is a ValueError as well, of a function that asks a question in a wrong way.
        InvalidParameter("`name` is empty."),
    ],
    ids=repr,
)
@pytest.mark.parametrize("wrapped", [lambda validate: validate, as_async], ids=["plain", "async"])
async def test_whatever_else_it_raises_is_a_fault_of_its_own(error: Exception, wrapped: Any) -> None:
    with pytest.raises(type(error)) as raised:
        await errors_of(wrapped(raising(error)), 3)

    assert raised.value is error


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), StopIteration()], ids=repr)
async def test_what_would_end_the_loop_is_carried_out_of_the_thread_as_a_plain_error(error: BaseException) -> None:
    with pytest.raises(RuntimeError, match=type(error).__name__) as raised:
        await errors_of(raising(error), 3)

    assert raised.value.__cause__ is error


async def test_it_is_handed_the_answer() -> None:
    seen: list[object] = []
    await errors_of(seen.append, {"a": 1})

    assert seen == [{"a": 1}]


class Checker:
    """An object that can be called."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    async def __call__(self, value: object) -> str:
        self.threads.append(threading.current_thread())
        return "No."

    def plain(self, value: object) -> str:
        self.threads.append(threading.current_thread())
        return "No."


async def test_an_async_function_runs_on_the_loop_whatever_its_guise() -> None:
    checker = Checker()
    for validate in (checker, checker.__call__, functools.partial(Checker.__call__, checker)):
        assert await told(validate) == [(WHOLE, "No.")]

    assert checker.threads == [threading.current_thread()] * 3


async def test_a_plain_function_that_returns_a_coroutine_is_awaited() -> None:
    checker = Checker()

    assert await told(lambda value: checker(value)) == [(WHOLE, "No.")]


async def test_a_plain_function_does_not_block_the_loop() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await errors_of(lambda value: time.sleep(0.3), 3)
    ticking.cancel()

    assert ticks > 5


async def test_plain_functions_take_none_of_the_threads_that_the_disk_needs() -> None:
    release = threading.Event()
    checks = [asyncio.create_task(errors_of(lambda value: release.wait(20), 3)) for _ in range(64)]
    try:
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 10) == "free"
    finally:
        release.set()
    await asyncio.gather(*checks)


async def test_a_plain_function_finds_the_context_of_the_wait() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")
    variable.set("seen")

    assert await told(lambda value: variable.get()) == [(WHOLE, "seen")]


async def test_a_cancelled_check_lets_go_of_its_thread() -> None:
    release, begun = threading.Event(), threading.Event()

    def validate(value: object) -> None:
        begun.set()
        release.wait(20)

    checking = asyncio.create_task(errors_of(validate, 3))
    await asyncio.to_thread(begun.wait)
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    release.set()


def many(count: int) -> Sequence[str]:
    return [f"reason {number}" for number in range(count)]


async def test_what_it_says_is_bounded_in_number_and_length() -> None:
    [*errors, last] = await told(returning(many(MAX_ERRORS + 7)))
    assert len(errors) == MAX_ERRORS
    assert last == (WHOLE, "There are 7 errors more.")

    long: Mapping[str, str] = {"f" * 5000: "r" * 100_000}
    [(field, reason)] = await told(returning(long))
    assert len(field) == MAX_FIELD_CHARACTERS + 1
    assert len(reason) == MAX_REASON_CHARACTERS + 1


async def test_half_of_a_surrogate_pair_does_not_come_along() -> None:
    [(field, reason)] = await told(returning({"a\ud800": "b\udfff"}))

    assert (field + reason).encode() == b"value.a?b?"


@pytest.mark.parametrize("reasons", [5, None, {"a": 5}, {"a": [5]}, [5], "", [" "], {1.5: "a"}])
async def test_invalid_says_at_once_what_is_no_reason(reasons: Any) -> None:
    with pytest.raises(TypeError, match=r"reason|names no field"):
        Invalid(reasons)
