"""What changed between two texts or two values: line by line, with what changed within a line marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from pydantic import JsonValue

from ..show import Diff
from ._drafts import PREVIEW_BYTES, CannotShow, Draft, DraftFile, Workplace
from ._texts import encoded
from ._trees import as_json

MAX_LINES = 5_000
"""Lines on one side: comparing takes time that grows with their product."""

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
    before, after, ending = _texts(shown)
    old, new = before.decode().splitlines(), after.decode().splitlines()
    is_too_long = max(len(old), len(new)) > MAX_LINES
    rows = [] if is_too_long else list(_rows(old, new))
    kept = _as_far_as_there_is_room(rows)
    details: dict[str, JsonValue] = {
        "lines": max(len(old), len(new)),
        "removed": sum(row["kind"] in ("removed", "changed") for row in rows),
        "added": sum(row["kind"] in ("added", "changed") for row in rows),
        "is_same": before == after,
        "is_too_long": is_too_long,
        "is_cut": len(kept) < len(rows),
    }
    return Draft(
        kind="diff",
        files=tuple(
            DraftFile(content=content, media_type="text/plain", file_name=_file_name(shown, side, ending, workplace))
            for side, content in (("before", before), ("after", after))
        ),
        preview=json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(),
        details=details,
    )


def _texts(shown: Diff) -> tuple[bytes, bytes, str]:
    if isinstance(shown.before, str) and isinstance(shown.after, str):
        return encoded(shown.before), encoded(shown.after), ".txt"
    sides = []
    for side, value in (("before", shown.before), ("after", shown.after)):
        try:
            # In the order of the keys: what only moved did not change.
            text = json.dumps(as_json(value), indent=2, ensure_ascii=False, sort_keys=True)
        except CannotShow as error:
            raise CannotShow(f"what was {side}: {error}") from None
        sides.append(encoded(text + "\n"))
    return sides[0], sides[1], ".json"


def _file_name(shown: Diff, side: str, ending: str, workplace: Workplace) -> str:
    base, dot, given = (shown.name or workplace.stem).rpartition(".")
    return f"{base}.{side}.{given}" if dot and base else f"{given}.{side}{ending}"


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
