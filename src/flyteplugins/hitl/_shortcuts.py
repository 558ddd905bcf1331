"""Short ways to say the common things: each is `new_event` and `wait` under a better name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, cast

from pydantic import Field
from typing_extensions import TypedDict, Unpack

from ._approval import Approval, ReasonRequired, ReasonTo
from ._faces import TwoFaces
from ._new_event import new_event
from ._new_event_call import Duration
from ._quoting import shown
from ._unset import UNSET
from .errors import InvalidParameter

T = TypeVar("T")


class EventOptions(TypedDict, total=False):
    """What every short way hands on to `new_event`."""

    timeout_seconds: Duration | None
    poll_interval_seconds: Duration
    show: object
    on_timeout: Any
    idempotency_key: str | None


async def _approve(
    prompt: str,
    *,
    name: str = "approval",
    reason_required: ReasonTo = "nothing",
    labels: tuple[str, str] | None = None,
    **options: Unpack[EventOptions],
) -> Approval:
    """Asks for a decision and waits for it.

    Args:
        prompt: The message on the form, in Markdown.
        name: The event's name.
        reason_required: What needs a reason: `nothing`, `reject`, `approve` or `both`.
        labels: The words on the two buttons, the approving one first.
        **options: As `new_event` takes them.

    Returns:
        The decision and the reason. It is true if it was approved.

    Raises:
        EventClosed: There is no answer; as `Event.wait` raises it.
        InvalidParameter: A parameter cannot be used.

    Example:
        ```python
        if hitl.approve("Deploy to production?", reason_required="reject"):
            deploy()
        ```
    """
    data_type: Any = Annotated[Approval, ReasonRequired(_checked_reason(reason_required))]
    if reason_required == "nothing":
        data_type = Approval
    event = await new_event.aio(name, data_type, prompt=prompt, labels=labels, **options)
    return cast(Approval, await event.wait.aio())


async def _choose(
    prompt: str,
    options: Sequence[T] | Mapping[str, T] | type[T],
    *,
    name: str = "choice",
    **more: Unpack[EventOptions],
) -> T:
    """Asks to choose one of several things and waits for the choice.

    Args:
        prompt: The message on the form, in Markdown.
        options: What there is to choose from: a list, an `Enum`, or a dict of words and things.
        name: The event's name.
        **more: As `new_event` takes them.

    Returns:
        The thing that was chosen, itself.

    Raises:
        EventClosed: There is no answer; as `Event.wait` raises it.
        InvalidParameter: A parameter cannot be used.

    Example:
        ```python
        label = hitl.choose("What is this?", ["cat", "dog", "neither"])
        ```
    """
    things = _things(options)
    data_type: Any = Literal[tuple(things)]
    event = await new_event.aio(name, data_type, prompt=prompt, **_keyed(more, things, several=False))
    return cast(T, things[await event.wait.aio()])


async def _choose_several(
    prompt: str,
    options: Sequence[T] | Mapping[str, T] | type[T],
    *,
    name: str = "choices",
    at_least: int = 0,
    at_most: int | None = None,
    **more: Unpack[EventOptions],
) -> list[T]:
    """Asks to choose any number of several things and waits for the choice.

    Args:
        prompt: The message on the form, in Markdown.
        options: What there is to choose from: a list, an `Enum`, or a dict of words and things.
        name: The event's name.
        at_least: How many must be chosen.
        at_most: How many may be chosen; `None` for all of them.
        **more: As `new_event` takes them.

    Returns:
        The things that were chosen, themselves, in the order in which they were offered.

    Raises:
        EventClosed: There is no answer; as `Event.wait` raises it.
        InvalidParameter: A parameter cannot be used.
    """
    things = _things(options)
    most = len(things) if at_most is None else at_most
    if not 0 <= at_least <= most:
        raise InvalidParameter(
            f"`at_least={at_least}` and `at_most={most}` leave nothing to choose. Change one of them."
        )
    one: Any = Literal[tuple(things)]
    data_type: Any = Annotated[list[one], Field(min_length=at_least, max_length=most)]
    event = await new_event.aio(name, data_type, prompt=prompt, **_keyed(more, things, several=True))
    return [things[key] for key in await event.wait.aio()]


async def _edit(
    value: T, prompt: str, *, name: str = "edit", data_type: Any = None, **options: Unpack[EventOptions]
) -> T:
    """Shows a value to be corrected and waits for the corrected one.

    Args:
        value: The value. It is not changed itself.
        prompt: The message on the form, in Markdown.
        name: The event's name.
        data_type: The type to ask for, where the value's own says too little, such as `list[Invoice]`.
        **options: As `new_event` takes them.

    Returns:
        The value as the person left it. For what was changed, use `new_event(..., initial=value)` and `response()`.

    Raises:
        EventClosed: There is no answer; as `Event.wait` raises it.
        InvalidParameter: A parameter cannot be used, or the value cannot be edited.

    Example:
        ```python
        invoice = hitl.edit(invoice, "Please correct what the model read.")
        ```
    """
    event = await new_event.aio(name, data_type or type_of(value), prompt=prompt, initial=value, **options)
    return cast(T, await event.wait.aio())


def type_of(value: object) -> Any:
    """The type of a value, with what is in it where all of it is of one type."""
    collection: Any = type(value)
    if isinstance(value, (list, set, frozenset)) and value:
        kinds = {type(each) for each in value}
        return collection[kinds.pop()] if len(kinds) == 1 else collection
    if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        kinds = {type(each) for each in value.values()}
        is_one = len(kinds) == 1 and kinds <= {int, float, str, bool}
        return collection[str, kinds.pop()] if is_one else collection
    return collection


def _checked_reason(reason_required: object) -> ReasonTo:
    if reason_required not in ("nothing", "reject", "approve", "both"):
        raise InvalidParameter(
            f"`reason_required={shown(reason_required)}` is not one of `nothing`, `reject`, `approve` and `both`."
        )
    return reason_required


def _things(options: Any) -> dict[str, Any]:
    """The things to choose from, by the words for them."""
    if isinstance(options, type) and issubclass(options, Enum):
        things = {_words_for(member): member for member in options}
    elif isinstance(options, Mapping):
        things = dict(options)
    elif isinstance(options, Sequence) and not isinstance(options, str):
        things = {_words_for(option): option for option in options}
        if len(things) != len(options):
            raise InvalidParameter(
                "`options` holds two things of the same words. Give a dict of words and things, to tell them apart."
            )
    else:
        raise InvalidParameter(f"`options={shown(options)}` is no list, dict or Enum of what there is to choose from.")
    wordless = [
        words for words in cast("Mapping[object, Any]", things) if not isinstance(words, str) or not words.strip()
    ]
    if wordless:
        raise InvalidParameter(f"`options` holds {shown(wordless[0])}, which is no words for a choice. Give text.")
    if not things:
        raise InvalidParameter("`options` is empty: there is nothing to choose from.")
    return things


def _words_for(option: Any) -> str:
    if isinstance(option, Enum):
        return option.value if isinstance(option.value, str) else option.name
    return str(option)


def _keyed(options: EventOptions, things: Mapping[str, Any], *, several: bool) -> EventOptions:
    """The options with the fallback by its words: the record knows the things only by them."""
    fallback: Any = options.get("on_timeout", UNSET)
    if fallback is UNSET or fallback is None:
        return options
    wanted: list[Any] = list(fallback) if several else [fallback]
    words = [next((word for word, thing in things.items() if thing is each or thing == each), None) for each in wanted]
    if None in words:
        raise InvalidParameter(f"`on_timeout={shown(fallback)}` is not among `options`. Give one of them.")
    return {**options, "on_timeout": words if several else words[0]}


P = ParamSpec("P")
R = TypeVar("R")


def _public(function: Callable[P, Coroutine[Any, Any, R]], name: str) -> TwoFaces[P, R]:
    function.__name__ = function.__qualname__ = name
    return TwoFaces(function)


approve = _public(_approve, "approve")
choose = _public(_choose, "choose")
choose_several = _public(_choose_several, "choose_several")
edit = _public(_edit, "edit")
