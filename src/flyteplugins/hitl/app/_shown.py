"""What is shown with a question, as the pages show it: one template a kind, `templates/shown/{kind}.html`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeVar
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import JsonValue
from starlette.requests import HTTPConnection

from .._blobs import Blobs
from .._event_loops import in_thread
from .._markdown import Images, render_markdown
from .._records import Attachment, Request
from ..errors import StoreError
from ._state import state_of

T = TypeVar("T")

logger = logging.getLogger("flyteplugins.hitl.app")

_PREVIEW_BYTES = 1024 * 1024
"""Four times what a workflow of this version makes of anything."""

_PAGE_BYTES = 2 * 1024 * 1024
"""What is shown on one page in all: drawing more would keep everybody else waiting for half a second and longer."""

_WORDS = {
    "image": "Picture",
    "table": "Table",
    "json": "Data",
    "diff": "Changes",
    "markdown": "Text",
    "text": "Text",
    "audio": "Recording",
    "video": "Film",
    "pdf": "Document",
    "file": "File",
}


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file that can be downloaded.

    Attributes:
        name: What it is called.
        size: Its size, in bytes.
        address: Where it is, relative to the page.
    """

    name: str
    size: int
    address: str


@dataclass(frozen=True, kw_only=True)
class ShownView:
    """`shown/{kind}.html`: one thing that is shown.

    Attributes:
        kind: How it is shown, which is the name of its template.
        number: Counts from 1, and names its heading on the page.
        title: The heading above it.
        has_title: Whether the author gave the title; else it only says what this is.
        files: What can be downloaded; the first is what a picture, a recording or a document is shown from.
        details: What else was recorded, by the kind.
        content: What is shown of it, by the kind: rows, a tree, text, or nothing.
        trouble: Why it cannot be shown here, or `None`.
    """

    kind: str
    number: int
    title: str
    has_title: bool
    files: tuple[FileView, ...]
    details: dict[str, JsonValue] = field(default_factory=dict)
    content: Any = None
    trouble: str | None = None

    @property
    def file(self) -> FileView:
        return self.files[0]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that is shown with one question.

    Attributes:
        views: One for each thing.
        images: The pictures that the prompt may show.
    """

    views: tuple[ShownView, ...] = ()
    images: Images = ()

    def below(self, prompt: str) -> tuple[ShownView, ...]:
        """What is shown below a prompt: all but the pictures that are in it already."""
        addresses = {address for _, address in self.images if f'src="{escape(address)}"' in prompt}
        return tuple(view for view in self.views if view.file.address not in addresses)


NOTHING_SHOWN = Shown()


async def shown_with(connection: HTTPConnection, request: Request) -> Shown:
    """Gets what is shown with a question, for somebody who may see it.

    What cannot be read is told in its place: the rest of the page is needed all the same.
    """
    attachments = request.question.show
    if not attachments:
        return NOTHING_SHOWN
    service = state_of(connection).service
    token = (await service.links()).token(request.request_id)
    address = f"{base_of(connection)}attachment/{request.request_id}"

    def address_of(number: int, file: int) -> str:
        query = {"token": token} | ({"file": str(file)} if file else {})
        return f"{address}/{number}?{urlencode(query)}"

    blobs = Blobs(service.store)
    previews = await asyncio.gather(*(_preview(blobs, attachment) for attachment in attachments))
    views = await in_thread(lambda: _views(attachments, previews, address_of))
    images = tuple(
        (attachment.name, view.file.address)
        for attachment, view in zip(attachments, views, strict=True)
        if attachment.name and view.kind == "image"
    )
    return Shown(views=views, images=images)


def base_of(connection: HTTPConnection) -> str:
    """The way from a page to the root of the app: relative, so that it works below any path a proxy gives it."""
    path: str = connection.scope["path"]
    return "../" * (path.count("/") - 1) or "./"


async def _preview(blobs: Blobs, attachment: Attachment) -> bytes | None:
    """What the page shows of something; `None` where it shows the file itself, or where it cannot be read."""
    if attachment.preview is None:
        return None
    try:
        return await blobs.whole(attachment.preview, _PREVIEW_BYTES)
    except StoreError as error:
        logger.error("What is shown cannot be read: %s", error)
        return None


def _views(
    attachments: Sequence[Attachment], previews: Sequence[bytes | None], address_of: Callable[[int, int], str]
) -> tuple[ShownView, ...]:
    views = []
    room = _PAGE_BYTES
    for number, (attachment, preview) in enumerate(zip(attachments, previews, strict=True)):
        room -= len(preview or b"")
        trouble = _trouble(attachment, preview, room)
        files = tuple(
            FileView(name=file.file_name, size=file.size, address=address_of(number, place))
            for place, file in enumerate(attachment.files)
        )
        views.append(
            ShownView(
                kind=attachment.kind if trouble is None else "file",
                number=number + 1,
                title=attachment.title or _WORDS.get(attachment.kind, "File"),
                has_title=bool(attachment.title),
                files=files,
                details=attachment.details,
                content=None if preview is None or trouble else _READERS[attachment.kind](preview),
                trouble=trouble,
            )
        )
    return tuple(views)


def _trouble(attachment: Attachment, preview: bytes | None, room: int) -> str | None:
    """Why something is only offered as a file, if it is."""
    withheld = attachment.details.get("withheld")
    if attachment.kind not in _WORDS:
        return "This version of the app cannot show it."
    if isinstance(withheld, str):
        return withheld
    if attachment.kind in _READERS and preview is None:
        return "It cannot be read for now. Open this page again in a moment."
    return "There is much on this page already." if attachment.kind in _READERS and room < 0 else None


def _markdown(content: bytes) -> Markup:
    return Markup(render_markdown(content.decode(errors="replace")))  # noqa: S704


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


_READERS: dict[str, Callable[[bytes], Any]] = {
    "table": json.loads,
    "json": json.loads,
    "diff": json.loads,
    "markdown": _markdown,
    "text": _text,
}
