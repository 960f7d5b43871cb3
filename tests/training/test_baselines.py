from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter

from models.standardise import Scale
from tests.examples import a_truce, an_event
from tests.training.conftest import OBSERVED_TO, small_world
from training import baselines
from training.fitting import aalen_johansen
from training.panel import Panel, TrainingSet, build, cut
from truce.columns import EventColumns
from truce.features import FeatureTable
from truce.history import History
from truce.vocabulary import HORIZONS, Outcome, Truce

ORIGIN = date(2010, 1, 1)
NOTHING = EventColumns.of([])


def panel_of(truces: list[Truce], events: EventColumns = NOTHING) -> Panel:
    return build(History.whole(truces, events), OBSERVED_TO)


def age_alone(training: TrainingSet, rows: FeatureTable) -> np.ndarray:
    return aalen_johansen.fit(training).cumulative_incidence(rows, HORIZONS)[:, :, 0]


@pytest.fixture(scope="module")
def panel() -> Panel:
    """A small world in which each conflict has some attacks."""
    rng = np.random.default_rng(3)
    attacks = [
        an_event(f"e{k}", occurred_on=date(2006, 1, 1) + timedelta(days=int(rng.integers(0, 2000))), actor=f"Front {k % 8}")
        for k in range(400)
    ]  # fmt: skip
    return panel_of(small_world(), EventColumns.of(attacks))


@pytest.fixture(scope="module")
def training(panel: Panel) -> TrainingSet:
    return cut(panel, ORIGIN)


@pytest.fixture(scope="module")
def later(panel: Panel) -> FeatureTable:
    return panel.rows.take(np.flatnonzero(panel.at_risk & (panel.as_of_day >= np.datetime64(ORIGIN))))


def test_every_baseline_gives_a_probability_for_every_row_and_horizon(
    training: TrainingSet, later: FeatureTable
) -> None:
    said = baselines.chances(training, later)
    assert list(said) == list(baselines.NAMED) == [f"B{k}" for k in range(8)]
    for name, p in said.items():
        assert p.shape == (len(later), len(HORIZONS)), name
        assert ((p >= 0) & (p <= 1)).all(), name
    assert len({p.tobytes() for p in said.values()}) == 8, "each says something of its own"


def test_the_last_rows_of_truces_are_their_spells(training: TrainingSet) -> None:
    last = baselines.last_rows(training)
    np.testing.assert_array_equal(training.stop[last], training.spell_time)
    np.testing.assert_array_equal(training.cause[last], training.spell_cause)


def test_with_one_class_the_curve_by_class_is_truce_age_alone(training: TrainingSet, later: FeatureTable) -> None:
    alone = age_alone(training, later)
    one = baselines.by_class(training, later, alone, lambda rows: np.zeros(len(rows), dtype=np.int64))
    np.testing.assert_array_equal(one, alone)


def test_a_class_that_nobody_has_seen_has_the_curve_of_all(training: TrainingSet, later: FeatureTable) -> None:
    alone = age_alone(training, later)

    def new(rows: FeatureTable) -> np.ndarray:
        return np.full(len(rows), int(rows is not later) - 1)

    apart = baselines.by_class(training, later, alone, lambda rows: new(rows) if rows is later else new(rows) + 7)
    np.testing.assert_array_equal(apart, alone)


def test_a_class_that_breaks_sooner_is_given_more(training: TrainingSet, later: FeatureTable) -> None:
    # In the small world one-sided truces live a tenth as long.
    alone = age_alone(training, later)
    p, one_sided = baselines.by_class(training, later, alone), later.columns(["unilateral"])[:, 0] > 0
    young = later.age_days < 30
    assert (p - alone)[one_sided & young, 1].mean() > 0 > (p - alone)[~one_sided & young, 1].mean()


def test_a_record_that_is_as_expected_leaves_truce_age_as_it_is(training: TrainingSet, later: FeatureTable) -> None:
    alone = age_alone(training, later)
    np.testing.assert_allclose(baselines.by_record(alone, np.zeros(len(later))), alone, atol=1e-15)
    assert (baselines.by_record(alone, np.full(len(later), np.log(2.0))) >= alone).all()
    assert baselines.by_record(np.array([[0.2]]), np.array([np.log(3.0)])) == pytest.approx(1 - 0.8**3)


