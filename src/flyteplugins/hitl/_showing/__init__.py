"""What is shown with a question: made of Python objects, kept in the store, named in the question."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._blobs import Blobs, ChangedWhileRead
from .._quoting import shown as quoted_value
from .._records import Attachment, StoredFile
from ..errors import InvalidParameter
from ._converters import described, drafted
from ._drafts import CannotShow, Draft, Workplace

MAX_SHOWN = 50
"""Things shown with one question: whoever has to look at more is not helped by a page."""

MAX_TITLE_CHARACTERS = 200
_NAME = re.compile(r"\w[\w.-]{0,99}")


async def kept_attachments(show: object, blobs: Blobs) -> tuple[Attachment, ...]:
    """Keeps what `new_event(show=...)` was given.

    Args:
        show: One thing, or a list of them.
        blobs: Where it is kept.

    Raises:
        InvalidParameter: Something cannot be shown; the message names it, the reason and the mend.
        StoreUnavailable: The store could not be reached.
    """
    is_list = isinstance(show, (list, tuple))
    things: Sequence[object] = () if show is None else show if isinstance(show, (list, tuple)) else (show,)
    if len(things) > MAX_SHOWN:
        raise InvalidParameter(
            f"`show` has {len(things):,} things; at most {MAX_SHOWN} are shown. Show those that matter, and pack the "
            "others into a file."
        )
    attachments: list[Attachment] = []
    for number, thing in enumerate(things):
        parameter = f"`show[{number}]`" if is_list else "`show`"
        try:
            attachments.append(await _kept(thing, number, blobs))
        except CannotShow as error:
            raise InvalidParameter(f"{parameter}: {error}") from None
        except (OSError, ChangedWhileRead) as error:
            reason = "something writes to it meanwhile" if isinstance(error, ChangedWhileRead) else str(error)
            raise InvalidParameter(
                f"{parameter} could not be read to its end: {reason}. Make sure that it is whole before it is shown."
            ) from None
    return _named(attachments)


async def _kept(thing: object, number: int, blobs: Blobs) -> Attachment:
    # A thread may go on writing here after its task was cancelled.
    with tempfile.TemporaryDirectory(prefix="hitl-show-", ignore_cleanup_errors=True) as folder:
        workplace = Workplace(folder=Path(folder), stem=f"shown-{number + 1}")
        described_thing, draft = await asyncio.to_thread(_drafted, thing, workplace)
        files = []
        for each in draft.files:
            digest, size = await blobs.keep(each.content)
            files.append(StoredFile(digest=digest, size=size, media_type=each.media_type, file_name=each.file_name))
        preview = None if draft.preview is None else (await blobs.keep(draft.preview))[0]
    return Attachment(
        kind=draft.kind,
        title=described_thing.title,
        name=described_thing.name,
        files=tuple(files),
        preview=preview,
        details=draft.details,
    )


def _drafted(thing: object, workplace: Workplace) -> tuple[Any, Draft]:
    described_thing = described(thing, workplace)
    _check_words(described_thing)
    return described_thing, drafted(described_thing, workplace)


def _check_words(described_thing: Any) -> None:
    for field, limit in (("title", MAX_TITLE_CHARACTERS), ("alt", 1_000), ("name", 100)):
        words = getattr(described_thing, field, "")
        if not isinstance(words, str):
            raise CannotShow(f"`{field}={quoted_value(words)}` is a {type(words).__name__}. Give text.")
        if len(words) > limit:
            raise CannotShow(f"`{field}` has {len(words):,} characters; at most {limit:,} are taken. Shorten it.")
        with contextlib.suppress(UnicodeEncodeError):
            words.encode()
            continue
        raise CannotShow(f"`{field}` holds half of a surrogate pair. Read the text with the right encoding.")
    name = described_thing.name
    if name and not _NAME.fullmatch(name):
        raise CannotShow(
            f"`name={quoted_value(name)}` cannot be written in a prompt. Use letters, digits, points, hyphens and "
            "underscores, and begin with a letter or digit."
        )


def _named(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Holds that names are told apart. Where nobody chose one for a picture, it is that of its file, if it is free."""
    taken = Counter(attachment.name or attachment.files[0].file_name for attachment in attachments)
    named = []
    for attachment in attachments:
        name = attachment.name or attachment.files[0].file_name
        if attachment.name and sum(each.name == name for each in attachments) > 1:
            raise InvalidParameter(f"`show` has several things of the name {name!r}. Give each a `name=` of its own.")
        is_free = taken[name] == 1 and attachment.kind == "image" and _NAME.fullmatch(name) is not None
        named.append(attachment.model_copy(update={"name": name}) if not attachment.name and is_free else attachment)
    return tuple(named)
