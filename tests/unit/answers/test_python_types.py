"""Holds what becomes of a Python type: a schema that says all that is checked, or that the workflow has to check.

Holds P1: where the app cannot know, it says so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Optional

import pytest
from annotated_types import Ge, Gt
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    Base64Str,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    DirectoryPath,
    EmailStr,
    Field,
    FilePath,
    FutureDatetime,
    HttpUrl,
    IPvAnyAddress,
    Json,
    NameEmail,
    PastDate,
    PlainValidator,
    PostgresDsn,
    Secret,
    SecretBytes,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
    WrapValidator,
    field_validator,
    model_validator,
)

from flyteplugins.hitl.errors import UnsupportedType
from tests.support.asked import Asked


class Between(BaseModel):
    low: int
    high: int

    @model_validator(mode="after")
    def is_ordered(self) -> Between:
        if self.low > self.high:
            raise ValueError("`low` is above `high`.")
        return self


class Before(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def read(cls, value: Any) -> Any:
        return value


class Lower(BaseModel):
    word: str

    @field_validator("word")
    @classmethod
    def lower(cls, word: str) -> str:
        return word.lower()


class PostInit(BaseModel):
    a: int

    def model_post_init(self, context: Any) -> None:
        assert self.a


class PrivateOnly(BaseModel):
    a: int
    _b: int = 0


class OwnInit(BaseModel):
    a: int

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


@dataclass
class PostInitClass:
    a: int
    b: InitVar[int]

    def __post_init__(self, b: int) -> None:
        self.a += b


class Rewritten(BaseModel):
    model_config = ConfigDict(json_schema_extra={"properties": {}})

    a: int


class Described(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"a": 1}]})

    a: int


def same(value: Any) -> Any:
    return value


def wrapped(value: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(value)


@pytest.mark.parametrize(
    "data_type",
    [
        Between,
        Before,
        Lower,
        PostInit,
        OwnInit,
        PostInitClass,
        Rewritten,
        list[Between],
        Optional[Lower],
        dict[str, Between],
        Annotated[int, AfterValidator(same)],
        Annotated[int, BeforeValidator(same)],
        Annotated[int, WrapValidator(wrapped)],
        Annotated[Any, PlainValidator(same)],
        Annotated[int, WithJsonSchema({"type": "string"})],
        Annotated[int, Field(json_schema_extra={"type": "string"})],
        Annotated[dict[str, int], Field(json_schema_extra=lambda schema: schema.update(type="string"))],
        PastDate,
        FutureDatetime,
        NameEmail,
        IPvAnyAddress,
        ipaddress.IPv4Network,
        ByteSize,
        Json[int],
        Base64Str,
        FilePath,
        DirectoryPath,
        Path,
        PostgresDsn,
        complex,
        dict[float, int],
        dict[tuple[int, int], int],
        dict[Annotated[str, AfterValidator(same)], int],
    ],
    ids=str,
)
def test_what_no_schema_says_is_left_to_the_workflow(data_type: Any) -> None:
    assert Asked(data_type).answer.needs_workflow


@pytest.mark.parametrize(
    "data_type",
    [
        PrivateOnly,
        Described,
        EmailStr,
        HttpUrl,
        SecretStr,
        Annotated[SecretStr, Field(min_length=3, max_length=9)],
        Annotated[int, Field(title="T", description="d", examples=[1], json_schema_extra={"examples": [2]})],
        dict[int, str],
    ],
    ids=str,
)
def test_what_the_schema_says_the_app_can_tell(data_type: Any) -> None:
    assert not Asked(data_type).answer.needs_workflow


def test_a_rule_that_a_later_pydantic_may_add_is_left_to_the_workflow() -> None:
    from flyteplugins.hitl._answers._core_schemas import is_known

    assert is_known({"type": "str", "min_length": 1, "strict": None})
    assert not is_known({"type": "str", "only_on_sundays": True})
    assert not is_known({"type": "newer"})
    assert not is_known({"type": "model", "config": {"newer": True}})


class Nested(BaseModel):
    a: Annotated[int, Field(validation_alias=AliasPath("x", 0))]


@pytest.mark.parametrize(
    ("data_type", "reason"),
    [
        (bytes, "`bytes` is nothing that a person types"),
        (SecretBytes, "`bytes` is nothing that a person types"),
        (Secret[int], "ask for a `SecretStr`"),
        (Secret[str], "ask for a `SecretStr`"),
        (Nested, r"`a` is read from inside of another field \(`AliasPath`\)"),
        (Callable[[], int], "not supported"),
        (object(), "not supported"),
        (5, "not supported"),
        ("Missing", "not supported"),
        (range, r"`data_type=range` is not supported: .*class 'range'>\)\. Ask for"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_asked_for_says_why_and_what_can(data_type: Any, reason: str) -> None:
    with pytest.raises(UnsupportedType, match=reason) as caught:
        Asked(data_type)

    assert isinstance(caught.value, TypeError)


def test_bounds_of_what_json_writes_as_text_are_in_the_schema() -> None:
    bounds = {
        Annotated[date, Ge(date(2026, 1, 1))]: ("formatMinimum", "2026-01-01"),
        Annotated[time, Gt(time(8))]: ("formatExclusiveMinimum", "08:00:00"),
        Annotated[timedelta, Gt(timedelta(hours=1))]: ("formatExclusiveMinimum", "PT1H"),
        Annotated[datetime, Ge(datetime(2026, 1, 1, tzinfo=timezone.utc))]: (
            "formatMinimum",
            "2026-01-01T00:00:00+00:00",
        ),
    }
    for data_type, (keyword, bound) in bounds.items():
        assert Asked(data_type).answer.schema[keyword] == bound


def test_of_several_aliases_the_first_is_asked_for() -> None:
    class Either(BaseModel):
        a: Annotated[int, Field(validation_alias=AliasChoices("one", "two"))]

    assert Asked(Either).get({"one": 1}) == Either.model_validate({"one": 1})


def test_rules_of_a_whole_model_are_held_too() -> None:
    class Tidy(BaseModel):
        model_config = ConfigDict(str_strip_whitespace=True, str_min_length=2, str_max_length=3, str_to_upper=True)

        word: str
        other: Annotated[str, StringConstraints(to_upper=False)] = "aa"

    asked = Asked(Tidy)

    assert asked.parse_json({"word": " ab "}) == {"word": "AB", "other": "aa"}
    assert asked.refused({"word": " a "})
    assert asked.refused({"word": "abcd"})
    assert not asked.answer.needs_workflow


def test_the_same_type_makes_the_same_schema() -> None:
    # The fingerprint covers it: another spelling would be another question after a restart.
    class Tagged(BaseModel):
        tags: set[str] = {"c", "a", "b"}
        span: timedelta = timedelta(days=400)

    schema = Asked(Tagged).answer.schema

    assert schema["properties"]["tags"]["default"] == ["a", "b", "c"]
    assert schema["properties"]["span"]["default"] == "P400D"
