"""Holds an answer against the recorded JSON Schema, and says in plain words what does not fit.

No message holds any part of the value: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from ._text_rules import is_multiple, matches
from ._values import InvalidValue, Problem

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def schema_problems(schema: Mapping[str, Any], value: JsonValue) -> tuple[Problem, ...]:
    """All that is wrong with a value, in the order of its parts; nothing if it fits."""
    errors = sorted(_validator_kind()(schema).iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    return tuple(dict.fromkeys(_problem(error) for error in errors))


def check_rules(schema: Mapping[str, Any], value: JsonValue) -> None:
    """Holds a text or a number against the rules beside its type, so that all that is wrong in a form is told at once.

    Raises:
        InvalidValue: It breaks one.
    """
    broken = [
        Problem(_WORDS[keyword](schema[keyword], value))
        for keyword, holds in _RULES.items()
        if keyword in schema and not holds(schema, value)
    ]
    if broken:
        raise InvalidValue(*broken)


def too_long(what: str, length: int, limit: int) -> str:
    """That a text is too long."""
    return f"{what} has {length:,} characters; at most {limit:,} are taken. Shorten it."


def _problem(error: ValidationError) -> Problem:
    from jsonschema.exceptions import best_match

    # Of several types one was meant, and what is wrong there helps more than that none fits.
    meant = [each for each in error.context or () if each.validator != "type" or each.path]
    closest = best_match(meant or error.context or ())
    if closest is not None:
        return _problem(closest)
    words = _WORDS.get(str(error.validator))
    reason = words(error.validator_value, error.instance) if words else ""
    return Problem(
        reason or f"It does not fit the JSON Schema of the question (`{error.validator}`).", tuple(error.absolute_path)
    )


def _in_words_of(limit: str) -> Callable[[Any, Any], str]:
    return lambda bound, value: f"It must be {limit} {bound}."


def _text_is_short(limit: Any, value: Any) -> str:
    return f"It must be at least {limit:,} {'character' if limit == 1 else 'characters'} long; it has {len(value):,}."


_WORDS: Mapping[str, Callable[[Any, Any], str]] = {
    "minimum": _in_words_of("at least"),
    "maximum": _in_words_of("at most"),
    "exclusiveMinimum": _in_words_of("more than"),
    "exclusiveMaximum": _in_words_of("less than"),
    "multipleOf": _in_words_of("a multiple of"),
    "maxLength": lambda limit, value: too_long("The text", len(value), limit),
    "minLength": _text_is_short,
    "pattern": lambda pattern, value: f"It must match {pattern}",
    "required": lambda names, value: "Something is missing: " + ", ".join(f"`{n}`" for n in names if n not in value),
    "enum": lambda options, value: "It is not one of the choices.",
    "minItems": lambda limit, value: f"At least {limit} must be there; there are {len(value)}.",
    "maxItems": lambda limit, value: f"At most {limit} are taken; there are {len(value)}.",
    "uniqueItems": lambda limit, value: "Something is there twice. Each may be there once.",
}


_RULES: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "minimum": lambda schema, value: value >= schema["minimum"],
    "maximum": lambda schema, value: value <= schema["maximum"],
    "exclusiveMinimum": lambda schema, value: value > schema["exclusiveMinimum"],
    "exclusiveMaximum": lambda schema, value: value < schema["exclusiveMaximum"],
    "multipleOf": lambda schema, value: is_multiple(value, schema["multipleOf"]),
    "minLength": lambda schema, value: len(value) >= schema["minLength"],
    "maxLength": lambda schema, value: len(value) <= schema["maxLength"],
    "pattern": matches,
}


@lru_cache(maxsize=1)
def _validator_kind() -> type[Validator]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    def pattern(validator: Validator, given: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not matches(schema, instance):
            yield ValidationError("does not match")

    def multiple_of(validator: Validator, step: float, instance: Any, schema: Any) -> Iterator[ValidationError]:
        is_number = isinstance(instance, (int, float)) and not isinstance(instance, bool)
        if is_number and not is_multiple(instance, step):
            yield ValidationError("is no multiple")

    kind: type[Validator] = extend(  # type: ignore[no-untyped-call]  # Its stubs leave it out.
        Draft202012Validator, {"pattern": pattern, "multipleOf": multiple_of}
    )
    return kind
