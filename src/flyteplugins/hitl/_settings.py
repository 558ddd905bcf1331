"""What an operator can set, all of it: environment variables with the prefix `FLYTE_HITL_`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ._quoting import shown
from .errors import InvalidParameter

PREFIX = "FLYTE_HITL_"

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
    """

    store: str | None = None
    endpoint: str | None = None
    identity_header: str | None = None
    max_characters: int = 100_000
    # Percent-encoding makes up to 12 bytes of a character, so the longest answer still fits with room to spare:
    # one that is too long is refused with the form filled, not with the bare error of a body over the limit.
    max_body_bytes: int = 4 * 1024 * 1024
    max_upload_bytes: int = 1024 * 1024 * 1024

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Reads the settings.

        Raises:
            InvalidParameter: A variable holds what cannot be used; the message names it.
        """
        return cls(
            store=environment.get(PREFIX + "STORE", "").strip() or None,
            endpoint=_endpoint(environment),
            identity_header=environment.get(PREFIX + "IDENTITY_HEADER", "").strip() or None,
            max_characters=_positive(environment, "MAX_CHARACTERS", cls.max_characters),
            max_body_bytes=_positive(environment, "MAX_BODY_BYTES", cls.max_body_bytes),
            max_upload_bytes=_positive(environment, "MAX_UPLOAD_BYTES", cls.max_upload_bytes),
        )


def default_local_store() -> str:
    """The folder that is used on a laptop when nothing is set: `~/.flyte/hitl`."""
    return str(Path.home() / ".flyte" / "hitl")


def _positive(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(PREFIX + name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or int(text) == 0:
        raise InvalidParameter(
            f"{PREFIX}{name}={shown(text)} is not a whole number above zero. Set one, such as {default}."
        )
    return int(text)


def _endpoint(environment: Mapping[str, str]) -> str | None:
    text = environment.get(PREFIX + "ENDPOINT", "").strip()
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
