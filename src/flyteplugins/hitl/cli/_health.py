"""What can be wrong with a store and an app: one check each, with what it found and how to mend it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from .._app_probe import Answering, Probed
from .._links import Links
from .._records import SigningKey
from .._signing_key import SIGNING_KEY_PATH
from .._store import Store
from .._version import __version__
from ..errors import HitlError, StoreRefused, StoreUnavailable

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
        mend = (
            "Put the right object in its place; or, if there is none, something else than an object store answers: "
            f"check {named_by}, and the cloud's own variables, such as AWS_ENDPOINT_URL."
        )
        return Finding(name=REACHED, state="wrong", detail=error.detail, mend=mend)
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


def app_is_up(endpoint: str, named_by: str, probed: Probed) -> Finding:
    """Whether an app answers at an address."""
    if probed.who is Answering.OURS:
        return Finding(name=APP, state="ok", detail=endpoint)
    if probed.who is Answering.SIGN_IN:
        detail = f"{probed.who.value.capitalize()}, answers at {endpoint}."
        return Finding(name=APP, state="warning", detail=detail, mend="Name the app's own address by --endpoint.")
    mend = f"Start it by `flyte hitl serve`, or check {named_by}, which names {endpoint}."
    detail = f"{probed.who.value.capitalize()} answers at {endpoint}: {probed.detail}."
    return Finding(name=APP, state="wrong", detail=detail, mend=mend)


def versions_agree(probed: Probed) -> Finding:
    """Holds the version of an app against this one's."""
    if probed.version == __version__:
        return Finding(name=VERSIONS, state="ok", detail=f"Both are {__version__}.")
    detail = f"The app is {probed.version}, and this is {__version__}."
    return Finding(name=VERSIONS, state="warning", detail=detail, mend="Install the same version in both places.")


async def is_on_this_store(endpoint: str, store: Store, probed: Probed) -> Finding:
    """Holds the store of an app against this one. To be told of it, the app makes the key of a store that has none."""
    if probed.store_problem is not None:
        mend = "Look at the app's log, and at how it is told its store."
        return Finding(name=SAME_STORE, state="wrong", detail=probed.store_problem, mend=mend)
    if probed.store is None:
        return Finding(name=SAME_STORE, state="skipped", detail="The app does not say which store it is on.")
    key = await store.read(SIGNING_KEY_PATH, SigningKey)
    if key is not None and Links(key.secret).store_id() == probed.store:
        return Finding(name=SAME_STORE, state="ok", detail=f"Its id is {probed.store}.")
    return Finding(
        name=SAME_STORE,
        state="wrong",
        detail=f"The app at {endpoint} is on another store than {store.url}.",
        mend="Start the app on this store, or name the app's store here: both by FLYTE_HITL_STORE or --store.",
    )


def skipped(name: str, because: str = "Not checked, because of what is wrong above.") -> Finding:
    """What was not checked."""
    return Finding(name=name, state="skipped", detail=because)


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.0f} s"
