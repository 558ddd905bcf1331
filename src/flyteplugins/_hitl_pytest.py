"""The pytest plugin: questions that no test answers fail at once, and a fixture answers them.

It lies beside the package and not in it, because whoever imports anything of the package loads Flyte, and pytest loads
this for every run, of whatever tests. All that it takes is loaded by the first question, or by the fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flyteplugins.hitl._runtime import Runtime
    from flyteplugins.hitl._testing._guard import Guard
    from flyteplugins.hitl.testing import Asked

__tracebackhide__ = True
"""For pytest: of a test that fails, nobody wants to see this."""

MODES = ("fail", "ask")
NAME = "hitl_unanswered"

_guard: Guard | None = None
_is_guarded = False


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "what becomes of a question of a workflow that no test answers: `fail` (the default), or `ask` a person"
    parser.getgroup("hitl", "human-in-the-loop").addoption("--hitl-unanswered", choices=MODES, dest=NAME, help=about)
    parser.addini(NAME, about, default=MODES[0])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{NAME}(mode): {' or '.join(MODES)}, as the option --hitl-unanswered.")
    _checked(config.getini(NAME), "The ini option")
    if "flyteplugins.hitl._runtime" in sys.modules:
        # Else it looks for this itself, as soon as it is loaded.
        from flyteplugins.hitl._runtime import stand_in

        stand_in(in_place)


def in_place() -> Runtime | None:
    """What is in the place of the real store and app for whoever asks now; `None` where nothing is."""
    global _guard
    if not _is_guarded:
        return None
    if _guard is None:
        from flyteplugins.hitl._testing._guard import Guard

        _guard = Guard()
    return _guard.runtime


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    global _guard, _is_guarded
    _is_guarded = _mode(item) == "fail"
    try:
        return (yield)
    finally:
        _guard, _is_guarded = None, False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    return (yield from _with_failures(lambda error: None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    opened = getattr(item, "funcargs", {}).get("hitl_answers")
    return (yield from _with_failures(opened.end if isinstance(opened, HitlAnswers) else lambda error: None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, Any, Any]:
    return (yield from _with_failures(lambda error: None))


class HitlAnswers:
    """Answers until the test ends; called as `testing.answers` is."""

    def __init__(self) -> None:
        self._opened: AbstractContextManager[Asked] | None = None

    def __call__(self, given: Any, *, allow_unused: bool = False) -> Asked:
        """Answers from here on; returns what is asked.

        Args:
            given: The answers, as `testing.answers` takes them.
            allow_unused: Whether there may be answers that nobody asks for.
        """
        from flyteplugins.hitl import testing

        opening = testing.answers(given, allow_unused=allow_unused)
        asked = opening.__enter__()
        self._opened = opening
        return asked

    def end(self, error: BaseException | None = None) -> None:
        """Answers no more.

        Args:
            error: With what the test failed, or `None`.

        Raises:
            Exception: What was asked and answered does not fit together.
        """
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.__exit__(None if error is None else type(error), error, None)


@pytest.fixture
def hitl_answers() -> Generator[HitlAnswers, None, None]:
    """Answers what workflows ask until the test ends: `asked = hitl_answers({"review": True})`."""
    answers = HitlAnswers()
    try:
        yield answers
    finally:
        # The test has ended it, unless it never ran.
        answers.end()


def _with_failures(end: Callable[[BaseException | None], None]) -> Generator[None, Any, Any]:
    """Has a phase of a test fail for what went unanswered, whatever its workflow made of that."""
    try:
        result = yield
    except BaseException as error:
        end(error)
        failure = _failure()
        if failure is None or failure is error or not isinstance(error, Exception):
            raise
        raise failure from error
    end(None)
    failure = _failure()
    if failure is not None:
        raise failure
    return result


def _failure() -> Exception | None:
    return None if _guard is None else _guard.failure()


def _mode(item: pytest.Item) -> str:
    marker = item.get_closest_marker(NAME)
    if marker is not None:
        given = [*marker.args, *marker.kwargs.values()]
        return _checked(given[0] if given else None, f"{item.nodeid}: the marker")
    return str(item.config.getoption(NAME) or item.config.getini(NAME))


def _checked(mode: object, what: str) -> str:
    if mode not in MODES:
        raise pytest.UsageError(f"{what} {NAME} is {mode!r}. It takes {' or '.join(MODES)}.")
    return str(mode)
