"""A record that means nothing, for tests of what keeps records."""

from __future__ import annotations

from flyteplugins.hitl._records import Record
from flyteplugins.hitl._store import new_nonce


class Note(Record):
    """Some text."""

    text: str


def note(text: str = "") -> Note:
    return Note(nonce=new_nonce(), text=text)
