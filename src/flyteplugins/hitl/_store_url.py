"""What the URL of a store says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_ALLOW_HTTP = {
    "s3": "AWS_ALLOW_HTTP",
    "az": "AZURE_ALLOW_HTTP",
    "abfs": "AZURE_ALLOW_HTTP",
    "abfss": "AZURE_ALLOW_HTTP",
    "gs": "GOOGLE_ALLOW_HTTP",
}


def local_folder(url: str) -> Path | None:
    """The folder that a URL names, or `None` where it names an object store."""
    if "://" not in url:
        return Path(url).expanduser().absolute()
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def plain_http(url: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment and the given options say of plain HTTP: options that are given hide all of the former."""
    allowed = given.get("allow_http") or os.environ.get(_ALLOW_HTTP.get(urlsplit(url).scheme, ""), "")
    return {"allow_http": True} if str(allowed).lower() in ("true", "1") else {}


def without_secrets(url: str) -> str:
    """A URL for messages: whatever signs people in may stand in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
