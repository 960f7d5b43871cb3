from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import EVENTS, MOMENTS, a_truce, an_event
from truce.clock import end_of
from truce.columns import EventColumns
from truce.counted import OF_EVENTS, Counting, value_without
from truce.features import features_at
from truce.history import History
from truce.linking import link
from truce.tallies import Tallies
from truce.vocabulary import Event

TRUCE = a_truce(observed_to=None)
START = end_of(TRUCE.effective_date)


@settings(max_examples=50)
@given(EVENTS, MOMENTS.filter(lambda m: m >= START))
def test_what_is_said_to_be_counted_makes_the_number(events: list[Event], moment: datetime) -> None:
    history = History.known_at(moment, [TRUCE], EventColumns.of(events))
    row = features_at(history, TRUCE.truce_id, moment)
    counting, links = Counting(Tallies(history.events)), link([TRUCE], history.events)
    for name, feature in OF_EVENTS.items():
        counted = counting.of(TRUCE, row.as_of[0], name)
        linked = links.of(0, feature.scope)
        weights = linked.weights[np.searchsorted(linked.rows, counted.rows)]
        deaths = np.nan_to_num(history.events.deaths[counted.rows])
        value = row.columns((name,))[0, 0]
        if feature.measure == "since":
            assert (len(counted.rows) == 0) == (value == value_without(name)), name
        else:
            total = (weights * (deaths if feature.measure == "deaths" else 1.0)).sum()
            assert value == pytest.approx(np.log1p(total), abs=1e-9), name
        assert counted.shares.sum() == pytest.approx(1.0 if len(counted.rows) else 0.0)


def test_a_toll_is_shared_by_the_dead_and_a_count_alike() -> None:
    events = [an_event("e1", deaths=9), an_event("e2", deaths=1, occurred_on=date(2015, 1, 12)), an_event("e3")]
    moment = end_of(date(2015, 1, 15))
    history = History.known_at(moment, [TRUCE], EventColumns.of(events))
    stamp = np.datetime64(moment.replace(tzinfo=None), "s")
    counting = Counting(Tallies(history.events))
    np.testing.assert_allclose(counting.of(TRUCE, stamp, "attacks_deaths_sides_30").shares, [0.9, 0.1])
    np.testing.assert_allclose(counting.of(TRUCE, stamp, "attacks_sides_30").shares, [1 / 3] * 3)
    assert history.events.event_id[counting.of(TRUCE, stamp, "attacks_since_sides").rows].tolist() == ["e2"]
    with pytest.raises(KeyError):
        counting.of(TRUCE, stamp, "unilateral")


@settings(max_examples=50)
@given(EVENTS, MOMENTS.filter(lambda m: m >= START), st.integers(0, 200))
def test_hindsight_is_what_the_day_would_have_seen_had_all_been_told_at_once(
    events: list[Event], then: datetime, days: int
) -> None:
    now = then + timedelta(days=days)
    known = History.known_at(now, [TRUCE], EventColumns.of(events))
    hindsight = known.hindsight(then)
    assert hindsight.until == then
    stamp = np.datetime64(then.replace(tzinfo=None), "s")
    happened = known.events.occurred_on <= (stamp - np.timedelta64(1, "s")).astype("datetime64[D]")
    assert set(hindsight.events.event_id) == set(known.events.event_id[happened])
    if days == 0:
        before = features_at(known, TRUCE.truce_id, then)
        np.testing.assert_array_equal(features_at(hindsight, TRUCE.truce_id, then).values, before.values)


def test_hindsight_knows_of_ends_that_were_told_late_but_not_of_later_ones() -> None:
    late = a_truce("late", end_date=date(2015, 2, 1), end_known_at=end_of(date(2015, 6, 1)))
    later = a_truce("later", end_date=date(2015, 5, 1))
    now = History.known_at(end_of(date(2015, 7, 1)), [late, later], EventColumns.of([]))
    then = end_of(date(2015, 3, 1))
    assert [t.end_date for t in now.hindsight(then).truces] == [date(2015, 2, 1), None]
    assert [t.end_date for t in History.known_at(then, [late, later], EventColumns.of([])).truces] == [None, None]


def test_an_event_of_long_ago_is_still_the_last_one_and_one_of_longer_ago_is_none() -> None:
    for days, found in ((999, ["e1"]), (1001, [])):
        moment = end_of(date(2015, 1, 9)) + timedelta(days=days)
        history = History.known_at(moment, [TRUCE], EventColumns.of([an_event("e1")]))
        stamp = np.datetime64(moment.replace(tzinfo=None), "s")
        counted = Counting(Tallies(history.events)).of(TRUCE, stamp, "attacks_since_sides")
        assert history.events.event_id[counted.rows].tolist() == found
        value = features_at(history, TRUCE.truce_id, moment).columns(("attacks_since_sides",))[0, 0]
        assert (value != value_without("attacks_since_sides")) == bool(found)
