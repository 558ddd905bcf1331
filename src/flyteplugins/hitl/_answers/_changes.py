"""What a person changed of what the form was filled with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from .._changes import Change
from ._values import Path, written


def changes_between(before: JsonValue, after: JsonValue) -> tuple[Change, ...]:
    """All differences, in the order of the answer.

    Example:
        ```python
        changes_between({"price": 3}, {"price": 4})[0].path  # "price"
        ```
    """
    return tuple(_between(before, after, ()))


def _between(before: Any, after: Any, path: Path) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _at(before, after, name, name in before, name in after, path)
    elif isinstance(before, list) and isinstance(after, list):
        for number in range(max(len(before), len(after))):
            yield from _at(before, after, number, number < len(before), number < len(after), path)
    elif type(before) is not type(after) or before != after:
        yield Change(path=written(path), kind="edited", before=before, after=after)


def _at(before: Any, after: Any, step: Any, was_there: bool, is_there: bool, path: Path) -> Iterator[Change]:
    at = (*path, step)
    if was_there and is_there:
        yield from _between(before[step], after[step], at)
    elif was_there:
        yield Change(path=written(at), kind="removed", before=before[step], after=None)
    else:
        yield Change(path=written(at), kind="added", before=None, after=after[step])
