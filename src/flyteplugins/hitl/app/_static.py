"""Style sheet, script and icon: a few small files, read once and served from memory.

A thread a file, as the framework's own would use, cannot be started any more while a script ends, and that is just
when the last page is fetched.
"""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

_ONE_YEAR = "public, max-age=31536000, immutable"

_CONTENTS = {entry.name: entry.read_bytes() for entry in (files(__package__) / "static").iterdir() if entry.is_file()}

STATIC_VERSION = hashlib.sha256(b"".join(_CONTENTS[name] for name in sorted(_CONTENTS))).hexdigest()[:12]
"""Part of each address, so that a browser may keep a file for as long as it likes."""


class StaticFiles:
    """Serves the files below `static/`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        name = request.url.path.rpartition("/")[2]
        if request.method != "GET":
            raise HTTPException(405, headers={"Allow": "GET"})
        if name not in _CONTENTS:
            raise HTTPException(404)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        response = HttpResponse(_CONTENTS[name], media_type=media_type, headers={"Cache-Control": _ONE_YEAR})
        await response(scope, receive, send)
