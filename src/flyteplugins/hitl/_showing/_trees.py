"""Values that can be written as JSON, shown as a tree."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from pydantic import BaseModel, JsonValue

from ..show import Json
from ._drafts import PREVIEW_BYTES, CannotShow, Draft, DraftFile, Workplace
from ._sources import Source, is_flyte_file, source_of
from ._texts import text_source

MAX_NODES = 2_000
"""How much of a tree a page shows: some forty screens, were it all unfolded."""

MAX_DEPTH = 24
MAX_FILE_BYTES = 8 * 1024 * 1024
"""Read whole to make a tree of it."""

_MAX_TEXT = 2_000


def tree(shown: Json, workplace: Workplace) -> Draft:
    """Makes a draft of a value."""
    value, source = _value(shown.value, workplace)
    cutter = _Cutter()
    preview = json.dumps(cutter.node(value, 0), ensure_ascii=False, separators=(",", ":")).encode()
    return Draft(
        kind="json",
        files=(
            DraftFile(
                content=source.content,
                media_type="application/json",
                file_name=workplace.named(shown.name or source.file_name, ".json"),
            ),
        ),
        preview=preview,
        details={"is_cut": cutter.is_cut},
    )


def is_tree(value: object) -> bool:
    """Whether an object is shown as a tree if nobody says more."""
    is_dataclass = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return isinstance(value, (dict, list, tuple, BaseModel)) or is_dataclass


def as_json(value: Any) -> JsonValue:
    """The value as JSON has it.

    Raises:
        CannotShow: Something in it cannot be written as JSON.
    """
    from pydantic_core import to_jsonable_python

    try:
        plain = to_jsonable_python(value, bytes_mode="base64", fallback=_of_numpy)
        # A number that JSON has not, such as NaN, is shown by its name.
        made: JsonValue = json.loads(json.dumps(plain), parse_constant=str)
    except Exception as error:
        # Serialisers of the author's own models may raise anything.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CannotShow(
            f"it cannot be written as JSON: {reason}. Give plain values, dataclasses or pydantic models, nested as "
            "you like, but not within themselves."
        ) from None
    return made


def _value(value: Any, workplace: Workplace) -> tuple[JsonValue, Source]:
    if not (isinstance(value, os.PathLike) or is_flyte_file(value)):
        made = as_json(value)
        return made, text_source(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    source = source_of(value, workplace)
    if source.size > MAX_FILE_BYTES:
        raise CannotShow(
            f"its file has {source.size:,} bytes; a tree is made of at most {MAX_FILE_BYTES:,}. Show it with "
            "`hitl.show.File`."
        )
    try:
        return json.loads(source.head(MAX_FILE_BYTES), parse_constant=str), source
    except (ValueError, RecursionError) as error:
        raise CannotShow(f"its file is no JSON: {error}. Show it with `hitl.show.Text`.") from None


def _of_numpy(value: Any) -> Any:
    """Numbers and arrays of numpy, which pydantic does not know."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no JSON")


class _Cutter:
    """Makes the tree that a page shows, and leaves out what is too much for it."""

    def __init__(self) -> None:
        self.is_cut = False
        self._nodes = MAX_NODES
        self._bytes = PREVIEW_BYTES // 2

    def node(self, value: JsonValue, depth: int) -> dict[str, Any]:
        if isinstance(value, dict):
            return self._branch("object", list(value.items()), depth)
        if isinstance(value, list):
            return self._branch("array", [(None, item) for item in value], depth)
        if isinstance(value, str):
            self.is_cut |= len(value) > _MAX_TEXT
            self._bytes -= min(len(value), _MAX_TEXT)
            return {"type": "string", "text": value[:_MAX_TEXT], "left_out": max(0, len(value) - _MAX_TEXT)}
        return {"type": "null" if value is None else type(value).__name__, "text": json.dumps(value)}

    def _branch(self, kind: str, items: list[tuple[str | None, JsonValue]], depth: int) -> dict[str, Any]:
        shown: list[Any] = []
        for key, item in items:
            if depth >= MAX_DEPTH or self._nodes <= 0 or self._bytes <= 0:
                self.is_cut = True
                break
            self._nodes -= 1
            self._bytes -= len(key or "")
            shown.append([None if key is None else key[:_MAX_TEXT], self.node(item, depth + 1)])
        return {"type": kind, "count": len(items), "items": shown}
