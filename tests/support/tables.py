"""Questions that ask for a data frame, as `new_event` puts them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from flyteplugins.hitl._blobs import Blobs
from flyteplugins.hitl._frames import FrameAnswer, frame_answer
from flyteplugins.hitl._records import Question
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._tables import kept_table


@dataclass(frozen=True)
class AskedTable:
    """A question for a frame, and what makes the frame of its answer."""

    question: Question
    answer: FrameAnswer


def asked_table(store: Store, frame: Any, *, name: str = "readings") -> AskedTable:
    """Keeps the table of a frame, and makes the question that asks for it."""
    answer = frame_answer(type(frame), frame)
    stored = asyncio.run(kept_table(answer.table, Blobs(store)))
    content = Question(
        name=name, prompt="Please correct it.", data_type=answer.name, answer_schema=answer.schema, table=stored
    )
    return AskedTable(content, answer)
