"""Days, times, moments and durations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TypeVar

from pydantic import JsonValue

from .._quoting import quoted
from ._answer_type import Errors, FormField, Place, Words
from ._bounds import bounds_in_words, check_bounds
from ._entries import Entries, Pair, inside
from ._formats import FormatType
from ._node import Node
from ._values import InvalidValue

MomentT = TypeVar("MomentT", date, time, datetime)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?")
_ZONE = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_ISO_DURATION = re.compile(
    r"P(?:(?P<years>[0-9]+)Y)?(?:(?P<weeks>[0-9.]+)W)?(?:(?P<days>[0-9.]+)D)?"
    r"(?:T(?:(?P<hours>[0-9.]+)H)?(?:(?P<minutes>[0-9.]+)M)?(?:(?P<seconds>[0-9.]+)S)?)?",
    re.IGNORECASE,
)
_FINER = re.compile(r"(\.[0-9]{3})[0-9]+")
_EXACT = "exact"
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*,?\s*", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(?P<days>[0-9]+)\s*d(?:ays?)?,?\s*)?(?P<hours>[0-9]+):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9](?:\.[0-9]{1,6})?))?"
)
_UNITS = {
    "weeks": ("w", "week", "weeks"),
    "days": ("d", "day", "days"),
    "hours": ("h", "hr", "hrs", "hour", "hours"),
    "minutes": ("m", "min", "mins", "minute", "minutes"),
    "seconds": ("s", "sec", "secs", "second", "seconds"),
    "milliseconds": ("ms", "millisecond", "milliseconds"),
    "microseconds": ("us", "microsecond", "microseconds"),
}
_UNIT_NAMED = {word: unit for unit, words in _UNITS.items() for word in words}


class DateType(FormatType):
    """A day, as ISO 8601 writes it."""

    name = "date"
    formats = frozenset({"date"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Choose a day, such as 2026-01-31.")
        if not _DATE.fullmatch(stripped):
            raise InvalidValue(f"{quoted(stripped)} is not a date. Write year-month-day, such as 2026-01-31.")
        day = _from_calendar(date.fromisoformat, stripped)
        check_bounds(node, day, date.fromisoformat)
        return day.isoformat()

    def hint(self, node: Node) -> str:
        return _sentence(bounds_in_words(node))

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "date", "min": str(node.get("formatMinimum", "")), "max": str(node.get("formatMaximum", ""))}

    def sample(self, node: Node) -> JsonValue:
        return "2026-01-31"


class ClockType(FormatType):
    """What browsers hold to the millisecond only.

    A finer value goes along unseen, in an entry of its own, and counts for as long as what is seen is left as it is.
    """

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        exact = self.to_text(node, value)
        seen = _FINER.sub(r"\1", exact)
        yield name, seen
        if seen != exact:
            yield inside(name, _EXACT), exact

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        seen, exact = entries.one(name), entries.one(inside(name, _EXACT))
        if seen and exact and _is_same_clock(seen, _FINER.sub(r"\1", exact)):
            return self.parse_text(node, exact)
        return super().parse_form(node, entries, name)

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        return replace(super().field(node, place, entries, errors), exact=entries.one(inside(place.name, _EXACT)) or "")


class TimeType(ClockType):
    """A time of day, of no particular zone."""

    name = "time"
    formats = frozenset({"time"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Choose a time, such as 14:30.")
        if not _TIME.fullmatch(stripped):
            raise InvalidValue(f"{quoted(stripped)} is not a time of day. Write it such as 14:30 or 14:30:15.")
        moment = _from_calendar(time.fromisoformat, _padded(stripped))
        check_bounds(node, moment, time.fromisoformat)
        return moment.isoformat()

    def hint(self, node: Node) -> str:
        return _sentence(bounds_in_words(node))

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "time", "step": "any"}

    def sample(self, node: Node) -> JsonValue:
        return "14:30:00"


class DatetimeType(ClockType):
    """A moment, kept in UTC. A form without a zone means UTC, and says so; a program has to name the zone."""

    name = "datetime"
    formats = frozenset({"date-time"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Choose a day and a time, such as 2026-01-31 14:30.")
        moment = _moment(stripped)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return self._kept(node, moment)

    def parse_json(self, node: Node, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidValue("It is no moment. Send a string such as 2026-01-31T14:30:00Z.")
        moment = _moment(value.strip())
        if moment.tzinfo is None:
            raise InvalidValue(f"{quoted(value.strip())} names no zone. Send one such as 2026-01-31T14:30:00Z.")
        return self._kept(node, moment)

    def to_text(self, node: Node, value: JsonValue) -> str:
        return str(value).removesuffix("Z")

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        field = super().field(node, place, entries, errors)
        return replace(field, text=_without_zone(field.text))

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=f"{_spoken_moment(str(value))} UTC")

    def hint(self, node: Node) -> str:
        return _sentence(bounds_in_words(node))

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "datetime-local", "step": "any"}

    def sample(self, node: Node) -> JsonValue:
        return "2026-01-31T14:30:00Z"

    def _kept(self, node: Node, moment: datetime) -> str:
        try:
            in_utc = moment.astimezone(timezone.utc)
        except OverflowError:
            raise InvalidValue("The moment is outside of the calendar: years go from 1 to 9999.") from None
        check_bounds(node, in_utc, _aware)
        return in_utc.isoformat().replace("+00:00", "Z")


class NaiveDatetimeType(ClockType):
    """A day and a time as a clock on some wall shows them."""

    name = "naive-datetime"
    formats = frozenset({"naive-date-time"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Choose a day and a time, such as 2026-01-31 14:30.")
        moment = _moment(stripped)
        if moment.tzinfo is not None:
            raise InvalidValue(f"{quoted(stripped)} names a zone, but a time without one is asked for.")
        check_bounds(node, moment, datetime.fromisoformat)
        return moment.isoformat()

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=_spoken_moment(str(value)))

    def hint(self, node: Node) -> str:
        return _sentence(bounds_in_words(node)) or "Of no particular time zone."

    def attributes(self, node: Node) -> dict[str, str]:
        return {"type": "datetime-local", "step": "any"}

    def sample(self, node: Node) -> JsonValue:
        return "2026-01-31T14:30:00"


class TimedeltaType(FormatType):
    """A duration, typed as people write it and kept as ISO 8601 does."""

    name = "timedelta"
    formats = frozenset({"duration"})

    def parse_text(self, node: Node, text: str) -> str:
        stripped = text.strip()
        if not stripped:
            raise InvalidValue("Type a duration, such as 1h 30min.")
        duration = parsed_duration(stripped)
        check_bounds(node, duration, parsed_duration)
        return iso_duration(duration)

    def to_text(self, node: Node, value: JsonValue) -> str:
        return duration_in_words(parsed_duration(str(value)))

    def hint(self, node: Node) -> str:
        return _sentence(bounds_in_words(node)) or "Such as 90s, 1h 30min, 2 days or 1:30:00."

    def attributes(self, node: Node) -> dict[str, str]:
        return {"placeholder": "1h 30min"}

    def sample(self, node: Node) -> JsonValue:
        return "PT1H30M"


def parsed_duration(text: str) -> timedelta:
    """Reads a duration: ISO 8601, `1h 30min`, or `1:30:00`.

    Raises:
        InvalidValue: It is none.
    """
    sign = -1 if text.startswith("-") else 1
    amount = text[text[:1] in ("+", "-") :].strip()
    try:
        return sign * timedelta(**_parts(amount))
    except (ValueError, OverflowError):
        raise InvalidValue(
            f"{quoted(text)} is not a duration. Write it such as 90s, 1h 30min, 2 days, 1:30:00 or PT1H30M."
        ) from None


def iso_duration(duration: timedelta) -> str:
    """A duration as ISO 8601 writes it, to the microsecond."""
    sign = "-" if duration < timedelta(0) else ""
    size = abs(duration)
    minutes, seconds = divmod(size.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{size.microseconds:06d}".rstrip("0").rstrip(".") if size.microseconds else ""
    days = f"{size.days}D" if size.days else ""
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    parts.append(f"{seconds}{fraction}S" if seconds or fraction else "")
    clock = "".join(parts)
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}" + (f"T{clock}" if clock else "")


def duration_in_words(duration: timedelta) -> str:
    """A duration as a person would type it."""
    spelled = iso_duration(duration)
    sign = "-" if spelled.startswith("-") else ""
    days, _, clock = spelled.lstrip("-").removeprefix("P").partition("T")
    words = re.sub(
        r"([0-9.]+)([A-Z])",
        lambda part: part[1] + {"D": "d", "H": "h", "M": "min", "S": "s"}[part[2]] + " ",
        days + clock,
    )
    return sign + words.strip()


def _parts(text: str) -> dict[str, float]:
    clock = _CLOCK.fullmatch(text)
    if clock:
        return {unit: float(size) for unit, size in clock.groupdict().items() if size}
    iso = _ISO_DURATION.fullmatch(text)
    if iso and any(iso.groupdict().values()):
        parts = {unit: float(size) for unit, size in iso.groupdict().items() if size}
        # As pydantic writes and reads them. Its months are not taken: M means minutes to most people.
        years = parts.pop("years", 0.0)
        return {**parts, "days": parts.get("days", 0.0) + 365 * years} if years else parts
    return _spelled(text)


def _spelled(text: str) -> dict[str, float]:
    parts: dict[str, float] = {}
    end = 0
    for part in _PART.finditer(text):
        unit = _UNIT_NAMED.get(part[2].lower())
        if part.start() != end or unit is None or unit in parts:
            raise ValueError(text)
        parts[unit] = float(part[1])
        end = part.end()
    if not parts or end != len(text):
        raise ValueError(text)
    return parts


def _moment(text: str) -> datetime:
    day, _, rest = text.replace(" ", "T", 1).partition("T")
    clock = rest
    zone = ""
    if rest.endswith(("Z", "z")):
        clock, zone = rest[:-1], "+00:00"
    elif _ZONE.fullmatch(rest[-6:]):
        clock, zone = rest[:-6], rest[-6:]
    if not _DATE.fullmatch(day) or not _TIME.fullmatch(clock):
        raise InvalidValue(
            f"{quoted(text)} is not a day and a time. Write them such as 2026-01-31T14:30:00, with Z for UTC."
        )
    return _from_calendar(datetime.fromisoformat, f"{day}T{_padded(clock)}{zone}")


def _spoken_moment(text: str) -> str:
    return text.removesuffix("Z").replace("T", " ", 1).removesuffix(":00")


def _without_zone(text: str) -> str:
    """What was sent as the browser's input holds it: the page's script sends moments with their zone."""
    try:
        moment = _moment(text.strip())
        in_utc = moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    except (InvalidValue, OverflowError):
        return text
    return _FINER.sub(r"\1", in_utc.isoformat())


def _is_same_clock(one: str, other: str) -> bool:
    """Whether two texts spell one time: browsers leave out seconds that are zero."""
    return _plain_clock(one) == _plain_clock(other)


def _plain_clock(text: str) -> str:
    whole, _, fraction = text.strip().replace(" ", "T", 1).removesuffix("Z").partition(".")
    clock = whole if whole.count(":") > 1 else f"{whole}:00"
    return f"{clock}.{fraction.ljust(6, '0')}"


def _padded(clock: str) -> str:
    # Python 3.10 reads fractions of a second only with three or six digits.
    whole, point, fraction = clock.partition(".")
    return f"{whole}{point}{fraction.ljust(6, '0')}" if point else whole


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _from_calendar(read: Callable[[str], MomentT], text: str) -> MomentT:
    try:
        return read(text)
    except ValueError:
        raise InvalidValue(f"There is no {text} in the calendar.") from None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
