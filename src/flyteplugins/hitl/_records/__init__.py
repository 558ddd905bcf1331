"""What is kept in the store: immutable, versioned JSON that other programs may read.

Documented field by field in `docs/reference/records.md`. A record is never changed once it is written; what may
change, the status, is derived from which records there are.
"""

from .._outcome import Channel, Status
from ._checks import Candidate, Heartbeat, Reason, Verdict
from ._open import OpenChunk, OpenEntry
from ._question import Attachment, Chunk, Fallback, Initial, Question, Review, StoredFile
from ._record import Digest, Frozen, NonEmpty, Record, RecordT, canonical_json
from ._request import Identity, Origin, Request
from ._response import Response, status_of
from ._reviews import Batch, Item, Items, Snapshot
from ._upkeep import CheckedEndpoint, Endpoint, PushTarget, SigningKey, StoreCheck
from ._uploads import Uploaded

__all__ = [
    "Attachment",
    "Batch",
    "Candidate",
    "Channel",
    "CheckedEndpoint",
    "Chunk",
    "Digest",
    "Endpoint",
    "Fallback",
    "Frozen",
    "Heartbeat",
    "Identity",
    "Initial",
    "Item",
    "Items",
    "NonEmpty",
    "OpenChunk",
    "OpenEntry",
    "Origin",
    "PushTarget",
    "Question",
    "Reason",
    "Record",
    "RecordT",
    "Request",
    "Response",
    "Review",
    "SigningKey",
    "Snapshot",
    "Status",
    "StoreCheck",
    "StoredFile",
    "Uploaded",
    "Verdict",
    "canonical_json",
    "status_of",
]
