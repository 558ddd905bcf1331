"""Files that people upload: streamed to the store, held against the limits on the way, recorded when they are there.

The bytes come first and the record last, and only what has a record counts. So a connection that is cut, or an app that
is killed, leaves nothing that anybody could take for a whole file.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import secrets
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from pydantic import JsonValue

from ._answers import (
    ROOT,
    UPLOAD_ID,
    FileField,
    Form,
    entries_with,
    field_named,
    size_in_words,
    takes_files,
    types_in_words,
)
from ._clock import Clock
from ._large_objects import LargeObjects
from ._quoting import quoted
from ._records import Question, Uploaded
from ._store import Store, new_nonce
from ._upload_limits import Upload
from .errors import FieldError, InvalidAnswer, MediaTypeRefused, UploadNotFound, UploadTooLarge

MAX_NAME_CHARACTERS = 200
"""File systems take 255 bytes; a page wants less."""

UNKNOWN_TYPE = "application/octet-stream"

_PIECE_BYTES = 1024 * 1024

_HEAD_BYTES = 16
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"II*\x00", 0, "image/tiff"),
    (b"MM\x00*", 0, "image/tiff"),
    (b"%PDF-", 0, "application/pdf"),
)
"""What files begin with whose type can be told for certain. Neither ZIP nor XML: many other types are one of these."""

_TOLD_BY_SIGNATURE = {media_type for _, _, media_type in _SIGNATURES}


class Uploads:
    """The uploads of all requests of one store.

    Args:
        store: Where they are kept.
        clock: Tells the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._objects = LargeObjects(store)
        self._clock = clock

    async def receive(
        self, request_id: str, limits: Upload, chunks: AsyncIterable[bytes], *, name: str, media_type: str
    ) -> Uploaded:
        """Streams a file to the store.

        Args:
            request_id: The request that it is for.
            limits: What the file may be.
            chunks: Its bytes.
            name: What it is called, as the sender says.
            media_type: Its type, as the sender says.

        Raises:
            UploadTooLarge: It has more bytes than the limits say; none of them are kept.
            MediaTypeRefused: Its type is none of those that are taken.
            StoreUnavailable: The store could not be reached.
        """
        name = safe_name(name)
        head, rest = await _begun(chunks)
        told = told_type(head, media_type, name)
        if not limits.takes_type(told):
            raise _type_refused(name, told, limits)
        counted = _Counted(rest, name, limits)
        upload_id = _new_id()
        await self._objects.put_stream(_content_path(request_id, upload_id), counted)
        record = Uploaded(
            nonce=new_nonce(),
            request_id=request_id,
            upload_id=upload_id,
            name=name,
            media_type=told,
            size=counted.size,
            sha256=counted.digest.hexdigest(),
            received_at=self._clock.now(),
        )
        await self._store.create(_record_path(request_id, upload_id), record)
        return record

    async def read(self, request_id: str, upload_id: str) -> Uploaded:
        """Reads the record of an upload.

        Raises:
            UploadNotFound: The request has no such upload.
        """
        record = None
        if UPLOAD_ID.fullmatch(upload_id):
            record = await self._store.read(_record_path(request_id, upload_id), Uploaded)
        if record is None or (record.request_id, record.upload_id) != (request_id, upload_id):
            raise UploadNotFound("The question has no such upload. Upload the file again.")
        return record

    async def content(self, upload: Uploaded) -> AsyncIterator[bytes]:
        """The bytes of an upload, a piece at a time."""
        path = _content_path(upload.request_id, upload.upload_id)
        for start in range(0, upload.size, _PIECE_BYTES):
            yield await self._objects.part(path, start, min(start + _PIECE_BYTES, upload.size))

    async def resolved(self, request_id: str, question: Question, value: JsonValue) -> JsonValue:
        """An answer with all that is known of its uploads in place of their bare ids.

        Raises:
            InvalidAnswer: An upload is none of this request, or is not what its field takes.
        """
        if not takes_files(question.answer_schema):
            return value
        form = Form(question.answer_schema)
        fields = [each for each in form.field(form.filled(value)).walk() if isinstance(each, FileField)]
        found = await asyncio.gather(*(self._fitting(request_id, field) for field in fields))
        errors = [each for one in found for each in one if isinstance(each, FieldError)]
        if errors:
            raise InvalidAnswer(*errors)
        known = {each.upload_id: each for one in found for each in one if isinstance(each, Uploaded)}
        return form.mapped(value, {"file": lambda leaf: _described(known[_id_of(leaf)])})

    async def _fitting(self, request_id: str, field: FileField) -> list[Uploaded | FieldError]:
        """The uploads of a field, or what is wrong with each."""
        found: list[Uploaded | FieldError] = []
        for number, upload_id in enumerate(field.uploads):
            try:
                upload = await self.read(request_id, upload_id)
                _check_fits(upload, field.limits)
                found.append(upload)
            except (UploadNotFound, UploadTooLarge, MediaTypeRefused) as error:
                path = f"{field.path}.{number}" if field.takes_several else field.path
                found.append(FieldError(field=path, reason=error.detail))
        return found

    def as_file(self, request_id: str, leaf: JsonValue) -> JsonValue:
        """An upload as Flyte's `File` is made of it."""
        content: dict[str, Any] = leaf if isinstance(leaf, dict) else {}
        path = self._objects.url_of(_content_path(request_id, _id_of(leaf)))
        # Flyte takes the hash for the key of its cache, so the same bytes are the same input, wherever they lie.
        return {"path": path, "name": content.get("name"), "hash": content.get("sha256")}


