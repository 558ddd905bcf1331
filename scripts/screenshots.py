"""Makes the pictures of the README: `docs/images/form-light.png` and `docs/images/form-dark.png`.

They show the real form in a real browser, at twice the scale of a usual screen. Run it with `make screenshots`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import Browser  # noqa: E402

from flyteplugins.hitl._records import Origin  # noqa: E402
from tests.support.browser import running_browser  # noqa: E402
from tests.support.house import House, open_house, run  # noqa: E402
from tests.support.questions import asked, question  # noqa: E402
from tests.support.scripts import Link  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"

PROMPT = """The nightly check of `orders.parquet` found **3 anomalies** with 87% confidence.

| check | rows | share |
|:--|--:|--:|
| duplicate order numbers | 1,204 | 0.84% |
| prices below zero | 37 | 0.03% |
| dates in the future | 2 | 0.00% |

Approve the data for downstream processing?"""

WIDTH, HEIGHT = 760, 640
LARGEST_BYTES = 200_000


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_house(folder) as house, running_browser() as browser:
        link = ask(house)
        return max(take(browser, link, "light"), take(browser, link, "dark"))


def ask(house: House) -> Link:
    origin = Origin(project="flytesnacks", domain="development", run="r8f3k2", action="a0")
    content = question(bool, name="review_decision", prompt=PROMPT)
    return house.link(run(asked(house.service, content, origin=origin)))


def take(browser: Browser, link: Link, scheme: Literal["light", "dark"]) -> int:
    """Takes one picture; returns 1 where it became larger than a README should carry."""
    viewport = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(
        color_scheme=scheme,
        viewport=viewport,  # type: ignore[arg-type]
        device_scale_factor=2,
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(link.url)
    path = IMAGES / f"form-{scheme}.png"
    page.screenshot(path=path, full_page=True)
    context.close()
    size = path.stat().st_size
    print(f"{path.relative_to(REPOSITORY)}: {size:,} bytes")
    return int(size > LARGEST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
