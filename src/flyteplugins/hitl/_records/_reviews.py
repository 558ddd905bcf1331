"""The items of a review, and what was decided on them so far."""

from __future__ import annotations

import hashlib

from pydantic import AwareDatetime, Field, JsonValue

from ._question import Initial
from ._record import Frozen, Record, canonical_json


class Item(Frozen):
    """One item of a review.

    Attributes:
        shown: What is decided on: text in Markdown, a number, or an object whose members are shown by name.
        initial: The suggestion, if there is one.
        group: What items that are alike have in common, if the author says so.
    """

    shown: JsonValue
    initial: Initial | None = None
    group: str | None = None


class Items(Record):
    """Some items of a review, in order. The path says the hash of them."""

    items: tuple[Item, ...] = Field(min_length=1)

    def digest(self) -> str:
        """What they are called: the same items have the same name, whoever keeps them."""
        content = [item.model_dump(mode="json", exclude_defaults=True) for item in self.items]
        return hashlib.sha256(canonical_json(content)).hexdigest()


class Batch(Record):
    """An entry in the log of a review: decisions that were made together. A later entry has the word on an item.

    Attributes:
        decided: The decisions, as JSON, by the number of the item, from 0.
        withdrawn: The items that are undecided again.
        responder: Who decided, as far as the app knows for certain.
        made_at: When, in UTC.
    """

    decided: dict[int, JsonValue] = Field(default_factory=dict)
    withdrawn: tuple[int, ...] = ()
    responder: str | None = None
    made_at: AwareDatetime


class Snapshot(Record):
    """What the first entries of a review's log come to, so that nobody has to read them all.

    Attributes:
        number: How many entries it holds.
        decided: The decisions that stand, by the number of the item.
        nonces: Those of the last entries, by which one that is sent again is known.
    """

    number: int = Field(ge=1)
    decided: dict[int, JsonValue]
    nonces: tuple[str, ...]
