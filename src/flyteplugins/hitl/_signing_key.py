"""The store's own key, which is made once: nobody has to be given one."""

from __future__ import annotations

import secrets

from ._records import SigningKey
from ._store import Store, new_nonce

SIGNING_KEY_PATH = "keys/signing.json"


async def signing_key(store: Store) -> SigningKey:
    """The key of a store. Whoever needs it first makes it; of several who do at once, all get the same.

    Raises:
        StoreUnavailable: The store could not be reached.
        DamagedRecord: What stands in its place is no key.
    """
    standing = await store.read(SIGNING_KEY_PATH, SigningKey)
    if standing is None:
        made = SigningKey(nonce=new_nonce(), secret=secrets.token_urlsafe(32))
        standing, _ = await store.create(SIGNING_KEY_PATH, made)
    return standing
