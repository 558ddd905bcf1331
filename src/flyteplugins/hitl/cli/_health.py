"""What can be wrong with a store and an app: one check each, with what it found and how to mend it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Literal

import httpx

from .._records import Request, SigningKey
from .._service import SIGNING_KEY_PATH, Service
from .._store import Store
from .._version import __version__
from ..errors import HitlError, StoreRefused, StoreUnavailable
from ._apps import App
from ._requests import any_request

State = Literal["ok", "warning", "wrong", "skipped"]

MOST_SKEW = timedelta(seconds=5)
_COARSE = timedelta(seconds=1)
"""Many stores tell the time an object was written to the second."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found.

    Attributes:
        name: What was checked.
        state: Whether it is right; `skipped` where that cannot be told.
        detail: What was found.
        mend: What to do, where it is not right.
    """

    name: str
    state: State
    detail: str
    mend: str = ""


REACHED = "The store is within reach"
CREATE_ONLY = "Of two writers, one creates an object"
CLOCKS = "The clocks agree"
APP = "The app is up"
SAME_STORE = "The app is on this store"
VERSIONS = "The versions agree"


async def store_is_reached(store: Store, named_by: str) -> Finding:
    """Reads what every store holds.

    Args:
        store: The store.
        named_by: What says where it is.
    """
    try:
        key = await store.read(SIGNING_KEY_PATH, SigningKey)
    except StoreUnavailable as error:
        mend = f"Check {named_by}, which names {store.url}, and the cloud's own variables, such as AWS_ENDPOINT_URL."
        return Finding(name=REACHED, state="wrong", detail=error.detail, mend=mend)
    except HitlError as error:
        return Finding(name=REACHED, state="wrong", detail=error.detail, mend="Put the right object in its place.")
    known = "Workflows have asked here." if key is not None else "It is new: no workflow has asked here yet."
    return Finding(name=REACHED, state="ok", detail=f"{store.url}. {known}")


async def one_creates(store: Store) -> Finding:
    """Has several create one object at once, now: what was found out before may not hold any more."""
    try:
        await store.probe()
    except StoreRefused as error:
        return Finding(name=CREATE_ONLY, state="wrong", detail=error.detail, mend="Use another store.")
    except StoreUnavailable as error:
        mend = f"Allow this machine to write to {store.url}."
        return Finding(name=CREATE_ONLY, state="wrong", detail=error.detail, mend=mend)
    return Finding(name=CREATE_ONLY, state="ok", detail="The others were told that it exists.")


async def clocks_agree(store: Store, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> Finding:
    """Holds the time at which the store wrote an object against this machine's."""
    path = f"checks/clock-{secrets.token_hex(8)}"
    before = now()
    await store.leave(path)
    after = now()
    written = [entry.modified_at async for entry in store.listed("checks") if entry.path == path]
    with contextlib.suppress(StoreUnavailable):
        await store.delete([path])
    if not written:
        return Finding(name=CLOCKS, state="skipped", detail="The store does not list what was written just now.")
    ahead = max(before - _COARSE - written[0], timedelta(0)) - max(written[0] - after, timedelta(0))
    if abs(ahead) <= MOST_SKEW:
        return Finding(name=CLOCKS, state="ok", detail=f"This machine's and the store's, to {_seconds(MOST_SKEW)}.")
    direction = "ahead of" if ahead > timedelta(0) else "behind"
    return Finding(
        name=CLOCKS,
        state="warning",
        detail=f"This machine's clock is {_seconds(abs(ahead))} {direction} the store's, so deadlines seem to come at "
        "another moment than they do elsewhere.",
        mend="Set the clock by a time server.",
    )


async def app_is_up(endpoint: str, named_by: str) -> tuple[Finding, Finding]:
    """Asks an app for its health; tells of its version too."""
    try:
        health = await App(endpoint).health()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        mend = f"Start it by `flyte hitl serve`, or check {named_by}, which names {endpoint}."
        up = Finding(name=APP, state="wrong", detail=f"{endpoint} does not answer as an app does: {why}.", mend=mend)
        return up, skipped(VERSIONS)
    up = Finding(name=APP, state="ok", detail=endpoint)
    version = str(health.get("version"))
    versions = Finding(name=VERSIONS, state="ok", detail=f"Both are {version}.")
    if version != __version__:
        detail = f"The app is {version}, and this is {__version__}."
        versions = replace(versions, state="warning", detail=detail, mend="Install the same version in both places.")
    return up, versions


async def is_on_this_store(endpoint: str, service: Service) -> Finding:
    """Asks an app for a request of this store."""
    request: Request | None = await any_request(service)
    if request is None:
        return Finding(
            name=SAME_STORE, state="skipped", detail="Nothing was asked in this store, so it cannot be told."
        )
    try:
        knows = await App(endpoint).knows(request)
    except httpx.HTTPError as error:
        return Finding(name=SAME_STORE, state="skipped", detail=f"The app was asked, and failed: {error}.")
    if knows:
        return Finding(name=SAME_STORE, state="ok", detail=f"It knows {request.request_id}.")
    return Finding(
        name=SAME_STORE,
        state="wrong",
        detail=f"The app at {endpoint} does not know {request.request_id}, which is in {service.store.url}.",
        mend="Start the app on this store, or name the app's store here: both by FLYTE_HITL_STORE or --store.",
    )


def skipped(name: str, because: str = "Not checked, because of what is wrong above.") -> Finding:
    """What was not checked."""
    return Finding(name=name, state="skipped", detail=because)


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.0f} s"