def file_field(question: Question, name: str) -> FileField | None:
    """The field of a question that takes files of this name, if there is one."""
    if name != ROOT and not name.startswith(f"{ROOT}."):
        return None
    return field_named(Form(question.answer_schema).field(entries_with(name)), name)


def safe_name(name: str) -> str:
    """What a file is called, less all that a name is misused for: folders, control characters, changes of direction."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rpartition("/")[2]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    kept = " ".join(shown.split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > MAX_NAME_CHARACTERS and dot and len(ending) <= 10:
        kept = stem[: MAX_NAME_CHARACTERS - len(ending) - 1] + dot + ending
    return kept[:MAX_NAME_CHARACTERS] or "file"


def told_type(head: bytes, declared: str, name: str) -> str:
    """The media type of a file: what it begins with counts more than what its sender says."""
    for signature, offset, media_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return media_type
    said = declared.partition(";")[0].strip().lower()
    if said in ("", UNKNOWN_TYPE, "application/x-www-form-urlencoded"):
        said = mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
    return UNKNOWN_TYPE if said in _TOLD_BY_SIGNATURE else said


class _Counted:
    """The bytes of a file on their way, counted and hashed."""

    def __init__(self, chunks: AsyncIterable[bytes], name: str, limits: Upload) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self._chunks = chunks
        self._name = name
        self._limits = limits

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size += len(chunk)
            check_size(self.size, self._name, self._limits)
            self.digest.update(chunk)
            if chunk:
                yield chunk


def check_size(size: int, name: str, limits: Upload) -> None:
    """Holds a size against the limits.

    Raises:
        UploadTooLarge: It is more.
    """
    if limits.max_bytes is not None and size > limits.max_bytes:
        raise UploadTooLarge(
            f"{quoted(name)} is too large: at most {size_in_words(limits.max_bytes)} ({limits.max_bytes:,} bytes) are "
            "taken. Upload a smaller file."
        )


def _check_fits(upload: Uploaded, limits: Upload) -> None:
    check_size(upload.size, upload.name, limits)
    if not limits.takes_type(upload.media_type):
        raise _type_refused(upload.name, upload.media_type, limits)


async def _begun(chunks: AsyncIterable[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The first bytes, and all of them."""
    iterator = aiter(chunks)
    first = b""
    async for chunk in iterator:
        first += chunk
        if len(first) >= _HEAD_BYTES:
            break

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in iterator:
            yield chunk

    return first[:_HEAD_BYTES], whole()


def _described(upload: Uploaded) -> JsonValue:
    return {
        "upload": upload.upload_id,
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
    }


def _id_of(leaf: JsonValue) -> str:
    return str(leaf.get("upload")) if isinstance(leaf, dict) else ""


def _type_refused(name: str, media_type: str, limits: Upload) -> MediaTypeRefused:
    told = "what type it is cannot be told" if media_type == UNKNOWN_TYPE else f"it is of type {media_type}"
    return MediaTypeRefused(f"{quoted(name)} is not taken: {told}. Upload one of these: {types_in_words(limits)}.")


def _new_id() -> str:
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _record_path(request_id: str, upload_id: str) -> str:
    return f"uploads/{request_id}/{upload_id}.json"


def _content_path(request_id: str, upload_id: str) -> str:
    # Nothing of the sender's is in it: not even the name of the file, nor its ending.
    return f"uploads/{request_id}/{upload_id}"
