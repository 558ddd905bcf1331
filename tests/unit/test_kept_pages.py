"""A page that is kept is of one record and one place, and only its key is another each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from flyteplugins.hitl._records import Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app._kept_pages import LARGEST_BYTES, LIFE_SECONDS, KeptPages
from tests.support.questions import MovableClock, asked

KEY, OTHER = "first-key_0123456789", "other-key_0123456789"
PAGE = f'<form><input value="{KEY}"></form>'.encode()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


async def made(folder: Path) -> Request:
    return await asked(Service(Store.at(str(folder)), clock=MovableClock()))


@pytest.mark.asyncio
async def test_a_page_comes_back_with_another_key(tmp_path: Path, clock: MovableClock) -> None:
    request, pages = await made(tmp_path), KeptPages(clock)
    assert pages.get(request, "../", OTHER) is None
    pages.keep(request, "../", PAGE, KEY)
    assert pages.get(request, "../", OTHER) == PAGE.replace(KEY.encode(), OTHER.encode())


@pytest.mark.asyncio
async def test_a_page_is_for_its_place_and_for_its_very_record(tmp_path: Path, clock: MovableClock) -> None:
    request, pages = await made(tmp_path), KeptPages(clock)
    pages.keep(request, "../", PAGE, KEY)
    assert pages.get(request, "../../", OTHER) is None
    assert pages.get(request.model_copy(), "../", OTHER) is None


@pytest.mark.asyncio
async def test_a_page_is_forgotten_when_its_life_is_over(tmp_path: Path, clock: MovableClock) -> None:
    request, pages = await made(tmp_path), KeptPages(clock)
    pages.keep(request, "../", PAGE, KEY)
    clock.move(LIFE_SECONDS)
    assert pages.get(request, "../", OTHER) is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "page", [PAGE + KEY.encode(), b"<form></form>", PAGE + b"x" * LARGEST_BYTES], ids=["key twice", "no key", "large"]
)
async def test_a_page_that_would_not_come_back_right_is_not_kept(
    tmp_path: Path, clock: MovableClock, page: bytes
) -> None:
    request, pages = await made(tmp_path), KeptPages(clock)
    pages.keep(request, "../", page, KEY)
    assert pages.get(request, "../", OTHER) is None
