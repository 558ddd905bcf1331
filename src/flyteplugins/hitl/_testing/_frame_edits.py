"""What a person would have changed in a table to make a data frame of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._frames import FrameAnswer, FrameTable, table_of
from ..errors import FieldError, InvalidAnswer, InvalidParameter


def edits_of(answer: FrameAnswer, frame: Any) -> dict[str, Any]:
    """The changes that make the frame that a test gives of the one that was asked with.

    Rows are the same where they have the same label in the index; where there is no index, or another order, they are
    counted.

    Raises:
        InvalidAnswer: It has other columns, which nobody can change in a table.
    """
    before = answer.table
    try:
        after = table_of(frame)
    except InvalidParameter as error:
        raise InvalidAnswer(FieldError(field="value", reason=error.detail)) from None
    names, wanted = ([column.name for column in table.columns] for table in (before, after))
    if names != wanted:
        reason = f"The table has the columns {names}, and the frame given {wanted}. Nobody can add or remove columns."
        raise InvalidAnswer(FieldError(field="value", reason=reason))
    kept = _kept(answer.initial, before, frame, after)
    return {
        "edited": [
            [row, number, after.cells[number][place]]
            for place, row in enumerate(kept)
            for number, column in enumerate(before.columns)
            if not column.is_same(before.cells[number][row], after.cells[number][place])
        ],
        "added": [[cells[place] for cells in after.cells] for place in range(len(kept), after.row_count)],
        "removed": sorted(set(range(before.row_count)) - set(kept)),
    }


def _kept(initial: Any, before: FrameTable, frame: Any, after: FrameTable) -> Sequence[int]:
    """The rows of the initial table that are left, in the order in which they begin the other."""
    labels, wanted = _labels(initial), _labels(frame)
    if labels is not None and wanted is not None:
        places = {label: row for row, label in enumerate(labels)}
        kept = [places[label] for label in wanted if label in places]
        is_in_order = kept == sorted(set(kept)) and all(label in places for label in wanted[: len(kept)])
        if is_in_order and len(places) == len(labels):
            return kept
    return range(min(before.row_count, after.row_count))


def _labels(frame: Any) -> list[Any] | None:
    index = getattr(frame, "index", None)
    return None if index is None or callable(index) else list(index)
