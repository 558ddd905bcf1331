"""The parameters of `new_event`, checked: each error names the parameter, the reason and the mend."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ._quoting import shown
from .errors import InvalidParameter

MAX_NAME_CHARACTERS = 200
"""A heading, not a paragraph."""

MAX_PROMPT_CHARACTERS = 50_000
"""Some twenty pages, made into HTML in a tenth of a second at the worst: what is longer belongs into a file."""

_HUNDRED_YEARS = 100 * 366 * 24 * 3600.0


def checked_name(name: object) -> str:
    text = _checked_text("name", name, MAX_NAME_CHARACTERS)
    if not text.strip():
        raise InvalidParameter("`name` is empty. Give the event a descriptive name, such as `review_decision`.")
    return text


def checked_prompt(prompt: object) -> str:
    return _checked_text("prompt", prompt, MAX_PROMPT_CHARACTERS)


def checked_scope(scope: object) -> None:
    if scope != "run":
        raise InvalidParameter(f'`scope={shown(scope)}` is not supported. Write `scope="run"`, or leave it out.')


def checked_timeout(timeout: object) -> float | None:
    """Seconds, or `None` for no limit."""
    if timeout is None:
        return None
    return _checked_seconds("timeout_seconds", timeout, "Give seconds above zero, a timedelta, or None for no limit.")


def checked_interval(interval: object) -> float:
    """Seconds."""
    return _checked_seconds("poll_interval_seconds", interval, "Give seconds above zero, or a timedelta.")


def checked_key(key: object) -> str | None:
    if key is None:
        return None
    text = _checked_text("idempotency_key", key, MAX_NAME_CHARACTERS)
    if not text:
        raise InvalidParameter("`idempotency_key` is empty. Give text that names this request, or leave it out.")
    return text


def checked_validate(validate: object) -> Callable[[Any], object] | None:
    if validate is None:
        return None
    if not callable(validate):
        raise InvalidParameter(
            f"`validate={shown(validate)}` is a {type(validate).__name__}. Give a function, plain or async, that takes "
            "the answer."
        )
    try:
        inspect.signature(validate).bind("the answer")
    except TypeError as error:
        raise InvalidParameter(
            f"`validate={shown(validate)}` cannot be called with the answer alone: {error}. Give a function of one "
            "argument."
        ) from None
    except ValueError:
        pass  # Some that are written in C do not tell what they take.
    return validate


def _checked_text(parameter: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise InvalidParameter(f"`{parameter}={shown(value)}` is a {type(value).__name__}. Give text.")
    if len(value) > limit:
        raise InvalidParameter(f"`{parameter}` has {len(value):,} characters; at most {limit:,} are taken. Shorten it.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(
            f"`{parameter}` holds half of a surrogate pair at position {error.start}, which is no Unicode character. "
            "Read the text with the right encoding."
        ) from None
    return value


def _checked_seconds(parameter: str, value: object, mend: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)):
        raise InvalidParameter(f"`{parameter}={shown(value)}` is a {type(value).__name__}. {mend}")
    try:
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    except OverflowError:
        seconds = math.inf
    if not 0 < seconds <= _HUNDRED_YEARS:
        raise InvalidParameter(f"`{parameter}={shown(value)}` is not a time between zero and a hundred years. {mend}")
    return seconds
