from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import EVENTS, MOMENTS, an_event
from truce.clock import day_closed_by, end_of, start_of
from truce.columns import EventColumns
from truce.counting import Sightings
from truce.vocabulary import Event


def stamps(moments: list[datetime]) -> np.ndarray:
    return np.array([m.replace(tzinfo=None) for m in moments], dtype="datetime64[s]")


def seen_by(event: Event, moment: datetime) -> bool:
    """The slow, plain definition: it had happened, was known, and was not taken back."""
    happened = event.occurred_on <= day_closed_by(moment)
    standing = event.retracted_at is None or event.retracted_at > moment
    return happened and event.known_at <= moment and standing


@given(EVENTS, st.lists(MOMENTS, min_size=1, max_size=5), st.sampled_from([1, 7, 30, 365]))
def test_counts_agree_with_looking_at_every_event(events: list[Event], moments: list[datetime], days: int) -> None:
    counts, deaths = Sightings.of(EventColumns.of(events)).within(stamps(moments), days)
    for k, moment in enumerate(moments):
        seen = [e for e in events if seen_by(e, moment) and moment < end_of(e.occurred_on) + timedelta(days=days)]
        assert counts[k] == len(seen)
        assert deaths[k] == pytest.approx(sum(e.deaths or 0 for e in seen))


@given(EVENTS, st.lists(MOMENTS, min_size=1, max_size=5))
def test_days_since_agree_with_looking_at_every_event(events: list[Event], moments: list[datetime]) -> None:
    since = Sightings.of(EventColumns.of(events)).days_since_last(stamps(moments))
    for k, moment in enumerate(moments):
        days = [(moment - start_of(e.occurred_on)) / timedelta(days=1) for e in events if seen_by(e, moment)]
        assert since[k] == pytest.approx(min(days, default=np.inf))


@given(EVENTS.filter(bool), st.lists(MOMENTS, min_size=1, max_size=5))
def test_the_last_event_seen_as_a_step_function_says_the_same(events: list[Event], moments: list[datetime]) -> None:
    seen = Sightings.of(EventColumns.of(events))
    np.testing.assert_allclose(
        seen.last_seen().days_since(stamps(moments)), seen.days_since_last(stamps(moments)), rtol=0, atol=1e-9
    )


def test_an_event_of_today_is_not_seen_before_it_is_known() -> None:
    event = an_event(known_at=end_of(datetime(2015, 1, 12).date()))  # noqa: DTZ001
    sightings = Sightings.of(EventColumns.of([event]))
    on = [end_of(event.occurred_on) + timedelta(days=k) for k in range(4)]
    counts, _ = sightings.within(stamps(on), 7)
    assert counts.tolist() == [0, 0, 1, 1]
