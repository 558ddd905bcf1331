"""A data frame that is asked for: the person changes a table, and the workflow gets the frame that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from .._answers import Answer
from .._changes import FrameChange
from .._keywords import KIND as KIND_KEYWORD
from .._quoting import shown
from ..errors import InvalidParameter
from ._changes import CHANGES_SCHEMA, FrameChanges, read_changes
from ._frame_type import KIND
from ._frames import apply_changes, is_frame, list_changes, table_of
from ._table import FrameTable


@dataclass(frozen=True, kw_only=True)
class FrameAnswer(Answer[Any]):
    """A data frame that is asked for, made of one that is there.

    Attributes:
        initial: The frame that the person changes. It stays as it is.
        table: What the person sees of it.
    """

    initial: Any = field(repr=False)
    table: FrameTable = field(repr=False)

    def from_json(self, value: JsonValue) -> Any:
        return apply_changes(self.initial, self._changes(value))

    def initial_json(self, value: object) -> JsonValue:
        """No change: the table, which is kept beside the question, is the frame as it was given."""
        return FrameChanges().to_json()

    def fallback_json(self, value: object) -> JsonValue:
        """The value of `on_timeout=`: the frame as it is, for the record keeps changes only.

        Raises:
            InvalidParameter: It is another frame.
        """
        is_same = value is self.initial or (is_frame(value) and table_of(value).to_bytes() == self.table.to_bytes())
        if not is_same:
            raise InvalidParameter(
                "`on_timeout` is another frame than `initial`. Give the same one, to go on with it unchanged; or leave "
                "`on_timeout` out, and catch the TimeoutError."
            )
        return FrameChanges().to_json()

    def changes(self, before: JsonValue, after: JsonValue) -> tuple[FrameChange, ...]:
        return list_changes(self.initial, self._changes(after))

    def _changes(self, value: JsonValue) -> FrameChanges:
        return read_changes(self.table, value)


def frame_answer(data_type: Any, initial: object) -> FrameAnswer:
    """What a workflow asks for by `data_type=` a data frame.

    Raises:
        InvalidParameter: There is no frame to start from, or one that cannot be edited as a table.
    """
    if not is_frame(initial):
        given = "is missing" if initial is None else f"is a {type(initial).__name__}: {shown(initial)}"
        raise InvalidParameter(f"`initial` {given}. A data frame is asked for by the frame to change: `initial=frame`.")
    if not isinstance(initial, data_type):
        raise InvalidParameter(
            f"`initial` is of {type(initial).__module__.partition('.')[0]}, but `data_type` of "
            f"{data_type.__module__.partition('.')[0]}. Give a frame of the library that you ask for."
        )
    return FrameAnswer(
        data_type=data_type,
        name=data_type.__name__,
        schema={**CHANGES_SCHEMA, KIND_KEYWORD: KIND},
        needs_workflow=False,
        initial=initial,
        table=table_of(initial),
    )
