"""What can be set, all of it, by an operator and by the program, and where each value came from.

An operator sets environment variables with the prefix `FLYTE_HITL_`; a program calls `hitl.configure`. Where both
speak, the operator wins: a program is written once and runs in many places.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ._quoting import shown
from .errors import InvalidParameter

PREFIX = "FLYTE_HITL_"

Source = Literal["environment", "configure", "task", "default"]
"""Where a value came from: a variable, `hitl.configure`, what the running task found out by itself, or nowhere."""

_MAX_DIGITS = 18
_MAX_REPLICAS = 1000
_LONGEST_SERVING = 3600.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What events and the app need. Each event asks for it.

    Attributes:
        store: The URL of the store (`s3://bucket/hitl`, `az://container/hitl`, a folder), or `None` to find it from
            where the workflow runs.
        endpoint: The address of an app that runs already, as the task reaches it, or `None` to have one served.
        identity_header: The request header in which a trusted proxy before the app names the person who is signed in,
            or `None` to trust no header.
        max_characters: The longest text that is taken as a `str` answer.
        max_body_bytes: The largest body that the app reads, in bytes, files aside.
        max_upload_bytes: The largest file that the app takes, in bytes.
        progress: Whether a script says what it waits for, and takes answers where it runs.
        push: Whether the app wakes a task on a cluster by one of Flyte's conditions.
        sources: Where those that are set came from, by name.
    """

    store: str | None = None
    endpoint: str | None = None
    identity_header: str | None = None
    max_characters: int = 100_000
    # Percent-encoding makes up to 12 bytes of a character, so the longest answer still fits with room to spare:
    # one that is too long is refused with the form filled, not with the bare error of a body over the limit.
    max_body_bytes: int = 4 * 1024 * 1024
    max_upload_bytes: int = 1024 * 1024 * 1024
    progress: bool = True
    push: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Reads the settings: the variables first, then what `configure` set.

        Raises:
            InvalidParameter: One holds what cannot be used; the message names it.
        """
        return _settings(tuple([environment.get(variable, "") for variable in _VARIABLES]), _configured)


@dataclass(frozen=True, kw_only=True)
class ServingSettings:
    """What a process needs once, to get an app for its events.

    Attributes:
        public_address: The address that is put into links, where people reach the app at another one than `endpoint`
            or than Flyte gives; or `None`.
        check_endpoint: Whether it is looked whether an app answers at `endpoint`.
        image: The URI of the image of the app that tasks serve, or `None` for the one that is built.
        cpu: What that app gets of processors, as Kubernetes writes it.
        memory: What it gets of memory, as Kubernetes writes it.
        min_replicas: How many of it there are at least.
        max_replicas: How many of it there are at most.
        serve_timeout_seconds: How long a task waits for the app at the longest, in seconds.
        sources: Where those that are set came from, by name.
    """

    public_address: str | None = None
    check_endpoint: bool = True
    image: str | None = None
    cpu: str = "1"
    memory: str = "512Mi"
    min_replicas: int = 0
    max_replicas: int = 1
    # All together stays below a minute with it: the app is asked itself after that.
    serve_timeout_seconds: float = 45.0
    sources: Mapping[str, Source] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ServingSettings:
        """Reads them as those above are read.

        Raises:
            InvalidParameter: One holds what cannot be used; the message names it.
        """
        texts = tuple([environment.get(variable_of(name), "") for name in _SERVING_READERS])
        return _serving_settings(texts, _configured_serving)


@dataclass(frozen=True)
class SettingInForce:
    """One setting as it is in force.

    Attributes:
        name: The name, as `hitl.configure` takes it.
        variable: The name of its environment variable.
        value: The value, which may be `None`.
        source: Where that came from.
    """

    name: str
    variable: str
    value: object
    source: Source


def settings_in_force(
    environment: Mapping[str, str] = os.environ, found: Mapping[str, object] | None = None
) -> list[SettingInForce]:
    """All settings, in the order of the documented table, each with its value and where that came from.

    Args:
        environment: The variables.
        found: What the running task found out by itself where nothing is set, by name: such as its store.

    Raises:
        InvalidParameter: One holds what cannot be used; the message names it.
    """
    found = found or {}
    return [
        SettingInForce(name, variable_of(name), found[name], "task")
        if name in found and name not in part.sources
        else SettingInForce(name, variable_of(name), getattr(part, name), part.sources.get(name, "default"))
        for part, readers in (
            (Settings.from_environment(environment), _READERS),
            (ServingSettings.from_environment(environment), _SERVING_READERS),
        )
        for name in readers
    ]


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def set_by_program(values: Mapping[str, object]) -> None:
    """Takes what the program sets, beside what it set before; `None` leaves a setting as it is.

    Raises:
        InvalidParameter: A value cannot be used; the message names it. Then none is taken.
    """
    global _configured, _configured_serving
    configured = _with(values, _READERS, _configured)
    serving = _with(values, _SERVING_READERS, _configured_serving)
    # Read with no variables, so that what is wrong here is told here.
    _settings(_NOTHING, configured)
    _serving_settings(_NOTHING_OF_SERVING, serving)
    _configured, _configured_serving = configured, serving


def forget_program() -> None:
    """Takes back all that the program set."""
    global _configured, _configured_serving
    _configured, _configured_serving = _NOTHING, _NOTHING_OF_SERVING


def _with(values: Mapping[str, object], readers: Readers, before: Texts) -> Texts:
    given = [values.get(name) for name in readers]
    return tuple([text if value is None else str(value) for value, text in zip(given, before, strict=True)])


@lru_cache(maxsize=8)
def _settings(variables: Texts, configured: Texts) -> Settings:
    """The settings of these texts. Each event asks for them, and they hardly ever change."""
    values, sources = _read(_READERS, variables, configured)
    return Settings(**values, sources=sources)


@lru_cache(maxsize=8)
def _serving_settings(variables: Texts, configured: Texts) -> ServingSettings:
    values, sources = _read(_SERVING_READERS, variables, configured)
    settings = ServingSettings(**values, sources=sources)
    _check_replicas(settings)
    return settings


def _read(readers: Readers, variables: Texts, configured: Texts) -> tuple[dict[str, Any], dict[str, Source]]:
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for (name, read), variable, text in zip(readers.items(), variables, configured, strict=True):
        # White space around it is such as the line break at the end of a mounted secret.
        if variable.strip():
            values[name], sources[name] = read(f"{variable_of(name)}=", variable.strip()), "environment"
        elif text.strip():
            values[name], sources[name] = read(f"hitl.configure: {name}=", text.strip()), "configure"
    return values, sources


def default_local_store() -> str:
    """The folder that is used on a laptop when nothing is set: `~/.flyte/hitl`."""
    return str(Path.home() / ".flyte" / "hitl")


def _store(where: str, text: str) -> str:
    """Without the slash at the end of a URL: the app of a store is told by its URL, and with it would be another."""
    return text.rstrip("/") if "://" in text and urlsplit(text).netloc and "?" not in text else text


def _text(where: str, text: str) -> str:
    return text


def _one_word(example: str) -> Callable[[str, str], str]:
    def read(where: str, text: str) -> str:
        if len(text.split()) > 1:
            raise InvalidParameter(f"{where}{shown(text)} is more than one word. Set one such as {example}")
        return text

    return read


def _quantity(pattern: str, example: str) -> Callable[[str, str], str]:
    def read(where: str, text: str) -> str:
        if re.fullmatch(pattern, text, re.ASCII) is None or not re.search("[1-9]", text):
            raise InvalidParameter(
                f"{where}{shown(text)} is no quantity that Kubernetes takes. Set one such as {example}"
            )
        return text

    return read


def _whole(example: int, least: int = 1, most: int | None = None) -> Callable[[str, str], int]:
    def read(where: str, text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        if not is_number or int(text) < least or (most is not None and int(text) > most):
            bounds = "above zero" if least else f"from 0 to {most}"
            raise InvalidParameter(f"{where}{shown(text)} is not a whole number {bounds}. Set one, such as {example}.")
        return int(text)

    return read


def _seconds(where: str, text: str) -> float:
    try:
        seconds = float(text) if text.isascii() and "_" not in text else 0.0
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_SERVING:  # Nor what is no number.
        raise InvalidParameter(
            f"{where}{shown(text)} is no time in seconds above zero and up to {_LONGEST_SERVING:g}. "
            f"Set one, such as {ServingSettings.serve_timeout_seconds:g}."
        )
    return seconds


def _switch(where: str, text: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in known:
        raise InvalidParameter(f"{where}{shown(text)} is neither `true` nor `false`. Set one of them.")
    return known[text.lower()]


def _address(where: str, text: str) -> str:
    if _names_somebody(text):
        raise InvalidParameter(
            f"{where.rstrip('=')} holds a name or a password before its host. It goes into links, for everybody to "
            "read. Leave it out."
        )
    if not _is_address(text):
        raise InvalidParameter(
            f"{where}{shown(text)} is not the address of an app. Set one such as https://hitl.example.org"
        )
    return text.rstrip("/")


def _names_somebody(text: str) -> bool:
    return "@" in re.split("[/?#]", text.partition("://")[2] or text, maxsplit=1)[0]


def _is_address(text: str) -> bool:
    if any(character.isspace() or character in "?#" for character in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # Brackets without an IPv6 address, or a port that is none.
        return False


def _check_replicas(settings: ServingSettings) -> None:
    if settings.min_replicas > settings.max_replicas:
        raise InvalidParameter(
            f"{variable_of('min_replicas')} is {settings.min_replicas} and {variable_of('max_replicas')} is "
            f"{settings.max_replicas}: there cannot be more at least than at most. Change one of them, "
            "in the environment or in `hitl.configure`."
        )


Readers = Mapping[str, Callable[[str, str], Any]]
"""How each setting is read: given where its text stands, and the text."""

_READERS: Readers = {
    "store": _store,
    "endpoint": _address,
    "identity_header": _text,
    "max_characters": _whole(Settings.max_characters),
    "max_body_bytes": _whole(Settings.max_body_bytes),
    "max_upload_bytes": _whole(Settings.max_upload_bytes),
    "progress": _switch,
    "push": _switch,
}
_SERVING_READERS: Readers = {
    "public_address": _address,
    "check_endpoint": _switch,
    "image": _one_word("registry.example.org/flyte-hitl:3.0.0"),
    "cpu": _quantity(r"\d{1,6}(\.\d{1,3})?|\d{1,9}m", "`1` or `500m`"),
    "memory": _quantity(r"\d{1,15}(\.\d{1,3})?([kMGT]|[KMGT]i)?", "`512Mi` or `1Gi`"),
    "min_replicas": _whole(0, least=0, most=_MAX_REPLICAS),
    "max_replicas": _whole(ServingSettings.max_replicas),
    "serve_timeout_seconds": _seconds,
}
_VARIABLES = tuple([variable_of(name) for name in _READERS])
VARIABLES = (*_VARIABLES, *(variable_of(name) for name in _SERVING_READERS))
"""The names of all variables."""

Texts = tuple[str, ...]
"""The texts of settings, in the order of their readers; an empty one is one that is not set."""

_NOTHING: Texts = ("",) * len(_READERS)
_NOTHING_OF_SERVING: Texts = ("",) * len(_SERVING_READERS)
_configured = _NOTHING
_configured_serving = _NOTHING_OF_SERVING
"""What the program set."""
