"""Every kind of field, filled in by hand in a real browser, with script and without: the workflow gets what was typed.

Holds P5 for answers of any shape, and that nobody is kept from answering by a browser that runs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import BaseModel, EmailStr, Field, HttpUrl, NaiveDatetime, SecretStr

from tests.support.browser import watched_page
from tests.support.house import House
from tests.support.inspection import inspect
from tests.support.reader import accepted, gets, send, show, tab_to
from tests.support.shapes import Add, Expression, Number

pytestmark = pytest.mark.slow

COUNTRIES = tuple(f"Country {number:02}" for number in range(1, 41))
Country = Literal[COUNTRIES]  # type: ignore[valid-type]  # As many as there are.


class Priority(Enum):
    """How soon."""

    NOW = "now"
    SOON = "soon"
    LATER = "later"


@dataclass
class Customer:
    name: str
    email: EmailStr
    website: HttpUrl | None = None


class Line(BaseModel):
    article: Annotated[str, Field(min_length=1, max_length=80)]
    price: Annotated[Decimal, Field(ge=0, decimal_places=2, description="In euros, without tax.")]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class Card(BaseModel):
    kind: Literal["card"] = "card"
    last_digits: Annotated[str, Field(pattern=r"^\d{4}$")]


class Transfer(BaseModel):
    kind: Literal["transfer"] = "transfer"
    iban: str
    arrives: date


class Bill(BaseModel):
    """A whole form."""

    number: Annotated[str, Field(title="Invoice number", description="As printed at the top right.")]
    customer: Customer
    issued: date
    due: datetime
    lines: list[Line]
    payment: Annotated[Card | Transfer, Field(discriminator="kind")]
    priority: Priority = Priority.SOON
    country: Country | None = None
    labels: set[Literal["export", "rush", "gift"]] = set()
    notes: dict[str, str] = {}
    delivery: Customer | None = None
    approved: bool = False


class Login(BaseModel):
    user: str
    password: SecretStr


@dataclass
class Node:
    label: str
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """A kind of field.

    Attributes:
        data_type: What is asked for.
        fill: How a person fills it in.
        value: What the workflow then gets.
        initial: What it is filled with before.
    """

    data_type: Any
    fill: Callable[[Page], None]
    value: Any
    initial: Any = None


def typed(text: str, label: str = "Your answer") -> Callable[[Page], None]:
    def fill(page: Page) -> None:
        page.get_by_label(label).first.fill(text)
        send(page)

    return fill


def pressed(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def picked(*names: str) -> Callable[[Page], None]:
    def fill(page: Page) -> None:
        for name in names:
            page.get_by_text(name, exact=True).click()
        send(page)

    return fill


def selected(name: str) -> Callable[[Page], None]:
    def fill(page: Page) -> None:
        page.get_by_role("combobox").select_option(label=name)
        send(page)

    return fill


def add(page: Page, name: str) -> None:
    before = page.locator(".row").count()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".row")).to_have_count(before + 1)


def rows(page: Page) -> None:
    for number, text in enumerate(("3", "1", "2"), 1):
        add(page, "Add entry")
        page.get_by_label(f"Entry {number}").fill(text)
    page.get_by_role("button", name="Move entry 1 down").click()
    expect(page.get_by_label("Entry 1")).to_have_value("1")
    page.get_by_role("button", name="Move entry 3 up").click()
    expect(page.get_by_label("Entry 2")).to_have_value("2")
    page.get_by_role("button", name="Remove entry 3").click()
    expect(page.locator(".row")).to_have_count(2)
    send(page)


def names_and_numbers(page: Page) -> None:
    for number, (name, value) in enumerate((("alpha", "1"), ("beta", "2"))):
        add(page, "Add entry")
        page.get_by_label("Name").nth(number).fill(name)
        page.get_by_label("Value").nth(number).fill(value)
    send(page)


def by_card(page: Page) -> None:
    page.get_by_role("radio", name="Transfer").check()
    page.get_by_label("Iban").fill("left over")
    page.get_by_role("radio", name="Card").check()
    page.get_by_label("Last digits").fill("1234")
    send(page)


def with_customer(page: Page) -> None:
    page.get_by_role("button", name="Add your answer").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.org")
    send(page)


def expression(page: Page) -> None:
    page.locator("[id='value']").get_by_role("radio", name="Add").first.check()
    left, right = (page.locator(f"[id='value.add.{side}']") for side in ("left", "right"))
    left.get_by_role("radio", name="Add").check()
    left.get_by_role("button", name="Show its fields").click()
    inner = [page.locator(f"[id='value.add.left.add.{side}']") for side in ("left", "right")]
    expect(inner[0]).to_be_visible()
    for number, side in enumerate((*inner, right)):
        side.get_by_role("radio", name="Number").check()
        side.get_by_label("Value").fill(str(number))
    send(page)


def pair(page: Page) -> None:
    page.get_by_label("1.").fill("5")
    page.get_by_label("2.").fill("2026-03-01")
    send(page)


def login(page: Page) -> None:
    page.get_by_label("User").fill("ada")
    page.get_by_label("Password").fill("hunter2")
    send(page)


def tree(page: Page) -> None:
    page.get_by_label("Label").fill("root")
    add(page, "Add node")
    page.get_by_label("Label").nth(1).fill("leaf")
    send(page)


def table(page: Page) -> None:
    add(page, "Add line")
    page.get_by_label("Article").fill("Tea")
    page.get_by_label("Price").fill("4.50")
    expect(page.get_by_label("Quantity")).to_have_value("1")
    send(page)


KINDS = {
    "int": Kind(int, typed(" -7 "), -7),
    "decimal": Kind(Decimal, typed("12.50"), Decimal("12.50")),
    "text": Kind(str, typed("one\n two"), "one\n two"),
    "date": Kind(date, typed("2026-03-01"), date(2026, 3, 1)),
    "time": Kind(time, typed("14:30"), time(14, 30)),
    "naive-moment": Kind(NaiveDatetime, typed("2026-03-01T14:30"), datetime(2026, 3, 1, 14, 30)),  # noqa: DTZ001
    "duration": Kind(timedelta, typed("1h 30min"), timedelta(minutes=90)),
    "uuid": Kind(UUID, typed("123e4567e89b42d3a456426614174000"), UUID("123e4567e89b42d3a456426614174000")),
    "url": Kind(HttpUrl, typed("https://example.org"), HttpUrl("https://example.org")),
    "email": Kind(EmailStr, typed("ada@example.org"), "ada@example.org"),
    "secret": Kind(SecretStr, typed("hunter2"), SecretStr("hunter2")),
    "json": Kind(Any, typed('{"a": [1]}'), {"a": [1]}),
    "decision": Kind(bool, pressed("Approve"), True),
    "optional-decision": Kind(bool | None, pressed("No answer"), None),
    "buttons": Kind(Priority, pressed("soon"), Priority.SOON),
    "choices": Kind(set[Literal["export", "rush", "gift"]], picked("rush", "gift"), {"rush", "gift"}),
    "many-choices": Kind(set[Country], picked("Country 07"), {"Country 07"}),
    "select": Kind(Country, selected("Country 33"), "Country 33"),
    "list": Kind(list[int], rows, [1, 2]),
    "table": Kind(list[Line], table, [Line(article="Tea", price=Decimal("4.50"))]),
    "dict": Kind(dict[str, int], names_and_numbers, {"alpha": 1, "beta": 2}),
    "tuple": Kind(
        tuple[int, date],
        pair,
        (5, date(2026, 3, 1)),
    ),
    "union": Kind(Annotated[Card | Transfer, Field(discriminator="kind")], by_card, Card(last_digits="1234")),
    "optional": Kind(Customer | None, with_customer, Customer("Ada", "ada@example.org")),
    "login": Kind(Login, login, Login(user="ada", password=SecretStr("hunter2"))),
    "expression": Kind(
        Expression,
        expression,
        Add(left=Add(left=Number(value=0), right=Number(value=1)), right=Number(value=2)),
    ),
    "tree": Kind(Node, tree, Node("root", [Node("leaf")])),
}


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def reader(request: pytest.FixtureRequest, browser: Browser, house: House) -> Iterator[Page]:
    """A page, with script and without."""
    with watched_page(browser, house.endpoint, locale="en-GB", java_script_enabled=request.param) as watched:
        yield watched.page


@pytest.mark.parametrize("name", KINDS)
def test_what_is_filled_in_by_hand_is_what_the_workflow_gets(name: str, house: House, reader: Page) -> None:
    kind = KINDS[name]
    request = house.ask(kind.data_type)
    show(house, reader, request)
    kind.fill(reader)

    expect(accepted(reader)).to_be_visible()
    assert gets(house, request, kind.data_type) == kind.value


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_field_is_readable_for_everybody(name: str, house: House, page: Page) -> None:
    show(house, page, house.ask(KINDS[name].data_type, prompt="What do you say?"))
    inspect(page, f"field-{name}")


BILL = {
    "number": "2026-117",
    "customer": {"name": "Grace Hopper", "email": "grace@example.org"},
    "issued": date(2026, 3, 1),
    "due": datetime(2026, 3, 15, 12, tzinfo=timezone.utc),
    "lines": [
        Line(article="Earl Grey, 100 g", price=Decimal("12.50"), quantity=4),
        Line(article="Teapot, cast iron, with a sieve and a lid that does not rattle", price=Decimal("89.00")),
    ],
    "payment": Transfer(iban="DE02 1203 0000 0000 2020 51", arrives=date(2026, 3, 10)),
    "labels": {"rush"},
    "notes": {"door": "Ring twice"},
}


def test_a_whole_invoice_is_readable_for_everybody(house: House, page: Page) -> None:
    show(house, page, house.ask(Bill, name="check_invoice", prompt="Is this what the **scan** says?", initial=BILL))
    expect(page.get_by_label("Invoice number")).to_have_value("2026-117")
    inspect(page, "field-invoice")


def test_an_invoice_that_is_wrong_is_readable_for_everybody(house: House, page: Page) -> None:
    show(house, page, house.ask(Bill, name="check_invoice", prompt="Is this what the **scan** says?", initial=BILL))
    page.get_by_label("Price").first.fill("a lot")
    page.get_by_label("Article").last.fill("x" * 90)
    page.get_by_label("Iban").fill("")
    page.get_by_role("button", name="Add delivery").click()
    page.get_by_label("Email").last.fill("nobody")
    page.locator("form.answer").evaluate("form => form.noValidate = true")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("“a lot” is not a decimal number")
    expect(page.get_by_role("alert")).to_contain_text("90 characters; at most 80 are taken")
    inspect(page, "field-invoice-errors")
    page.get_by_role("alert").get_by_role("link", name="Price").click()
    expect(page.get_by_label("Price").first).to_be_focused()


def test_an_answer_of_many_parts_is_readable_for_everybody(house: House, page: Page) -> None:
    request = house.ask(Bill, name="check_invoice", prompt="Is this what the **scan** says?", initial=BILL)
    show(house, page, request)
    page.get_by_label("Price").first.fill("11.50")
    page.get_by_role("button", name="Remove line 2").click()
    send(page)
    expect(accepted(page)).to_be_visible()
    expect(page.get_by_text("2 changes to what was filled in")).to_be_visible()
    inspect(page, "field-invoice-answered")


@pytest.mark.parametrize(
    ("zone", "shown", "day", "value"),
    [
        ("Europe/Berlin", "2026-07-01T14:30", "2026-12-24T18:00", datetime(2026, 12, 24, 17, tzinfo=timezone.utc)),
        ("America/New_York", "2026-07-01T08:30", "2026-12-24T18:00", datetime(2026, 12, 24, 23, tzinfo=timezone.utc)),
        (
            "Australia/Adelaide",
            "2026-07-01T22:00",
            "2026-12-24T18:00",
            datetime.fromisoformat("2026-12-24T07:30+00:00"),
        ),
    ],
)
def test_a_moment_is_typed_in_the_readers_zone(
    zone: str, shown: str, day: str, value: datetime, house: House, browser: Browser
) -> None:
    request = house.ask(datetime, initial=datetime(2026, 7, 1, 12, 30, tzinfo=timezone.utc))
    with watched_page(browser, house.endpoint, timezone_id=zone, locale="en-GB") as watched:
        show(house, watched.page, request)
        field = watched.page.get_by_label(f"Your answer, in {zone}")
        expect(field).to_have_value(shown)
        field.fill(day)
        send(watched.page)
        expect(accepted(watched.page)).to_be_visible()
    assert gets(house, request, datetime) == value


def test_without_script_a_moment_is_typed_in_utc(house: House, plain: Page) -> None:
    request = house.ask(datetime)
    show(house, plain, request)
    plain.get_by_label("Your answer, in UTC").fill("2026-12-24T18:00")
    send(plain)
    expect(accepted(plain)).to_be_visible()
    assert gets(house, request, datetime) == datetime(2026, 12, 24, 18, tzinfo=timezone.utc)


def test_a_moment_that_nobody_touched_keeps_its_microseconds(house: House, reader: Page) -> None:
    moment = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone.utc)
    both: Any = tuple[datetime, time]
    request = house.ask(both, initial=(moment, time(8, 0, 0, 1)))
    show(house, reader, request)
    send(reader)
    expect(accepted(reader)).to_be_visible()
    assert gets(house, request, both) == (moment, time(8, 0, 0, 1))


def test_a_long_list_is_searched(house: House, page: Page) -> None:
    request = house.ask(Country)
    show(house, page, request)
    page.get_by_role("searchbox").fill("33")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_have_value("Country 33")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert gets(house, request, Country) == "Country 33"


def test_a_long_list_of_boxes_is_searched(house: House, page: Page) -> None:
    request = house.ask(set[Country])
    show(house, page, request)
    for number in ("33", "07"):
        page.get_by_role("searchbox").fill(number)
        page.keyboard.press("Enter")
    expect(page.get_by_label("Country 33")).to_be_checked()
    send(page)
    expect(accepted(page)).to_be_visible()
    assert gets(house, request, set[Country]) == {"Country 33", "Country 07"}


def test_a_secret_that_was_typed_stays_while_rows_are_added(house: House, page: Page) -> None:
    request = house.ask(list[Login])
    show(house, page, request)
    for number, secret in enumerate(("hunter2", "hunter3")):
        page.get_by_role("button", name="Add login").click()
        page.get_by_label("User").nth(number).fill("ada")
        page.get_by_label("Password").nth(number).fill(secret)
    send(page)
    expect(accepted(page)).to_be_visible()
    expect(page.get_by_text("hunter")).to_have_count(0)
    assert [login.password.get_secret_value() for login in gets(house, request, list[Login])] == ["hunter2", "hunter3"]


def test_a_moment_stays_while_rows_are_added(house: House, browser: Browser) -> None:
    request = house.ask(list[datetime])
    with watched_page(browser, house.endpoint, timezone_id="America/New_York") as watched:
        page = watched.page
        show(house, page, request)
        for number, day in enumerate(("2026-12-24T18:00", "2026-12-25T18:00")):
            page.get_by_role("button", name="Add entry").click()
            page.get_by_label(f"Entry {number + 1}").fill(day)
        expect(page.get_by_label("Entry 1")).to_have_value("2026-12-24T18:00")
        send(page)
        expect(accepted(page)).to_be_visible()
    assert [moment.hour for moment in gets(house, request, list[datetime])] == [23, 23]


def test_by_keyboard_a_whole_invoice(house: House, page: Page) -> None:
    request = house.ask(Bill)
    show(house, page, request)

    def at(label: str, text: str, nth: int = 0) -> None:
        tab_to(page, page.get_by_label(label).nth(nth))
        page.keyboard.type(text)

    def press(name: str) -> None:
        tab_to(page, page.get_by_role("button", name=name, exact=True))
        page.keyboard.press("Enter")

    at("Invoice number", "2026-117")
    at("Name", "Grace")
    at("Email", "grace@example.org")
    at("Issued", "03012026")
    at("Due", "03152026")
    # A year has up to six digits, so the next part has to be asked for.
    page.keyboard.press("ArrowRight")
    page.keyboard.type("1200PM")
    press("Add line")
    expect(page.get_by_label("Article")).to_be_focused()
    page.keyboard.type("Tea")
    at("Price", "4.50")
    press("Add line")
    expect(page.get_by_label("Article").nth(1)).to_be_focused()
    page.keyboard.type("Milk")
    at("Price", "1.20", 1)
    press("Move line 2 up")
    expect(page.get_by_label("Article").first).to_have_value("Milk")
    tab_to(page, page.get_by_role("radio", name="Card"))
    page.keyboard.press("ArrowDown")
    at("Iban", "DE02")
    at("Arrives", "03102026")
    press("Send answer")

    expect(accepted(page)).to_be_visible()
    bill = gets(house, request, Bill)
    assert (bill.number, bill.customer.name, bill.issued) == ("2026-117", "Grace", date(2026, 3, 1))
    assert [line.article for line in bill.lines] == ["Milk", "Tea"]
    assert bill.payment == Transfer(iban="DE02", arrives=date(2026, 3, 10))
