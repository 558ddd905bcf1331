"""The S3-compatible server, and what tells both plugins to keep all in it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.support.stores import RunningStore, applied, ministack

_AT_ONCE = 100

_FLYTE_NAMES = {
    "AWS_ENDPOINT_URL": "FLYTE_AWS_ENDPOINT",
    "AWS_ACCESS_KEY_ID": "FLYTE_AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY": "FLYTE_AWS_SECRET_ACCESS_KEY",
}
"""The earlier plugin writes through Flyte, which has names of its own for the same."""


@contextlib.contextmanager
def bucket() -> Iterator[RunningStore]:
    """Runs the server while the block lasts."""
    with ministack() as store:
        yield store


def in_bucket(store: RunningStore, *, port: int | None = None, url: str | None = None) -> dict[str, str]:
    """What tells both plugins to keep all below a prefix.

    Args:
        store: The server.
        port: Where to reach it, if not directly.
        url: The prefix, if not a fresh one.
    """
    url = url or store.fresh()
    cloud = store.environment
    if port is not None:
        cloud = {name: value.replace(f":{store.port}", f":{port}") for name, value in cloud.items()}
    return {**cloud, **_as_flyte_names(cloud), "FLYTE_HITL_STORE": f"{url}/hitl", "RAW_DATA_PATH": f"{url}/raw"}


def copied(folder: Path, store: RunningStore) -> str:
    """Copies a local store of this plugin into the bucket, and returns the prefix where `in_bucket` finds it."""
    url = store.fresh()
    with applied(store.environment):
        objects = S3Store.from_url(f"{url}/hitl", client_options={"allow_http": True})
    files = [file for file in folder.rglob("*") if file.is_file()]
    asyncio.run(_copy({file.relative_to(folder).as_posix(): file for file in files}, objects))
    return url


async def _copy(files: Mapping[str, Path], objects: S3Store) -> None:
    names = list(files)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        await asyncio.gather(*(obstore.put_async(objects, name, files[name].read_bytes()) for name in some))


def _as_flyte_names(cloud: Mapping[str, str]) -> dict[str, str]:
    return {flyte_name: cloud[name] for name, flyte_name in _FLYTE_NAMES.items()}
