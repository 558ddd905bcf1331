"""Python type <-> JSON Schema, by pydantic: what a workflow asks for, as the record says it and the app reads it."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError

from ..errors import UnsupportedType
from ._answer_schema import AnswerSchema, Schema


def schema_of(adapter: TypeAdapter[Any], named: str) -> tuple[Schema, bool]:
    """The JSON Schema of a type, and whether only the workflow can check all of it.

    Raises:
        UnsupportedType: It has none.
    """
    left_to_workflow: set[str] = set()
    generator = type("AnswerSchemaOfOne", (AnswerSchema,), {"left_to_workflow": left_to_workflow})
    try:
        schema = adapter.json_schema(schema_generator=generator)
    except UnsupportedType as error:
        raise UnsupportedType(f"`data_type={named}` is not supported. {error}") from None
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
    first = (str(error).splitlines() or [type(error).__name__])[0]
    # How to have pydantic take it unseen is no help here.
    reason = first.partition(" Set `arbitrary_types_allowed")[0].rstrip(". ")
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
