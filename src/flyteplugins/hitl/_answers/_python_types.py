"""Python type <-> JSON Schema, by pydantic: what a workflow asks for, as the record says it and the app reads it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import JsonValue, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from ..errors import UnsupportedType
from ._bounds import KEYWORDS
from ._formats import SCHEMES
from ._node import KIND, LABELS

Schema = dict[str, Any]

_BOUND_KINDS = ("date", "time", "datetime", "timedelta", "decimal")
_CHECKED_BY_THE_APP = ("pydantic.networks", "pydantic.types")


class AnswerSchema(GenerateJsonSchema):
    """The JSON Schema of a type, with what pydantic leaves out and a form or the app needs.

    Attributes:
        left_to_workflow: Where the type checks more than a JSON Schema can say, such as by a validator of its own: then
            an answer has to be tried in the workflow before it is accepted.
    """

    # Pydantic makes the generator by itself, so `schema_of` hands this in by a class of its own.
    left_to_workflow: ClassVar[set[str]]

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
        return {**super().timedelta_schema(schema), **_bounds(schema)}

    def url_schema(self, schema: Any) -> Schema:
        answer = super().url_schema(schema)
        if schema.get("allowed_schemes"):
            answer[SCHEMES] = list(schema["allowed_schemes"])
        return answer

    def multi_host_url_schema(self, schema: Any) -> Schema:
        self._leave_to_workflow("several hosts")
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

    def complex_schema(self, schema: Any) -> Schema:
        self._leave_to_workflow("a complex number")
        return {"type": "string"}

    def bytes_schema(self, schema: Any) -> Schema:
        raise UnsupportedType("`bytes` is nothing that a person types. Ask for a `flyte.io.File`.")

    def dict_schema(self, schema: Any) -> Schema:
        answer = super().dict_schema(schema)
        # Keys come as text: only the workflow can tell whether they become what was asked for.
        if (schema.get("keys_schema") or {}).get("type", "str") not in ("str", "any"):
            self._leave_to_workflow("keys that are no text")
        return answer

    def model_schema(self, schema: Any) -> Schema:
        if schema.get("post_init") and not _is_private_only(schema["cls"]):
            self._leave_to_workflow("model_post_init")
        special = getattr(schema["cls"], "__hitl_schema__", None) or _special(schema["cls"])
        return dict(special) if special is not None else super().model_schema(schema)

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
        _check_told_apart(schema, answer)
        return answer

    def function_before_schema(self, schema: Any) -> Schema:
        self._meet_function(schema)
        return super().function_before_schema(schema)

    def function_after_schema(self, schema: Any) -> Schema:
        self._meet_function(schema)
        return super().function_after_schema(schema)

    def function_wrap_schema(self, schema: Any) -> Schema:
        self._meet_function(schema)
        return super().function_wrap_schema(schema)

    def function_plain_schema(self, schema: Any) -> Schema:
        self._meet_function(schema)
        return super().function_plain_schema(schema)

    def _moment_bounds(self, schema: Any) -> Schema:
        # In the past or the future is a question of when it is asked: the workflow asks last.
        if schema.get("now_op"):
            self._leave_to_workflow(str(schema["now_op"]))
        return _bounds(schema)

    def _meet_function(self, schema: Any) -> None:
        function = schema["function"]["function"]
        owner = getattr(function, "__module__", None) or type(function).__module__
        if owner not in _CHECKED_BY_THE_APP:
            self._leave_to_workflow(getattr(function, "__name__", "a function"))

    def _leave_to_workflow(self, reason: str) -> None:
        self.left_to_workflow.add(reason)


def schema_of(adapter: TypeAdapter[Any], named: str) -> tuple[Schema, bool]:
    """The JSON Schema of a type, and whether only the workflow can check all of it.

    Raises:
        UnsupportedType: It has none.
    """
    left_to_workflow: set[str] = set()
    generator = type("AnswerSchemaOfOne", (AnswerSchema,), {"left_to_workflow": left_to_workflow})
    try:
        schema = adapter.json_schema(schema_generator=generator)
    except (PydanticInvalidForJsonSchema, PydanticUserError) as error:
        raise unsupported(named, error) from None
    return schema, bool(left_to_workflow)


def adapter_of(annotation: Any, named: str) -> TypeAdapter[Any]:
    """Pydantic's way from JSON to a type.

    Raises:
        UnsupportedType: Pydantic knows none.
    """
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError, NameError) as error:
        raise unsupported(named, error) from None


def unsupported(named: str, error: Exception) -> UnsupportedType:
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")
    return UnsupportedType(
        f"`data_type={named}` is not supported: it has no JSON Schema ({reason}). Ask for a scalar, a choice "
        "(`Literal`, `Enum`), a date, a dataclass, a pydantic model, a `TypedDict`, or a list, set or dict of these; "
        "or register your own type with `hitl.register`."
    )


def type_name(annotation: Any) -> str:
    """What a type is called, much as it would be written, less the modules."""
    if annotation is None or annotation is type(None):
        return "None"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_name(arguments[0])
    if origin is Literal:
        return f"Literal[{', '.join(repr(each) for each in arguments)}]" if len(arguments) <= 5 else "Literal[...]"
    if origin in (Union, UnionType):
        return " | ".join(type_name(each) for each in arguments)
    if origin is not None:
        inner = ", ".join("..." if each is ... else type_name(each) for each in arguments)
        return f"{type_name(origin)}[{inner}]" if inner else type_name(origin)
    return getattr(annotation, "__name__", None) or repr(annotation)


def _bounds(schema: Mapping[str, Any]) -> dict[str, JsonValue]:
    bounds: dict[str, JsonValue] = {}
    for constraint, keyword in KEYWORDS.items():
        bound = schema.get(constraint)
        if bound is not None:
            bounds[keyword] = _spelled(bound)
    return bounds


def _spelled(bound: Any) -> str:
    from datetime import timedelta

    from ._moments import iso_duration

    if isinstance(bound, timedelta):
        return iso_duration(bound)
    return str(bound.isoformat() if hasattr(bound, "isoformat") else bound)


def _special(cls: type) -> Schema | None:
    if cls.__module__.startswith("flyte.io") and cls.__name__.partition("[")[0] == "File":
        return {"type": "object", KIND: "file"}
    return None


def _is_private_only(cls: type) -> bool:
    # Pydantic uses this hook itself for private attributes.
    return getattr(cls, "model_post_init", None) is not None and "model_post_init" not in vars(cls)


def _check_told_apart(schema: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """A union of several models with nothing to tell them apart would be a guess."""
    choices = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
    objects = [choice for choice in choices if _is_object(choice)]
    if len(objects) > 1:
        raise UnsupportedType(
            "A union of several models or dataclasses cannot be told apart. Give each a field such as "
            '`kind: Literal["..."]`, and write `Annotated[A | B, Field(discriminator="kind")]`.'
        )


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    if kind in ("model", "dataclass", "typed-dict", "definition-ref", "dict"):
        return True
    return kind in ("function-after", "function-before", "function-wrap") and _is_object(schema["schema"])
