"""What changed between two texts or two values: line by line, with what changed within a line marked."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from ..show import Diff
from ._drafts import PREVIEW_BYTES, CannotShow, Draft, DraftFile, Workplace
from ._sniffing import SVG, TEXT
from ._sources import Source, source_of
from ._texts import text_source
from ._trees import as_json

MAX_LINES = 5_000
"""Lines on one side: comparing takes time that grows with their product."""

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 1_000
_CONTEXT = 3
_MAX_MARKED = 500
"""Characters of a line in which single changes are looked for."""
_MAX_LINE = 2_000
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Segment = list[Any]
"""A part of a line: its text, and whether it changed."""


def diff(shown: Diff, workplace: Workplace) -> Draft:
    """Makes a draft of a comparison."""
    sides = _sides(shown, workplace)
    before, after = (side.head(MAX_BYTES + 1) for side in sides)
    old, new = (side.decode(errors="replace").splitlines() for side in (before, after))
    is_too_long = max(len(old), len(new)) > MAX_LINES or max(len(before), len(after)) > MAX_BYTES
    rows = [] if is_too_long else list(_rows(old, new))
    kept = _as_far_as_there_is_room(rows)
    details: dict[str, JsonValue] = {
        "removed": sum(row["kind"] in ("removed", "changed") for row in rows),
        "added": sum(row["kind"] in ("added", "changed") for row in rows),
        "is_same": not rows and not is_too_long,
        "is_too_long": is_too_long,
        "is_cut": len(kept) < len(rows),
    }
    return Draft(
        kind="diff",
        files=tuple(
            DraftFile(
                content=source.content, media_type="text/plain", file_name=_file_name(shown, side, source, workplace)
            )
            for side, source in zip(("before", "after"), sides, strict=True)
        ),
        preview=json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(),
        details=details,
    )


def _sides(shown: Diff, workplace: Workplace) -> tuple[Source, Source]:
    is_text = all(isinstance(value, (str, os.PathLike)) for value in (shown.before, shown.after))
    sides = []
    for side, value in (("what was before", shown.before), ("what is to be after", shown.after)):
        try:
            sides.append(_text(value, workplace) if is_text else _json(value))
        except CannotShow as error:
            raise CannotShow(f"{side}: {error}") from None
    return sides[0], sides[1]


def _text(value: Any, workplace: Workplace) -> Source:
    if isinstance(value, str):
        return text_source(value)
    source = source_of(value, workplace)
    if source.size and not (source.media_type == TEXT or source.media_type == SVG):
        raise CannotShow(f"{value} is {source.media_type}, which has no lines. Give files of text.")
    return source


def _json(value: Any) -> Source:
    # In the order of the keys: what only moved did not change.
    return text_source(json.dumps(as_json(value), indent=2, ensure_ascii=False, sort_keys=True) + "\n", ".json")


def _file_name(shown: Diff, side: str, source: Source, workplace: Workplace) -> str:
    given = Path(shown.name or source.file_name or f"{workplace.stem}{source.ending or '.txt'}")
    return f"{given.stem}.{side}{given.suffix or source.ending}"


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[dict[str, Any]]:
    end = 0
    for group in SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 2_000).get_grouped_opcodes(_CONTEXT):
        start = group[0][1]
        if start > end:
            yield {"kind": "gap", "lines": start - end}
        for kind, first, last, new_first, new_last in group:
            yield from _block(kind, old[first:last], new[new_first:new_last], first, new_first)
        end = group[-1][2]
    if 0 < end < len(old):
        yield {"kind": "gap", "lines": len(old) - end}


def _block(kind: str, old: Sequence[str], new: Sequence[str], first: int, new_first: int) -> Iterator[dict[str, Any]]:
    paired = min(len(old), len(new))
    for number in range(max(len(old), len(new))):
        left = [first + number + 1, [[_clipped(old[number]), False]]] if number < len(old) else None
        right = [new_first + number + 1, [[_clipped(new[number]), False]]] if number < len(new) else None
        if kind == "equal":
            yield {"kind": "same", "before": left, "after": right}
        elif number < paired and left is not None and right is not None:
            left[1], right[1] = _marked(old[number], new[number])
            yield {"kind": "changed", "before": left, "after": right}
        else:
            yield {"kind": "removed" if right is None else "added", "before": left, "after": right}


def _marked(old: str, new: str) -> tuple[list[Segment], list[Segment]]:
    """Both lines in parts, those that changed marked; nothing is marked where the lines have little in common."""
    whole = [[_clipped(old), False]], [[_clipped(new), False]]
    if max(len(old), len(new)) > _MAX_MARKED:
        return whole
    words, new_words = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, words, new_words, autojunk=False)
    if matcher.ratio() < 0.4:
        return whole
    left: list[Segment] = []
    right: list[Segment] = []
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        for side, part in ((left, words[first:last]), (right, new_words[new_first:new_last])):
            if part:
                side.append(["".join(part), kind != "equal"])
    return left, right


def _as_far_as_there_is_room(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    room = PREVIEW_BYTES
    for number, row in enumerate(rows):
        room -= len(json.dumps(row, ensure_ascii=False).encode())
        if room < 0 or number >= MAX_ROWS:
            return rows[:number]
    return rows


def _clipped(line: str) -> str:
    return line if len(line) <= _MAX_LINE else line[:_MAX_LINE] + "…"
