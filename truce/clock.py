"""Time as the whole house counts it: UTC moments, and days that end.

A *day* D stands for its end, the moment 00:00 of D + 1. A moment at midnight is therefore written as the day
it closes, any other moment as an instant; the two spellings are one value. Only this file reads the system clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from truce.errors import BadInput, OutOfRange

Clock = Callable[[], datetime]

DAY = timedelta(days=1)
EARLIEST = date(1900, 1, 1)
"""Nothing here is older; a year such as 0202 is a slip of the pen."""
_LAST = date(9999, 11, 30)
_DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Other spellings of ISO 8601 (20230428, 2023-W17-5) name a day that would be read as its first instant.
_INSTANT_FORM = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*", re.ASCII)


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def start_of(day: date) -> datetime:
    """The first moment of ``day``: 00:00 UTC."""
    return datetime.combine(day, time.min, UTC)


def end_of(day: date) -> datetime:
    """The moment at which ``day`` is over: 00:00 UTC of the next one; the last days of the calendar end together, so that a lag can follow."""
    return start_of(min(day, _LAST)) + DAY


def end_of_month(day: date) -> date:
    """The last day of the month that ``day`` lies in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def day_closed_by(moment: datetime) -> date:
    """The day that ``moment`` lies in, midnight belonging to the day it closes."""
    return (moment - timedelta(microseconds=1)).date()


def age_days(effective: date, moment: datetime) -> int:
    """Whole days since 00:00 of the effective date; the end of day D has age ``D - effective + 1``."""
    return (moment - start_of(effective)) // DAY


def parse_day(text: str) -> date:
    """A calendar day written yyyy-mm-dd.

    Raises:
        BadInput: the text is no such day.
    """
    if _DAY_FORM.fullmatch(text):
        with suppress(ValueError):
            day = date.fromisoformat(text)
            if day >= EARLIEST:
                return day
    raise BadInput(f"{text!r} is not a day since {EARLIEST.year}: write yyyy-mm-dd", code="bad_date")


def parse_moment(text: str) -> datetime:
    """A day (its end) or an ISO 8601 instant, as a UTC moment. An instant without an offset is UTC.

    Raises:
        BadInput: the text is neither.
    """
    if _DAY_FORM.fullmatch(text):
        day = parse_day(text)
        if day == date.max:
            raise BadInput(f"{text!r} is beyond the calendar", code="bad_date")
        return end_of(day)
    if _INSTANT_FORM.fullmatch(text):
        with suppress(ValueError, OverflowError):
            instant = datetime.fromisoformat(text)
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=UTC)
            if instant.astimezone(UTC) >= start_of(EARLIEST):
                return instant.astimezone(UTC)
    raise BadInput(
        f"{text!r} is neither a day (yyyy-mm-dd) nor an instant (yyyy-mm-ddThh:mm:ssZ) since {EARLIEST.year}",
        code="bad_date",
    )


def check_period(first: date | None, last: date | None) -> None:
    """Let a period pass that does not run backwards; None leaves a side open. Both are days, or both are moments.

    Raises:
        BadInput: it ends before it begins.
    """
    if first is not None and last is not None and first > last:
        raise BadInput("the period ends before it begins", code="bad_period")


def write_moment(moment: datetime) -> str:
    """The spelling of a moment: the day it closes when it is midnight, else an instant ending in Z."""
    moment = moment.astimezone(UTC)
    if moment.time() == time.min:
        return (moment - DAY).date().isoformat()
    return moment.replace(tzinfo=None).isoformat() + "Z"


def resolve_as_of(text: str | None, clock: Clock) -> datetime:
    """The moment that an ``as_of`` asks for.

    Nothing asked means now, cut to the minute. A day that is not over yet means now, too.

    Raises:
        OutOfRange: later than now.
        BadInput: unreadable.
    """
    now = clock().astimezone(UTC)
    minute = now.replace(second=0, microsecond=0)
    if text is None:
        return minute
    moment = parse_moment(text)
    if moment <= now:
        return moment
    if _DAY_FORM.fullmatch(text) and start_of(parse_day(text)) <= now:
        return minute
    raise OutOfRange(f"as_of {text} is later than now ({write_moment(minute)})", code="as_of_in_future")
