"""What a file may be that is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._keywords import MAX_BYTES, MEDIA_TYPES
from .errors import InvalidParameter

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What a file may be that is asked for.

    Attributes:
        max_bytes: The largest file that is taken, in bytes; `None` for as much as the app takes.
        media_types: The media types that are taken, such as `application/pdf` or `image/*`; empty for any.

    Example:
        ```python
        Scan = Annotated[File, hitl.Upload(max_bytes=50_000_000, media_types=("image/*", "application/pdf"))]
        event = hitl.new_event("scan", data_type=Scan)
        ```
    """

    max_bytes: int | None = None
    media_types: Sequence[str] = ()

    def __post_init__(self) -> None:
        is_number = isinstance(self.max_bytes, int) and not isinstance(self.max_bytes, bool) and self.max_bytes > 0
        if self.max_bytes is not None and not is_number:
            raise InvalidParameter(f"`max_bytes={self.max_bytes!r}` is not a whole number of bytes above zero.")
        if isinstance(self.media_types, str):
            raise InvalidParameter(f"`media_types` is one text. Write `media_types=({self.media_types!r},)`.")
        given: Sequence[object] = self.media_types
        for media_type in given:
            if not isinstance(media_type, str) or not is_media_type(media_type):
                raise InvalidParameter(
                    f"`media_types` holds {media_type!r}, which is no media type in small letters. Write one such as "
                    "`application/pdf`, or `image/*`."
                )

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        if self.max_bytes is not None:
            schema[MAX_BYTES] = self.max_bytes
        if self.media_types:
            schema[MEDIA_TYPES] = list(self.media_types)
        return schema

    def capped(self, max_bytes: int) -> Upload:
        """The same, with no more bytes than this."""
        return Upload(max_bytes=min(self.max_bytes or max_bytes, max_bytes), media_types=self.media_types)

    def takes_type(self, media_type: str) -> bool:
        """Whether a file may be of a media type."""
        family = media_type.partition("/")[0] + "/*"
        return not self.media_types or media_type in self.media_types or family in self.media_types


def is_media_type(text: str) -> bool:
    """Whether a text names a media type, or a family of them such as `image/*`."""
    return re.fullmatch(r"[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\*)", text) is not None
