"""What is wrong with a value, and where in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from .._quoting import quoted, shown

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands inside a value: names of an object's members and numbers of a list's items."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        reason: Why, as a sentence for the person who typed it.
        path: Where in the value; empty for all of it.
    """

    reason: str
    path: Path = ()

    def below(self, step: str | int) -> Problem:
        """The same problem, seen from one step further up."""
        return Problem(self.reason, (step, *self.path))


class InvalidValue(ValueError):
    """A value is not of the type; all that is wrong with it."""

    def __init__(self, *problems: str | Problem) -> None:
        self.problems = tuple(Problem(each) if isinstance(each, str) else each for each in problems)
        super().__init__(" ".join(each.reason for each in self.problems))


class Problems:
    """Gathers what is wrong with the parts of a value, so that a person is told all of it at once.

    Example:
        ```python
        problems = Problems()
        for number, item in enumerate(items):
            with problems.at(number):
                ...  # may raise InvalidValue
        problems.raise_any()
        ```
    """

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, reason: str, path: Path = ()) -> None:
        self._found.append(Problem(reason, path))

    @contextmanager
    def at(self, step: str | int) -> Iterator[None]:
        try:
            yield
        except InvalidValue as error:
            self._found.extend(problem.below(step) for problem in error.problems)

    def raise_any(self) -> None:
        if self._found:
            raise InvalidValue(*self._found)


def written(path: Iterable[str | int]) -> str:
    """A path as errors name it: `items.0.price`. A dot in a name is written `~1`, a tilde `~0`."""
    return ".".join(str(step).replace("~", "~0").replace(".", "~1") for step in path)


def described(value: object) -> str:
    """A JSON value in the words of JSON, so that the person who sent it recognises it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return "A list" if isinstance(value, list) else "An object"
    return quoted(value) if isinstance(value, str) else shown(value)


def spoken(name: str) -> str:
    """A name of a program as a label: `review_decision` is read as “Review decision”."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split()) or name
    return words[:1].upper() + words[1:]


def listed(words: Sequence[str], limit: int = 12) -> str:
    """Words in a sentence, not all of them where there are many."""
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more
