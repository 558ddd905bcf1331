"""What a measurement is: a name, the words that go with it on the page, and what makes its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.figures import Figure


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One measurement.

    Attributes:
        name: Chooses it on the command line.
        title: Its heading on the page.
        method: How it is measured, in Markdown.
        caveats: What of it is not fair, or cannot be compared: a list in Markdown.
        seconds: How long it may take.
        figures: Takes it.
    """

    name: str
    title: str
    method: str
    caveats: str = ""
    seconds: float
    figures: Callable[[Bench], list[Figure]]
