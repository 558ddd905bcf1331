"""The answers that a test gives, and which of them belongs to which question."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .._quoting import shown
from ..errors import InvalidParameter
from ._failures import UnexpectedQuestion

_SAYINGS = "flyteplugins.hitl.testing"
"""Where the functions are that make what stands below."""


@dataclass(frozen=True)
class Answered:
    """An answer with what else a person leaves."""

    value: Any
    responder: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class Refused:
    """An answer that has to be refused."""

    value: Any


@dataclass(frozen=True)
class Never:
    """That nobody answers until the deadline."""


@dataclass(frozen=True)
class LeftOpen:
    """That nobody answers for now."""


@dataclass(frozen=True)
class Cancelled:
    """That the question is cancelled."""

    reason: str


@dataclass(frozen=True)
class InTurn:
    """One answer after another."""

    answers: tuple[Any, ...]


class Entry:
    """What is given for some questions.

    Args:
        key: Which questions: a name, a pattern, or `None` for all.
        given: What is given.

    Raises:
        InvalidParameter: It ends with an answer that has to be refused, or begins with none, or is not an answer.
    """

    def __init__(self, key: str | re.Pattern[str] | None, given: Any) -> None:
        self.key = key
        self.is_used = False
        self._given = given
        answers = given.answers if isinstance(given, InTurn) else (given,)
        for answer in answers:
            self._check(answer)
        if not answers or isinstance(answers[-1], Refused):
            raise InvalidParameter(
                f"The answers to {self.shown} end with one that has to be refused, or there is none. "
                "Write `in_turn(refused(bad), good)`: after a refusal the question is still open."
            )
        self._left = deque(answers)

    def _check(self, answer: Any) -> None:
        """Refuses what would fail much later, or worse, answer something else."""
        if callable(answer) and getattr(answer, "__module__", None) == _SAYINGS:
            raise InvalidParameter(
                f"The answer to {self.shown} is the function `{answer.__name__}` itself. Call it: "
                f"`testing.{answer.__name__}(...)`."
            )
        if isinstance(answer, InTurn):
            raise InvalidParameter(
                f"The answers to {self.shown} hold an `in_turn(...)` inside of another. Give them all to one."
            )

    @property
    def shown(self) -> str:
        """The key for people to read."""
        if self.key is None:
            return "every question"
        return repr(self.key) if isinstance(self.key, str) else f"re.compile({self.key.pattern!r})"

    @property
    def left(self) -> Sequence[Any]:
        """The answers in turn that nobody asked for."""
        return tuple(self._left) if isinstance(self._given, InTurn) else ()

    def names(self, name: str) -> bool:
        return self.key == name

    def matches(self, name: str) -> bool:
        if isinstance(self.key, str):
            return fnmatchcase(name, self.key)
        return self.key is None or self.key.fullmatch(name) is not None

    def take(self, name: str) -> deque[Any]:
        """The next answers: those that have to be refused, and the one after them.

        Raises:
            UnexpectedQuestion: All were given.
        """
        self.is_used = True
        if not isinstance(self._given, InTurn):
            return deque([self._given])
        taken: deque[Any] = deque()
        while self._left:
            taken.append(self._left.popleft())
            if not isinstance(taken[-1], Refused):
                return taken
        raise UnexpectedQuestion(
            f"“{name}” was asked again, after all {len(self._given.answers)} answers of {self.shown} were given. "
            "Add one more to `in_turn(...)`, or give a function."
        )


class Answers:
    """All that a test gives.

    Args:
        given: A mapping of names and patterns, or one function for all questions.

    Raises:
        InvalidParameter: It is neither, or something in it cannot be used.
    """

    def __init__(self, given: object) -> None:
        self._lock = threading.Lock()
        if isinstance(given, Mapping):
            for key in given:
                if not isinstance(key, (str, re.Pattern)):
                    raise InvalidParameter(f"{shown(key)} names no question. Give a name, a pattern or a regex.")
            self._entries = [Entry(key, answer) for key, answer in given.items()]
        elif callable(given):
            self._entries = [Entry(None, given)]
        else:
            raise InvalidParameter(
                f'{shown(given)} is neither a mapping nor a function. Write `answers({{"name": True}})`, or give a '
                "function of the question."
            )

    def take(self, name: str) -> deque[Any] | None:
        """What is answered to a question, or `None` where nothing is given for it. A name counts before a pattern."""
        with self._lock:
            entries = [entry for entry in self._entries if entry.names(name)]
            entries += [entry for entry in self._entries if entry.matches(name)]
            return entries[0].take(name) if entries else None

    def unused(self) -> Sequence[str]:
        """What nobody asked for, each as a sentence."""
        told = []
        for entry in self._entries:
            if entry.key is None:
                continue
            if not entry.is_used:
                told.append(f"Nobody asked {entry.shown}.")
            elif entry.left:
                told.append(f"Nobody asked {entry.shown} again, so {len(entry.left)} of its answers were not given.")
        return told

    def __str__(self) -> str:
        return ", ".join(entry.shown for entry in self._entries) or "none"
