"""The environment that a task names in `depends_on=[hitl.env]`: the app that shows the forms on a cluster."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping

import flyte
import flyte.app

from ._image import image_with
from ._settings import ServingSettings, Settings, variable_of
from ._version import __version__
from .errors import InvalidParameter

APP_NAME = "flyte-hitl"
"""At most 30 characters: a limit of the open-source backend."""

VERSION_VARIABLE = "HITL_APP_VERSION"
"""Tells which version of this package made an app. It is no setting."""

_PORT = 8080

_READ_BY_APP = ("identity_header", "max_body_bytes", "max_upload_bytes", "push")
_ADDRESSES = (
    *("FLYTE_AWS_ENDPOINT", "FLYTE_AWS_S3_ADDRESSING_STYLE"),
    *("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ALLOW_HTTP"),
    *("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ENDPOINT"),
)
"""Where the store's server is: without these the app would look for the same name in another cloud."""

# Flyte looks for the line that makes an environment, and for that `inspect` touches every module there is: so it would
# load those that Flyte leaves for later, such as pandas. Where it knows the file's module, it looks no further.
inspect.modulesbyfile[__file__] = __name__


def app_environment(
    name: str, app_image: str | flyte.Image, variables: Mapping[str, str], settings: ServingSettings
) -> flyte.app.AppEnvironment:
    """The environment of an app: alike for all who make it from the same.

    Args:
        name: What Flyte calls the app.
        app_image: Its image, or the URI of that.
        variables: Its environment variables.
        settings: How much of it there is.
    """
    return flyte.app.AppEnvironment(
        name=name,
        image=app_image,
        # A plain command keeps the specification the same whoever deploys it, and the web framework out of this
        # process. On a cluster no store is guessed.
        command=[
            *("python", "-m", "flyteplugins.hitl.app"),
            *("--host", "0.0.0.0", "--port", str(_PORT), "--no-default-store"),  # noqa: S104
        ],
        port=_PORT,
        resources=flyte.Resources(cpu=settings.cpu, memory=settings.memory),
        scaling=flyte.app.Scaling(replicas=(settings.min_replicas, settings.max_replicas)),
        env_vars=dict(sorted(variables.items())),
    )


def app_variables(store: str | None, settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables of an app: its store, what was set for it, and how the store is reached. No secret is among them.

    Args:
        store: The URL of the store, or `None` where it is not known.
        settings: What is set.
        environment: The variables of this process.
    """
    set_for_app = {name: str(getattr(settings, name)) for name in _READ_BY_APP if name in settings.sources}
    if store is not None:
        set_for_app["store"] = store
    variables = {variable_of(name): value for name, value in set_for_app.items()}
    variables[VERSION_VARIABLE] = __version__
    return variables | {name: environment[name] for name in _ADDRESSES if environment.get(name)}


def _environment() -> flyte.app.AppEnvironment:
    try:
        settings, serving = Settings.from_environment(), ServingSettings.from_environment()
    except InvalidParameter:
        # It is told by whoever asks or serves; an import is no place for that.
        settings, serving = Settings(), ServingSettings()
    # As an image, and not its URI: so Flyte tells tasks of it that depend on this.
    app_image = flyte.Image.from_base(serving.image) if serving.image else image_with()
    return app_environment(APP_NAME, app_image, app_variables(settings.store, settings), serving)


env = _environment()


def settings_changed() -> None:
    """Has `hitl.env` follow what the program set since it was made."""
    anew = _environment()
    env.image, env.env_vars, env.resources, env.scaling = anew.image, anew.env_vars, anew.resources, anew.scaling
