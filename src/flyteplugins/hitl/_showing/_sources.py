"""Bytes from wherever an author has them: a path, bytes, or a file of Flyte."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._drafts import CannotShow, Workplace
from ._sniffing import HEAD_BYTES, media_type_of

_COPY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Source:
    """Bytes, wherever they are, and what they are.

    Attributes:
        content: The bytes, or the file that they are in.
        media_type: What they are, by how they begin.
        size: How many there are.
        file_name: The name that they came with, or empty.
        ending: The ending of the name, such as `.csv`, in small letters.
    """

    content: Path | bytes
    media_type: str
    size: int
    file_name: str = ""
    ending: str = ""

    def head(self, count: int) -> bytes:
        """The first bytes."""
        if isinstance(self.content, bytes):
            return self.content[:count]
        with self.content.open("rb") as file:
            return file.read(count)


def is_source(value: object) -> bool:
    """Whether an object is something that bytes can be got from."""
    return isinstance(value, (bytes, bytearray, memoryview, os.PathLike)) or is_flyte_file(value)


def is_flyte_file(value: object) -> bool:
    return any(kind.__name__ == "File" and kind.__module__.startswith("flyte.io") for kind in type(value).__mro__)


def source_of(value: Any, workplace: Workplace) -> Source:
    """Gets hold of the bytes, and of what they are.

    Raises:
        CannotShow: They cannot be read, or the object is no source.
    """
    if is_flyte_file(value):
        # Looked at to tell what it is, and again to show it; it comes over the network once.
        fetched: Source = workplace.fetched.get("copy") or _of_flyte_file(value, workplace)
        workplace.fetched["copy"] = fetched
        return fetched
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _of_bytes(bytes(value))
    if isinstance(value, os.PathLike):
        return _of_path(Path(os.fsdecode(value)))
    raise CannotShow(
        f"it is a {type(value).__name__}, which has no bytes. Give a path (`pathlib.Path`), bytes, or a flyte.io.File."
    )


def _of_bytes(content: bytes) -> Source:
    return Source(content=content, media_type=media_type_of(content[:HEAD_BYTES]), size=len(content))


def _of_path(path: Path, file_name: str = "") -> Source:
    try:
        # One that is a pipe or a device would be read for ever.
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise CannotShow(f"{path} is a folder. Give the files in it, or pack it into one.")
        if not stat.S_ISREG(found.st_mode):
            raise CannotShow(f"{path} is a pipe or a device, not a file. Write what is in it to a file first.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotShow(
            f"{path} cannot be read: {reason}. Check the path, and that this process may read it."
        ) from None
    name = _clean(file_name or path.name)
    return Source(
        content=path,
        media_type=media_type_of(head),
        size=found.st_size,
        file_name=name,
        ending=Path(name).suffix.lower(),
    )


def _of_flyte_file(value: Any, workplace: Workplace) -> Source:
    copy = workplace.folder / "copy"
    try:
        with value.open_sync("rb") as remote, copy.open("wb") as local:
            shutil.copyfileobj(remote, local, _COPY_BYTES)
    except Exception as error:
        # Whatever the storage behind it raises: there is no error that all of them share.
        raise CannotShow(
            f"the file {value.path} cannot be read: {error}. Check that it is there, and that this process may read it."
        ) from None
    return _of_path(copy, value.name or value.path.rstrip("/").rpartition("/")[2])


def _clean(name: str) -> str:
    """A name that every system takes as one of a file: no separators, nothing that cannot be seen."""
    kept = "".join("_" if char in '/\\<>:"|?*' or not char.isprintable() else char for char in name)
    return kept.strip(" .").encode(errors="replace").decode()[:150] or "file"
