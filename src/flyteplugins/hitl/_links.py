"""What proves that a caller may see and answer a request, all made with the store's own key.

Nothing here is kept anywhere: the same key makes the same link after a crash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from itsdangerous import Signer

from .errors import AccessDenied, DamagedRecord

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_ORIGIN_BYTES = 7
ORIGIN_CHARACTERS = 10
"""So much of the id of a request is the hash of its origin: 50 bits. Should two origins share them, no harm is done."""

_IDENTITY_BYTES = 10
"""80 bits: the chance that two of a thousand requests of one origin share them stays below 1 in 10^18."""

_SEALED = "sealed:"

_CAPABILITY_BYTES = 20
"""160 bits, as unguessable as the signature of a link."""


class Links:
    """Makes and checks tokens, capabilities and request ids.

    Args:
        secret: The store's signing key.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        # For a few bytes: `hmac.digest` lets other threads run meanwhile, and then has to wait for them.
        self._keyed = hmac.new(self._secret, digestmod="sha256")
        salt, digest = "flyteplugins.hitl.link", hashlib.sha256
        derived = Signer(self._secret, salt=salt, key_derivation="hmac", digest_method=digest).derive_key()
        # It would derive its key anew for each token.
        self._signer = Signer(derived, salt=salt, key_derivation="none", digest_method=digest)

    def is_signed_with(self, secret: str) -> bool:
        """Whether this is the key that is used here."""
        return hmac.compare_digest(self._secret, secret.encode())

    def store_id(self) -> str:
        """Tells this store from others, and nothing else: anybody may know it."""
        return self._derived("store-id", b"", _ORIGIN_BYTES)

    def origin_id(self, origin: bytes) -> str:
        """What the ids of all requests of one origin begin with."""
        return self._derived("origin-id", origin, _ORIGIN_BYTES)[:ORIGIN_CHARACTERS]

    def request_id(self, origin_id: str, identity: bytes) -> str:
        """The id of the request with this identity. Keyed, so that it tells nothing and nobody else computes it."""
        return origin_id + self._derived("request-id", identity, _IDENTITY_BYTES)

    def response_path(self, request_id: str) -> str:
        """Where the outcome of a request is kept; its second half cannot be guessed."""
        capability = self._derived("response-path", request_id.encode(), _CAPABILITY_BYTES)
        return f"responses/{request_id}.{capability}.json"

    def token(self, request_id: str) -> str:
        """The signed part of a link to the request."""
        return self._signer.get_signature(request_id).decode()

    def check_token(self, request_id: str, token: str | None) -> None:
        """Holds a token against a request.

        Raises:
            AccessDenied: It is missing, or was not made for this request with this store's key.
        """
        if not token:
            raise AccessDenied(
                "The link's token is missing. Open the whole link as it was printed or shown in the task's report."
            )
        # Held against the whole token: a decoded signature would also take other spellings of it.
        if not hmac.compare_digest(self._signer.get_signature(request_id), _bytes(token)):
            raise AccessDenied(
                "The link's token does not fit this question. Copy the whole link again from where you got it."
            )

    def sealed(self, request_id: str, secret: str) -> str:
        """A secret as records keep it: the same one of one request alike, so that sending it again is safe."""
        sealed = self._seal(request_id).encrypt(secret.encode(), [request_id.encode()])
        return _SEALED + base64.urlsafe_b64encode(sealed).decode()

    def unsealed(self, request_id: str, sealed: str) -> str:
        """The secret again.

        Raises:
            DamagedRecord: It was not sealed for this request with this store's key.
        """
        from cryptography.exceptions import InvalidTag

        try:
            content = base64.urlsafe_b64decode(sealed.removeprefix(_SEALED))
            return self._seal(request_id).decrypt(content, [request_id.encode()]).decode()
        except (InvalidTag, ValueError):
            raise DamagedRecord(
                f"A secret in the answer to {request_id} was not sealed with this store's key. The key was replaced, "
                "or something else wrote the record; ask again to go on."
            ) from None

    def check_response_path(self, recorded: str, given: str) -> None:
        """Holds the `response_path` of a JSON call against the recorded one, in constant time.

        Raises:
            AccessDenied: They differ.
        """
        if not hmac.compare_digest(recorded.encode(), _bytes(given)):
            raise AccessDenied(
                "The `response_path` is not the one of this request. Copy it again from the task's report."
            )

    def _seal(self, request_id: str) -> AESSIV:
        # Loaded only where there is a secret.
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(hmac.digest(self._secret, b"seal\0" + request_id.encode(), "sha512"))

    def _derived(self, purpose: str, content: bytes, size: int) -> str:
        derived = self._keyed.copy()
        derived.update(purpose.encode() + b"\0" + content)
        return base64.b32encode(derived.digest()[:size]).decode().rstrip("=").lower()


def _bytes(text: str) -> bytes:
    # A lone surrogate from a JSON escape cannot be encoded strictly, and must be refused as wrong, not crash.
    return text.encode(errors="surrogatepass")
