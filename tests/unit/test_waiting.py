"""Holds the words of the one line that says what a process waits for."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from flyteplugins.hitl._records import Channel, Response
from flyteplugins.hitl._waiting import Waiting, how_it_ended

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone.utc)
LINK = "http://127.0.0.1:20000/form/abcdefghijklmnopqrstuvwxyz?token=abc"


def waiting(**details: Any) -> Waiting:
    given = {"name": "review", "count": 1, "since": NOW, "until": NOW + timedelta(hours=1), "link": LINK, **details}
    return Waiting(**given)


def line(columns: int = 200, *, is_unicode: bool = True, is_coloured: bool = False, **details: Any) -> str:
    return waiting(**details).line(NOW, columns, is_unicode=is_unicode, is_coloured=is_coloured)


def seen(text: str) -> str:
    return re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", text)


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in seen(text))


def clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M}"


def test_it_says_what_how_long_until_when_and_where() -> None:
    since, until = NOW - timedelta(seconds=72), NOW + timedelta(minutes=5)

    assert seen(line(since=since, until=until, invitation="type an answer")) == (
        f"⏳ review · waiting 1 min 12 s · until {clock(until)} · type an answer · {LINK}"
    )


def test_with_no_limit_no_end_is_named() -> None:
    assert "until" not in line(until=None)


def test_of_several_it_says_how_many_and_when_the_first_ends() -> None:
    until = NOW + timedelta(minutes=5)

    assert f"review and 9,999 more · waiting 0 s · the first ends at {clock(until)}" in line(count=10_000, until=until)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (599, "9 min 59 s"),
        (600, "10 min"),
        (3_600, "1 h 0 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_time_is_told_ever_more_roughly(seconds: int, words: str) -> None:
    assert f"waiting {words} ·" in line(since=NOW - timedelta(seconds=seconds))


def test_a_deadline_of_another_day_names_it() -> None:
    assert re.search(r"until (Thu|Fri|Sat) \d\d:\d\d", line(until=NOW + timedelta(days=2)))
    assert re.search(r"until 2026-04-\d\d \d\d:\d\d", line(until=NOW + timedelta(days=30)))


@pytest.mark.parametrize("columns", range(20, 130, 7))
@pytest.mark.parametrize("name", ["review", "x" * 200, "決定" * 50])
@pytest.mark.parametrize("is_coloured", [True, False])
def test_it_is_never_wider_than_it_may_be(columns: int, name: str, is_coloured: bool) -> None:
    assert width(line(columns, name=name, is_coloured=is_coloured)) <= columns


def test_a_link_is_cut_but_leads_to_the_whole_of_it() -> None:
    text = line(90)

    assert f"\x1b]8;;{LINK}\x1b\\" in text
    assert LINK not in seen(text)
    assert "http://127.0.0.1:20000/" in seen(text)


def test_a_link_that_would_say_nothing_is_left_out() -> None:
    assert "\x1b" not in line(60)


def test_a_name_cannot_speak_to_the_terminal() -> None:
    assert "\x1b[2J" not in line(name="a\x1b[2Jb")
    assert "\x1b[2J" not in waiting(name="a\x1b[2Jb").sentence(NOW, again=False)


def test_a_terminal_of_ascii_gets_ascii() -> None:
    assert line(is_unicode=False, link="").isascii()


def test_a_log_gets_a_sentence() -> None:
    until = NOW + timedelta(minutes=5)

    assert waiting(until=until).sentence(NOW, again=False) == (
        f"Waiting for an answer to “review” until {clock(until)}."
    )
    assert waiting(until=None).sentence(NOW, again=True) == "Still waiting for an answer to “review”."
    assert waiting(count=3, until=until).sentence(NOW, again=False) == (
        f"Waiting for 3 answers; the first of them ends at {clock(until)}."
    )


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("status", ["completed", "timed_out", "cancelled", "replaced"])
def test_every_end_has_its_words(channel: Channel, status: Any) -> None:
    response = Response(
        nonce="n",
        request_id="r",
        status=status,
        responder="ada\x1b[2J",
        channel=channel,
        comment="enough\x1b[2J",
        responded_at=NOW,
    )

    words = how_it_ended("review", response)

    assert words.startswith("“review” was ")
    assert words.isprintable()
    assert not words.endswith(" .")
    if status == "completed":
        assert re.fullmatch(r"“review” was answered by ada.* \w.+\.", words)
