from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truce.clock import (
    Clock,
    age_days,
    day_closed_by,
    end_of,
    parse_day,
    parse_moment,
    resolve_as_of,
    start_of,
    write_moment,
)
from truce.errors import BadInput, OutOfRange

MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
def test_a_day_means_its_end_and_is_written_as_itself(day: date) -> None:
    assert parse_moment(day.isoformat()) == start_of(day) + timedelta(days=1)
    assert write_moment(end_of(day)) == day.isoformat()
    assert day_closed_by(end_of(day)) == day


@given(MOMENTS)
def test_what_is_written_reads_back_as_the_same_moment(moment: datetime) -> None:
    assert parse_moment(write_moment(moment)) == moment


def test_the_first_landmark_has_age_zero_and_the_end_of_the_first_day_age_one() -> None:
    effective = date(2022, 10, 27)
    assert age_days(effective, start_of(effective)) == 0
    assert age_days(effective, end_of(effective)) == 1
    assert age_days(effective, end_of(date(2023, 4, 28))) == 184
    assert age_days(effective, start_of(effective) + timedelta(hours=30)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "1994-02-31",
        "2023-4-28",
        "yesterday",
        "",
        "2023-04-28T25:00",
        "20230428",
        "2023-W17-5",
        "2023W175",
        "20230428T100000",
        "2023-04-28T10",
        "0202-04-28",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:00:00-05:00",
    ],
)
def test_an_impossible_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput):
        parse_moment(text) if "T" in text else parse_day(text)


def test_an_instant_with_an_offset_is_brought_to_utc() -> None:
    assert parse_moment("2023-04-28T03:00:00+03:00") == datetime(2023, 4, 28, tzinfo=UTC)


def test_as_of_defaults_to_now_cut_to_the_minute(noon: Clock) -> None:
    assert resolve_as_of(None, noon) == datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


def test_a_day_that_is_not_over_means_now(noon: Clock) -> None:
    assert resolve_as_of("2024-06-15", noon) == datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2024-06-16", "2024-06-15T12:01:00Z", "2099-01-01"])
def test_later_than_now_is_an_error(text: str, noon: Clock) -> None:
    with pytest.raises(OutOfRange):
        resolve_as_of(text, noon)


def test_the_last_days_of_the_calendar_end_so_that_a_lag_can_follow() -> None:
    assert end_of(date(9999, 11, 30)) == end_of(date.max) == datetime(9999, 12, 1, tzinfo=UTC)
    assert end_of(date.max) + timedelta(days=30) > end_of(date.max)
