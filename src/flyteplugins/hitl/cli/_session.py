"""What a command works with: the store that is in force, and the rules over it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

import rich_click as click

from .._event_loops import run_and_leave
from .._flyte import storage_options
from .._inbox import Inbox
from .._proof import Proof
from .._records import Request
from .._service import Service
from .._setting_names import check_names
from .._settings import Settings, default_local_store
from .._signing_key import SIGNING_KEY_PATH
from .._store import Store
from .._store_url import local_folder
from ..errors import HitlError, StoreUnavailable
from ._exits import Exit
from ._requests import found
from ._terminal import Terminal

Source = Literal["--store", "FLYTE_HITL_STORE", "default"]


@dataclass(frozen=True)
class Session:
    """One command at work.

    Attributes:
        terminal: Where it prints.
        settings: What the operator set.
        url: Where the store is.
        source: Who says so.
        service: The rules over it.
    """

    terminal: Terminal
    settings: Settings
    url: str
    source: Source
    service: Service

    @classmethod
    def at(cls, store: str | None, terminal: Terminal) -> Session:
        """Opens the store that is in force.

        Raises:
            InvalidParameter: A setting or the URL cannot be used.
            StoreUnavailable: The folder that was named is not there.
        """
        settings = Settings.from_environment()
        url, source = store_in_force(store, settings)
        folder = local_folder(url)
        if source != "default" and folder is not None and not folder.is_dir():
            # To make one would hide that the name is not the one that was meant.
            raise StoreUnavailable(
                f"There is no folder {folder}, which {source} names as the store. Check the name; it is made by the "
                "first workflow that asks, and by `flyte hitl serve`."
            )
        return cls(terminal, settings, url, source, Service(opened(url)))

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.service)

    async def is_new(self) -> bool:
        """Whether nothing was ever asked in the store. To look into it for more would make its key."""
        return not await self.service.store.exists(SIGNING_KEY_PATH)

    async def request(self, given: str) -> Request:
        """The request that is named by its id, the beginning of it, or its link.

        Raises:
            RequestNotFound: None is, or several are.
        """
        return await found(self.service, given)

    async def proof(self, request: Request) -> Proof:
        """Proves the right to a request: whoever can read the store's key may see and answer all."""
        return Proof(token=(await self.service.links()).token(request.request_id))


def store_in_force(store: str | None, settings: Settings) -> tuple[str, Source]:
    """Where the store is, and who says so.

    Raises:
        InvalidParameter: A variable is a slip of one that could say so.
    """
    check_names()
    if store:
        return store, "--store"
    if settings.store is not None:
        return settings.store, "FLYTE_HITL_STORE"
    return default_local_store(), "default"


def opened(url: str) -> Store:
    """The store at a URL, reached as a workflow reaches it."""
    return Store.at(url, options=storage_options(url))


def run(
    work: Callable[[Session], Coroutine[Any, Any, int]],
    store: str | None,
    *,
    as_json: bool,
    interrupted: Exit = Exit.INTERRUPTED,
) -> None:
    """Does the work of a command, and ends the process with its exit code.

    Args:
        work: What to do; returns the exit code.
        store: The store that the command line names.
        as_json: Whether to speak JSON.
        interrupted: How it ends by Ctrl-C.
    """
    terminal = Terminal(as_json=as_json)
    try:
        code = run_and_leave(work(Session.at(store, terminal)))
    except HitlError as error:
        code = terminal.fail(error)
    except (KeyboardInterrupt, click.Abort):
        code = interrupted
    sys.exit(code)
