"""`serve`: the app on any store, in this process."""

from __future__ import annotations

import logging
import sys

from .._push_sender import push_outcomes
from .._service import Service
from .._settings import Settings
from ..app._server import serve
from ..errors import HitlError
from ._exits import Exit
from ._session import opened, store_in_force
from ._terminal import Terminal


def run_app(store: str | None, host: str, port: int, *, as_json: bool) -> None:
    """Serves until it is told to end, and ends the process."""
    terminal = Terminal(as_json=as_json)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    try:
        settings = Settings.from_environment()
        service = Service(opened(store_in_force(store, settings)[0]))
        push_outcomes(service, settings)

        def tell(address: str) -> None:
            if as_json:
                terminal.data({"endpoint": address, "store": service.store.url})
            else:
                terminal.say(address)
            sys.stdout.flush()

        serve(service, settings, host=host, port=port, on_listening=tell)
    except HitlError as error:
        sys.exit(terminal.fail(error))
    except OSError as error:
        sys.exit(
            terminal.fail(HitlError(f"{host}:{port} cannot be listened on: {error}. Choose another --host or --port."))
        )
    sys.exit(Exit.DONE)
