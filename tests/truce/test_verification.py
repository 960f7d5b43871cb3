from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from truce.breakdown import Resolution
from truce.clock import end_of
from truce.verification import VINTAGE_DAYS, Fate, counts_from, fate
from truce.vocabulary import Outcome

AS_OF = datetime(2015, 6, 15, 12, 0, tzinfo=UTC)


def resolved(outcome: Outcome, end: date | None = None, watched_to: date | None = None) -> Resolution:
    return Resolution("t", "chronicle-1", outcome, end, end, end, (), "", watched_to)


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (resolved(Outcome.BROKE, date(2015, 6, 15)), Fate.BROKE),
        (resolved(Outcome.BROKE, date(2015, 6, 21)), Fate.BROKE),
        (resolved(Outcome.BROKE, date(2015, 6, 22)), Fate.HELD),
        (resolved(Outcome.EXPIRED, date(2015, 6, 18)), Fate.HELD),
        (resolved(Outcome.BROKE, date(2015, 6, 14)), Fate.VOID),
        (resolved(Outcome.VOID), Fate.VOID),
        (resolved(Outcome.ONGOING), Fate.HELD),
        (resolved(Outcome.ONGOING, watched_to=date(2015, 6, 22)), Fate.HELD),
        (resolved(Outcome.ONGOING, watched_to=date(2015, 6, 21)), Fate.OPEN),
    ],
    ids=[
        "same day",
        "in time",
        "too late",
        "another end",
        "ended before",
        "undecidable",
        "in force",
        "watched",
        "not watched",
    ],
)
def test_what_became_of_a_truce_within_seven_days(resolution: Resolution, expected: Fate) -> None:
    assert fate(resolution, AS_OF, 7) is expected


def test_the_declared_vintage_is_the_end_of_a_day_after_the_horizon() -> None:
    assert counts_from(AS_OF, 7, 0) == end_of(date(2015, 6, 22))
    assert counts_from(AS_OF, 7, None) == end_of(date(2015, 6, 22)) + timedelta(days=VINTAGE_DAYS)
