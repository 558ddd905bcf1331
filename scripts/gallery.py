"""Makes the pictures of the gallery, `docs/images/gallery/`: every kind of field, asked for by the public calls.

They show the real forms in a real browser. Run it with `make screenshots`.
"""

from __future__ import annotations

import enum
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import matplotlib as mpl  # noqa: E402

mpl.use("agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from flyte.io import File  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402
from pydantic import BaseModel, EmailStr, Field, HttpUrl, SecretStr  # noqa: E402

import flyteplugins.hitl as hitl  # noqa: E402
from tests.support.browser import running_browser  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images" / "gallery"
WIDTH = 720
LARGEST_BYTES = 200_000

COUNTRIES = Literal[
    "Austria", "Belgium", "Croatia", "Denmark", "Estonia", "Finland", "France", "Germany", "Greece", "Hungary",
    "Iceland", "Italy", "Latvia", "Norway", "Poland", "Portugal", "Spain", "Sweden",
]  # fmt: skip


class Quality(enum.Enum):
    SHARP = "sharp"
    BLURRED = "blurred"
    DARK = "too dark"


class Item(BaseModel):
    description: str
    price: Decimal = Field(ge=0, decimal_places=2)
    tags: set[Literal["new", "used", "fragile"]] = set()


@dataclass
class Address:
    street: str
    city: str
    country: COUNTRIES = "Germany"


class Card(BaseModel):
    kind: Literal["card"]
    number: SecretStr


class Transfer(BaseModel):
    kind: Literal["transfer"]
    iban: str = Field(title="IBAN")


class Invoice(BaseModel):
    customer: str = Field(description="As it is written on the scan.")
    due: date
    paid: bool
    items: list[Item]
    ship_to: Address | None = None


class Contact(BaseModel):
    email: EmailStr
    website: HttpUrl | None = None
    customer_id: UUID
    token: SecretStr = Field(title="API token")


class Slot(BaseModel):
    day: date
    from_: time = Field(title="From", alias="from")
    published: datetime
    length: timedelta = timedelta(minutes=90)


@dataclass
class Picture:
    """One picture of the gallery.

    Attributes:
        name: The name of the file.
        ask: Puts the question.
        act: What is done on the page before the picture is taken.
    """

    name: str
    ask: Callable[[], hitl.Event[Any]]
    act: Callable[[Page], None] = field(default=lambda page: None)


def ask(name: str, data_type: Any, prompt: str, **options: Any) -> Callable[[], hitl.Event[Any]]:
    return lambda: hitl.new_event(name, data_type, prompt=prompt, **options)


def readings() -> pd.DataFrame:
    values = np.round(20 + np.sin(np.arange(400) / 20), 2)
    frame: pd.DataFrame = pd.DataFrame(
        {"sensor": [f"S{n % 12:02}" for n in range(400)], "celsius": values, "valid": True}
    )
    frame.loc[3, "celsius"] = 215.0
    return frame


def plot() -> Any:
    figure, axes = plt.subplots(figsize=(6, 2.4))
    axes.plot(readings()["celsius"], linewidth=1)
    axes.set_ylabel("°C")
    figure.tight_layout()
    return figure


SCAN = Invoice(
    customer="Ada & Co",
    due=date(2026, 12, 1),
    paid=False,
    items=[
        Item(description="Chair", price=Decimal("12.50"), tags={"new"}),
        Item(description="Desk", price=Decimal(99)),
    ],
)


def choose_transfer(page: Page) -> None:
    page.get_by_role("radio", name="Transfer").check()


def select_the_outlier(page: Page) -> None:
    page.get_by_role("gridcell", name="215").first.click()


def ask_for_too_much(page: Page) -> None:
    page.get_by_role("textbox", name="Your answer").fill("500")
    page.get_by_role("button", name="Send").click()


def decide_twice(page: Page) -> None:
    for key in ("1", "2"):
        page.keyboard.press(key)
    page.wait_for_function("document.getElementById('review-decided').textContent === '2'")


PICTURES = (
    Picture("bool", ask("deploy", bool, "Deploy the new model?", labels=("Deploy", "Discard"))),
    Picture("approval", ask("payment", Annotated[hitl.Approval, hitl.ReasonRequired("reject")], "Pay this invoice?")),
    Picture("buttons", ask("quality", Quality, "How is the picture?")),
    Picture("select", ask("country", COUNTRIES, "Where is the parcel?")),
    Picture("choices", ask("defects", set[Quality], "What is wrong with the picture?")),
    Picture("numbers", ask("budget", Annotated[int, Field(ge=1, le=400)], "How many GPU hours?", initial=40)),
    Picture("decimal", ask("total", Decimal, "What is the total?", initial=Decimal("12.50"))),
    Picture("text", ask("caption", str, "Please correct the caption.", initial="A cat asleep on a piano.")),
    Picture(
        "moments",
        ask(
            "slot",
            Slot,
            "When does it run?",
            initial={"day": date(2026, 12, 1), "published": datetime(2026, 11, 22, 10, tzinfo=timezone.utc)},
        ),
    ),
    Picture("addresses", ask("contact", Contact, "Whom to tell?")),
    Picture("model", ask("invoice", Invoice, "Please correct what was read from the scan.", initial=SCAN)),
    Picture("list", ask("keywords", list[str], "Which keywords fit?", initial=["cat", "piano"])),
    Picture("dict", ask("weights", dict[str, float], "Weigh the sources.", initial={"news": 0.7, "blogs": 0.3})),
    Picture(
        "union",
        ask("pay", Annotated[Card | Transfer, Field(discriminator="kind")], "How is it paid?"),
        choose_transfer,
    ),
    Picture("file", ask("scan", Annotated[File, hitl.Upload(media_types=("application/pdf", "image/*"))], "The scan?")),
    Picture("json", ask("config", dict, "Please adapt the settings.", initial={"retries": 3, "regions": ["eu"]})),
    Picture(
        "table",
        ask("readings", pd.DataFrame, "One of these cannot be right.", initial=readings()),
        select_the_outlier,
    ),
    Picture(
        "errors",
        ask("hours", Annotated[int, Field(ge=1, le=400)], "How many GPU hours?"),
        ask_for_too_much,
    ),
    Picture(
        "shown",
        ask(
            "anomaly",
            bool,
            "Sensor S03 jumped. ![the last 400 readings](attachment:plot)\n\nIs it an anomaly?",
            labels=("Anomaly", "Noise"),
            show=[
                hitl.show.Figure(plot(), name="plot"),
                hitl.show.Table(readings(), title="Readings"),
                hitl.show.Diff("limit: 30\nunit: C\n", "limit: 40\nunit: C\n", title="What the model would change"),
            ],
        ),
    ),
    Picture(
        "review",
        lambda: hitl.new_review(
            [f"A caption of picture {number}: **a cat** on a piano." for number in range(1, 41)],
            name="captions",
            data_type=Literal["good", "bad", "unsure"],
            prompt="Does the caption fit?",
        ),
        decide_twice,
    ),
)


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        os.environ["FLYTE_HITL_STORE"] = folder
        too_large = [picture.name for picture in PICTURES if take(browser, picture) > LARGEST_BYTES]
    if too_large:
        print(f"Larger than {LARGEST_BYTES:,} bytes: {', '.join(too_large)}")
    return int(bool(too_large))


def take(browser: Browser, picture: Picture) -> int:
    """Takes one picture; returns its size in bytes."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 560}, device_scale_factor=1.5, locale="en-GB", timezone_id="Europe/Berlin"
    )
    page = context.new_page()
    page.goto(picture.ask().form_url, wait_until="networkidle")
    picture.act(page)
    path = IMAGES / f"{picture.name}.png"
    page.locator("main").screenshot(path=path)
    context.close()
    size = path.stat().st_size
    print(f"{path.relative_to(REPOSITORY)}: {size:,} bytes")
    return size


if __name__ == "__main__":
    sys.exit(main())
