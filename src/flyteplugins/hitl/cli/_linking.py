"""`link` and `open`: the form of a question, wherever an app shows it."""

from __future__ import annotations

import asyncio
import webbrowser

from .._app_probe import probe
from .._form_link import FormLink
from .._records import Endpoint, Request
from .._runtime import endpoint_path
from .._settings import ServingSettings
from ..errors import HitlError
from ._exits import Exit
from ._session import Session


async def print_link(session: Session, given: str, endpoint: str | None) -> int:
    """Prints the link to a form."""
    link = await _link(session, await session.request(given), endpoint)
    if session.terminal.as_json:
        session.terminal.data({"request_id": link.request.request_id, "url": link.form_url})
    else:
        session.terminal.say(link.form_url)
    return Exit.DONE


async def open_form(session: Session, given: str, endpoint: str | None) -> int:
    """Opens a form in the browser."""
    link = await _link(session, await session.request(given), endpoint)
    is_open = await asyncio.to_thread(webbrowser.open, link.form_url)
    if session.terminal.as_json:
        session.terminal.data({"request_id": link.request.request_id, "url": link.form_url, "is_open": is_open})
    elif not is_open:
        session.terminal.note("There is no browser here. Open this link:")
        session.terminal.say(link.form_url)
    return Exit.DONE


async def _link(session: Session, request: Request, endpoint: str | None) -> FormLink:
    address = endpoint or ServingSettings.from_environment().public_address or session.settings.endpoint
    if address is None:
        address = await _recorded(session, request)
    token = (await session.service.links()).token(request.request_id)
    return FormLink(request=request, endpoint=address, token=token)


async def _recorded(session: Session, request: Request) -> str:
    """The app in the script that asked, if it runs on this machine.

    Raises:
        HitlError: None does.
    """
    recorded = await session.service.store.read(endpoint_path(request.origin.run), Endpoint)
    address = None if recorded is None else f"http://127.0.0.1:{recorded.port}"
    if address is not None and (await probe(address)).store == (await session.service.links()).store_id():
        return address
    where = f"The app of its run is not at {address} any more. " if address else ""
    raise HitlError(
        f"{where}No app is known to show this form. Start one by "
        f"`flyte hitl serve --store {session.service.store.url}`, and name its address by --endpoint or "
        "FLYTE_HITL_ENDPOINT; or answer here, by `flyte hitl answer`."
    )
