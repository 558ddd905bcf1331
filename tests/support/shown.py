"""Things to show: small ones of each kind, and a short way to make and to keep them."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import wave
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl._blobs import Blobs
from flyteplugins.hitl._records import Attachment, Question
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._showing import kept_attachments
from flyteplugins.hitl._showing._converters import described, drafted
from flyteplugins.hitl._showing._drafts import CannotShow, Draft, Workplace

GIF = (
    b"GIF89a\x02\x00\x03\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,"
    b"\x00\x00\x00\x00\x02\x00\x03\x00\x00\x02\x03\x84\x8f\x05\x00;"
)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="teal"/></svg>'
HTML = b"<!doctype html><title>x</title><script>window.hacked = 1</script>"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 100


def png(width: int = 6, height: int = 4, *, claimed: tuple[int, int] | None = None) -> bytes:
    """A grey picture; its header may claim another size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def wav(seconds: float = 0.5) -> bytes:
    """A recording of silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(bytes(int(seconds * 8000) * 2))
    return buffer.getvalue()


@contextmanager
def workplace() -> Iterator[Workplace]:
    """A folder to make drafts in."""
    with tempfile.TemporaryDirectory() as folder:
        yield Workplace(folder=Path(folder), stem="shown-1")


def draft(thing: Any) -> Draft:
    """What is made of a thing; what it wrote to files is read."""
    with workplace() as place:
        made = drafted(described(thing, place), place)
        for file in made.files:
            content = file.content
            object.__setattr__(file, "content", content if isinstance(content, bytes) else content.read_bytes())
        return made


def content_of(made: Draft, number: int = 0) -> bytes:
    """What would be downloaded."""
    content = made.files[number].content
    assert isinstance(content, bytes)
    return content


def preview_of(made: Draft) -> Any:
    """What the page would show, where that is JSON."""
    assert made.preview is not None
    return json.loads(made.preview)


def refusal(thing: Any) -> str:
    """Why a thing cannot be shown."""
    with pytest.raises(CannotShow) as refused:
        draft(thing)
    return str(refused.value)


async def kept(service: Service, *things: Any) -> tuple[Attachment, ...]:
    """Keeps things in the store of a service."""
    return await kept_attachments(list(things), Blobs(service.store))


def showing(question: Question, attachments: tuple[Attachment, ...]) -> Question:
    """The question with what is shown with it."""
    return question.model_copy(update={"show": attachments})
