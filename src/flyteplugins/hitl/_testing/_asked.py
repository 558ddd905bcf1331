"""What a workflow asked, for a test to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, overload

from .._outcome import Status
from ..errors import FieldError
from ._clock import Clock


@dataclass(eq=False, kw_only=True)
class AskedQuestion:
    """A question as the workflow asked it, and what became of it. Functions that answer are given it.

    Attributes:
        name: The event's name.
        prompt: The message on the form, as it was written.
        data_type: The type of the answer; of a review, that of the whole list.
        show: The titles of what is shown, in order; the name of the file where there is no title.
        initial: What the form is filled with, of the answer's type where that can be; `None` for nothing. Of a review,
            a list with the suggestion for each item.
        items: The items of a review, as the page gets them; else empty.
        asked_at: When it was asked, in UTC, by the clock of the test.
        deadline: Until when it can be answered; `None` for no limit.
        times_asked: How often it was asked: more than once by a task that is tried again, or with a key.
        answer: What was answered, as the test gave it; `None` before.
        errors: Why answers were refused, by field, all of them in order.
        status: Where it stands.
    """

    name: str
    prompt: str
    data_type: Any
    show: tuple[str, ...]
    initial: Any
    items: tuple[Any, ...]
    asked_at: datetime
    deadline: datetime | None
    times_asked: int = 1
    answer: Any = None
    errors: list[FieldError] = field(default_factory=list)
    status: Status = Status.PENDING

    def __repr__(self) -> str:
        return f"AskedQuestion(name={self.name!r}, prompt={self.prompt!r}, answer={self.answer!r})"


# No `Sequence` by name: type checkers would object to a name being looked for among questions.
class Asked:
    """What was asked, in order; by number, or by name: `asked["review"]` is the last one of that name.

    Attributes:
        clock: The time of the test.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self._questions: list[AskedQuestion] = []

    @property
    def names(self) -> list[str]:
        """The names of what was asked, in order."""
        return [question.name for question in self._questions]

    def named(self, pattern: str) -> list[AskedQuestion]:
        """All that was asked by this name, in order.

        Args:
            pattern: A name, or a pattern such as `label*`.
        """
        return [each for each in self._questions if each.name == pattern or fnmatchcase(each.name, pattern)]

    @overload
    def __getitem__(self, which: int | str) -> AskedQuestion: ...

    @overload
    def __getitem__(self, which: slice) -> Sequence[AskedQuestion]: ...

    def __getitem__(self, which: int | str | slice) -> AskedQuestion | Sequence[AskedQuestion]:
        if not isinstance(which, str):
            return self._questions[which]
        for question in reversed(self._questions):
            if question.name == which:
                return question
        asked = ", ".join(map(repr, self.names)) or "nothing"
        raise KeyError(f"Nobody asked {which!r}. Asked was: {asked}.")

    def __contains__(self, which: object) -> bool:
        return which in self._questions or which in self.names

    def __iter__(self) -> Iterator[AskedQuestion]:
        return iter(tuple(self._questions))

    def __len__(self) -> int:
        return len(self._questions)

    def __repr__(self) -> str:
        return f"Asked({self.names!r})"

    def _add(self, question: AskedQuestion) -> None:
        self._questions.append(question)
