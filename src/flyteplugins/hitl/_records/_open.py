"""The index of open requests: what a list of them shows, many requests an object. It decides nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ._record import Frozen, NonEmpty, Record
from ._request import Origin

RequestId = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]


class OpenEntry(Frozen):
    """A request as a list shows it.

    Attributes:
        request_id: Names the request.
        name: The event's name.
        created_at: When it was asked, in UTC.
        deadline: The moment after which no answer is taken, in UTC; `null` for none.
        origin: Who asks.
        data_type: What the answer type is called, such as `bool`; of a review, the type of one decision.
        items: How many items there are to decide on; `null` where the question is no review.
    """

    request_id: RequestId
    name: NonEmpty
    created_at: AwareDatetime
    deadline: AwareDatetime | None
    origin: Origin
    data_type: NonEmpty
    items: int | None = Field(default=None, ge=1)


class OpenChunk(Record):
    """Requests that were open when this was written.

    An entry is there or not, and is never another one; so whoever takes out what is closed may do so at any time.

    Attributes:
        entries: The requests, the oldest first; all of them asked within a few seconds.
    """

    entries: tuple[OpenEntry, ...]
