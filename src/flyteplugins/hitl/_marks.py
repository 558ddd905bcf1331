"""Marks: small objects that tell a waiting workflow to look. They decide nothing.

One is left when a form is opened and while it is looked at, so that whoever waits looks often; and one before anything
that the workflow must learn of is written, so that whoever waits has to list the marks only, however many requests it
waits for. A mark that nobody needs any more is deleted; none is ever needed by a wait that begins after it, because a
wait begins by looking at its request.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache

from ._clock import Clock
from ._records import Origin, Request, canonical_json
from ._store import Store
from .errors import StoreUnavailable

logger = logging.getLogger("flyteplugins.hitl")

FOLDER = "marks"

LIFE = timedelta(hours=1)
"""After which anybody deletes a mark: all who waited have looked long before."""

_AGAIN_AFTER = timedelta(seconds=20)
"""When a mark of interest is left anew: the page of a form asks every few seconds, no reason to write as often."""

_MOST_REMEMBERED = 10_000

_NAME = re.compile(r"(?P<request_id>[a-z2-7]{26})\.(?:(?P<interest>opened|looking)|news-[0-9a-f]{1,64})")


class Interest(str, Enum):
    """What a person does, for how quickly the workflow should look."""

    OPENED = "opened"
    LOOKING = "looking"


@dataclass(frozen=True)
class Mark:
    """A mark that was found.

    Attributes:
        request_id: Which request it speaks of.
        interest: What a person does; `None` where there is, or soon will be, something to read.
        path: Where it is.
        version: Another one whenever it was left again.
        left_at: When it was left, by the store's own time.
    """

    request_id: str
    interest: Interest | None
    path: str
    version: str
    left_at: datetime


class Marks:
    """The marks of a store.

    Args:
        store: Where they are.
        clock: Tells the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._left: OrderedDict[tuple[str, Interest], datetime] = OrderedDict()

    async def leave_interest(self, request: Request, interest: Interest) -> None:
        """Says that a person looks at a request. It may be lost: then the workflow looks at its usual pace."""
        if not self._is_due(request, interest):
            return
        try:
            await self._store.leave(f"{_path(request)}.{interest.value}", self._clock.now().isoformat().encode())
        except StoreUnavailable as error:
            logger.debug("No mark was left of an open form: %s", error)

    async def leave_news(self, request: Request, nonce: str) -> None:
        """Says that something about a request is there to be read, or will be at once.

        Args:
            request: The request.
            nonce: Of what is about to be written, so that writing it again leaves no second mark.

        Raises:
            StoreUnavailable: The store could not be reached. What the mark speaks of must not be written then.
        """
        await self._store.leave(news_path(request, nonce))

    async def found(self, folder: str) -> AsyncIterator[Mark]:
        """The marks below a folder, in no order. What else lies there is passed over.

        Raises:
            StoreUnavailable: The store could not be reached.
        """
        async for entry in self._store.listed(folder):
            name = _NAME.fullmatch(entry.path.rpartition("/")[2])
            if name is not None:
                interest = None if name["interest"] is None else Interest(name["interest"])
                yield Mark(name["request_id"], interest, entry.path, entry.version, entry.modified_at)

    async def delete(self, paths: Sequence[str]) -> None:
        """Deletes marks, where the store allows it."""
        try:
            await self._store.delete(paths)
        except StoreUnavailable as error:
            logger.debug("Old marks were left where they are: %s", error)

    def _is_due(self, request: Request, interest: Interest) -> bool:
        key, now = (request.request_id, interest), self._clock.now()
        last = self._left.get(key)
        if last is not None and now - last < _AGAIN_AFTER:
            return False
        self._left[key] = now
        self._left.move_to_end(key)
        if len(self._left) > _MOST_REMEMBERED:
            self._left.popitem(last=False)
        return True


def news_path(request: Request, nonce: str) -> str:
    """Where the mark lies that tells of one thing written about a request."""
    return f"{_path(request)}.news-{hashlib.sha256(nonce.encode()).hexdigest()[:16]}"


@lru_cache(maxsize=256)
def folders_of(origin: Origin) -> tuple[str, str, str]:
    """Where the marks of an action lie, from the widest folder to the narrowest: all, its run's, its own."""
    run, action = hashes_of(origin)
    return FOLDER, f"{FOLDER}/{run}", f"{FOLDER}/{run}/{action}"


def hashes_of(origin: Origin) -> tuple[str, str]:
    """What a run and an action are called in paths."""
    return _hash([origin.organization, origin.project, origin.domain, origin.run]), _hash([origin.action])


def _path(request: Request) -> str:
    return f"{folders_of(request.origin)[-1]}/{request.request_id}"


def _hash(names: list[str]) -> str:
    return base64.b32encode(hashlib.sha256(canonical_json([*names])).digest()[:10]).decode().lower()
