# ruff: noqa: UP007, UP045, DTZ001  # Both spellings of unions are what people write; bounds of strategies have no zone.
"""Shapes of answers, each with a strategy for its values: what all properties of answers are held against."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypeVar, Union
from uuid import UUID, uuid1, uuid3, uuid4, uuid5

import typing_extensions
from annotated_types import Ge, Gt, Le, Len, Lt, MultipleOf
from hypothesis import strategies as st
from pydantic import (
    UUID1,
    UUID3,
    UUID4,
    UUID5,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    JsonValue,
    NaiveDatetime,
    RootModel,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    computed_field,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass

T = TypeVar("T")

# What HTML and text areas hold as it is: no NUL, no carriage return, no half surrogate pair.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=40)
WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS)
URLS = st.builds(
    lambda host, path, query: f"https://{host}.example.org/{path}" + (f"?q={query}" if query else ""),
    st.from_regex(r"\A[a-z][a-z0-9]{0,8}\Z"),
    st.from_regex(r"\A[a-zA-Z0-9/_.~-]{0,12}\Z"),
    st.from_regex(r"\A[a-z0-9]{0,5}\Z"),
)
EMAILS = st.builds(
    lambda name, host: f"{name}@{host}.example.org",
    st.from_regex(r"\A[a-z][a-z0-9_+-]{0,12}\Z"),
    st.from_regex(r"\A[a-z][a-z0-9]{0,8}\Z"),
)


class Colour(enum.Enum):
    """Text."""

    RED = "red"
    DEEP_BLUE = "deep blue"
    NONE = ""


class Rank(enum.IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 10


class Mode(str, enum.Enum):
    """Text that is a `str` too."""

    FAST = "fast"
    SLOW = "slow"


class Odd(enum.Enum):
    """All kinds."""

    TEXT = "1"
    WHOLE = 1
    PART = 1.5


@dataclass
class Address:
    """A plain dataclass."""

    street: str
    number: int = 1
    entrance: Literal["front", "back"] = "front"


class Item(BaseModel):
    """A line of an invoice."""

    name: Annotated[str, Field(min_length=1, max_length=30)]
    price: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1

    @computed_field  # type: ignore[prop-decorator]  # As pydantic documents it.
    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


class Invoice(BaseModel):
    """Much in one."""

    number: Annotated[str, Field(title="Invoice number", description="As printed on top.", examples=["A-1"])]
    paid_on: date | None = None
    due: AwareDatetime
    items: list[Item] = []
    tags: set[str] = set()
    ship_to: Address | None = None
    notes: dict[str, str] = Field(default_factory=dict)
    colour: Colour = Colour.RED


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    first: Annotated[int, Field(alias="firstName")]
    second: Annotated[Optional[str], Field(alias="second.name~")] = None


class Tree(BaseModel):
    label: str
    children: list[Tree] = []
    twin: Tree | None = None


class Chain(BaseModel):
    label: str
    rest: Union[Chain, int]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    when: datetime
    day: date
    amount: Decimal
    span: timedelta
    code: UUID
    pair: tuple[int, float]
    odd: Odd
    labels: frozenset[str]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    known: int


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_to_lower=True, str_min_length=2)

    word: str
    short: Annotated[str, Field(max_length=4)] = "abc"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: Annotated[int, Field(ge=0, le=9)]


class Dog(BaseModel):
    kind: Literal["dog", "hound"]
    name: str


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Add(BaseModel):
    op: Literal["add"] = "add"
    left: Expression
    right: Expression


class Number(BaseModel):
    op: Literal["number"] = "number"
    value: float


Expression = Annotated[Union[Number, Add], Field(discriminator="op")]


class Box(BaseModel, Generic[T]):
    content: T
    more: list[T] = []


class Words(RootModel[list[str]]):
    """A model of one value."""


@pydantic_dataclass
class Range:
    low: float
    high: Annotated[float, Field(gt=0)] = 1.0
    names: tuple[str, int] = ("a", 1)


class Login(BaseModel):
    user: str
    password: Annotated[SecretStr, Field(min_length=4)]


class Point(NamedTuple):
    x: int
    y: float


class Movie(typing_extensions.TypedDict):
    title: str
    year: typing_extensions.NotRequired[int]


class Partial(typing_extensions.TypedDict, total=False):
    one: int
    two: typing_extensions.Required[str]
    three: list[int]


Metres = NewType("Metres", float)
Alias = typing_extensions.TypeAliasType("Alias", list[int])


@dataclass(frozen=True)
class Shape:
    """A type that can be asked for.

    Attributes:
        data_type: The type.
        values: Values of it, as a workflow gives and gets them.
        is_shown_whole: Whether a page can hold any of them: a secret is never shown, and a form asks for no extras.
    """

    data_type: Any
    values: st.SearchStrategy[Any]
    is_shown_whole: bool = True


def _decimals(**limits: Any) -> st.SearchStrategy[Decimal]:
    return st.decimals(allow_nan=False, allow_infinity=False, **limits)


ITEMS = st.builds(
    Item,
    name=TEXT.filter(lambda text: 1 <= len(text) <= 30),
    price=_decimals(min_value=0, max_value=999_999, places=2),
    quantity=st.integers(1, 999),
)
ADDRESSES = st.builds(Address, TEXT, st.integers(), st.sampled_from(["front", "back"]))
INVOICES = st.builds(
    Invoice,
    number=TEXT,
    paid_on=st.none() | st.dates(),
    due=MOMENTS,
    items=st.lists(ITEMS, max_size=3),
    tags=st.sets(TEXT, max_size=3),
    ship_to=st.none() | ADDRESSES,
    notes=st.dictionaries(TEXT.filter(bool), TEXT, max_size=3),
    colour=st.sampled_from(Colour),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Tree, label=TEXT),
    lambda trees: st.builds(Tree, label=TEXT, children=st.lists(trees, max_size=2), twin=st.none() | trees),
    max_leaves=4,
)
CHAINS: st.SearchStrategy[Chain] = st.recursive(
    st.builds(Chain, label=TEXT, rest=st.integers()), lambda rest: st.builds(Chain, label=TEXT, rest=rest), max_leaves=2
)
EXPRESSIONS: st.SearchStrategy[Any] = st.recursive(
    st.builds(Number, value=FINITE), lambda inner: st.builds(Add, left=inner, right=inner), max_leaves=4
)
PETS = st.one_of(
    st.builds(Cat, lives=st.integers(0, 9)), st.builds(Dog, kind=st.sampled_from(["dog", "hound"]), name=TEXT)
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), FINITE, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
STRICT = st.builds(
    Strict,
    when=MOMENTS,
    day=st.dates(),
    amount=_decimals(),
    span=st.timedeltas(),
    code=st.uuids(),
    pair=st.tuples(st.integers(), FINITE),
    odd=st.sampled_from(Odd),
    labels=st.frozensets(TEXT, max_size=3),
)

SHAPES: Mapping[str, Shape] = {
    "int": Shape(int, st.integers()),
    "bounded-int": Shape(
        Annotated[int, Ge(-5), Lt(10**20), MultipleOf(5)], st.integers(-1, 10**18).map(lambda n: n * 5)
    ),
    "float": Shape(float, FINITE),
    "stepped-float": Shape(Annotated[float, MultipleOf(0.1), Le(100)], st.integers(-500, 1000).map(lambda n: n / 10)),
    "str": Shape(str, TEXT),
    "bounded-str": Shape(
        Annotated[str, Len(2, 6)], st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=2, max_size=6)
    ),
    "pattern": Shape(Annotated[str, Field(pattern=r"^[a-z]\d+$")], st.from_regex(re.compile(r"\A[a-z][0-9]{1,4}\Z"))),
    "rust-pattern": Shape(Annotated[str, Field(pattern=r"^\p{Lu}+$")], st.from_regex(re.compile(r"\A[A-Z]{1,4}\Z"))),
    "compiled-pattern": Shape(
        Annotated[str, Field(pattern=re.compile("^AB?$", re.I))], st.sampled_from(["a", "AB", "aB"])
    ),
    "stripped": Shape(
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1)],
        st.from_regex(r"\A[a-z]{1,5}\Z"),
    ),
    "bool": Shape(bool, st.booleans()),
    "decimal": Shape(Decimal, _decimals()),
    "money": Shape(
        Annotated[Decimal, Field(max_digits=6, decimal_places=2, gt=-100)],
        _decimals(min_value=-99, max_value=9999, places=2),
    ),
    "stepped-decimal": Shape(
        Annotated[Decimal, MultipleOf(Decimal("0.05"))],
        st.integers(-999, 999).map(lambda n: n * Decimal("0.05")),
    ),
    "digits": Shape(Annotated[Decimal, Field(max_digits=4)], _decimals(min_value=-99, max_value=99, places=1)),
    "date": Shape(date, st.dates()),
    "bounded-date": Shape(
        Annotated[date, Ge(date(2026, 1, 1)), Lt(date(2027, 1, 1))], st.dates(date(2026, 1, 1), date(2026, 12, 31))
    ),
    "time": Shape(time, st.times()),
    "bounded-time": Shape(Annotated[time, Ge(time(8)), Le(time(18))], st.times(time(8), time(18))),
    "datetime": Shape(datetime, MOMENTS),
    "aware": Shape(
        Annotated[AwareDatetime, Gt(datetime(2020, 1, 1, tzinfo=timezone.utc))],
        st.datetimes(datetime(2020, 1, 3), datetime(2100, 1, 1), timezones=OFFSETS),
    ),
    "naive": Shape(NaiveDatetime, st.datetimes()),
    "timedelta": Shape(timedelta, st.timedeltas()),
    "bounded-timedelta": Shape(
        Annotated[timedelta, Gt(timedelta(0)), Le(timedelta(days=2))],
        st.timedeltas(timedelta(microseconds=1), timedelta(days=2)),
    ),
    "uuid": Shape(UUID, st.uuids()),
    "uuid1": Shape(UUID1, st.builds(uuid1)),
    "uuid3": Shape(UUID3, st.builds(uuid3, st.uuids(), WORD)),
    "uuid4": Shape(UUID4, st.builds(uuid4)),
    "uuid5": Shape(UUID5, st.builds(uuid5, st.uuids(), WORD)),
    "url": Shape(AnyUrl, URLS.map(AnyUrl)),
    "http-url": Shape(HttpUrl, URLS.map(HttpUrl)),
    "email": Shape(EmailStr, EMAILS),
    "secret": Shape(SecretStr, TEXT.map(SecretStr), is_shown_whole=False),
    "literal": Shape(
        Literal["a", "b", 1, "1", "=1", True, None, "", "two\nlines"],
        st.sampled_from(["a", "b", 1, "1", "=1", True, None, "", "two\nlines"]),
    ),
    "one-literal": Shape(Literal["only"], st.just("only")),
    "enum": Shape(Colour, st.sampled_from(Colour)),
    "int-enum": Shape(Rank, st.sampled_from(Rank)),
    "str-enum": Shape(Mode, st.sampled_from(Mode)),
    "odd-enum": Shape(Odd, st.sampled_from(Odd)),
    "set-of-literals": Shape(set[Literal["x", "y", 3]], st.sets(st.sampled_from(["x", "y", 3]))),
    "list-of-enums": Shape(list[Rank], st.lists(st.sampled_from(Rank), unique=True).map(sorted)),
    "frozenset-of-enums": Shape(frozenset[Colour], st.frozensets(st.sampled_from(Colour))),
    "list-of-ints": Shape(list[int], st.lists(st.integers(), max_size=4)),
    "bounded-list": Shape(Annotated[list[str], Len(1, 3)], st.lists(TEXT, min_size=1, max_size=3)),
    "set-of-str": Shape(set[str], st.sets(TEXT, max_size=4)),
    "set-of-floats": Shape(set[float], st.sets(FINITE, max_size=4)),
    "set-of-decimals": Shape(set[Decimal], st.sets(_decimals(), max_size=3)),
    "frozenset-of-dates": Shape(frozenset[date], st.frozensets(st.dates(), max_size=3)),
    "set-of-tuples": Shape(set[tuple[int, bool]], st.sets(st.tuples(st.integers(), st.booleans()), max_size=3)),
    "tuple": Shape(tuple[int, str, date], st.tuples(st.integers(), TEXT, st.dates())),
    "tuple-of-any-length": Shape(tuple[float, ...], st.lists(FINITE, max_size=3).map(tuple)),
    "named-tuple": Shape(Point, st.builds(Point, st.integers(), FINITE)),
    "list-of-lists": Shape(list[list[int]], st.lists(st.lists(st.integers(), max_size=2), max_size=2)),
    "dict": Shape(dict[str, int], st.dictionaries(TEXT.filter(bool), st.integers(), max_size=3)),
    "dict-by-int": Shape(dict[int, str], st.dictionaries(st.integers(), TEXT, max_size=3)),
    "dict-by-date": Shape(dict[date, int], st.dictionaries(st.dates(), st.integers(), max_size=3)),
    "dict-by-uuid": Shape(dict[UUID, int], st.dictionaries(st.uuids(), st.integers(), max_size=3)),
    "dict-by-enum": Shape(dict[Mode, int], st.dictionaries(st.sampled_from(Mode), st.integers())),
    "dict-by-literal": Shape(dict[Literal["p", "q"], float], st.dictionaries(st.sampled_from(["p", "q"]), FINITE)),
    "dict-by-pattern": Shape(
        dict[Annotated[str, Field(pattern="^a")], int],
        st.dictionaries(WORD.map("a".__add__), st.integers(), max_size=3),
    ),
    "dict-of-models": Shape(Annotated[dict[str, Item], Len(0, 2)], st.dictionaries(WORD, ITEMS, max_size=2)),
    "any": Shape(Any, JSON),
    "json": Shape(JsonValue, JSON),
    "bare-dict": Shape(dict, st.dictionaries(TEXT, JSON, max_size=3)),
    "bare-list": Shape(list, st.lists(JSON, max_size=3)),
    "optional-int": Shape(Optional[int], st.none() | st.integers()),
    "optional-str": Shape(Optional[str], st.none() | TEXT),
    "optional-bool": Shape(Optional[bool], st.none() | st.booleans()),
    "optional-literal": Shape(Optional[Literal["a", "b"]], st.sampled_from([None, "a", "b"])),
    "optional-one-literal": Shape(Optional[Literal["a"]], st.sampled_from([None, "a"])),
    "optional-moment": Shape(Optional[datetime], st.none() | MOMENTS),
    "optional-choices": Shape(Optional[set[Mode]], st.none() | st.sets(st.sampled_from(Mode))),
    "optional-list": Shape(Optional[list[int]], st.none() | st.lists(st.integers(), max_size=3)),
    "optional-model": Shape(Optional[Item], st.none() | ITEMS),
    "optional-union": Shape(Union[int, str, None], st.none() | st.integers() | TEXT),
    "optional-decimal": Shape(Optional[Decimal], st.none() | _decimals()),
    "scalar-union": Shape(Union[int, str], st.integers() | TEXT),
    "number-union": Shape(Union[int, float], st.integers() | FINITE),
    "bool-union": Shape(Union[bool, int, str], st.booleans() | st.integers() | TEXT),
    "day-or-moment": Shape(Union[date, datetime], st.dates() | MOMENTS),
    "literal-union": Shape(Union[Literal["auto"], int], st.just("auto") | st.integers()),
    "list-union": Shape(Union[int, list[int]], st.integers() | st.lists(st.integers(), max_size=3)),
    "model-union": Shape(Union[Item, str], ITEMS | TEXT),
    "tagged-union": Shape(Pet, PETS),
    "list-of-tagged": Shape(list[Pet], st.lists(PETS, max_size=3)),
    "expression": Shape(Expression, EXPRESSIONS),
    "dataclass": Shape(Address, ADDRESSES),
    "pydantic-dataclass": Shape(
        Range, st.builds(Range, FINITE, FINITE.filter(lambda n: n > 0), st.tuples(TEXT, st.integers()))
    ),
    "model": Shape(Invoice, INVOICES),
    "list-of-models": Shape(list[Item], st.lists(ITEMS, max_size=3)),
    "aliases": Shape(
        Aliased, st.builds(lambda one, two: Aliased(first=one, second=two), st.integers(), st.none() | TEXT)
    ),
    "tree": Shape(Tree, TREES),
    "chain": Shape(Chain, CHAINS),
    "strict": Shape(Strict, STRICT),
    "extra-allowed": Shape(
        Open,
        st.builds(
            lambda known, more: Open(known=known, **{f"x{k}": v for k, v in more.items()}),
            st.integers(),
            st.dictionaries(WORD, JSON, max_size=2),
        ),
        is_shown_whole=False,
    ),
    "extra-forbidden": Shape(
        Closed, st.builds(Closed, word=st.from_regex(r"\A[a-z]{2,6}\Z"), short=st.from_regex(r"\A[a-z]{2,4}\Z"))
    ),
    "generic": Shape(Box[date], st.builds(Box[date], content=st.dates(), more=st.lists(st.dates(), max_size=2))),
    "root-model": Shape(Words, st.lists(TEXT, max_size=3).map(Words)),
    "typed-dict": Shape(Movie, st.fixed_dictionaries({"title": TEXT}, optional={"year": st.integers()})),
    "partial-typed-dict": Shape(
        Partial,
        st.fixed_dictionaries(
            {"two": TEXT}, optional={"one": st.integers(), "three": st.lists(st.integers(), max_size=2)}
        ),
    ),
    "new-type": Shape(Metres, FINITE),
    "type-alias": Shape(Alias, st.lists(st.integers(), max_size=3)),
    "login": Shape(
        Login, st.builds(Login, user=TEXT, password=st.text("abc", min_size=4).map(SecretStr)), is_shown_whole=False
    ),
}


def plain_json(data_type: Any, value: object) -> Any:
    """A value as pydantic writes it, with secrets in the clear."""
    adapter: TypeAdapter[Any] = TypeAdapter(data_type)
    dumped = adapter.dump_python(value, mode="json", by_alias=True, round_trip=True)
    return _told(dumped, adapter.dump_python(value, by_alias=True, round_trip=True))


def _told(dumped: Any, value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict) and isinstance(dumped, dict):
        return {name: _told(dumped[name], each) for name, each in value.items() if name in dumped} or dumped
    return dumped


__all__ = ["SHAPES", "Shape", "field", "plain_json"]
