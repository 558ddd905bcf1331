"""What a converter makes of a Python object: files to be kept, and what the page shows of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

PREVIEW_BYTES = 256 * 1024
"""What a page shows of one thing at most: more is slow to draw, and nobody reads it there."""


class CannotShow(Exception):
    """An object cannot be shown. The message says why and how to mend it; whoever catches it knows which object."""


@dataclass(frozen=True, kw_only=True)
class DraftFile:
    """A file that is to be kept.

    Attributes:
        content: The bytes, or where they are.
        media_type: What they are.
        file_name: What the file is called when it is downloaded.
    """

    content: Path | bytes
    media_type: str
    file_name: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One thing to be shown, before it is kept.

    Attributes:
        kind: How it is shown.
        files: What can be downloaded.
        preview: What the page shows of it, where it does not show the file.
        details: What else the page must know.
    """

    kind: str
    files: tuple[DraftFile, ...]
    preview: bytes | None = None
    details: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where a converter works.

    Attributes:
        folder: A folder of its own for large files, gone once they are kept.
        stem: What a file is called, less its ending, if the object has no name.
        fetched: What came over the network already, by what it is.
    """

    folder: Path
    stem: str
    fetched: dict[str, Any] = field(default_factory=dict)

    def named(self, name: str, ending: str) -> str:
        """The name of a file: the one that was given, or else the stem; with the ending, unless it has one."""
        chosen = name or self.stem
        return chosen if "." in chosen.strip(".") else chosen + ending
