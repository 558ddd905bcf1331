"""The bare objects of a store, past the project's own code: to look at all of them, and to put foreign ones there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.store import LocalStore, from_url

if TYPE_CHECKING:
    from obstore.store import ObjectStore


def raw_objects(url: str) -> ObjectStore:
    """Open a store by its URL or folder, with the variables of the environment."""
    if "://" not in url:
        Path(url).mkdir(parents=True, exist_ok=True)
        return LocalStore(url)
    return from_url(url, client_options={"timeout": "20s", "allow_http": True})


def contents(url: str) -> dict[str, bytes]:
    """Return every object of a store, by its path; in a folder, every file, also those hidden from listings."""
    if "://" not in url:
        return _files(Path(url))
    objects = raw_objects(url)
    paths = [entry["path"] for page in objects.list() for entry in page]
    return {path: bytes(objects.get(path).bytes()) for path in paths}


def _files(folder: Path) -> dict[str, bytes]:
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            found[str(file.relative_to(folder))] = file.read_bytes()
    return found
