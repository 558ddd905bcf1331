"""What the URL of a store says."""

from __future__ import annotations

import os
import re
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


_LIKE_A_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two letters at least: one is a drive of Windows."""


def wrong_in(url: str) -> str | None:
    """What is wrong with what was meant for a URL, and would be taken for a folder; a whole sentence."""
    if "://" not in url:
        # Taken for a folder, nobody would notice that app and workflow do not meet.
        return (
            "It is no URL for want of `//`, and for a folder it begins with `./`." if _LIKE_A_URL.match(url) else None
        )
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        return f"A file URL has three slashes: file:///{parts.netloc}{parts.path}."
    return None


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
    if "://" not in url:
        return url
    parts = urlsplit(url)
    before, _, host = parts.netloc.rpartition("@")
    if parts.scheme in ("abfs", "abfss") and before and ":" not in before:
        host = parts.netloc  # There it is the name of the container.
    return f"{parts.scheme}://{host}{parts.path}"
