"""What of texts, moments and durations reaches a terminal, and how errors end a command."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl import errors
from flyteplugins.hitl._records import Channel, Response
from flyteplugins.hitl.cli._described import ending_in_words
from flyteplugins.hitl.cli._exits import Exit, exit_of
from flyteplugins.hitl.cli._plain import first_line, line, moment, plain, roughly


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\r\nlines", "two\nlines"),
        ("a\tb\u00a0c\u2028d", "a b c d"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("\u202eevil\u200b", "\ufffdevil\ufffd"),
        ("over\rwritten", "over\ufffdwritten"),
        ("grün 😀 漢字", "grün 😀 漢字"),
    ],
)
def test_nothing_moves_a_terminal(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_all_that_is_left_can_be_printed(text: str) -> None:
    assert all(character.isprintable() for character in plain(text).replace("\n", ""))
    assert line(text).isprintable()
    assert plain(plain(text)) == plain(text)


def test_a_line_is_cut_where_it_is_too_long() -> None:
    assert line("a  b\nc") == "a b c"
    assert line("abcdef", 4) == "abc…"
    assert line("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("\n\n# Deploy?\nMore.", "Deploy?"), ("", ""), ("#\n## \nYes", "Yes"), ("one\ttwo", "one two")],
)
def test_the_first_line_that_says_something_is_shown(prompt: str, expected: str) -> None:
    assert first_line(prompt) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (119, "1 min"),
        (3_600, "1 h"),
        (3_660, "1 h 1 min"),
        (86_399, "23 h 59 min"),
        (86_400 * 3 + 7_200, "3 d 2 h"),
    ],
)
def test_durations_are_told_roughly(seconds: float, expected: str) -> None:
    assert roughly(timedelta(seconds=seconds)) == expected


def test_a_moment_carries_its_zone() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

    assert datetime.strptime(moment(when), "%Y-%m-%d %H:%M:%S %z") == when


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.RequestNotFound("x"), Exit.NOT_FOUND),
        (errors.DeadlinePassed("x", None), Exit.CLOSED),
        (errors.RequestClosed("x", None), Exit.CLOSED),
        (errors.Invalid("x"), Exit.REFUSED),
        (errors.TooManyAnswers("x"), Exit.REFUSED),
        (errors.StoreUnavailable("x"), Exit.UNREACHABLE),
        (errors.StoreRefused("x"), Exit.UNREACHABLE),
        (errors.DamagedRecord("x"), Exit.FAILED),
        (errors.InvalidParameter("x"), Exit.USAGE),
        (errors.HitlError("x"), Exit.FAILED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_error_has_its_exit_code(error: errors.HitlError, expected: Exit) -> None:
    assert exit_of(error) is expected


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("status", ["completed", "timed_out", "cancelled", "replaced"])
def test_every_way_to_end_has_its_words(channel: Channel, status: Any) -> None:
    response = Response(
        nonce="n", request_id="r", status=status, channel=channel, responded_at=datetime.now(timezone.utc)
    )

    assert ending_in_words(response)
