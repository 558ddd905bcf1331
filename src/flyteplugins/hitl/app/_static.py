"""Style sheets, scripts and icon: a few small files, read once and served from memory.

Each is at `static/{version}/{name}`: the version comes before the name, so that what a script imports by a relative
address, such as `./table-model.js`, is of the same version as the script. `static/{name}?v={version}` is the same file.

A thread a file, as the framework's own would use, cannot be started any more while a script ends, and that is just
when the last page is fetched.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

_ONE_YEAR = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

# Said here, and not looked up: what a machine has set for `.js` may be nothing that a browser runs as a module.
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_CONTENTS = {entry.name: entry.read_bytes() for entry in (files(__package__) / "static").iterdir() if entry.is_file()}

STATIC_VERSION = hashlib.sha256(b"".join(_CONTENTS[name] for name in sorted(_CONTENTS))).hexdigest()[:12]
"""Part of each address, so that a browser may keep a file for as long as it likes."""


class StaticFiles:
    """Serves the files below `static/`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        version, _, name = request.url.path.rpartition("/static/")[2].rpartition("/")
        if request.method != "GET":
            raise HTTPException(405, headers={"Allow": "GET"})
        if name not in _CONTENTS or "/" in version:
            raise HTTPException(404)
        # While an app is replaced, a page of the one may ask the other: that answer must not be kept for a year.
        is_current = STATIC_VERSION in (version, request.query_params.get("v"))
        response = HttpResponse(
            _CONTENTS[name],
            media_type=_MEDIA_TYPES[name[name.rindex(".") :]],
            headers={"Cache-Control": _ONE_YEAR if is_current else _ASK_AGAIN},
        )
        await response(scope, receive, send)
