"""Holds where the index of open requests keeps what: in the order of time, and close together in it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from flyteplugins.hitl._open_chunks import MOST_ENTRIES, SPAN, chunk_path, cut, first_path, start_of
from flyteplugins.hitl._store import new_nonce
from tests.support.inboxes import entry

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=timezone.utc)


def test_a_path_tells_the_time_of_its_first_entry_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-8)))

    assert chunk_path(elsewhere, "0" * 32) == f"open/2026-01-02/03/04/05.678-{'0' * 32}.json"


def test_the_time_is_read_from_the_path_to_the_millisecond() -> None:
    assert start_of(chunk_path(NOW, new_nonce())) == NOW.replace(microsecond=678_000)


def test_paths_are_in_the_order_of_time() -> None:
    steps = [timedelta(milliseconds=1), *(timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))]
    moments = [NOW, *(NOW + step for step in steps)]

    paths = [chunk_path(moment, new_nonce()) for moment in moments]

    assert sorted(paths) == paths


def test_what_starts_at_a_time_comes_after_the_first_path_of_that_time() -> None:
    assert first_path(NOW) < chunk_path(NOW, "0" * 32)
    assert chunk_path(NOW - timedelta(milliseconds=1), "f" * 32) < first_path(NOW)


@pytest.mark.parametrize(
    "path",
    [
        "open/2026-13-02/03/04/05.678-" + "0" * 32 + ".json",
        "open/2026-01-02/03/04/05.678-" + "0" * 31 + ".json",
        "open/2026-01-02/03/04/05-" + "0" * 32 + ".json",
        "open/notes.txt",
        "elsewhere/2026-01-02/03/04/05.678-" + "0" * 32 + ".json",
    ],
)
def test_what_is_no_chunk_has_no_time(path: str) -> None:
    assert start_of(path) is None


def test_entries_are_cut_in_order_where_too_many_or_too_far_apart() -> None:
    many = [entry(number, NOW + timedelta(milliseconds=number)) for number in range(MOST_ENTRIES + 1)]
    last = entry(1000, NOW + SPAN + timedelta(milliseconds=MOST_ENTRIES))
    late = entry(1001, NOW + 2 * SPAN + timedelta(seconds=1))

    assert list(cut([late, last, *reversed(many)])) == [many[:-1], [many[-1], last], [late]]


def test_nothing_makes_no_chunk() -> None:
    assert list(cut([])) == []
