"""`python -m flyteplugins.hitl.app`: the app as a process of its own, on any store."""

from __future__ import annotations

import argparse
import logging
import sys
from functools import partial

from .. import _flyte
from .._push_sender import push_outcomes
from .._service import Service
from .._setting_names import check_names
from .._settings import Settings, default_local_store
from .._store import Store
from ..errors import HitlError
from ._server import serve, serve_storeless


def main() -> int:
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        check_names()
        settings = Settings.from_environment()
        url = arguments.store or settings.store or (None if arguments.no_default_store else default_local_store())
        tell = partial(print, flush=True)
        if url is None:
            serve_storeless(host=arguments.host, port=arguments.port, on_listening=tell)
        else:
            store = Store.at(url, options=_flyte.storage_options(url))
            service = Service(store)
            push_outcomes(service, settings)
            serve(service, settings, host=arguments.host, port=arguments.port, on_listening=tell)
    except (HitlError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m flyteplugins.hitl.app", description=__doc__)
    parser.add_argument("--store", help="URL or folder of the store; else FLYTE_HITL_STORE, else ~/.flyte/hitl")
    parser.add_argument(
        "--no-default-store",
        action="store_true",
        help="with no store set, show no questions instead of those in ~/.flyte",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 for any that is free (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
