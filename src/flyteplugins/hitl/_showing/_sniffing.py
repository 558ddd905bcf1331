"""Tells what some bytes are by how they begin: names and their endings may say anything."""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 4096
"""How much of the beginning is looked at."""

PDF = "application/pdf"
SVG = "image/svg+xml"
BINARY = "application/octet-stream"
TEXT = "text/plain"

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_OF_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_MPEG_FRAMES = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
_AAC_FRAMES = (b"\xff\xf1", b"\xff\xf9")
_SVG_ELEMENT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?svg[\s>]")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def media_type_of(head: bytes) -> str:
    """The media type of what begins like this: one that a browser shows, `text/plain`, or that of any file.

    Args:
        head: The first `HEAD_BYTES` of it, or all.
    """
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    return _of_container(head) or _of_stream(head) or _of_text(head)


def _of_container(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _OF_RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brands = {head[start : start + 4] for start in (8, *range(16, min(int.from_bytes(head[:4], "big"), 64), 4))}
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        return "audio/mp4" if head[8:12] in (b"M4A ", b"M4B ") else "video/mp4"
    if head[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in head[:128] else "audio/ogg"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return None


def _of_stream(head: bytes) -> str | None:
    if head[:2] in _MPEG_FRAMES:
        return "audio/mpeg"
    return "audio/aac" if head[:2] in _AAC_FRAMES else None


def _of_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf")
    try:
        # The end of a head may be in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(text, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return BINARY
    if _CONTROLS & set(text):
        return BINARY
    begins = text.lstrip()[:5].lower()
    is_svg = begins.startswith((b"<?xml", b"<!doc", b"<!--", b"<svg")) and _SVG_ELEMENT.search(text)
    return SVG if is_svg and b"<html" not in text.lower() else TEXT
