"""Types of the author's own, shown and kept as a type that is known."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

import typing_extensions
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import is_typeddict

from .errors import InvalidParameter, UnsupportedType

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class OwnType(Generic[T, S]):
    """How a type of the author's own is asked for: as another one.

    Attributes:
        python_type: The type.
        shown_as: The type as which it is asked for and kept.
        to_answer: Makes a value of `shown_as`.
        from_answer: Makes a value of the type, or raises `ValueError` with a sentence for the person who typed it.
    """

    python_type: type[T]
    shown_as: Any
    to_answer: Callable[[T], S]
    from_answer: Callable[[S], T]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = handler.generate_schema(self.shown_as)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(self.from_answer, shown),
            python_schema=core_schema.is_instance_schema(self.python_type),
            serialization=core_schema.plain_serializer_function_ser_schema(self.to_answer, return_schema=shown),
        )


_registered: dict[type, OwnType[Any, Any]] = {}


def register(
    python_type: type[T], *, shown_as: Any, to_answer: Callable[[T], S], from_answer: Callable[[S], T]
) -> None:
    """Makes a type of your own one that can be asked for: alone, and in lists, dicts and optionals.

    The form and the record know only the type as which it is shown, so the app needs none of your code. What
    `from_answer` refuses is told to the person before the answer is accepted.

    Args:
        python_type: Your type.
        shown_as: The type as which it is asked for and kept: any that `data_type=` takes.
        to_answer: Makes a value of `shown_as` of one of yours, for `initial=` and `on_timeout=`.
        from_answer: Makes yours of an answer. Raise `ValueError` with a sentence for the person who typed it.

    Raises:
        InvalidParameter: It is no type, or something is not callable.

    Example:
        ```python
        hitl.register(Money, shown_as=Decimal, to_answer=lambda money: money.amount, from_answer=Money)
        event = hitl.new_event("budget", data_type=Money)
        ```
    """
    _check_registration(python_type, to_answer, from_answer)
    _registered[python_type] = OwnType(
        python_type=python_type, shown_as=shown_as, to_answer=to_answer, from_answer=from_answer
    )


def _check_registration(python_type: object, *functions: object) -> None:
    if not isinstance(python_type, type):
        raise InvalidParameter(f"`register` takes a class, not {python_type!r}.")
    if not all(callable(function) for function in functions):
        raise InvalidParameter("`to_answer` and `from_answer` must be functions of one value.")


def as_shown(annotation: Any, within: frozenset[Any] = frozenset()) -> Any:
    """The annotation by which pydantic understands a type, registered ones included.

    Args:
        annotation: The type.
        within: The `TypedDict`s that it is a part of.

    Raises:
        UnsupportedType: A `TypedDict` holds itself, before Python 3.12.
    """
    if isinstance(annotation, type) and annotation in _registered:
        return Annotated[annotation, _registered[annotation]]
    if is_typeddict(annotation):
        return _as_known_typed_dict(annotation, within)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if not arguments or origin is Literal:
        return annotation
    parts = arguments[:1] if origin is Annotated else arguments
    shown = (*(as_shown(part, within) for part in parts), *arguments[len(parts) :])
    if all(one is other for one, other in zip(shown, arguments, strict=True)):
        return annotation
    if origin is Annotated:
        return Annotated[shown]
    return Union[shown] if origin in (Union, types.UnionType) else origin[shown]  # noqa: UP007  # Of any number.


def _as_known_typed_dict(typed_dict: Any, within: frozenset[Any]) -> Any:
    """Before Python 3.12 pydantic takes only the `TypedDict` of typing_extensions, which tells what is required."""
    if sys.version_info >= (3, 12) or typed_dict.__module__ == _MADE_HERE:
        return typed_dict
    if typed_dict in within:
        raise UnsupportedType(
            f"`{typed_dict.__name__}` holds itself, which a `TypedDict` can do here from Python 3.12 on. Write it as a "
            "dataclass or a pydantic model."
        )
    within |= {typed_dict}
    hints = typing_extensions.get_type_hints(typed_dict, include_extras=True)
    members = {
        name: _as_known_member(hint, name in typed_dict.__required_keys__, within) for name, hint in hints.items()
    }
    made = typing_extensions.TypedDict(typed_dict.__name__, members)  # type: ignore[misc]
    made.__module__, made.__doc__ = _MADE_HERE, typed_dict.__doc__
    return made


def _as_known_member(hint: Any, is_required: bool, within: frozenset[Any]) -> Any:
    # Where annotations are text, only the hint itself knows.
    if get_origin(hint) in (typing_extensions.Required, typing_extensions.NotRequired):
        return as_shown(hint, within)
    shown = as_shown(hint, within)
    return shown if is_required else typing_extensions.NotRequired[shown]


_MADE_HERE = __name__
