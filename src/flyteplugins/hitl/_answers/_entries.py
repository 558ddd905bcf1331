"""What a form holds: names and texts in the order of the page, as browsers send them.

The whole answer is called `value`; what is inside of it is named by its place, such as `value.items.3.price`. A list
says which rows it has, and in which order, by an entry of its own name for each: so rows can be added, removed and
moved without naming anything anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

ROOT = "value"

Pair = tuple[str, str]


class Entries:
    """The entries of a form. Never changed: every action makes new ones."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = tuple(pairs)
        self._texts: defaultdict[str, list[str]] = defaultdict(list)
        for name, text in self._pairs:
            self._texts[name].append(text)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._pairs)

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def all(self, name: str) -> Sequence[str]:
        """Every text of a name, in order."""
        return self._texts.get(name, ())

    def one(self, name: str) -> str | None:
        """The last text of a name, or `None` where there is none."""
        texts = self.all(name)
        return texts[-1] if texts else None

    def rows(self, name: str) -> Sequence[str]:
        """The rows of a list, each once."""
        return tuple(dict.fromkeys(self.all(name)))

    def with_row(self, name: str, more: Iterable[Pair] = ()) -> Entries:
        """One more row at the end of a list."""
        return Entries((*self._pairs, (name, self.free_row(name)), *more))

    def free_row(self, name: str) -> str:
        """A name that no row of the list has."""
        taken = {int(row) for row in self.all(name) if row.isascii() and row.isdigit() and len(row) < 10}
        return str(max(taken, default=-1) + 1)

    def without_row(self, name: str, row: str) -> Entries:
        """One row less, with all that is in it."""
        inside = f"{name}.{row}."
        return Entries(
            pair
            for pair in self._pairs
            if pair != (name, row) and pair[0] != inside[:-1] and not pair[0].startswith(inside)
        )

    def with_row_moved(self, name: str, row: str, steps: int) -> Entries:
        """One row further up or down."""
        rows = list(self.rows(name))
        if row not in rows:
            return self
        place = rows.index(row)
        rows.insert(min(max(place + steps, 0), len(rows) - 1), rows.pop(place))
        return Entries((*(pair for pair in self._pairs if pair[0] != name), *((name, each) for each in rows)))


def inside(name: str, step: str | int) -> str:
    """The name of what is inside of something."""
    return f"{name}.{str(step).replace('~', '~0').replace('.', '~1')}"
