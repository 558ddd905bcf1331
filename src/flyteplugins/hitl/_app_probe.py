"""Asks an address whether an app of ours answers there, and on which store."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, replace
from enum import Enum
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

from ._event_loops import in_thread

PROBE_SECONDS = 5.0
"""How long an address may take to answer."""

_READY_SECONDS = 10.0
"""The same for an app that looks for its store first."""

_MOST_BYTES = 64 * 1024
_SIGN_IN = (301, 302, 303, 307, 308, 401, 403, 407)
_NOT_YET = (408, 425, 429, 500, 502, 503, 504)


class Answering(Enum):
    """Who answers at an address."""

    OURS = "an app"
    SIGN_IN = "a sign-in, behind which there may be one"
    OTHER = "something else"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What an address answers.

    Attributes:
        who: Who answers.
        detail: In words, where it is no app of ours.
        store: Which store the app is on, as `Links.store_id` tells it; `None` where that is not known.
        store_problem: Why the app cannot use its store; `None` where it can, or where that is not known.
        version: The version of an app of ours, as it says.
    """

    who: Answering
    detail: str = ""
    store: str | None = None
    store_problem: str | None = None
    version: str = ""


async def probe(address: str, seconds: float = PROBE_SECONDS) -> Probed:
    """Asks an address; an app says of itself that it is one, and whether it reaches its store.

    Args:
        address: The address, with no slash at its end.
        seconds: How long it may take to answer at all.
    """
    return await in_thread(_probe, address, seconds)


def _probe(address: str, seconds: float) -> Probed:
    try:
        status, body = _fetched(f"{address}/health", seconds)
        if not _is_health(status, body):
            return _other(status)
    except (OSError, HTTPException, ValueError) as error:
        return Probed(who=Answering.NOBODY, detail=_reason(error))
    return replace(_with_store(address), version=str(_json(body)["version"]))


def _with_store(address: str) -> Probed:
    try:
        status, body = _fetched(f"{address}/ready", _READY_SECONDS)
    except (OSError, HTTPException, ValueError) as error:
        return Probed(who=Answering.OURS, store_problem=f"It does not say whether it can ({_reason(error)}).")
    told = _json(body)
    if status == 200 and isinstance(told.get("store"), str):
        return Probed(who=Answering.OURS, store=told["store"])
    if status >= 500 and isinstance(told.get("detail"), str):
        return Probed(who=Answering.OURS, store_problem=told["detail"])
    return Probed(who=Answering.OURS)


def _fetched(url: str, seconds: float) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  # Settings are checked.
    try:
        opener = _direct if request.host.rpartition(":")[0] in _LOOPBACK else _opener
        with opener.open(request, timeout=seconds) as reply:
            return reply.status, reply.read(_MOST_BYTES)
    except HTTPError as error:
        with error:
            return error.code, error.read(_MOST_BYTES)


def _is_health(status: int, body: bytes) -> bool:
    told = _json(body)
    return status == 200 and told.get("status") == "healthy" and {"version", "instance"} <= set(told)


def _other(status: int) -> Probed:
    if status in _SIGN_IN:
        return Probed(who=Answering.SIGN_IN, detail=f"status {status}")
    if status in _NOT_YET:
        return Probed(who=Answering.NOBODY, detail=f"status {status}")
    return Probed(who=Answering.OTHER, detail=f"status {status}, and not in the words of this package's app")


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Where a sign-in sends people is none of our business."""

    def redirect_request(self, *_: object) -> None:
        return None


_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_opener = urllib.request.build_opener(_NoRedirects)
# A proxy for the web at large has no way to this machine's own ports.
_direct = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
