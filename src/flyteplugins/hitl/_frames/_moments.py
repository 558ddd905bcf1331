"""Days and moments of a table: counts since 1970, as data frames keep them <-> ISO 8601, as people read them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from .._answers import InvalidValue
from .._quoting import quoted

DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
"""How many digits of a second each unit keeps."""

_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?)?"
    r" ?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIXED_ZONE = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})")

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_SECOND = timedelta(seconds=1)
_GREATEST_COUNT = 2**63 - 1


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo | None:
    """The time zone of a column, or `None` if this machine does not know it."""
    if name == "UTC":
        return timezone.utc
    fixed = _FIXED_ZONE.fullmatch(name)
    if fixed:
        sign, hours, minutes = fixed.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(offset if sign == "+" else -offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def day_in_text(days: int) -> str:
    """A count of days since 1970 as ISO 8601, where the calendar reaches that far."""
    try:
        return date.fromordinal(_EPOCH_ORDINAL + days).isoformat()
    except (ValueError, OverflowError):
        return f"{days} days since 1970"


def read_day(text: str) -> str:
    """A day that somebody typed, as ISO 8601.

    Raises:
        InvalidValue: It is no day.
    """
    stripped = text.strip()
    if not _DAY.fullmatch(stripped):
        raise InvalidValue(f"{quoted(stripped)} is not a date. Write year-month-day, such as 2026-01-31.")
    return _checked_day(stripped).isoformat()


def moment_in_text(count: int, unit: str, zone: str | None) -> str:
    """A count since 1970 as ISO 8601: the clock of the zone, with its offset from UTC, if there is a zone.

    Args:
        count: In the unit, from the start of 1970; in UTC, if there is a zone.
        unit: `s`, `ms`, `us` or `ns`.
        zone: The name of the column's time zone, or `None`.
    """
    digits = DIGITS[unit]
    seconds, rest = divmod(count, 10**digits)
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
        local = moment if zone is None else moment.astimezone(zone_named(zone) or timezone.utc)
    except OverflowError:
        return f"{count} {unit} since 1970"
    text = local.isoformat()
    fraction = f".{rest:0{digits}d}".rstrip("0") if rest else ""
    return text[:19] + fraction + ("" if zone is None else text[19:])


def read_moment(text: str, unit: str, zone: str | None) -> int:
    """The count since 1970 of a moment that somebody typed, or that `moment_in_text` wrote.

    Raises:
        InvalidValue: It is no moment, is finer than the unit, or does not say which moment it is.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise InvalidValue(f"{quoted(text.strip())} is not a date with a time. Write it such as 2026-01-31 13:45:00.")
    wall = _wall_clock(found)
    seconds = (wall.replace(tzinfo=timezone.utc) - _EPOCH) // _SECOND
    seconds -= _offset_seconds(found["offset"], wall, zone)
    digits = DIGITS[unit]
    fraction = (found["fraction"] or "").rstrip("0")
    if len(fraction) > digits:
        kept = f"{digits} digits after the point" if digits else "whole seconds"
        raise InvalidValue(f"The time is finer than the column keeps: write {kept}.")
    count: int = seconds * 10**digits + int(fraction.ljust(digits, "0") or "0")
    if abs(count) > _GREATEST_COUNT:
        raise InvalidValue("The column keeps moments from 1678 to 2261 only.")
    return count


def _wall_clock(found: re.Match[str]) -> datetime:
    day = _checked_day(found["day"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        raise InvalidValue(f"There is no {hour:02}:{minute:02}:{second:02} on the clock.") from None


def _checked_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"There is no {text} in the calendar.") from None


def _offset_seconds(offset: str | None, wall: datetime, zone: str | None) -> int:
    """What lies between the wall clock and UTC."""
    if zone is None:
        if offset:
            raise InvalidValue(f"The column has no time zone: leave out “{offset}”.")
        return 0
    if offset:
        return _seconds_of(offset)
    known = zone_named(zone)
    if known is None:
        raise InvalidValue("Add the offset from UTC, such as +01:00.")
    early, late = (wall.replace(tzinfo=known, fold=fold).utcoffset() for fold in (0, 1))
    if early is None or early != late:
        raise InvalidValue(
            f"The clocks of {zone} are changed then, so that this time comes twice or not at all. "
            "Add the offset from UTC that is meant, such as +01:00."
        )
    return early // _SECOND


def _seconds_of(offset: str) -> int:
    if offset == "Z":
        return 0
    hours, minutes, seconds = (int(part) for part in f"{offset[1:]}:0".split(":")[:3])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise InvalidValue(f"There is no offset of {offset} from UTC.")
    return (hours * 3600 + minutes * 60 + seconds) * (-1 if offset[0] == "-" else 1)
