from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from hypothesis import given

from tests.examples import EVENTS, MOMENTS, TRUCES, a_truce
from truce.clock import end_of, start_of
from truce.columns import EventColumns
from truce.features import FeatureTable, compute
from truce.history import History, as_believed
from truce.vocabulary import Event, Outcome, Truce


def table(history: History, moment: datetime) -> FeatureTable:
    """The features at one moment of every truce that had begun by then."""
    begun = np.array([i for i, t in enumerate(history.truces) if start_of(t.effective_date) <= moment], dtype=np.int64)
    moments = np.full(len(begun), np.datetime64(moment.replace(tzinfo=None), "s"))
    return compute(history, begun, moments)


@given(TRUCES, EVENTS, EVENTS, MOMENTS)
def test_what_we_learn_later_never_changes_features_made_now(
    truces: list[Truce], known: list[Event], later: list[Event], moment: datetime
) -> None:
    unseen = [e for e in later if e.known_at > moment or start_of(e.occurred_on) >= moment]
    now = table(History.known_at(moment, truces, EventColumns.of(known)), moment)
    with_hindsight = table(History.whole(truces, EventColumns.of([*known, *unseen])), moment)
    assert now.truce_ids.tolist() == with_hindsight.truce_ids.tolist()
    np.testing.assert_allclose(now.values, with_hindsight.values)


@given(TRUCES, TRUCES, EVENTS, MOMENTS)
def test_truces_and_ends_learned_later_change_nothing_now(
    truces: list[Truce], others: list[Truce], events: list[Event], moment: datetime
) -> None:
    ids = {t.truce_id for t in truces}
    later = [replace(t, start_known_at=moment + timedelta(days=1)) for t in others if t.truce_id not in ids]
    columns = EventColumns.of(events)
    believed = [as_believed(t, moment) for t in truces]
    now, then = (table(History.whole(ts, columns), moment) for ts in (believed, [*truces, *later]))
    kept = np.isin(then.truce_ids, [t.truce_id for t in truces])
    np.testing.assert_allclose(now.values, then.values[kept])


def test_an_end_that_is_not_known_yet_has_not_happened() -> None:
    truce = a_truce(end_date=date(2015, 3, 1), end_known_at=end_of(date(2015, 3, 10)))
    assert as_believed(truce, end_of(date(2015, 3, 9))).outcome is Outcome.ONGOING
    assert as_believed(truce, end_of(date(2015, 3, 9))).end_date is None
    assert as_believed(truce, end_of(date(2015, 3, 10))) == truce


def test_the_first_violation_exists_only_from_its_own_date() -> None:
    truce = a_truce(first_violation=date(2015, 2, 1))
    assert as_believed(truce, end_of(date(2015, 1, 31))).first_violation is None
    assert as_believed(truce, end_of(date(2015, 2, 1))).first_violation == date(2015, 2, 1)


def test_a_truce_that_has_not_begun_is_not_in_the_history() -> None:
    history = History.known_at(start_of(date(2014, 12, 31)), [a_truce()], EventColumns.of([]))
    assert history.truces == ()
    assert len(History.known_at(start_of(date(2015, 1, 1)), [a_truce()], EventColumns.of([])).truces) == 1
