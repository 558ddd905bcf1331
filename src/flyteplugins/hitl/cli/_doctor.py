"""`doctor`: what is in force, and what is wrong with it. It ends within a minute, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict
from typing import Any, TypeVar

from rich.text import Text

from .._app_probe import Probed, probe
from .._event_loops import run_and_leave
from .._settings import Settings, settings_in_force, variable_of
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
_PROBE_SECONDS = 12.0
"""An app looks for its own store first. With this, and four of the others, all is done within a minute."""

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "wrong": ("✗", "red"), "skipped": ("–", "dim")}


def examine(store: str | None, endpoint: str | None, *, as_json: bool) -> int:
    """Checks all there is, prints what was found, and returns the exit code."""
    terminal = Terminal(as_json=as_json)
    settings: list[Mapping[str, object]] = []
    findings: list[Finding] = []
    hangs = False
    try:
        examination = _Examination(Settings.from_environment(), store, endpoint)
        settings += examination.in_force()
    except HitlError as error:
        name = "The settings can be used"
        findings.append(Finding(name=name, state="wrong", detail=error.detail, mend="Set another value, or none."))
    else:
        findings += examination.findings()
        hangs = examination.hangs
    _print(terminal, settings, findings)
    code = Exit.FAILED if any(each.state == "wrong" for each in findings) else Exit.DONE
    if hangs:
        # The interpreter would wait for a thread that hangs in a call to the system.
        sys.stdout.flush()
        os._exit(code)
    return code


class _Examination:
    """Checks a store and an app.

    Args:
        settings: What the operator set.
        store: The store that the command line names.
        endpoint: The address of the app that it names.

    Attributes:
        hangs: Whether a check has not ended, and perhaps never will.
    """

    def __init__(self, settings: Settings, store: str | None, endpoint: str | None) -> None:
        self.hangs = False
        self._url, self._store_source = store_in_force(store, settings)
        self._endpoint = endpoint or settings.endpoint
        self._endpoint_source = (
            "--endpoint" if endpoint else variable_of("endpoint") if settings.endpoint else "default"
        )

    def in_force(self) -> Iterator[Mapping[str, object]]:
        """The settings, each with who says so."""
        for setting in settings_in_force():
            value = setting.value
            source: str = setting.variable if setting.source == "environment" else setting.source
            if setting.name == "store":
                value, source = self._url, self._store_source
            elif setting.name == "endpoint":
                value, source = self._endpoint, self._endpoint_source
            if isinstance(value, str) and "://" in value:
                value = without_secrets(value)
            yield {"name": setting.name, "value": value, "source": source}

    def findings(self) -> Iterator[Finding]:
        """What each check found. What rests on something that is wrong is not checked."""
        store: list[Store] = []
        reached = self._found(health.REACHED, lambda: self._reached(store))
        yield reached
        is_reached = reached.state == "ok" and bool(store)
        if is_reached:
            yield self._found(health.CREATE_ONLY, lambda: health.one_creates(store[0]))
            yield self._found(health.CLOCKS, lambda: health.clocks_agree(store[0]))
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
        probed: list[Probed] = []
        up = self._found(health.APP, lambda: self._is_up(endpoint, probed), _PROBE_SECONDS)
        yield up
        if up.state != "ok":
            yield health.skipped(health.VERSIONS)
            yield health.skipped(health.SAME_STORE)
            return
        yield health.versions_agree(probed[0])
        if store is None:
            yield health.skipped(health.SAME_STORE)
        else:
            yield self._found(health.SAME_STORE, lambda: health.is_on_this_store(endpoint, store, probed[0]))

    async def _is_up(self, endpoint: str, probed: list[Probed]) -> Finding:
        probed.append(await probe(endpoint))
        return health.app_is_up(endpoint, self._endpoint_source, probed[0])

    def _found(
        self, name: str, check: Callable[[], Coroutine[Any, Any, Finding]], seconds: float = CHECK_SECONDS
    ) -> Finding:
        """What a check finds within its time; it has no more than that."""
        try:
            return within(check, seconds)
        except TimeoutError:
            self.hangs = True
            detail = f"There was no end to it within {seconds:g} seconds."
            mend = "Look at what is in between: network, proxy, disk."
            return Finding(name=name, state="wrong", detail=detail, mend=mend)
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

    threading.Thread(target=run, name="flyteplugins-hitl-check", daemon=True).start()
    try:
        return done.result(seconds + 1)
    except (FutureTimeoutError, asyncio.TimeoutError):
        # Before Python 3.11 these are three.
        raise TimeoutError from None


def _print(terminal: Terminal, settings: Sequence[Mapping[str, object]], findings: Sequence[Finding]) -> None:
    is_well = all(each.state != "wrong" for each in findings)
    if terminal.as_json:
        content = {"settings": settings, "checks": [*map(asdict, findings)]}
        terminal.data({"ok": is_well, **content})
        return
    if not terminal.is_rich:
        for setting in settings:
            terminal.columns("setting", *_cells(setting))
        for finding in findings:
            terminal.columns(finding.state, finding.name, finding.detail, finding.mend)
        return
    console = terminal.console()
    for setting in settings:
        name, value, source = _cells(setting)
        console.print(Text(f"  {name:<24}{value}").append(f"  {source}", style="dim"))
    for finding in findings:
        mark, style = _MARKS[finding.state]
        console.print(
            Text(f"{mark} ", style=style)
            .append(finding.name, style="default")
            .append(f"  {line(finding.detail)}", style="dim")
        )
        if finding.mend:
            console.print(Text(f"  → {line(finding.mend)}"))


def _cells(setting: Mapping[str, object]) -> tuple[str, str, str]:
    value = setting["value"]
    return str(setting["name"]), line("none" if value is None else str(value)), str(setting["source"])
