"""Holds that bytes are taken for what they begin as, and for nothing that a browser would run."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._showing._sniffing import HEAD_BYTES, media_type_of
from tests.support.shown import GIF, HTML, MP4, PDF, SVG, png, wav


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (GIF, "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "image/avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"BM\x10\0\0\0\0\0\0\0", "image/bmp"),
        (SVG, "image/svg+xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a plot -->\n<svg xmlns="x">', "image/svg+xml"),
        (b"<!DOCTYPE svg PUBLIC><s:svg >", "image/svg+xml"),
        (PDF, "application/pdf"),
        (wav(), "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"fLaC\0", "audio/flac"),
        (b"OggS\0\x02" + bytes(22) + b"\x01vorbis", "audio/ogg"),
        (b"OggS\0\x02" + bytes(22) + b"\x80theora", "video/ogg"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
        (MP4, "video/mp4"),
        (b"\x1aE\xdf\xa3\x9f", "video/webm"),
        (HTML, "text/plain"),
        (b"<!doctype html><html><svg ></svg>", "text/plain"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'><svg >", "text/plain"),
        ("Größe, naïve\n".encode(), "text/plain"),
        (b"", "text/plain"),
        (b"a\0b", "application/octet-stream"),
        ("Größe".encode("latin-1"), "application/octet-stream"),
        (b"PK\x03\x04", "application/octet-stream"),
        (b"RIFF\0\0\0\0AVI ", "application/octet-stream"),
    ],
)
def test_bytes_are_what_they_begin_as(head: bytes, expected: str) -> None:
    assert media_type_of(head[:HEAD_BYTES]) == expected


@pytest.mark.parametrize("shift", range(4))
def test_text_that_is_cut_within_a_character_is_text(shift: int) -> None:
    text = ("a" * shift + "€" * HEAD_BYTES).encode()

    assert media_type_of(text[:HEAD_BYTES]) == "text/plain"
