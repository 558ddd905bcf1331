"""Rules for text and steps for numbers, held by pydantic's own engine: another would read some of them otherwise."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from ._node import Node

STRIP = "x-strip"
"""The keyword for text that is kept without the white space around it."""

CASE = "x-case"
"""The keyword for text that is kept in `lower` or `upper` case."""

ENGINE = "x-regex-engine"
"""The keyword for the dialect of a `pattern`: Rust's unless it says `python-re`."""

FLAGS = "x-regex-flags"
"""The keyword for the flags of a `pattern` in Python's dialect."""


def ruled(node: Node, text: str) -> str:
    """A text in the spelling that its rules give it."""
    if node.get(STRIP):
        text = text.strip()
    case = node.get(CASE)
    return text.lower() if case == "lower" else text.upper() if case == "upper" else text


def matches(schema: Any, text: str) -> bool:
    """Whether a text matches the `pattern` of a schema."""
    validator = _text_validator(str(schema["pattern"]), schema.get(ENGINE), schema.get(FLAGS))
    return _is_valid(validator, text)


def is_multiple(number: float, step: float) -> bool:
    """Whether a number is a multiple of another, with the little that floats are off."""
    is_whole = isinstance(number, int) and isinstance(step, int)
    return _is_valid(_step_validator(step, is_whole), number)


def _is_valid(validator: SchemaValidator, value: object) -> bool:
    try:
        validator.validate_python(value)
    except (ValidationError, OverflowError):
        return False
    return True


@lru_cache(maxsize=256)
def _text_validator(pattern: str, engine: str | None, flags: int | None) -> SchemaValidator:
    if flags is not None:
        return SchemaValidator(core_schema.str_schema(pattern=re.compile(pattern, flags)))
    return SchemaValidator(
        core_schema.str_schema(pattern=pattern, regex_engine="python-re" if engine == "python-re" else "rust-regex")
    )


@lru_cache(maxsize=256)
def _step_validator(step: float, is_whole: bool) -> SchemaValidator:
    if is_whole:
        return SchemaValidator(core_schema.int_schema(multiple_of=int(step)))
    return SchemaValidator(core_schema.float_schema(multiple_of=float(step)))
