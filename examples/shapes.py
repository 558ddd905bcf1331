"""Questions of any shape: a form for a model, filled in beforehand; several of several things; a day.

Shows `initial=` and what the person changed of it, a `set` of choices, and that the workflow gets what it asked for.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

import flyteplugins.hitl as hitl


class Currency(Enum):
    EURO = "EUR"
    DOLLAR = "USD"


class Line(BaseModel):
    article: Annotated[str, Field(min_length=1)]
    price: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    quantity: Annotated[int, Field(ge=1)] = 1


class Invoice(BaseModel):
    number: Annotated[str, Field(title="Invoice number", description="As printed at the top right.")]
    issued: date
    lines: list[Line]
    currency: Currency = Currency.EURO
    paid_on: date | None = None


@dataclass
class Release:
    version: str
    notify: list[str] = field(default_factory=list)


read_by_a_model = {
    "number": "2026-117",
    "issued": date(2026, 3, 1),
    "lines": [Line(article="Earl Grey, 100 g", price=Decimal("12.50"), quantity=4)],
}
event = hitl.new_event(
    "check_invoice", data_type=Invoice, prompt="Is this what the **scan** says?", initial=read_by_a_model
)
invoice = event.wait()
total = sum(line.price * line.quantity for line in invoice.lines)
print(f"Invoice {invoice.number}: {total} {invoice.currency.value}")
for change in event.response().changes:
    print(f"{change.path} was {change.before}, and is {change.after}")

checks = hitl.new_event(
    "checks", data_type=set[Literal["schema", "ranges", "duplicates"]], prompt="What else to check?"
)
print("Checking:", ", ".join(sorted(checks.wait())) or "nothing")

release = hitl.new_event("release", data_type=Release, prompt="What is released, and who is told?").wait()
print(f"Releasing {release.version}, telling {len(release.notify)}")

start = hitl.new_event("start", data_type=date, prompt="When do we start?").wait()
print("Starting on", start.strftime("%d.%m.%Y"))
