"""Data frames as answers: from a frame to the table that a person edits, and back to a frame.

Neither pandas nor polars is needed to import this: a frame is known by the name of its type, and whoever has one has
its library too.
"""

from __future__ import annotations

from typing import Any

from .._changes import FrameChange
from .._quoting import shown
from ..errors import InvalidParameter
from ._changes import FrameChanges
from ._library import FrameLibrary
from ._table import FrameTable


def is_frame_type(python_type: object) -> bool:
    """Whether a type is that of a data frame that can be edited."""
    return _library_name(python_type) is not None


def is_frame(value: object) -> bool:
    """Whether a value is a data frame that can be edited."""
    return is_frame_type(type(value))


def table_of(frame: Any) -> FrameTable:
    """The table that a person edits.

    Raises:
        InvalidParameter: The value is no data frame, or one that cannot be edited as a table.
    """
    return _library(frame).table(frame)


def apply_changes(frame: Any, changes: FrameChanges) -> Any:
    """The frame that came of the changes, of the same library, with the same columns and types.

    Args:
        frame: The initial frame, which stays as it is.
        changes: What `read_changes` made of an answer to the table of just this frame.
    """
    return _library(frame).apply(frame, changes)


def list_changes(frame: Any, changes: FrameChanges) -> tuple[FrameChange, ...]:
    """The changes one by one, in the values of the frame: first the edited cells, then the added and removed rows.

    Args:
        frame: The initial frame.
        changes: What `read_changes` made of an answer to the table of just this frame.
    """
    library = _library(frame)
    result = library.apply(frame, changes)
    labels, new_labels, names = library.labels(frame), library.labels(result), library.names(frame)
    kept = changes.kept_rows(len(labels))
    position = {row: number for number, row in enumerate(kept)}
    rows = sorted({row for row, _, _ in changes.edited})
    before = dict(zip(rows, library.rows(frame, rows), strict=True))
    after = dict(zip(rows, library.rows(result, [position[row] for row in rows]), strict=True))
    new_rows = range(len(kept), len(kept) + len(changes.added))
    return (
        *(
            FrameChange(
                kind="edited",
                row=labels[row],
                column=names[column],
                before=before[row][column],
                after=after[row][column],
            )
            for row, column, _ in changes.edited
        ),
        *(
            FrameChange(kind="added", row=new_labels[row], after=values)
            for row, values in zip(new_rows, library.rows(result, new_rows), strict=True)
        ),
        *(
            FrameChange(kind="removed", row=labels[row], before=values)
            for row, values in zip(changes.removed, library.rows(frame, changes.removed), strict=True)
        ),
    )


def _library_name(python_type: object) -> str | None:
    if getattr(python_type, "__name__", None) != "DataFrame":
        return None
    package = str(getattr(python_type, "__module__", "")).partition(".")[0]
    return package if package in ("pandas", "polars") else None


def _library(frame: object) -> FrameLibrary:
    name = _library_name(type(frame))
    if name == "pandas":
        from ._pandas import PandasFrames

        return PandasFrames()
    if name == "polars":
        from ._polars import PolarsFrames

        return PolarsFrames()
    raise InvalidParameter(
        f"{shown(frame)} is a {type(frame).__name__}, not a data frame that can be edited. "
        "Give a `pandas.DataFrame` or a `polars.DataFrame`; convert another one to that first."
    )
