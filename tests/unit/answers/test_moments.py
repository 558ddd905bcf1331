"""Holds days, times, moments and durations: one reading for each text, or none."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Gt, Le
from hypothesis import given
from hypothesis import strategies as st
from pydantic import NaiveDatetime, TypeAdapter

from tests.support.asked import Asked


class TestDate:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-02-30",
            "31.01.2026",
            "01/02/2026",
            "2026-1-1",
            "20260101",
            "2026-01-01T00:00",
            "0000-01-01",
            "٢٠٢٦-01-01",
        ],
    )
    def test_what_is_no_day_is_refused(self, text: str) -> None:
        assert Asked(date).refused(text)

    def test_bounds_are_held_told_and_given_to_the_browser(self) -> None:
        asked = Asked(Annotated[date, Ge(date(2026, 1, 1)), Le(date(2026, 12, 31))])

        assert asked.refused("2025-12-31") == {"": "It must be at least 2026-01-01."}
        assert asked.field().attributes == {"type": "date", "min": "2026-01-01", "max": "2026-12-31"}
        assert asked.field().hint == "At least 2026-01-01, at most 2026-12-31."


class TestTime:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("14:30", time(14, 30)), ("08:00:01", time(8, 0, 1)), ("23:59:59.5", time(23, 59, 59, 500000))],
    )
    def test_it_is_read(self, text: str, value: time) -> None:
        assert Asked(time).get(text) == value

    @pytest.mark.parametrize("text", ["", "2:30", "24:00", "14:60", "2 pm", "14:30Z", "14:30+01:00"])
    def test_what_is_no_time_is_refused(self, text: str) -> None:
        assert Asked(time).refused(text)


class TestMoment:
    asked = Asked(datetime)

    def test_a_form_means_utc_and_a_program_has_to_say(self) -> None:
        assert self.asked.parse_text("2026-01-31 14:30") == "2026-01-31T14:30:00Z"
        assert "names no zone" in self.asked.refused("2026-01-31T14:30:00")[""]

    @pytest.mark.parametrize(
        "text", ["2026-01-31T16:30:00+02:00", "2026-01-31t14:30z", "2026-01-31 09:30:00.000-05:00"]
    )
    def test_any_zone_is_the_same_moment(self, text: str) -> None:
        if "t" in text:
            assert self.asked.refused(text)
        else:
            assert self.asked.parse_json(text) == "2026-01-31T14:30:00Z"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-01-31",
            "now",
            "1767225600",
            "2026-02-30T00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ],
    )
    def test_what_is_no_moment_is_refused(self, text: str) -> None:
        assert self.asked.refused(text)

    def test_bounds_are_moments_too(self) -> None:
        asked = Asked(Annotated[datetime, Gt(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))))])

        assert asked.refused("2025-12-31T23:00:00Z")
        assert asked.get("2025-12-31T23:00:01Z").year == 2025

    def test_one_without_a_zone_is_kept_without(self) -> None:
        asked = Asked(NaiveDatetime)

        assert asked.get("2026-01-31T14:30") == datetime(2026, 1, 31, 14, 30)  # noqa: DTZ001  # As asked for.
        assert "names a zone" in asked.refused("2026-01-31T14:30Z")[""]

    @given(st.datetimes(), st.datetimes())
    def test_a_finer_value_counts_only_while_what_is_seen_is_left(self, exact: datetime, typed: datetime) -> None:
        asked = Asked(NaiveDatetime)
        filled = dict(asked.form.filled(exact.isoformat()))
        seen = filled["value"]

        assert asked.parse_form(filled) == exact.isoformat()
        # A browser leaves out seconds that are zero.
        assert (
            asked.parse_form({**filled, "value": seen.removesuffix(":00") if seen.count(":") == 2 else seen})
            == exact.isoformat()
        )
        milliseconds = typed.replace(microsecond=typed.microsecond // 1000 * 1000)
        if milliseconds != exact.replace(microsecond=exact.microsecond // 1000 * 1000):
            assert asked.get(milliseconds.isoformat()) == milliseconds
            changed = asked.parse_form({**filled, "value": milliseconds.isoformat()})
            assert datetime.fromisoformat(str(changed)) == milliseconds


class TestDuration:
    asked = Asked(timedelta)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("90s", timedelta(seconds=90)),
            ("1h 30min", timedelta(minutes=90)),
            ("1h30m", timedelta(minutes=90)),
            ("2 days, 3 hours", timedelta(days=2, hours=3)),
            ("1:30:00", timedelta(minutes=90)),
            ("0:05", timedelta(minutes=5)),
            ("1 day, 0:00:01", timedelta(days=1, seconds=1)),
            ("PT1H30M", timedelta(minutes=90)),
            ("P1W2D", timedelta(days=9)),
            ("P1Y1D", timedelta(days=366)),
            ("-PT0.000001S", timedelta(microseconds=-1)),
            ("0.5h", timedelta(minutes=30)),
            ("250ms", timedelta(milliseconds=250)),
            ("PT0S", timedelta(0)),
        ],
    )
    def test_it_is_read(self, text: str, value: timedelta) -> None:
        assert self.asked.answer.from_json(self.asked.parse_text(text)) == value
        assert self.asked.get(text) == value

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "5",
            "h",
            "1x",
            "P",
            "PT",
            "P1M",
            "P1Y2M",
            "1h 1h",
            "1h, x",
            "1:60",
            "1.5.5h",
            "--1h",
            "9" * 20 + " days",
            "٣h",
        ],
    )
    def test_what_has_two_readings_or_none_is_refused(self, text: str) -> None:
        assert self.asked.refused(text)

    @given(st.timedeltas())
    def test_as_words_it_is_the_same_again(self, value: timedelta) -> None:
        kept = self.asked.parse_json(TypeAdapter(timedelta).dump_python(value, mode="json"))

        assert self.asked.parse_text(self.asked.form.text(kept)) == kept
        assert self.asked.answer.from_json(kept) == value

    def test_bounds_are_told_in_the_words_of_durations(self) -> None:
        asked: Any = Asked(Annotated[timedelta, Le(timedelta(days=2))])

        assert asked.refused("3 days") == {"": "It must be at most P2D."}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-12-24T23:00:00.000Z", "2026-12-24T23:00:00"),
        ("2026-12-24T23:00:00+02:00", "2026-12-24T21:00:00"),
        ("2026-12-24T23:00", "2026-12-24T23:00:00"),
        ("2026-12-24T23:00:00.123456Z", "2026-12-24T23:00:00.123"),
        ("soon", "soon"),
        ("", ""),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_a_moment_that_was_sent_is_shown_again_as_a_browser_holds_it(sent: str, shown: str) -> None:
    assert Asked(datetime).field({"value": sent}).text == shown


def test_people_read_a_moment_with_its_zone() -> None:
    assert Asked(datetime).form.text("2026-01-31T14:30:00Z") == "2026-01-31 14:30 UTC"
    assert Asked(NaiveDatetime).form.text("2026-01-31T14:30:15") == "2026-01-31 14:30:15"
