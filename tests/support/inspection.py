"""What every page must be, whatever it shows: readable for everybody, in both themes, on any width.

A picture of each is kept, to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from playwright.sync_api import Page

from tests.support.browser import accessibility_faults, overflows
from tests.support.scripts import REPOSITORY

PICTURES = REPOSITORY / ".artifacts" / "screenshots"


class Mode(TypedDict):
    """How a reader looks at a page."""

    scheme: Literal["light", "dark"]
    width: int
    height: int


MODES: Mapping[str, Mode] = {
    "light": {"scheme": "light", "width": 1000, "height": 720},
    "dark": {"scheme": "dark", "width": 1000, "height": 720},
    "phone": {"scheme": "light", "width": 375, "height": 720},
}

NARROWEST = 320
"""What WCAG 1.4.10 asks for: a page read at 400 % on a screen of 1280 pixels."""

_PICTURE_MS = 90_000
"""For the picture of a long page, on a machine that does much beside it."""


def inspect(page: Page, name: str) -> None:
    """Holds the page that is open to what is asked of all of them, in each mode, and takes its picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    faults = {mode: _faults(page, name, mode) for mode in MODES}
    page.set_viewport_size({"width": NARROWEST, "height": 720})
    faults["narrowest"] = "scrolls sideways" if overflows(page) else ""
    found = [f"{mode}: {fault}" for mode, fault in faults.items() if fault]
    assert not found, "\n".join(found)


def _faults(page: Page, name: str, mode: str) -> str:
    looked = MODES[mode]
    page.emulate_media(color_scheme=looked["scheme"])
    page.set_viewport_size({"width": looked["width"], "height": looked["height"]})
    page.screenshot(path=PICTURES / f"{name}-{mode}.png", full_page=True, timeout=_PICTURE_MS)
    return accessibility_faults(page) or ("scrolls sideways" if overflows(page) else "")
