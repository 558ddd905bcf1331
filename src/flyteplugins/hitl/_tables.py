"""The tables that people change: kept with the question, and held against what comes back."""

from __future__ import annotations

from pydantic import JsonValue

from ._answers import ROOT, InvalidValue, written
from ._blobs import Blobs
from ._changes import Change
from ._event_loops import in_thread
from ._frames import FrameTable, read_changes
from ._records import Question, StoredFile
from ._store import Store
from .errors import FieldError, InvalidAnswer

_MEDIA_TYPE = "application/json"
_FILE_NAME = "table.json"

MAX_TABLE_BYTES = 64 * 1024 * 1024
"""Twice of what a table may be made of."""


async def kept_table(table: FrameTable, blobs: Blobs) -> StoredFile:
    """Keeps a table, for the page to load."""
    digest, size = await blobs.keep(await in_thread(table.to_bytes))
    return StoredFile(digest=digest, size=size, media_type=_MEDIA_TYPE, file_name=_FILE_NAME)


async def fitting_changes(store: Store, question: Question, value: JsonValue) -> JsonValue:
    """The changes of an answer as the record keeps them, where the question is a table; else the value as it is.

    Raises:
        InvalidAnswer: Some do not fit the table.
    """
    if question.table is None:
        return value
    table = await _table(store, question.table)
    try:
        changes = await in_thread(read_changes, table, value)
    except InvalidValue as error:
        raise InvalidAnswer(
            *(FieldError(field=written((ROOT, *each.path)), reason=each.reason) for each in error.problems)
        ) from None
    return changes.to_json()


async def changes_to_table(store: Store, stored: StoredFile, value: JsonValue) -> tuple[Change, ...]:
    """The changes of an answer one by one, for people to read."""
    table = await _table(store, stored)
    changes = await in_thread(read_changes, table, value)
    return (
        *(
            Change(
                path=f"{_row(table, row)}, {table.columns[column].name}",
                kind="edited",
                before=table.cells[column][row],
                after=cell,
            )
            for row, column, cell in changes.edited
        ),
        *(Change(path="new row", kind="added", before=None, after=list(cells)) for cells in changes.added),
        *(
            Change(path=_row(table, row), kind="removed", before=[column[row] for column in table.cells], after=None)
            for row in changes.removed
        ),
    )


def _row(table: FrameTable, row: int) -> str:
    return f"row {row if table.labels is None else table.labels[row]}"


async def _table(store: Store, stored: StoredFile) -> FrameTable:
    content = await Blobs(store).whole(stored.digest, MAX_TABLE_BYTES)
    return await in_thread(FrameTable.from_bytes, content, f"attachments/{stored.digest}")
