"""What a person changed of what the form was filled with, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between what a form was filled with and the answer.

    Attributes:
        path: Where, such as `items.0.price`; empty for the whole.
        kind: `edited`, `added` or `removed`.
        before: What stood there, as JSON; `None` where nothing did.
        after: What stands there now, as JSON; `None` where nothing does.
    """

    path: str
    kind: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, kw_only=True)
class FrameChange:
    """One thing that a person changed in a data frame.

    Attributes:
        kind: `edited` for a cell; `added` or `removed` for a row.
        row: The label of the row in the index; in polars, its number from 0, which for an added row is its number in
            the new frame, and else in the initial one.
        column: The name of the column, for a cell.
        before: What the cell held, or the values of the row that is gone, as a tuple.
        after: What the cell holds now, or the values of the new row, as a tuple.
    """

    kind: Literal["edited", "added", "removed"]
    row: Any
    column: Any = None
    before: Any = None
    after: Any = None
