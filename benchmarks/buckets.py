"""The S3-compatible server, and what tells both plugins to keep all in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from tests.support.stores import RunningStore, ministack

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


def in_bucket(store: RunningStore, *, port: int | None = None) -> dict[str, str]:
    """What tells both plugins to keep all below a fresh prefix.

    Args:
        store: The server.
        port: Where to reach it, if not directly.
    """
    url = store.fresh()
    cloud = store.environment
    if port is not None:
        cloud = {name: value.replace(f":{store.port}", f":{port}") for name, value in cloud.items()}
    return {**cloud, **_as_flyte_names(cloud), "FLYTE_HITL_STORE": f"{url}/hitl", "RAW_DATA_PATH": f"{url}/raw"}


def _as_flyte_names(cloud: Mapping[str, str]) -> dict[str, str]:
    return {flyte_name: cloud[name] for name, flyte_name in _FLYTE_NAMES.items()}
