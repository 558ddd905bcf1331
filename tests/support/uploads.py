"""Files for tests: what they hold, how they are sent, and what a store has of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from flyteplugins.hitl._form_link import FormLink
from tests.support.raw_objects import contents
from tests.support.sites import Site

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n"

_CHUNK = 64 * 1024


def pattern(size: int) -> bytes:
    """Bytes in which every place looks different from those around it."""
    block = b"".join(number.to_bytes(4, "big") for number in range(min(size // 4 + 1, 1 << 18)))
    return (block * (size // len(block) + 1))[:size]


def chunked(content: bytes) -> Iterator[bytes]:
    """Bytes in pieces, so that the client cannot say beforehand how many there are."""
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def send_file(
    site: Site, link: FormLink, content: bytes | Iterator[bytes], media_type: str = "", **query: Any
) -> httpx.Response:
    """Make the call that uploads a file."""
    parameters = {"token": link.token, "name": "scan.pdf", **query}
    present = {name: text for name, text in parameters.items() if text is not None}
    headers = {"content-type": media_type} if media_type else {}
    address = f"/upload/{link.request.request_id}"
    return site.client.post(address, params=present, content=content, headers=headers)


def uploaded(site: Site, link: FormLink, content: bytes = PDF, **details: Any) -> str:
    """Upload a file, which must be taken, and return its id."""
    reply = send_file(site, link, content, **details)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["upload"])


def uploads_in(store: str) -> dict[str, bytes]:
    """All that a store has of uploads, parts that nobody sees included."""
    return {path: content for path, content in contents(store).items() if path.startswith("uploads/")}
