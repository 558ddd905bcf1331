"""What an operator can set, all of it: environment variables with the prefix `FLYTE_HITL_`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from ._quoting import shown
from .errors import InvalidParameter

PREFIX = "FLYTE_HITL_"

_NAMES = ("STORE", "ENDPOINT", "IDENTITY_HEADER", "MAX_CHARACTERS", "MAX_BODY_BYTES", "MAX_UPLOAD_BYTES", "PROGRESS")
_MAX_DIGITS = 18


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator can set.

    Attributes:
        store: `FLYTE_HITL_STORE`: the URL of the store (`s3://bucket/hitl`, `az://container/hitl`, a folder), or
            `None` to find it from where the workflow runs.
        endpoint: `FLYTE_HITL_ENDPOINT`: the address of an app that runs already, or `None` to have one served.
        identity_header: `FLYTE_HITL_IDENTITY_HEADER`: the request header in which a trusted proxy before the app
            names the person who is signed in, or `None` to trust no header.
        max_characters: `FLYTE_HITL_MAX_CHARACTERS`: the longest text that is taken as a `str` answer.
        max_body_bytes: `FLYTE_HITL_MAX_BODY_BYTES`: the largest body that the app reads, in bytes, files aside.
        max_upload_bytes: `FLYTE_HITL_MAX_UPLOAD_BYTES`: the largest file that the app takes, in bytes.
        progress: `FLYTE_HITL_PROGRESS`: whether a script says what it waits for, and takes answers where it runs.
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

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Reads the settings.

        Raises:
            InvalidParameter: A variable holds what cannot be used; the message names it.
        """
        return _settings(*(environment.get(PREFIX + name, "").strip() for name in _NAMES))


@lru_cache(maxsize=8)
def _settings(
    store: str,
    endpoint: str,
    identity_header: str,
    max_characters: str,
    max_body_bytes: str,
    max_upload_bytes: str,
    progress: str,
) -> Settings:
    """The settings of these texts. Each event asks for them, and they hardly ever change."""
    return Settings(
        store=store or None,
        endpoint=_endpoint(endpoint),
        identity_header=identity_header or None,
        max_characters=_positive("MAX_CHARACTERS", max_characters, Settings.max_characters),
        max_body_bytes=_positive("MAX_BODY_BYTES", max_body_bytes, Settings.max_body_bytes),
        max_upload_bytes=_positive("MAX_UPLOAD_BYTES", max_upload_bytes, Settings.max_upload_bytes),
        progress=_switch("PROGRESS", progress),
    )


def default_local_store() -> str:
    """The folder that is used on a laptop when nothing is set: `~/.flyte/hitl`."""
    return str(Path.home() / ".flyte" / "hitl")


def _positive(name: str, text: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or int(text) == 0:
        raise InvalidParameter(
            f"{PREFIX}{name}={shown(text)} is not a whole number above zero. Set one, such as {default}."
        )
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text.lower() not in ("", "0", "1", "false", "true", "no", "yes", "off", "on"):
        raise InvalidParameter(f"{PREFIX}{name}={shown(text)} is neither on nor off. Set 1 or 0.")
    return text.lower() not in ("0", "false", "no", "off")


def _endpoint(text: str) -> str | None:
    if not text:
        return None
    if not _is_address(text):
        raise InvalidParameter(
            f"{PREFIX}ENDPOINT={shown(text)} is not the address of an app. Set one such as https://hitl.example.org"
        )
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    if any(character.isspace() or character in "?#" for character in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # Brackets without an IPv6 address, or a port that is none.
        return False
