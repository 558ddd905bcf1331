"""Files that an answer holds: from this machine's disk to the store, as the form uploads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from .._answers import ROOT, FileField
from .._records import Request
from .._uploads import check_size, file_field, safe_name
from ..errors import FieldError, InvalidAnswer, InvalidParameter
from ._session import Session

_PIECE_BYTES = 1024 * 1024


async def with_files(session: Session, request: Request, value: object, given: Sequence[str]) -> object:
    """An answer with the files in it that the command line names.

    Args:
        session: The store.
        request: What is asked.
        value: The rest of the answer as JSON; `None` where there is none.
        given: The files, each as `PATH`, or as `FIELD=PATH`.

    Returns:
        The answer, with the id of its upload in the place of each file.

    Raises:
        InvalidParameter: A file cannot be read.
        InvalidAnswer: The question takes no file there.
        UploadTooLarge: A file has more bytes than are taken.
        MediaTypeRefused: A file is of a type that is not taken.
    """
    # All are looked at before the first is sent.
    files = [_file(request, each) for each in given]
    await session.service.check_open(request)
    for field, path in files:
        value = _put(value, _steps(field.path), await _sent(session, request, field, path), field)
    return value


def _file(request: Request, given: str) -> tuple[FileField, Path]:
    name, _, rest = given.partition("=")
    named = file_field(request.question, name if name.split(".")[0] == ROOT else f"{ROOT}.{name}") if rest else None
    field = named or file_field(request.question, ROOT)
    if field is None:
        reason = "The question takes no file there. Name the field that does, as in `--file scan=scan.pdf`."
        raise InvalidAnswer(FieldError(field=ROOT, reason=reason))
    path = Path(rest if named else given).expanduser()
    if not path.is_file():
        raise InvalidParameter(f"{path} is no file that can be sent.")
    return field, path


def _steps(path: str) -> list[str]:
    """The way from the whole answer to a part of it."""
    return [step.replace("~1", ".").replace("~0", "~") for step in path.split(".")[1:]]


async def _sent(session: Session, request: Request, field: FileField, path: Path) -> str:
    limits = field.limits.capped(session.settings.max_upload_bytes)
    try:
        size = (await asyncio.to_thread(path.stat)).st_size
        check_size(size, safe_name(path.name), limits)
        record = await session.service.uploads.receive(
            request.request_id, limits, _pieces(path), name=path.name, media_type=""
        )
    except OSError as error:
        raise InvalidParameter(f"{path} cannot be read: {error}") from None
    return record.upload_id


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _put(value: Any, steps: Sequence[str], upload_id: str, field: FileField) -> Any:
    """The value with an upload at a place inside of it."""
    if not steps:
        return [*(value or ()), upload_id] if field.takes_several else upload_id
    if isinstance(value, list) and steps[0].isdigit() and int(steps[0]) < len(value):
        number = int(steps[0])
        return [*value[:number], _put(value[number], steps[1:], upload_id, field), *value[number + 1 :]]
    members = value if isinstance(value, dict) else {}
    return {**members, steps[0]: _put(members.get(steps[0]), steps[1:], upload_id, field)}
