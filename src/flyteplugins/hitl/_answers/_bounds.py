"""Bounds of values that JSON writes as text: JSON Schema's own bounds are for numbers only.

The keywords are those that ajv made common: `formatMinimum`, `formatMaximum` and their exclusive forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._node import Node
from ._values import InvalidValue

KEYWORDS = {
    "ge": "formatMinimum",
    "gt": "formatExclusiveMinimum",
    "le": "formatMaximum",
    "lt": "formatExclusiveMaximum",
}
"""By the name of pydantic's constraint."""

_IN_WORDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def check_bounds(node: Node, value: Any, read: Callable[[str], Any]) -> None:
    """Holds a value against the bounds of the schema.

    Args:
        node: The schema.
        value: The value, of a type that can be compared.
        read: Reads a bound.

    Raises:
        InvalidValue: It is beyond one.
    """
    for constraint, keyword in KEYWORDS.items():
        text = node.get(keyword)
        if text is not None and not _is_within(constraint, value, read(str(text))):
            raise InvalidValue(f"It must be {_IN_WORDS[constraint]} {text}.")


def bounds_in_words(node: Node) -> str:
    """The bounds, for a hint; empty where there are none."""
    return ", ".join(
        f"{_IN_WORDS[constraint]} {node[keyword]}" for constraint, keyword in KEYWORDS.items() if keyword in node
    )


def _is_within(constraint: str, value: Any, bound: Any) -> bool:
    within = {
        "ge": lambda: value >= bound,
        "gt": lambda: value > bound,
        "le": lambda: value <= bound,
        "lt": lambda: value < bound,
    }
    return bool(within[constraint]())
