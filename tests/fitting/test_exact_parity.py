"""Where every break has a day of its own, tie rules do not matter and agreement is to the last digits."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter, WeibullAFTFitter
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

from models.hazard_regression import HazardRegression
from tests.simulate import table, training_set, world
from training.fitting import cox, discrete_hazard, weibull
from training.panel import TrainingSet

Floats = NDArray[np.float64]

FEATURES = ("x", "z")
NO_RIDGE = np.zeros(2)


def one_spell_each(seed: int = 4, n: int = 240) -> TrainingSet:
    """Truces watched from a later day on, each ending on a day of its own; many enter on a day on which another breaks."""
    rng = np.random.default_rng(seed)
    x = np.column_stack((rng.integers(0, 2, n), rng.uniform(-1, 1, n))).astype(float)
    stop = rng.permutation(np.arange(5, 5 + n)).astype(float)
    start = np.floor(stop * rng.uniform(0, 0.9, n))
    cause = (rng.random(n) < 0.35 + 0.3 * x[:, 0]).astype(np.int64)
    assert np.isin(start, stop[cause == 1]).sum() > n / 5
    return replace(
        world(3), rows=table(x, start.astype(np.int64)), start=start, stop=stop, cause=cause, conflict=np.arange(n) % 7
    )


LATE = one_spell_each()


def frame(training: TrainingSet) -> pd.DataFrame:
    """Standardised columns and times, as lifelines wants them."""
    model, _ = cox.fit(training, FEATURES, NO_RIDGE)
    columns = pd.DataFrame(model.scale.apply(training.rows), columns=list(FEATURES))
    return columns.assign(start=training.start, stop=training.stop, broke=training.cause == 1)


def risk_of(model: HazardRegression, training: TrainingSet) -> Floats:
    return np.exp(model.log_risk(training.rows))


def test_cox_with_entries_tied_to_breaks_is_lifelines_to_five_digits() -> None:
    model, errors = cox.fit(LATE, FEATURES, NO_RIDGE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = CoxPHFitter().fit(frame(LATE), "stop", "broke", entry_col="start")
    np.testing.assert_allclose(model.coefficients, oracle.params_.to_numpy(), atol=1e-5)
    np.testing.assert_allclose(errors, oracle.standard_errors_.to_numpy(), atol=1e-5)


def test_statsmodels_as_it_is_counts_an_entry_tied_with_a_break_as_at_risk() -> None:
    model, _ = cox.fit(LATE, FEATURES, NO_RIDGE)
    x = model.scale.apply(LATE.rows)
    plain = PHReg(LATE.stop, x, status=LATE.cause.astype(float), entry=LATE.start).fit().params
    moved = PHReg(LATE.stop, x, status=LATE.cause.astype(float), entry=LATE.start + 0.5).fit().params
    np.testing.assert_allclose(model.coefficients, moved, atol=1e-6)
    assert np.abs(plain - moved).max() > 1e-4, "the trap is still there: the half day is needed"


def test_breslow_s_steps_are_one_over_the_risk_of_those_at_risk_counted_one_by_one() -> None:
    model, _ = cox.fit(LATE, FEATURES, NO_RIDGE)
    risk = risk_of(model, LATE)
    by_hand = [1 / risk[(LATE.start < age) & (age <= LATE.stop)].sum() for age in model.ages]
    np.testing.assert_allclose(model.steps, by_hand, rtol=1e-10)


def test_a_ridge_on_cox_is_where_the_penalised_likelihood_is_highest() -> None:
    ridge = np.array([5.0, 20.0])
    model, _ = cox.fit(LATE, FEATURES, ridge)
    x = model.scale.apply(LATE.rows)

    def penalised(beta: Floats) -> float:
        total = -0.5 * float(ridge @ beta**2)
        for k in np.flatnonzero(LATE.cause == 1):
            at_risk = (LATE.start < LATE.stop[k]) & (LATE.stop[k] <= LATE.stop)
            total += float(x[k] @ beta - np.log(np.exp(x[at_risk] @ beta).sum()))
        return total

    best = penalised(model.coefficients)
    for k in range(2):
        for step in (-0.01, 0.01):
            assert penalised(model.coefficients + step * np.eye(2)[k]) < best


def test_weibull_with_entry_times_is_lifelines_to_three_digits() -> None:
    model = weibull.fit(LATE, FEATURES, NO_RIDGE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = WeibullAFTFitter().fit(frame(LATE), "stop", "broke", entry_col="start")
    rho = float(np.exp(oracle.params_["rho_"]["Intercept"]))
    scale = oracle.params_["lambda_"]
    assert model.shape == pytest.approx(rho, rel=1e-3)
    np.testing.assert_allclose(model.coefficients, -rho * scale[list(FEATURES)].to_numpy(), atol=1e-3)
    assert model.intercept == pytest.approx(-rho * float(scale["Intercept"]), rel=1e-3)


def test_without_any_penalty_the_discrete_hazard_is_statsmodels_own_fit() -> None:
    training = world(500)
    x = training.rows.columns(FEATURES)
    band = np.searchsorted(discrete_hazard.EDGES, training.start + 0.5, side="right")
    lived = np.unique(band[training.cause == 1])
    kept = np.isin(band, lived)
    design = np.concatenate((np.eye(11)[band][:, lived], x), axis=1)[kept]
    link = sm.families.Binomial(link=sm.families.links.CLogLog())
    offset = np.log(training.stop - training.start)[kept]
    glm = sm.GLM((training.cause == 1).astype(float)[kept], design, family=link, offset=offset)
    centre = np.concatenate((np.full(len(lived), -5.0), np.zeros(2)))
    ours = discrete_hazard._penalised(glm, centre, np.zeros(len(centre)))
    theirs = glm.fit(
        cov_type="cluster", cov_kwds={"groups": training.conflict[kept], "use_correction": False}, tol=1e-12
    )
    np.testing.assert_allclose(ours, theirs.params, atol=1e-7)
    errors = discrete_hazard._clustered(glm, ours, np.zeros(len(centre)), training.conflict[kept])
    np.testing.assert_allclose(errors, theirs.bse, rtol=1e-6)


def test_splitting_a_truce_s_life_into_rows_changes_no_hazard_family() -> None:
    rng = np.random.default_rng(2)
    x = np.column_stack((rng.integers(0, 2, 150), rng.uniform(-1, 1, 150))).astype(float)
    life = np.ceil(rng.exponential(60, 150)) + 1
    split = training_set(x, life, (rng.random(150) < 0.8).astype(np.int64))
    whole = replace(
        split, rows=table(x, np.zeros(150, np.int64)), start=np.zeros(150), stop=life, cause=split.spell_cause
    )
    scaled = weibull.fit(split, FEATURES, NO_RIDGE)
    plain = weibull.fit(whole, FEATURES, NO_RIDGE)
    np.testing.assert_allclose(scaled.coefficients / scaled.scale.sd, plain.coefficients / plain.scale.sd, atol=2e-3)
    assert scaled.shape == pytest.approx(plain.shape, rel=1e-3)
    raw = [
        m.coefficients / m.scale.sd for m, _ in (cox.fit(split, FEATURES, NO_RIDGE), cox.fit(whole, FEATURES, NO_RIDGE))
    ]
    np.testing.assert_allclose(raw[0], raw[1], atol=1e-6)
