from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import TRUCES, a_truce
from training.folds import rolling, scorable
from training.panel import build, cut, landmark_ages
from training.sources import truces
from truce.chronicle.reader import OBSERVED_TO, case_events, truces_path
from truce.clock import end_of
from truce.columns import EventColumns
from truce.features import compute
from truce.history import History, as_believed
from truce.vocabulary import HORIZONS, Outcome, Truce

NOTHING = EventColumns.of([])
UNTIL = date(2016, 12, 31)


def test_landmarks_are_daily_for_two_weeks_and_then_weekly() -> None:
    assert landmark_ages(30).tolist() == [*range(15), 21, 28]


def test_a_truce_that_breaks_on_its_first_day_has_one_landmark_and_breaks_within_seven_days_of_it() -> None:
    panel = build(History.whole([a_truce(end_date=date(2015, 1, 1))], NOTHING), UNTIL)
    assert panel.age.tolist() == [0]
    assert panel.as_of_day.astype(str).tolist() == ["2014-12-31"]
    assert panel.broke_within(7).tolist() == [True]


def test_the_horizon_is_open_at_its_start_and_closed_at_its_end() -> None:
    panel = build(History.whole([a_truce(end_date=date(2015, 1, 10))], NOTHING), UNTIL)  # time 10
    assert panel.broke_within(7).tolist() == [age >= 3 for age in range(10)]


def test_a_truce_of_unknown_fate_is_in_no_row() -> None:
    panel = build(History.whole([a_truce(outcome=Outcome.UNKNOWN)], NOTHING), UNTIL)
    assert len(panel.rows) == 0


def test_a_row_is_the_same_to_the_last_bit_whatever_else_is_asked_with_it() -> None:
    """Else one question would have several forecasts, by what else was in its batch."""
    history = History.whole(
        truces.read([truces_path()], observed_to=OBSERVED_TO).records, EventColumns.of(case_events())
    )
    some = np.random.default_rng(1).choice(len(history.truces), 40, replace=False)
    asked = np.repeat(some, 2)
    moments = np.tile([np.datetime64("2024-01-01", "s"), np.datetime64("2024-06-01", "s")], len(some))
    together = compute(history, asked, moments)
    alone = np.concatenate([compute(history, asked[k : k + 1], moments[k : k + 1]).values for k in range(len(asked))])
    assert np.array_equal(together.values, alone, equal_nan=True)


def test_an_ongoing_truce_is_watched_to_its_last_observed_day_and_no_further() -> None:
    panel = build(History.whole([a_truce(observed_to=date(2015, 1, 20))], NOTHING), UNTIL)
    assert panel.as_of_day.max() <= np.datetime64("2015-01-20")
    assert cut(panel, UNTIL).stop.max() == 20


def test_an_end_counts_at_an_origin_only_once_it_was_known() -> None:
    truce = a_truce(end_date=date(2015, 1, 5), end_known_at=end_of(date(2015, 1, 8)))
    panel = build(History.whole([truce], NOTHING), UNTIL)
    before, after = cut(panel, date(2015, 1, 7)), cut(panel, date(2015, 1, 8))
    assert before.cause.tolist() == [0] * 7
    assert before.spell_cause.tolist() == [0]
    assert after.spell_cause.tolist() == [1]
    assert after.spell_time.tolist() == [5]
    assert after.cause.tolist() == [0, 0, 0, 0, 1]


def test_classifiers_train_only_on_rows_whose_horizon_is_over_whatever_happened_early() -> None:
    panel = build(History.whole([a_truce(end_date=date(2015, 1, 5))], NOTHING), UNTIL)
    training = cut(panel, date(2015, 1, 6))
    assert training.complete[7].tolist() == [False] * 5
    assert cut(panel, date(2015, 1, 8)).complete[7].tolist() == [True, True, False, False, False]


@given(TRUCES, st.integers(0, 500))
def test_a_cut_sees_what_was_believed_at_the_origin_and_nothing_more(truces: list[Truce], after: int) -> None:
    origin = date(2015, 1, 1) + timedelta(days=after)
    moment = end_of(origin)
    believed = [as_believed(t, moment) for t in truces]
    with_hindsight = cut(build(History.whole(truces, NOTHING), UNTIL), origin)
    then = cut(build(History.whole(believed, NOTHING), UNTIL), origin)
    np.testing.assert_array_equal(with_hindsight.start, then.start)
    np.testing.assert_array_equal(with_hindsight.stop, then.stop)
    np.testing.assert_array_equal(with_hindsight.cause, then.cause)
    np.testing.assert_allclose(with_hindsight.rows.values, then.rows.values)
    np.testing.assert_array_equal(with_hindsight.spell_time, then.spell_time)
    for h in HORIZONS:
        np.testing.assert_array_equal(with_hindsight.complete[h], then.complete[h])
        np.testing.assert_array_equal(with_hindsight.broke_within[h], then.broke_within[h])


@given(TRUCES, st.integers(0, 500))
def test_weights_depend_on_age_alone(truces: list[Truce], after: int) -> None:
    training = cut(build(History.whole(truces, NOTHING), UNTIL), date(2015, 1, 1) + timedelta(days=after))
    by_age: dict[float, set[float]] = {}
    for age, weight in zip(training.start, training.weight, strict=True):
        by_age.setdefault(float(age), set()).add(float(weight))
    assert all(len(weights) == 1 for weights in by_age.values())


def test_folds_hold_every_landmark_once_and_only_while_the_truce_is_in_force() -> None:
    truces = [a_truce(), a_truce("late", end_date=date(2015, 6, 1), end_known_at=end_of(date(2015, 9, 1)))]
    panel = build(History.whole(truces, NOTHING), UNTIL)
    folds = list(rolling(panel, date(2014, 12, 31), UNTIL, 91))
    rows = np.concatenate([fold.rows for fold in folds])
    assert sorted(rows.tolist()) == np.flatnonzero(panel.at_risk).tolist()
    for fold in folds:
        assert (panel.as_of_day[fold.rows] >= np.datetime64(fold.origin)).all()


def test_a_row_is_scored_only_when_its_whole_horizon_has_been_observed() -> None:
    panel = build(History.whole([a_truce(end_date=date(2016, 12, 30))], NOTHING), UNTIL)
    rows = np.arange(len(panel.rows))
    scored = scorable(panel, rows, 30, UNTIL)
    assert scored.sum() > 0
    assert panel.as_of_day[rows[scored]].max() <= np.datetime64("2016-12-01")


def test_a_truce_that_nobody_follows_any_more_is_no_quiet_survivor() -> None:
    left = a_truce(observed_to=date(2015, 3, 1))
    fell = a_truce("fell", end_date=date(2015, 2, 20), observed_to=date(2015, 3, 1))
    later = a_truce("later", effective_date=date(2016, 1, 1), observed_to=UNTIL)
    panel = build(History.whole([left, fell, later], NOTHING), UNTIL)
    scored = scorable(panel, np.arange(len(panel.rows)), 30, UNTIL)
    of_2015 = panel.truce < 2
    assert panel.as_of_day[scored & of_2015].max() <= np.datetime64("2015-01-30")
    assert scored[~of_2015].any()


@pytest.mark.parametrize("period", ["development", "test"])
def test_origins_from_2018_on_are_the_test(period: str) -> None:
    start = date(2017, 12, 1) if period == "development" else date(2018, 1, 1)
    truce = a_truce(effective_date=start, observed_to=start + timedelta(days=20))
    panel = build(History.whole([truce], NOTHING), start + timedelta(days=20))
    assert next(iter(rolling(panel, start, start + timedelta(days=20), 91))).period == period
