"""Data frames as answers: a table that a person changes, the changes as a short list, the frame that comes of them."""

from .._answers import register
from ._changes import FrameChanges, InvalidChanges, read_changes
from ._frame_answer import FrameAnswer, frame_answer
from ._frame_type import FrameType
from ._frames import apply_changes, is_frame, is_frame_type, list_changes, table_of
from ._table import FrameTable

__all__ = [
    "FrameAnswer",
    "FrameChanges",
    "FrameTable",
    "InvalidChanges",
    "apply_changes",
    "frame_answer",
    "is_frame",
    "is_frame_type",
    "list_changes",
    "read_changes",
    "table_of",
]

register(FrameType())
