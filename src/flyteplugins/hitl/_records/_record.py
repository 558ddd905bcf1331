"""What all records have in common: immutable, versioned JSON that other programs may read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import DamagedRecord

RecordT = TypeVar("RecordT", bound="Record")

NonEmpty = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Frozen(BaseModel):
    """Immutable, and tolerant of fields that a later version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Record(Frozen):
    """An object in the store.

    Attributes:
        format: The version of the record's layout.
        nonce: Unguessable and unique to the writer. A writer that cannot tell whether its write went through reads
            the object back and looks for its own nonce (see `docs/explanation/storage.md`).
    """

    format: Literal[1] = 1
    nonce: NonEmpty

    def to_bytes(self) -> bytes:
        """The record as it is stored: UTF-8 JSON, indented so that a person can read it."""
        return self.model_dump_json(indent=2).encode()

    @classmethod
    def from_bytes(cls: type[RecordT], content: bytes, path: str) -> RecordT:
        """The one way from the store to a record.

        Raises:
            DamagedRecord: The content is no record of this kind; the message names `path`.
        """
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise DamagedRecord(
                f"{path} is no {cls.__name__.lower()} record: {where}: {first['msg']}. "
                "It was damaged, or something else wrote it; move it away to go on without it."
            ) from None


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Mapping[str, Any] | list[Any]) -> bytes:
    """One spelling of a JSON value, for hashing."""
    return _canonical.encode(value).encode()
