from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import EVENTS, MOMENTS, TRUCES, a_truce, an_event
from truce.columns import EventColumns
from truce.features import Ready, compute
from truce.history import History
from truce.lives import Lives
from truce.tallies import Tallies
from truce.vocabulary import Event, Outcome, Truce


@settings(max_examples=60)
@given(TRUCES, EVENTS, st.lists(MOMENTS, min_size=1, max_size=4))
def test_lives_and_tallies_of_all_times_say_what_the_history_of_each_moment_says(
    truces: list[Truce], events: list[Event], moments: list[datetime]
) -> None:
    columns = EventColumns.of(events)
    lives, tallies = Lives.of(truces), Tallies(columns)
    for moment in moments:
        plain = History.known_at(moment, truces, columns)
        ready, begun = lives.known_at(moment, EventColumns.of([]))
        assert ready.truces == plain.truces
        assert ready.until == plain.until == moment
        found = {truce.truce_id: lives.believed(truce.truce_id, moment) for truce in truces}
        there = {truce.truce_id: (truce, int(life)) for truce, life in zip(plain.truces, begun, strict=True)}
        assert found == {truce.truce_id: there.get(truce.truce_id) for truce in truces}
        assert set(lives.codings(moment)) == {truce.coding for truce in plain.truces}
        rows = np.arange(len(plain.truces))
        at = np.full(len(rows), np.datetime64(moment.replace(tzinfo=None), "s"))
        if len(rows):
            served = compute(ready, rows, at, Ready(lives.ledger, tallies, begun))
            np.testing.assert_array_equal(served.values, compute(plain, rows, at).values)
            np.testing.assert_array_equal(served.age_days, compute(plain, rows, at).age_days)


def test_a_question_within_a_second_changes_no_other_and_sees_only_what_was_known() -> None:
    known = datetime(2015, 3, 5, 10, 0, 0, 700_000, tzinfo=UTC)
    ended = a_truce(end_date=date(2015, 3, 1), end_known_at=known)
    lives, columns = Lives.of([ended]), EventColumns.of([an_event(known_at=known, occurred_on=date(2015, 3, 1))])
    for micros, is_known in ((0, False), (500_000, False), (900_000, False), (1_000_000, True), (0, False)):
        moment = known.replace(microsecond=0) + timedelta(microseconds=micros)
        history = History.known_at(moment, [ended], columns)
        found = lives.believed(ended.truce_id, moment)
        assert found == (history.truces[0], 0)
        assert (found[0].outcome is Outcome.BROKE, len(history.events) == 1) == (is_known, is_known)
        at = np.array([moment.replace(tzinfo=None)], dtype="datetime64[s]")
        seen, plain = (Tallies(events).of(ended).at(at) for events in (columns, history.events))
        np.testing.assert_array_equal(seen, plain)
    assert lives.believed(ended.truce_id, datetime(2015, 6, 1, tzinfo=UTC)) == (ended, 0)


def test_a_moment_at_the_end_of_all_time_is_one_like_any_other() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
    lives = Lives.of([a_truce(end_date=date(2015, 3, 1), end_known_at=last)])
    found = lives.believed("aaa-2015-01-one", datetime(2026, 1, 1, tzinfo=UTC))
    assert found is not None
    assert found[0].outcome is Outcome.ONGOING
