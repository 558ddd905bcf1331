"""Text and Markdown: shown whole while that is little, else the beginning."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from ..show import Markdown, Text
from ._drafts import CannotShow, Draft, DraftFile, Workplace
from ._sniffing import TEXT
from ._sources import Source, is_source, source_of

TEXT_BYTES = 100_000
"""Some forty pages: whoever has to read more takes the file."""

MARKDOWN_BYTES = 50_000
"""Made into HTML each time the page is opened, so less of it."""


def text(shown: Text, workplace: Workplace) -> Draft:
    """Makes a draft of plain text."""
    return _draft("text", shown.text, shown.name, ".txt", TEXT_BYTES, workplace)


def markdown(shown: Markdown, workplace: Workplace) -> Draft:
    """Makes a draft of Markdown."""
    return _draft("markdown", shown.text, shown.name, ".md", MARKDOWN_BYTES, workplace)


def encoded(content: str) -> bytes:
    """Text as UTF-8.

    Raises:
        CannotShow: It holds what is no character.
    """
    try:
        return content.encode()
    except UnicodeEncodeError as error:
        raise CannotShow(
            f"its text holds half of a surrogate pair at position {error.start}, which is no Unicode character. Read "
            "the text with the right encoding."
        ) from None


def text_source(content: str, ending: str = "") -> Source:
    """Text as bytes with no name of their own, but for an ending.

    Raises:
        CannotShow: It holds what is no character.
    """
    kept = encoded(content)
    return Source(content=kept, media_type=TEXT, size=len(kept), ending=ending)


def _draft(kind: str, content: Any, name: str, ending: str, limit: int, workplace: Workplace) -> Draft:
    source = _source(content, workplace)
    if not source.size:
        raise CannotShow("its text is empty. Leave it out, or show what there is.")
    head = source.head(limit + 1)
    is_cut = len(head) > limit
    shown = _whole_lines(head[:limit]) if is_cut else head
    details: dict[str, JsonValue] = {"is_cut": is_cut}
    if is_cut:
        details["shown_bytes"] = len(shown)
    return Draft(
        kind=kind,
        files=(
            DraftFile(
                content=source.content,
                media_type=TEXT,
                file_name=workplace.named(name, ending) if name or not source.file_name else source.file_name,
            ),
        ),
        # What is no UTF-8 shows as a mark in its place; the file keeps it as it is.
        preview=shown.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").encode(),
        details=details,
    )


def _source(content: Any, workplace: Workplace) -> Source:
    if isinstance(content, str):
        return text_source(content)
    if is_source(content):
        return source_of(content, workplace)
    raise CannotShow(f"it is a {type(content).__name__}, not text. Give text, or the path of a file.")


def _whole_lines(head: bytes) -> bytes:
    """What was cut off, less the line that was cut; where it is all one line, less the character."""
    end = head.rfind(b"\n") + 1
    return head[:end] if end else head.decode(errors="ignore").encode()
