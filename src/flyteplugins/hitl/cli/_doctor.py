"""`doctor`: what is in force, and what is wrong with it. It ends within a minute, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rich.text import Text

from .._event_loops import run_and_leave
from .._service import Service
from .._settings import PREFIX, Settings
from .._store import Store
from .._store_url import local_folder, without_secrets
from ..errors import HitlError
from . import _health as health
from ._exits import Exit
from ._health import Finding
from ._plain import line
from ._session import opened, store_in_force
from ._terminal import Terminal

T = TypeVar("T")

CHECK_SECONDS = 10.0
"""Five checks of these, and the start of the process, are done within a minute."""

_THREAD = "flyteplugins-hitl-check"
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "wrong": ("✗", "red"), "skipped": ("–", "dim")}
_OTHERS = ("identity_header", "max_characters", "max_body_bytes", "max_upload_bytes")


@dataclass(frozen=True, kw_only=True)
class InForce:
    """A setting that is in force.

    Attributes:
        name: What it is called.
        value: What it is.
        source: Who says so.
    """

    name: str
    value: str
    source: str


def examine(store: str | None, endpoint: str | None, *, as_json: bool) -> int:
    """Checks all there is, prints what was found, and returns the exit code."""
    terminal = Terminal(as_json=as_json)
    settings: list[InForce] = []
    findings: list[Finding] = []
    try:
        examination = _Examination(Settings.from_environment(), store, endpoint)
    except HitlError as error:
        name = "The settings can be used"
        findings.append(Finding(name=name, state="wrong", detail=error.detail, mend="Set another value, or none."))
    else:
        settings += examination.in_force()
        findings += examination.findings()
    _print(terminal, settings, findings)
    code = Exit.FAILED if any(each.state == "wrong" for each in findings) else Exit.DONE
    if any(thread.name == _THREAD for thread in threading.enumerate()):
        # The interpreter would wait for what hangs in a call to the system.
        sys.stdout.flush()
        os._exit(code)
    return code


class _Examination:
    """Checks a store and an app.

    Args:
        settings: What the operator set.
        store: The store that the command line names.
        endpoint: The address of the app that it names.
    """

    def __init__(self, settings: Settings, store: str | None, endpoint: str | None) -> None:
        self._settings = settings
        self._url, self._store_source = store_in_force(store, settings)
        self._endpoint = endpoint or settings.endpoint
        self._endpoint_source = "--endpoint" if endpoint else f"{PREFIX}ENDPOINT" if settings.endpoint else "default"

    def in_force(self) -> Iterator[InForce]:
        """The settings, each with its source."""
        is_folder = local_folder(self._url) is not None
        yield InForce(
            name="store", value=self._url if is_folder else without_secrets(self._url), source=self._store_source
        )
        address = "none" if self._endpoint is None else without_secrets(self._endpoint)
        yield InForce(name="endpoint", value=address, source=self._endpoint_source)
        for name in _OTHERS:
            value, variable = getattr(self._settings, name), PREFIX + name.upper()
            source = variable if os.environ.get(variable, "").strip() else "default"
            yield InForce(name=name, value="none" if value is None else str(value), source=source)

    def findings(self) -> Iterator[Finding]:
        """What each check found. What rests on something that is wrong is not checked."""
        store: list[Store] = []
        reached = _found(health.REACHED, lambda: self._reached(store))
        yield reached
        is_reached = reached.state == "ok" and bool(store)
        if is_reached:
            yield _found(health.CREATE_ONLY, lambda: health.one_creates(store[0]))
            yield _found(health.CLOCKS, lambda: health.clocks_agree(store[0]))
        else:
            yield health.skipped(health.CREATE_ONLY)
            yield health.skipped(health.CLOCKS)
        yield from self._of_the_app(store[0] if is_reached else None)

    async def _reached(self, store: list[Store]) -> Finding:
        folder = local_folder(self._url)
        if folder is not None and not folder.is_dir():
            detail = f"There is no folder {folder} yet. The first workflow that asks makes it."
            if self._store_source == "default":
                return Finding(name=health.REACHED, state="skipped", detail=detail)
            mend = f"Check {self._store_source}, which names it."
            return Finding(name=health.REACHED, state="wrong", detail=detail, mend=mend)
        try:
            store.append(opened(self._url))
        except HitlError as error:
            mend = f"Check {self._store_source}, which names it."
            return Finding(name=health.REACHED, state="wrong", detail=error.detail, mend=mend)
        return await health.store_is_reached(store[0], self._store_source)

    def _of_the_app(self, store: Store | None) -> Iterator[Finding]:
        endpoint = self._endpoint
        if endpoint is None:
            none = "No address is set. On a laptop the script that asks shows its forms itself."
            yield health.skipped(health.APP, none)
            return
        versions: list[Finding] = []
        up = _found(health.APP, lambda: self._is_up(endpoint, versions))
        yield up
        if up.state != "ok":
            yield health.skipped(health.VERSIONS)
            yield health.skipped(health.SAME_STORE)
            return
        yield from versions
        if store is None:
            yield health.skipped(health.SAME_STORE)
        else:
            yield _found(health.SAME_STORE, lambda: health.is_on_this_store(endpoint, Service(store)))

    async def _is_up(self, endpoint: str, versions: list[Finding]) -> Finding:
        up, agree = await health.app_is_up(endpoint, self._endpoint_source)
        versions.append(agree)
        return up


def _found(name: str, check: Callable[[], Coroutine[Any, Any, Finding]]) -> Finding:
    """What a check finds within its time; it has no more than that."""
    try:
        return within(check, CHECK_SECONDS)
    except TimeoutError:
        detail = f"There was no end to it within {CHECK_SECONDS:g} seconds."
        return Finding(
            name=name, state="wrong", detail=detail, mend="Look at what is in between: network, proxy, disk."
        )
    except HitlError as error:
        return Finding(name=name, state="wrong", detail=error.detail)


def within(work: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
    """Runs a coroutine in a thread that is left behind where it hangs in a call to the system.

    Raises:
        TimeoutError: It took longer.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(run_and_leave(asyncio.wait_for(work(), seconds)))
        except BaseException as error:  # Whatever it is, it is told to whoever waits.
            done.set_exception(error)

    threading.Thread(target=run, name=_THREAD, daemon=True).start()
    try:
        return done.result(seconds + 1)
    except (FutureTimeoutError, asyncio.TimeoutError):
        # Before Python 3.11 these are three.
        raise TimeoutError from None


def _print(terminal: Terminal, settings: Sequence[InForce], findings: Sequence[Finding]) -> None:
    is_well = all(each.state != "wrong" for each in findings)
    if terminal.as_json:
        content = {"settings": [*map(asdict, settings)], "checks": [*map(asdict, findings)]}
        terminal.data({"ok": is_well, **content})
        return
    if not terminal.is_rich:
        for setting in settings:
            terminal.columns("setting", setting.name, setting.value, setting.source)
        for finding in findings:
            terminal.columns(finding.state, finding.name, finding.detail, finding.mend)
        return
    console = terminal.console()
    for setting in settings:
        console.print(Text(f"  {setting.name:<18}{line(setting.value)}").append(f"  {setting.source}", style="dim"))
    for finding in findings:
        mark, style = _MARKS[finding.state]
        console.print(
            Text(f"{mark} ", style=style)
            .append(finding.name, style="default")
            .append(f"  {line(finding.detail)}", style="dim")
        )
        if finding.mend:
            console.print(Text(f"  → {line(finding.mend)}"))
