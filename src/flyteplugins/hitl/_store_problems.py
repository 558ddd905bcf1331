"""What went wrong with a store, in words that name the cause and the mend.

The client library tells the cause last, below what it did: most of what it says is of use to its authors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DISK = "Nothing was lost. Set FLYTE_HITL_STORE to a folder that this process can write to, on a disk with room."
_TRY_AGAIN = "Nothing was lost; try again in a moment. If it goes on, "
_STORE = "the address of the store: FLYTE_HITL_STORE, if set"
_SERVER = f"check that the store is up, and {_STORE}, and that of its server, such as AWS_ENDPOINT_URL."
_RIGHTS = (
    "Nothing was lost. Give this process credentials that may read, create and list below the root of the store, or "
    f"correct {_STORE}."
)


@dataclass(frozen=True)
class _Cause:
    """A cause that is known.

    Attributes:
        sign: What the client library says of it.
        reason: What that means.
        mend: What to do.
    """

    sign: re.Pattern[str]
    reason: str
    mend: str = _TRY_AGAIN + _SERVER


_TLS = (
    "Nothing was lost. Correct the address of the store (FLYTE_HITL_STORE, if set) or of its server, such as "
    "AWS_ENDPOINT_URL; or have this machine trust it."
)
_CAUSES = (
    # An object that is missing is no error: so this is of what holds it.
    _Cause(
        re.compile(r"status code: 404|NoSuchBucket|ContainerNotFound"),
        "there is no such bucket or container",
        f"Nothing was lost. Make it, or correct {_STORE}, and that of its server, such as AWS_ENDPOINT_URL.",
    ),
    _Cause(
        re.compile(r"token request|/latest/api/token|/metadata/identity/oauth2/token"),
        "no credentials for it were found, in this process or on this machine",
        _RIGHTS,
    ),
    _Cause(re.compile(r"status code: 40[13]"), "it does not let this process do that", _RIGHTS),
    _Cause(re.compile("failed to lookup address"), "the name of its server is not known"),
    _Cause(re.compile("ConnectionRefused"), "nothing takes connections there"),
    _Cause(re.compile(r"InvalidCertificate"), "the certificate of its server is not trusted", _TLS),
    _Cause(re.compile("InvalidContentType"), "its server does not speak TLS, or http:// is meant", _TLS),
    _Cause(
        re.compile(r"http://.*builder error"),
        "plain HTTP is not allowed",
        "Nothing was lost. Use https://, or set AWS_ALLOW_HTTP=true (AZURE_…, GOOGLE_… for those).",
    ),
    _Cause(re.compile("TimedOut"), "its server did not answer in time"),
)
_SERVER_ADDRESS = re.compile(r"https?://[^/\s,]+")
_OWN_WORD = re.compile(r"<Code>(\w{1,80})</Code>")


def problem_of(error: Exception) -> str:
    """Why a call to a store failed, and what to do: whole sentences."""
    told = str(error)
    cause = next((each for each in _CAUSES if each.sign.search(told)), None)
    if cause is None:
        is_local = isinstance(error, OSError) or "LocalFileSystem" in told
        return f"{first_line(error)} {_DISK if is_local else _TRY_AGAIN + _SERVER}"
    address, own_word = _SERVER_ADDRESS.search(told), _OWN_WORD.search(told)
    where = [address.group().rpartition("@")[2], *([own_word.group(1)] if own_word else [])] if address else []
    aside = f" ({', '.join(where)})" if where else ""
    return f"{cause.reason}{aside}. {cause.mend}"


def too_slow(seconds: float) -> str:
    """The same for a call that was given up."""
    return f"no answer within {seconds:g} seconds. {_TRY_AGAIN}{_SERVER}"


def first_line(error: Exception) -> str:
    """What a client library says, less its debug output and less every query, where Azure carries signatures."""
    line = (str(error).splitlines() or [type(error).__name__])[0].strip()
    shown = " ".join(word.partition("?")[0] if "://" in word else word for word in line.split())
    return shown if shown.endswith((".", "!", "?")) else shown + "."