def test_the_logistic_baselines_agree_with_an_unpenalised_regression(
    training: TrainingSet, later: FeatureTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "WEAK", 1e-9)
    columns = ("log_age", *baselines.VIOLENCE)
    usable = training.complete[30]
    scale = Scale.of(columns, training.rows.columns(columns)[usable])
    x, asked = scale.apply(training.rows)[usable], scale.apply(later)
    varied = np.ptp(x, axis=0) > 0  # violence of dyads never varies under a rule that does not go by it
    x, asked = x[:, varied], asked[:, varied]
    plain = sm.Logit(training.broke_within[30][usable].astype(float), sm.add_constant(x)).fit(disp=0)
    p = baselines.logistic(training, later, columns)
    np.testing.assert_allclose(p[:, 1], plain.predict(sm.add_constant(asked)), atol=1e-4)


def test_recent_violence_alone_cannot_tell_rows_apart_that_saw_none(training: TrainingSet, later: FeatureTable) -> None:
    quiet = ~later.columns(baselines.VIOLENCE).any(axis=1)
    assert quiet.any()
    assert np.ptp(baselines.logistic(training, later, baselines.VIOLENCE)[quiet], axis=0).max() < 1e-12


def test_cox_on_static_terms_agrees_with_lifelines(training: TrainingSet, later: FeatureTable) -> None:
    # Only breakdowns end anything here, so that the chance is one minus survival.
    alone = replace(
        training,
        cause=np.where(training.cause == 1, 1, 0),
        spell_cause=np.where(training.spell_cause == 1, 1, 0),
    )
    last = baselines.last_rows(alone)
    table = pd.DataFrame(alone.rows.take(last).columns(baselines.STATIC), columns=list(baselines.STATIC))
    varied = [name for name in baselines.STATIC if len(set(table[name])) > 1]
    table = table[varied].assign(stop=alone.stop[last], broke=alone.cause[last] == 1)
    theirs = CoxPHFitter().fit(table, "stop", "broke")
    fresh = later.take(later.age_days == 0)
    asked = pd.DataFrame(fresh.columns(varied), columns=varied)
    survival = theirs.predict_survival_function(asked, times=list(HORIZONS)).to_numpy().T
    p = baselines.on_terms(alone, fresh, age_alone(alone, fresh))
    np.testing.assert_allclose(p, 1 - survival, atol=0.02)


def test_without_a_breakdown_known_nothing_is_told_from_terms(panel: Panel, later: FeatureTable) -> None:
    early = cut(panel, date(2006, 1, 20))
    early = replace(early, cause=np.zeros_like(early.cause), spell_cause=np.zeros_like(early.spell_cause))
    said = baselines.chances(early, later)
    assert (said["B6"] == said["B1"]).all()
    assert (said["B3"] == said["B0"]).all()


def test_without_scheduled_ends_the_expiry_calendar_is_truce_age_alone(
    training: TrainingSet, later: FeatureTable
) -> None:
    np.testing.assert_allclose(baselines.by_calendar(training, later), age_alone(training, later), atol=1e-12)


def ended_on_schedule(broke: int, expired: int) -> list[Truce]:
    """Thirty-day truces that end on their last day, as many of each kind as asked for, and as many that go on."""
    out = []
    for k in range(2 * (broke + expired)):
        start = date(2007, 1, 1) + timedelta(days=k)
        last = start + timedelta(days=29)
        ends = {"end_date": last, "outcome": Outcome.BROKE if k < broke else Outcome.EXPIRED}
        out.append(
            a_truce(
                f"t{k:03}", effective_date=start, scheduled_end=last, observed_to=OBSERVED_TO,
                **(ends if k < broke + expired else {}),
            )
        )  # fmt: skip
    return out


def test_a_scheduled_day_has_the_chance_that_truces_broke_on_it_and_a_truce_past_it_none_of_it() -> None:
    training = cut(panel_of(ended_on_schedule(broke=20, expired=20)), ORIGIN)
    rows = panel_of([a_truce("asked", effective_date=date(2010, 1, 1), scheduled_end=date(2010, 2, 9))]).rows
    p = baselines.by_calendar(training, rows)
    week = dict(zip(rows.age_days.tolist(), p[:, 0], strict=True))
    assert week[35] == pytest.approx(20 / 82)
    assert week[14] == 0, "the thirtieth day is no one's scheduled day here"
    assert week[42] == 0, "prolonged"


def test_what_expired_cannot_break_afterwards() -> None:
    # All who pass their scheduled day break a day later; half of those that reach it expire on it.
    late = [
        replace(t, outcome=Outcome.BROKE, end_date=t.effective_date + timedelta(days=30), end_known_at=None)
        if t.end_date is None
        else t
        for t in ended_on_schedule(broke=0, expired=30)
    ]
    training = cut(panel_of(late), ORIGIN)
    rows = panel_of([a_truce("asked", effective_date=date(2010, 1, 1), scheduled_end=date(2010, 1, 30))]).rows
    p = baselines.by_calendar(training, rows.take(rows.age_days == 28))
    assert p[0, 0] == pytest.approx(1 - 30 / 62)
