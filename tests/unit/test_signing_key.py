"""The store's own key."""

from __future__ import annotations

import asyncio

import pytest

from flyteplugins.hitl._signing_key import signing_key
from flyteplugins.hitl._store import Store

pytestmark = pytest.mark.asyncio


async def test_it_is_made_once_however_many_need_it_at_once(local_store: str) -> None:
    keys = await asyncio.gather(*(signing_key(Store.at(local_store)) for _ in range(8)))
    assert {key.secret for key in (*keys, await signing_key(Store.at(local_store)))} == {keys[0].secret}


async def test_each_store_has_its_own(local_store: str) -> None:
    here, there = Store.at(f"{local_store}/here"), Store.at(f"{local_store}/there")
    assert (await signing_key(here)).secret != (await signing_key(there)).secret
