"""What a figure is: the samples of one measurement, for both plugins, and the goal that they are held against."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

NOTHING = "–"
"""Stands where there is nothing to say."""


@dataclass(frozen=True)
class Samples:
    """What was measured, each time."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Samples:
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """What 95 of 100 samples do not go beyond."""
        ordered = sorted(self.values)
        return ordered[math.ceil(0.95 * len(ordered)) - 1]

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Goal:
    """What a figure should reach.

    Attributes:
        number: The limit, in the figure's unit; or a factor.
        is_times_earlier: Whether it is a factor of what the earlier plugin reaches.
    """

    number: float
    is_times_earlier: bool = False

    def limit(self, earlier: float | None) -> float | None:
        """The limit in the figure's unit, or `None` where the earlier plugin was not measured."""
        if not self.is_times_earlier:
            return self.number
        return None if earlier is None else self.number * earlier


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the table.

    Attributes:
        what: What was measured.
        unit: Its unit, as it is written after the number.
        this: The samples of this plugin.
        earlier: The samples of the earlier plugin, or `None` where it has nothing of the kind.
        goal: What this plugin should reach, or `None`.
        is_more_better: Whether a larger number is the better one.
        statistic: Which number of the samples counts.
    """

    what: str
    unit: str
    this: Samples
    earlier: Samples | None = None
    goal: Goal | None = None
    is_more_better: bool = False
    statistic: Literal["median", "p95"] = "median"

    @property
    def this_number(self) -> float:
        return self.number_of(self.this)

    @property
    def earlier_number(self) -> float | None:
        return None if self.earlier is None else self.number_of(self.earlier)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; `None` where there is none, or nothing to hold it against."""
        limit = None if self.goal is None else self.goal.limit(self.earlier_number)
        if limit is None:
            return None
        return self.this_number >= limit if self.is_more_better else self.this_number <= limit

    @property
    def times_better(self) -> float | None:
        """How many times better than the earlier plugin this one is; `None` where that cannot be said."""
        earlier = self.earlier_number
        better, worse = (self.this_number, earlier) if self.is_more_better else (earlier, self.this_number)
        return None if better is None or not worse else better / worse

    def number_of(self, samples: Samples) -> float:
        """The number of the samples that counts."""
        return samples.p95 if self.statistic == "p95" else samples.median


def written(value: float) -> str:
    """A number with three significant digits, for people."""
    if value == 0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
