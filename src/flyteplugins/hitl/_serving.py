"""Gets an app that shows the forms of a store: on a cluster it is served where it does not run yet.

Always within a time limit, and never on another store than the workflow's.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import _flyte
from ._app_probe import Answering, Probed, probe
from ._env import APP_NAME, VERSION_VARIABLE, app_environment, app_variables
from ._flyte_apps import Definition, FlyteApp, Phase, create_app, definition_of, find_app, is_told_by_flyte, restart_app
from ._records import Origin
from ._settings import ServingSettings, Settings, variable_of
from ._store_url import local_folder, without_secrets
from ._version import __version__
from .errors import AppUnavailable, HitlError, InvalidParameter

logger = logging.getLogger("flyteplugins.hitl")

_STORE = variable_of("store")
_ENDPOINT = variable_of("endpoint")


@dataclass(frozen=True)
class Pace:
    """How long is waited for what, in seconds.

    Attributes:
        look: Between two looks at an app that starts.
        probe: For an answer of the app itself, for each of its addresses.
        endpoint: For an app that an operator named.
        failed: How long an app that was just started may be said to have failed.
    """

    look: float = 1.0
    probe: float = 3.0
    endpoint: float = 10.0
    failed: float = 3.0


class Serving:
    """The app of one store.

    Args:
        store: The URL of the store.
        store_id: Tells what the store's own id is, to hold that of the app against.
        settings: What is set for events and the app.
        serving: What is set for the serving.
        pace: How long is waited for what.
    """

    def __init__(
        self,
        store: str,
        store_id: Callable[[], Awaitable[str]],
        settings: Settings,
        serving: ServingSettings,
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._store_id = store_id
        self._settings = settings
        self._serving = serving
        self._pace = pace or Pace()

    async def check_endpoint(self, endpoint: str) -> None:
        """Makes certain that an app on this store answers where the operator says.

        Raises:
            AppUnavailable: None does; the message names the setting.
        """
        until = time.monotonic() + min(self._pace.endpoint, self._serving.serve_timeout_seconds)
        while True:
            probed = await probe(endpoint, self._pace.probe)
            if probed.who is Answering.OURS:
                return await self._check_store(probed, f"The app at {_ENDPOINT}={endpoint}")
            if probed.who is Answering.SIGN_IN:
                logger.info("%s=%s is behind a sign-in, so it is taken as it is.", _ENDPOINT, endpoint)
                return None
            if probed.who is Answering.OTHER or time.monotonic() > until:
                raise AppUnavailable(
                    f"No app answers at {_ENDPOINT}={endpoint} ({probed.detail}). Set it to the address of one as the "
                    "workflow reaches it, such as https://hitl.example.org; or leave it out to have one served. If "
                    f"only people reach that address, set {variable_of('check_endpoint')}=false."
                )
            await asyncio.sleep(self._pace.look)

    async def served(self, origin: Origin) -> str:
        """The address of an app that runs on the cluster, served if need be.

        Args:
            origin: Who asks.

        Raises:
            InvalidParameter: No app could be on this store, or there is no image for one.
            AppUnavailable: None came up within the time, or Flyte refused it.
        """
        variables = self._variables()
        began = time.monotonic()
        progress = _Progress()
        try:
            found = await asyncio.wait_for(
                self._running(origin, variables, progress), self._serving.serve_timeout_seconds
            )
        except asyncio.TimeoutError:
            raise self._too_late(progress, time.monotonic() - began) from None
        except HitlError:
            raise
        except Exception as error:
            # What Flyte's client went through until it was told no would only hide what it was told.
            raise self._refused(progress, error) from (None if is_told_by_flyte(error) else error)
        await self._check_app(found)
        address = self._serving.public_address or found.public_address
        if not address:
            raise AppUnavailable(
                f"The app {found.name} runs, and Flyte gives no address of it for people. Set "
                f"{variable_of('public_address')} to the one at which they reach it."
            )
        return address

    def _variables(self) -> Mapping[str, str]:
        if local_folder(self._store) is not None:
            raise InvalidParameter(
                f"{_STORE}={self._store} is a folder, which an app elsewhere on the cluster cannot see. Set a bucket, "
                f"such as s3://bucket/hitl; or run the app where it sees the folder, and set {_ENDPOINT}."
            )
        if urlsplit(self._store).query or urlsplit(self._store).password:
            raise InvalidParameter(
                f"{_STORE} holds a secret beside {without_secrets(self._store)}, which everybody could read in the "
                f"app's specification. Give the pods access to the bucket and leave it out; or run the app elsewhere, "
                f"and set {_ENDPOINT}."
            )
        return app_variables(self._store, self._settings)

    async def _running(self, origin: Origin, variables: Mapping[str, str], progress: _Progress) -> FlyteApp:
        """Looks for an app, starts it where it does not run, and comes back once it does."""
        found = progress.found = await self._found(origin)
        if found is None or found.phase in (Phase.STOPPED, Phase.FAILED) or _is_outdated(found):
            name = app_name(self._store) if found is None else found.name
            definition = await self._definition(name, origin, variables)
            found = progress.found = await _started(found, definition, origin)
        elif found.phase is Phase.ACTIVE:
            self._tell_differences(found, variables)
        failed_since: float | None = None
        while found is None or found.phase is not Phase.ACTIVE:
            if found is not None and found.phase is Phase.FAILED:
                failed_since = failed_since or time.monotonic()
                # It may be said of the one before for a while.
                if time.monotonic() - failed_since >= self._pace.failed:
                    raise self._failed(found)
            else:
                failed_since = None
            await asyncio.sleep(self._pace.look)
            found = progress.found = await self._looked_at(found, origin)
        return found

    async def _looked_at(self, found: FlyteApp | None, origin: Origin) -> FlyteApp | None:
        """An app as it is now; as it was where Flyte cannot tell for a moment, such as while it is itself restarted."""
        try:
            return await find_app(app_name(self._store) if found is None else found.name, origin) or found
        except Exception as error:
            logger.info("Flyte does not tell how the app starts: %s", error)
            return found

    async def _found(self, origin: Origin) -> FlyteApp | None:
        """The app of this store: one that an operator deployed on it, or the one that tasks serve."""
        deployed = await find_app(APP_NAME, origin)
        if deployed is not None and deployed.variables.get(_STORE) == self._store:
            return deployed
        return await find_app(app_name(self._store), origin)

    async def _definition(self, name: str, origin: Origin, variables: Mapping[str, str]) -> Definition:
        uri = self._serving.image or _flyte.built_image(APP_NAME)
        if uri is None:
            raise InvalidParameter(
                "The task does not know the image of the app that shows the form. Name the app where the task's "
                f"environment is made, by `depends_on=[hitl.env]`; or set {variable_of('image')} to the URI of an "
                f"image with this package in it, or {_ENDPOINT} to the address of an app that runs already."
            )
        return await definition_of(app_environment(name, uri, variables, self._serving), origin)

    def _tell_differences(self, found: FlyteApp, variables: Mapping[str, str]) -> None:
        """An app that runs is left as it is: two tasks with other settings would take it from each other."""
        there = found.variables
        others = sorted(name for name in {*there, *variables} if there.get(name) != variables.get(name))
        ours = [name for name in others if name.startswith("FLYTE_HITL_")]
        if there and ours:
            logger.warning(
                "The app %s runs with other settings than this task's, and is left as it is: %s. To have it follow, "
                "stop it; the next task that asks starts it anew.",
                found.name,
                ", ".join(ours),
            )

    async def _check_app(self, found: FlyteApp) -> None:
        """Asks the app itself, where it can be reached from here. That it cannot is no failure: people may reach it."""
        probes = [asyncio.ensure_future(probe(address, self._pace.probe)) for address in found.addresses]
        try:
            for next_one in asyncio.as_completed(probes):
                probed = await next_one
                if probed.who is Answering.OURS:
                    return await self._check_store(probed, f"The app {found.name}")
        finally:
            for each in probes:
                each.cancel()
        logger.info("The app %s is active. It cannot be reached from the task, so it was not asked itself.", found.name)
        return None

    async def _check_store(self, probed: Probed, app: str) -> None:
        store = without_secrets(self._store) if "://" in self._store else self._store
        if probed.store_problem is not None:
            raise AppUnavailable(
                f"{app} runs, but cannot use its store: {probed.store_problem} The workflow's is {store} ({_STORE}). "
                "See the app's log for why, and give its pods the right to read and write there."
            )
        if probed.store is not None and probed.store != await self._store_id():
            raise AppUnavailable(
                f"{app} is on another store than this workflow, whose store is {store}. So it could show none of the "
                f"questions. Set {_STORE} to one and the same store for both."
            )

    def _too_late(self, progress: _Progress, seconds: float) -> AppUnavailable:
        if progress.found is None:
            return AppUnavailable(
                f"Flyte did not answer within {seconds:.0f} seconds when it was asked for the app "
                f"{app_name(self._store)}. Look whether it is up and the task reaches it; or run the app elsewhere and "
                f"set {_ENDPOINT} to its address."
            )
        return AppUnavailable(
            f"The app {progress.found.name} did not come up within {seconds:.0f} seconds; Flyte says of it: "
            f"{progress.found.state}. {_LOOK} If it only takes longer, such as the first time its image is fetched, "
            f"set {variable_of('serve_timeout_seconds')} to more seconds."
        )

    def _failed(self, found: FlyteApp) -> AppUnavailable:
        return AppUnavailable(f"The app {found.name} does not start. Flyte says of it: {found.state}. {_LOOK}")

    def _refused(self, progress: _Progress, error: Exception) -> AppUnavailable:
        reason = " ".join(str(error).split())[:500].rstrip(".") or type(error).__name__
        return AppUnavailable(
            f"The app {progress.name or app_name(self._store)} could not be served by Flyte: "
            f"{reason}. If tasks may not do that here, have it deployed by `flyte deploy` with {_STORE} set, or "
            f"run it elsewhere and set {_ENDPOINT} to its address."
        )


_LOOK = (
    "Look at its log in Flyte's UI. An image that lacks this package cannot start it: build one by `hitl.image()`, or "
    f"set {variable_of('image')}."
)


@dataclass
class _Progress:
    """How far it came, for the message where it came no further."""

    found: FlyteApp | None = None

    @property
    def name(self) -> str | None:
        return None if self.found is None else self.found.name


def app_name(store: str) -> str:
    """What the app of a store is called: each store has its own, so no task takes it from another."""
    return f"{APP_NAME}-{hashlib.sha256(store.encode()).hexdigest()[:8]}"


def _is_outdated(found: FlyteApp) -> bool:
    """Whether an earlier version of this package made the app, which may not know what is asked now.

    Of two versions that serve in turn only the later one replaces the other. What an operator deployed is left alone.
    """
    made_by = found.variables.get(VERSION_VARIABLE)
    return found.name != APP_NAME and made_by is not None and _numbers(made_by) < _numbers(__version__)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


async def _started(found: FlyteApp | None, definition: Definition, origin: Origin) -> FlyteApp | None:
    try:
        return await (create_app(definition) if found is None else restart_app(found, definition))
    except Exception as error:
        # Of two that serve it at once, Flyte may refuse one, or both; and then it is there all the same.
        there = await find_app(definition.metadata.id.name, origin)
        if there is None or (found is not None and there.phase in (Phase.STOPPED, Phase.FAILED)):
            raise
        logger.info("Another task serves the app %s too: %s", there.name, error)
        return there
