"""Which request a person means."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing

from .._links import ORIGIN_CHARACTERS
from .._quoting import quoted
from .._records import Request
from .._service import Service
from ..errors import HitlError, RequestNotFound
from ._plain import line

ID_CHARACTERS = 26
_FOLDER = "requests/"
_LINK = re.compile(r"/form/([a-z2-7]{26})(?:[?#]|$)")
_BEGINNING = re.compile(r"[a-z2-7]{1,26}")
_MOST_NAMED = 5


async def found(service: Service, given: str) -> Request:
    """The request that is named by its id, the beginning of it, or its link.

    Raises:
        RequestNotFound: None is, or several are.
    """
    link = _LINK.search(given)
    beginning = link[1] if link else given.strip().lower()
    if not _BEGINNING.fullmatch(beginning):
        raise RequestNotFound(
            f"{quoted(given)} is no id of a question: those are {ID_CHARACTERS} letters and digits, of which the "
            "first few are enough. See `flyte hitl list`."
        )
    if len(beginning) == ID_CHARACTERS:
        return await service.request(beginning)
    ids = await _beginning_with(service, beginning)
    if not ids:
        raise RequestNotFound(
            f"No question in {service.store.url} has an id that begins with {beginning}. See `flyte hitl list`, and "
            "check that this is the workflow's store."
        )
    if len(ids) > 1:
        raise RequestNotFound(
            f"Several questions have ids that begin with {beginning}: {await _named(service, ids)}. Give more of it."
        )
    return await service.request(ids[0])


async def _beginning_with(service: Service, beginning: str) -> list[str]:
    """Ids that begin so, but no more than tell that there are several."""
    origin, rest = beginning[:ORIGIN_CHARACTERS], beginning[ORIGIN_CHARACTERS:]
    # What sorts right before the first of them, so that a store that knows offsets is asked for little.
    start = f"{_FOLDER}{origin}/{rest}" if rest else f"{_FOLDER}{origin}"
    ids: list[str] = []
    async with aclosing(service.store.in_order(_FOLDER.rstrip("/"), start)) as paths:
        async for path in paths:
            if not path.startswith(start) or len(ids) > _MOST_NAMED:
                break
            request_id = _id_at(path)
            if len(request_id) == ID_CHARACTERS:
                ids.append(request_id)
    return ids


async def _named(service: Service, ids: list[str]) -> str:
    names = await asyncio.gather(*(_name(service, each) for each in ids[:_MOST_NAMED]))
    more = " and more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(f"{each} ({name})" for each, name in zip(ids, names, strict=False)) + more


async def _name(service: Service, request_id: str) -> str:
    try:
        return line((await service.request(request_id)).question.name, 40)
    except HitlError:
        return "cannot be read"


def _id_at(path: str) -> str:
    return path.removeprefix(_FOLDER).removesuffix(".json").replace("/", "")
