"""The question that `review` asks: a decision on each of many items, made, put and announced as one request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import JsonValue
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from ._answers import Answer, answer_for, review_schema, takes_files
from ._asked import Asked
from ._asking import put_question
from ._blobs import Blobs
from ._event import Event
from ._items import chunked, named
from ._new_event_call import Duration, Labels
from ._parameters import (
    checked_interval,
    checked_key,
    checked_name,
    checked_prompt,
    checked_timeout,
    checked_validate,
)
from ._quoting import shown
from ._records import Fallback, Initial, Item, Items, Question, Review, canonical_json
from ._runtime import current_runtime
from ._service import Service
from ._settings import Settings
from ._showing import kept_attachments
from ._unset import UNSET
from .errors import InvalidParameter

MAX_ITEMS = 10_000
"""More than a person goes through in a day."""

MAX_ITEM_CHARACTERS = 50_000
"""As long as a prompt may be."""


async def ask_for_review(
    items: Iterable[Any],
    *,
    name: str,
    data_type: Any,
    prompt: str,
    initial: Any,
    labels: Labels | None,
    allow_partial: bool,
    key: Callable[[Any], Any] | None,
    show: object,
    validate: Callable[[list[Any]], object] | None,
    timeout_seconds: Duration | None,
    poll_interval_seconds: Duration,
    on_timeout: Any,
    idempotency_key: str | None,
) -> Event[list[Any]]:
    """Asks as `new_review` does, which tells of its parameters and errors."""
    check = checked_validate(validate)
    given = checked_items(items)
    if not given:
        raise InvalidParameter("`items` is empty, so there is nothing to ask. Ask only where there is an item.")
    decision = answer_for(data_type, labels=labels, max_characters=Settings.from_environment().max_characters)
    _check_decision(decision, allow_partial)
    answer = _of_all(decision, data_type, len(given), allow_partial)
    chunks = tuple(chunked(_items(given, decision, initial, key)))
    question = Question(
        name=checked_name(name),
        prompt=checked_prompt(prompt),
        data_type=answer.name,
        answer_schema=answer.schema,
        on_timeout=None if on_timeout is UNSET else Fallback(value=answer.fallback_json(on_timeout)),
        review=_review(chunks, decision, allow_partial),
        is_validated=check is not None or decision.needs_workflow,
    )
    timeout, interval = checked_timeout(timeout_seconds), checked_interval(poll_interval_seconds)
    own_key, runtime = checked_key(idempotency_key), current_runtime()
    complete = partial(_with_items, runtime.service, chunks, show)
    link, response = await put_question(runtime, question, own_key, timeout, complete)
    event = Event(Asked(link=link, answer=answer, runtime=runtime, interval=interval, check=check))
    await runtime.announce(event, link, answer, response)
    return event


async def _with_items(service: Service, chunks: Sequence[Items], show: object, question: Question) -> Question:
    """Keeps the items, and what is shown beside them."""
    await service.shelf.put(chunks)
    kept = () if show is None else await kept_attachments(show, Blobs(service.store))
    return question.model_copy(update={"show": kept})


def checked_items(items: object) -> Sequence[Any]:
    """The items as a list.

    Raises:
        InvalidParameter: They are no list, or too many.
    """
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise InvalidParameter(f"`items` is a {type(items).__name__}. Give a list of what is to be decided on.")
    given = list(items)
    if len(given) > MAX_ITEMS:
        raise InvalidParameter(
            f"`items` has {len(given):,} items; at most {MAX_ITEMS:,} are taken in one review. Ask for several."
        )
    return given


def _check_decision(decision: Answer[Any], allow_partial: bool) -> None:
    if _holds_secret(decision.schema):
        raise InvalidParameter(
            f"`data_type={decision.name}` holds a secret, and the progress of a review is kept as it is made. "
            "Ask for secrets with `new_event`."
        )
    if takes_files(decision.schema):
        raise InvalidParameter(
            f"`data_type={decision.name}` holds a file, and a review takes none. Ask for files with `new_event`."
        )
    if allow_partial and _may_be_nothing(decision.schema):
        raise InvalidParameter(
            f"`allow_partial=True` makes None of an undecided item, and `data_type={decision.name}` has None as a "
            "decision. Leave one of the two out."
        )


def _of_all(decision: Answer[Any], data_type: Any, count: int, allow_partial: bool) -> Answer[Any]:
    listed: Any = list[data_type | None] if allow_partial else list[data_type]
    schema = review_schema(decision.schema, count, allow_partial=allow_partial)
    return replace(answer_for(listed, max_characters=1), schema=schema, data_type=listed)


def _review(chunks: Sequence[Items], decision: Answer[Any], allow_partial: bool) -> Review:
    return Review(chunks=named(chunks), decision_type=decision.name, allow_partial=bool(allow_partial))


def _items(
    given: Sequence[Any],
    decision: Answer[Any],
    initial: object,
    key: Callable[[Any], Any] | None,
) -> Iterator[Item]:
    suggestions = _suggestions(given, initial)
    for number, (item, suggestion) in enumerate(zip(given, suggestions, strict=True)):
        yield Item(
            shown=_shown(item, number),
            initial=None if suggestion is None else Initial(value=_suggestion(decision, suggestion, number)),
            group=None if key is None else _group(key(item), number),
        )


def _suggestions(given: Sequence[Any], initial: object) -> Sequence[Any]:
    if initial is UNSET or initial is None:
        return [None] * len(given)
    if callable(initial):
        return [initial(item) for item in given]
    if isinstance(initial, (str, bytes, Mapping)) or not isinstance(initial, Iterable):
        raise InvalidParameter("`initial` is neither a list nor a function. Give one suggestion for each item.")
    suggestions = list(initial)
    if len(suggestions) != len(given):
        raise InvalidParameter(
            f"`initial` has {len(suggestions):,} suggestions for {len(given):,} items. Give one for each, or None."
        )
    return suggestions


def _suggestion(decision: Answer[Any], value: Any, number: int) -> JsonValue:
    try:
        return decision.initial_json(value)
    except InvalidParameter as error:
        raise InvalidParameter(f"The suggestion for `items[{number}]` cannot be used. {error.detail}") from None


def _shown(item: Any, number: int) -> JsonValue:
    try:
        spelled = to_json(item, by_alias=True, inf_nan_mode="strings")
        value: JsonValue = json.loads(spelled)
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise InvalidParameter(
            f"`items[{number}]={shown(item)}` cannot be shown: {_first_line(error)} Give text, a number, a dict, a "
            "dataclass or a pydantic model."
        ) from None
    size = len(spelled.decode())
    if size > MAX_ITEM_CHARACTERS:
        raise InvalidParameter(
            f"`items[{number}]` has {size:,} characters; at most {MAX_ITEM_CHARACTERS:,} are shown. Shorten it."
        )
    return value


def _group(value: Any, number: int) -> str:
    try:
        return canonical_json([to_jsonable_python(value)])[1:-1].decode()
    except (PydanticSerializationError, ValueError) as error:
        raise InvalidParameter(
            f"`key` of `items[{number}]` is {shown(value)}, which cannot be compared: {_first_line(error)} Return text "
            "or a number."
        ) from None


def _holds_secret(schema: object) -> bool:
    if isinstance(schema, list):
        return any(map(_holds_secret, schema))
    if not isinstance(schema, Mapping):
        return False
    return schema.get("format") == "password" or any(map(_holds_secret, schema.values()))


def _may_be_nothing(schema: Mapping[str, Any]) -> bool:
    variants = schema.get("anyOf") or schema.get("oneOf") or ()
    is_nothing = schema.get("type") == "null" or None in schema.get("enum", ())
    return is_nothing or any(isinstance(each, Mapping) and _may_be_nothing(each) for each in variants)


def _first_line(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0].strip().rstrip(".")
    return f"{line}."
