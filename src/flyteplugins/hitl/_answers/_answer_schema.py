"""The JSON Schema of a type as the app needs it: what pydantic leaves out is added, what no schema says is noticed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, ClassVar

from pydantic import JsonValue
from pydantic.json_schema import GenerateJsonSchema, WithJsonSchema

from .._keywords import KEYS, KIND, LABELS
from ..errors import UnsupportedType
from ._bounds import KEYWORDS
from ._core_schemas import HARMLESS_EXTRAS, is_known, keys_are_text
from ._formats import SCHEMES, URL
from ._moments import iso_duration
from ._text_rules import CASE, ENGINE, FLAGS, STRIP

Schema = dict[str, Any]

HELD_FORMATS = ("uri", "email", "password")
"""Formats that pydantic checks by a function, and that the app holds just as pydantic does."""

_SCHEMA_BY_FUNCTION = ("model", "dataclass", "typed-dict", "named-tuple", "enum", "uuid")
"""Where pydantic itself uses a function to make the JSON Schema, and adds words or a format only."""


_OURS = "flyteplugins.hitl."
"""What is made here says nothing in a schema that the app does not hold an answer against."""


class AnswerSchema(GenerateJsonSchema):
    """The JSON Schema of a type, with what pydantic leaves out and a form or the app needs.

    Attributes:
        left_to_workflow: Where the type checks more than its schema says, such as by a validator of its own: then an
            answer has to be tried in the workflow before it is accepted. Whatever is not known to be all in the schema
            is among them.
    """

    # Pydantic makes the generator by itself, so `schema_of` hands this in by a class of its own.
    left_to_workflow: ClassVar[set[str]]

    # A default that JSON cannot spell is left to the type: the field can be left out.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012  # As pydantic declares it.

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._depth = 0
        self._unions: list[Schema] = []

    def generate_inner(self, schema: Any) -> Schema:
        self._depth += 1
        answer = self._generated(schema)
        self._depth -= 1
        if not self._depth:
            # What a type that holds itself refers to is known only at its end.
            for union in self._unions:
                check_told_apart([self.resolve_ref_schema(each) for each in union.get("anyOf", ())])
        return answer

    def _generated(self, schema: Any) -> Schema:
        answer = super().generate_inner(schema)
        if not is_known(schema):
            self._leave_to_workflow(str(schema.get("type")))
        self._meet_functions(schema, answer)
        extra = (schema.get("metadata") or {}).get("pydantic_js_extra")
        if callable(extra) or set(extra or ()) - HARMLESS_EXTRAS:
            self._leave_to_workflow("json_schema_extra")
        return answer

    def str_schema(self, schema: Any) -> Schema:
        answer, config = super().str_schema(schema), self._config
        rules = {name: schema.get(name) for name in ("min_length", "max_length", "strip_whitespace")}
        for name, keyword in (("min_length", "minLength"), ("max_length", "maxLength"), ("strip_whitespace", STRIP)):
            rule = rules[name] if rules[name] is not None else getattr(config, f"str_{name}", None)
            if rule:
                answer[keyword] = rule
        for name, case in (("to_lower", "lower"), ("to_upper", "upper")):
            if schema.get(name) or (schema.get(name) is None and getattr(config, f"str_{name}", False)):
                answer[CASE] = case
        return {**answer, **self._pattern_rules(schema)}

    def decimal_schema(self, schema: Any) -> Schema:
        answer: Schema = {"type": "string", "format": "decimal", **_bounds(schema)}
        for constraint, keyword in (
            ("multiple_of", "x-multiple-of"),
            ("max_digits", "x-max-digits"),
            ("decimal_places", "x-decimal-places"),
        ):
            if schema.get(constraint) is not None:
                is_count = isinstance(schema[constraint], int) and constraint != "multiple_of"
                answer[keyword] = schema[constraint] if is_count else str(schema[constraint])
        return answer

    def date_schema(self, schema: Any) -> Schema:
        return {**super().date_schema(schema), **self._moment_bounds(schema)}

    def time_schema(self, schema: Any) -> Schema:
        return {**super().time_schema(schema), **self._moment_bounds(schema)}

    def datetime_schema(self, schema: Any) -> Schema:
        answer = {**super().datetime_schema(schema), **self._moment_bounds(schema)}
        if schema.get("tz_constraint") == "naive":
            answer["format"] = "naive-date-time"
        return answer

    def timedelta_schema(self, schema: Any) -> Schema:
        # However its model would write it as JSON, such as by a number of seconds.
        return {"type": "string", "format": "duration", **_bounds(schema)}

    def url_schema(self, schema: Any) -> Schema:
        answer = super().url_schema(schema)
        if schema.get("allowed_schemes"):
            answer[SCHEMES] = list(schema["allowed_schemes"])
        more = {
            name: schema[name]
            for name in ("host_required", "default_host", "default_port", "default_path")
            if schema.get(name) is not None
        }
        return {**answer, URL: more} if more else answer

    def multi_host_url_schema(self, schema: Any) -> Schema:
        return {"type": "string"}

    def enum_schema(self, schema: Any) -> Schema:
        answer = super().enum_schema(schema)
        members: list[Enum] = schema["members"]
        for member in members:
            if not isinstance(member.value, (str, int, float, bool)):
                raise UnsupportedType(
                    f"`{type(member).__name__}.{member.name}` has a value of type {type(member.value).__name__}, which "
                    "is nothing to choose by. Give the members text or numbers as values."
                )
        if not all(isinstance(member.value, str) for member in members):
            answer[LABELS] = [member.name.replace("_", " ").capitalize() for member in members]
        answer["enum"] = [member.value for member in members]
        answer.pop("const", None)
        return answer

    def literal_schema(self, schema: Any) -> Schema:
        for option in schema["expected"]:
            if isinstance(option, bytes):
                raise UnsupportedType(f"`Literal[{option!r}]` is nothing that a person reads. Write it as text.")
        return super().literal_schema(schema)

    def complex_schema(self, schema: Any) -> Schema:
        return {"type": "string"}

    def bytes_schema(self, schema: Any) -> Schema:
        raise UnsupportedType("`bytes` is nothing that a person types. Ask for a `flyte.io.File`.")

    def dict_schema(self, schema: Any) -> Schema:
        answer = super().dict_schema(schema)
        keys = schema.get("keys_schema") or {"type": "any"}
        # Pydantic says nothing of most keys, and of those with a pattern something that lets any other pass.
        for pattern_values in answer.pop("patternProperties", {}).values():
            answer["additionalProperties"] = pattern_values
        answer.pop("propertyNames", None)
        if keys["type"] != "any":
            answer[KEYS] = self.generate_inner(keys)
        if not keys_are_text(keys):
            self._leave_to_workflow("keys that are no text")
        return answer

    def model_schema(self, schema: Any) -> Schema:
        if _is_file(schema["cls"]):
            # What becomes of an upload is made here, and no person types any of it.
            return {"type": "object", KIND: "file"}
        if schema.get("post_init") and not _is_private_only(schema["cls"]):
            self._leave_to_workflow("model_post_init")
        extra = getattr(schema["cls"], "model_config", {}).get("json_schema_extra")
        if callable(extra) or set(extra or ()) - HARMLESS_EXTRAS:
            self._leave_to_workflow("json_schema_extra")
        return super().model_schema(schema)

    def dataclass_schema(self, schema: Any) -> Schema:
        if schema.get("post_init"):
            self._leave_to_workflow("__post_init__")
        return super().dataclass_schema(schema)

    def default_schema(self, schema: Any) -> Schema:
        answer = super().default_schema(schema)
        # Any other factory may give something else each time, and then a question that is asked again would be another.
        if schema.get("default_factory") in (list, dict, set, tuple, frozenset):
            answer["default"] = {} if schema["default_factory"] is dict else []
        return answer

    def union_schema(self, schema: Any) -> Schema:
        answer = super().union_schema(schema)
        self._unions.append(answer)
        return answer

    def tagged_union_schema(self, schema: Any) -> Schema:
        if not isinstance(schema["discriminator"], str):
            self._leave_to_workflow("a discriminator that is a function")
        return super().tagged_union_schema(schema)

    def _get_alias_name(self, field: Any, name: str) -> str:
        alias = field.get("validation_alias", name)
        if getattr(self._config, "validate_by_alias", None) is False:
            return name
        if isinstance(alias, list) and not any(isinstance(path, list) and len(path) == 1 for path in alias):
            raise UnsupportedType(
                f"`{name}` is read from inside of another field (`AliasPath`), which no form can fill. Give it a plain "
                "alias, or none."
            )
        return super()._get_alias_name(field, name)

    def _pattern_rules(self, schema: Any) -> Schema:
        pattern = schema.get("pattern")
        if isinstance(pattern, re.Pattern):
            return {"pattern": pattern.pattern, ENGINE: "python-re", FLAGS: int(pattern.flags)}
        engine = schema.get("regex_engine") or getattr(self._config, "regex_engine", None)
        return {ENGINE: engine} if pattern and engine == "python-re" else {}

    def _moment_bounds(self, schema: Any) -> Schema:
        # In the past or the future is a question of when it is asked: the workflow asks last.
        if schema.get("now_op"):
            self._leave_to_workflow(str(schema["now_op"]))
        return _bounds(schema)

    def _meet_functions(self, schema: Any, answer: Schema) -> None:
        """Notices what a function checks, or says in place of the schema that pydantic would make."""
        if schema["type"].startswith("function-"):
            function = schema["function"]["function"]
            if _module(function) == "pydantic.types" and getattr(function, "__qualname__", "").startswith("Secret."):
                raise UnsupportedType("Of secrets only text is kept from view: ask for a `SecretStr`, not a `Secret`.")
            if not _is_checked_by_the_app(function, answer):
                self._leave_to_workflow(getattr(function, "__name__", "a function"))
        for function in _schema_functions(schema.get("metadata") or {}):
            if _module(function).startswith(_OURS):
                continue
            is_pydantics = _is_pydantics(function) and not isinstance(
                getattr(function, "__self__", None), WithJsonSchema
            )
            if not is_pydantics or (schema["type"] not in _SCHEMA_BY_FUNCTION and not _is_of_the_apps(answer)):
                self._leave_to_workflow("a JSON Schema made by a function")

    def _leave_to_workflow(self, reason: str) -> None:
        self.left_to_workflow.add(reason)


def check_told_apart(variants: list[Schema]) -> None:
    """Holds a union to what a JSON value tells: which of its types was meant.

    Raises:
        UnsupportedType: It would be a guess.
    """
    if sum("properties" in each or each.get("type") == "object" or "oneOf" in each for each in variants) > 1:
        raise UnsupportedType(
            "A union of several models or dataclasses cannot be told apart. Give each a field such as "
            '`kind: Literal["..."]`, and write `Annotated[A | B, Field(discriminator="kind")]`.'
        )
    texts = [each.get("format", "text") for each in variants if each.get("type") == "string" and "const" not in each]
    # A day has no hour, and a moment has.
    if len(texts) > 1 and set(texts) != {"date", "date-time"}:
        raise UnsupportedType(
            f"A union of several types that are written as text ({', '.join(texts)}) cannot be told apart. Ask for a "
            "dataclass with an optional field for each."
        )
    if "decimal" in texts and any(each.get("type") in ("integer", "number") for each in variants):
        raise UnsupportedType("A union of `Decimal` and another number cannot be told apart. Ask for a `Decimal`.")
    if any("title" in each and "enum" in each for each in variants) and _shares_a_type(variants):
        raise UnsupportedType(
            "A union of an `Enum` and what its values are cannot be told apart. Write the choices as a `Literal`."
        )


def _shares_a_type(variants: list[Schema]) -> bool:
    kinds = [frozenset(_json_types(each)) for each in variants]
    return any(one & other for number, one in enumerate(kinds) for other in kinds[:number])


def _json_types(schema: Schema) -> Iterator[str]:
    for option in schema.get("enum", ()):
        yield "string" if isinstance(option, str) else "number"
    if "enum" not in schema:
        yield {"integer": "number"}.get(str(schema.get("type")), str(schema.get("type")))


def _is_checked_by_the_app(function: Any, answer: Mapping[str, Any]) -> bool:
    if _module(function) in ("pydantic.networks", "pydantic.types"):
        return _is_of_the_apps(answer)
    # Pydantic's own check of the length of a secret, which the schema has as well.
    is_length = isinstance(function, functools.partial) and set(function.keywords) <= {"min_length", "max_length"}
    return is_length and _is_pydantics(function) and bool({"minLength", "maxLength"} & set(answer))


def _is_of_the_apps(answer: Mapping[str, Any]) -> bool:
    return answer.get("type") == "string" and answer.get("format") in HELD_FORMATS


def _schema_functions(metadata: Mapping[str, Any]) -> Iterator[Callable[..., Any]]:
    for name in ("pydantic_js_functions", "pydantic_js_annotation_functions"):
        yield from metadata.get(name) or ()


def _is_pydantics(function: Any) -> bool:
    return _module(function).partition(".")[0] == "pydantic"


def _module(function: Any) -> str:
    inner = function.func if isinstance(function, functools.partial) else function
    return getattr(inner, "__module__", None) or type(inner).__module__


def _bounds(schema: Any) -> dict[str, JsonValue]:
    bounds: dict[str, JsonValue] = {}
    for constraint, keyword in KEYWORDS.items():
        bound = schema.get(constraint)
        if bound is not None:
            bounds[keyword] = _spelled(bound)
    return bounds


def _spelled(bound: Any) -> str:
    if isinstance(bound, timedelta):
        return iso_duration(bound)
    return str(bound.isoformat() if hasattr(bound, "isoformat") else bound)


def _is_file(cls: type) -> bool:
    return cls.__module__.startswith("flyte.io") and cls.__name__.partition("[")[0] == "File"


def _is_private_only(cls: type) -> bool:
    # Pydantic uses this hook itself for private attributes; around one of the author's it puts another function.
    return getattr(getattr(cls, "model_post_init", None), "__name__", "") == "init_private_attributes"
