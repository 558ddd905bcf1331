"""Files that people upload."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from ._record import NonEmpty, Record


class Uploaded(Record):
    """A file that somebody uploaded to answer a request with. Written last: what has no record is no upload.

    Attributes:
        request_id: The request that it is for, and the only one.
        upload_id: Names the upload; unguessable, and part of the path of its bytes.
        name: What the file is called, for people; never part of a path.
        media_type: Its type, as far as it could be told.
        size: Its size, in bytes.
        sha256: The hash of its bytes, in hexadecimal.
        received_at: When, in UTC.
    """

    request_id: NonEmpty
    upload_id: NonEmpty
    name: NonEmpty
    media_type: NonEmpty
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    received_at: AwareDatetime
