"""What a test gives as an answer, as a program would send it: JSON, with the files uploaded beforehand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from pydantic import JsonValue, SecretBytes, SecretStr
from pydantic_core import PydanticSerializationError, to_jsonable_python

from .._answers import Answer, FileField, Form, InvalidValue, TypedAnswer, takes_files
from .._frames import FrameAnswer, is_frame
from .._quoting import shown
from .._records import Request
from .._settings import Settings
from .._uploads import Uploads
from ..errors import FieldError, HitlError, InvalidAnswer
from ._frame_edits import edits_of

_PIECE_BYTES = 1024 * 1024


async def sent(answer: Answer[Any], value: object, request: Request, uploads: Uploads) -> object:
    """An answer as it is sent.

    Args:
        answer: What is asked for.
        value: What the test gives: a value of the type, or JSON; files by a path or their bytes; a data frame as it is
            to be, or the changes.
        request: What it answers.
        uploads: Takes the files.

    Raises:
        InvalidAnswer: It cannot be sent, or a file is not taken.
    """
    if isinstance(answer, FrameAnswer):
        return await asyncio.to_thread(edits_of, answer, value) if is_frame(value) else value
    files = _Files(takes_files(answer.schema))
    content = files.replaced(*_dumped(answer, value))
    if not files.found:
        return content
    return await _uploaded(Form(answer.schema), content, files.found, request, uploads)


def _dumped(answer: Answer[Any], value: object) -> tuple[Any, Any]:
    if isinstance(answer, TypedAnswer):
        # It is JSON already, or what has to be refused; on which the author's own types may fail in any way.
        with contextlib.suppress(Exception):
            return answer.dumped(value)
    return _NOTHING, value


_NOTHING = object()


@dataclass
class _Files:
    """Takes the files out of a value, and leaves an id for each."""

    are_taken: bool
    found: dict[str, Any] = field(default_factory=dict)

    def replaced(self, json: Any, value: Any) -> Any:
        """The value as JSON.

        Args:
            json: What its type makes of it; nothing where it is not of the type.
            value: The same with secrets and files as they are.
        """
        if isinstance(value, (SecretStr, SecretBytes)):
            return self._plain(value.get_secret_value())
        if self.are_taken and _is_file(value):
            return self._named(value)
        if isinstance(value, Mapping):
            known = list(json.values()) if isinstance(json, dict) and len(json) == len(value) else None
            keys = list(json) if known is not None else [self._plain(key) for key in value]
            return {
                key: self.replaced(_NOTHING if known is None else known[number], each)
                for number, (key, each) in enumerate(zip(keys, value.values(), strict=True))
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            listed = json if isinstance(json, list) and len(json) == len(value) else [_NOTHING] * len(value)
            return [self.replaced(*pair) for pair in zip(listed, value, strict=True)]
        return self._plain(value) if json is _NOTHING else json

    def _named(self, value: Any) -> JsonValue:
        name = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
        self.found[name] = value
        return {"upload": name}

    @staticmethod
    def _plain(value: Any) -> Any:
        try:
            return to_jsonable_python(value, by_alias=True, round_trip=True)
        except (PydanticSerializationError, UnicodeDecodeError):
            reason = f"{shown(value)} is a {type(value).__name__}, which nobody can type or send."
            raise InvalidAnswer(FieldError(field="value", reason=reason)) from None


def _is_file(value: Any) -> bool:
    if isinstance(value, (bytes, PurePath)):
        return True
    # As Flyte's own files are, and what is left of one in a model.
    path = value.get("path") if isinstance(value, Mapping) else getattr(value, "path", None)
    return isinstance(path, str) and (not isinstance(value, Mapping) or "upload" not in value)


async def _uploaded(
    form: Form, content: Any, found: Mapping[str, Any], request: Request, uploads: Uploads
) -> JsonValue:
    try:
        parsed = form.parse_json(content)
    except InvalidValue:
        return content  # type: ignore[no-any-return]  # It is refused for that, whatever the files.
    ids: dict[str, str] = {}
    fields = [each for each in form.field(form.filled(parsed)).walk() if isinstance(each, FileField)]
    for each in fields:
        for name in each.uploads:
            if name in found:
                ids[name] = await _received(each, found[name], request, uploads)
    return form.mapped(parsed, {"file": lambda leaf: {"upload": ids.get(_id(leaf), _id(leaf))}})


async def _received(field: FileField, given: Any, request: Request, uploads: Uploads) -> str:
    limits = field.limits.capped(Settings.from_environment().max_upload_bytes)
    path = given if isinstance(given, (bytes, PurePath)) else _path_of(given)
    name = "upload" if isinstance(path, bytes) else path.name
    try:
        content = path if isinstance(path, bytes) else await asyncio.to_thread(Path(path).read_bytes)
        record = await uploads.receive(request.request_id, limits, _pieces(content), name=name, media_type="")
    except OSError as error:
        raise InvalidAnswer(FieldError(field=field.path, reason=f"The file cannot be read: {error}.")) from None
    except HitlError as error:
        raise InvalidAnswer(FieldError(field=field.path, reason=error.detail)) from None
    return record.upload_id


def _path_of(file: Any) -> PurePath:
    return Path(str(file["path"] if isinstance(file, Mapping) else file.path).removeprefix("file://"))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE_BYTES):
        yield content[start : start + _PIECE_BYTES]


def _id(leaf: JsonValue) -> str:
    return str(leaf.get("upload")) if isinstance(leaf, dict) else ""
