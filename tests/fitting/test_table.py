"""Regressions of a user's table beside lifelines and statsmodels, and what must not change them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, WeibullAFTFitter
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

from training.fitting.likelihoods import Logistic, Partial, WeibullHazard
from training.fitting.table import INTERCEPT, LOG_SHAPE, TableFit, fit
from training.reading.spells import Spells

Floats = NDArray[np.float64]
FAMILIES = ["cox", "weibull", "logistic"]
HAZARDS = ["cox", "weibull"]


def spells(seed: int = 1, n: int = 150, *, late: bool = True, grain: float = 5.0) -> Spells:
    """Spells of about 100 days on a grid of ``grain`` days: many end, or enter, at one time. One feature is in millions."""
    rng = np.random.default_rng(seed)
    groups = np.concatenate((np.arange(20), rng.integers(0, 20, n - 20)))
    x = np.column_stack((rng.integers(0, 2, n), 3e6 + 1e6 * rng.normal(size=n))).astype(float)
    risk = 0.5 * x[:, 0] + 0.4e-6 * (x[:, 1] - 3e6) + rng.normal(0, 0.5, 20)[groups]
    start = np.floor(rng.uniform(0, 60, n) / grain) * grain if late else np.zeros(n)
    life = np.ceil(rng.weibull(0.8, n) * 100 * np.exp(-risk) / grain + 1e-9) * grain
    stop = start + np.minimum(life, 200)
    return Spells(
        start=start, stop=stop, event=life <= 200, x=x, features=("a", "b"), groups=groups, missing={}, dropped=0
    )


LATE = spells()


def estimates(found: TableFit) -> dict[str, float]:
    return {one.name: one.estimate for one in found.coefficients}


def errors(found: TableFit) -> Floats:
    return np.array([one.se for one in found.coefficients])


def ungrouped(table: Spells) -> Spells:
    return replace(table, groups=None)


def frame(table: Spells) -> pd.DataFrame:
    """What lifelines wants; the millions are told in millions, which it needs to settle."""
    scaled = table.x / [1, 1e6]
    return pd.DataFrame(scaled, columns=["a", "b"]).assign(start=table.start, stop=table.stop, event=table.event)


@pytest.fixture(autouse=True)
def quiet_oracles() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lifelines.*")
        yield


def close(found: TableFit, names: list[str], expected: Any, se: Any, rtol: float) -> None:
    told = {one.name: one for one in found.coefficients}
    unit = np.array([1e6 if name == "b" else 1.0 for name in names])
    np.testing.assert_allclose([told[name].estimate for name in names] * unit, expected, rtol=rtol)
    np.testing.assert_allclose([told[name].se for name in names] * unit, se, rtol=rtol)


def test_cox_with_ties_and_with_entries_tied_to_events_is_lifelines() -> None:
    assert np.isin(LATE.start, LATE.stop[LATE.event]).mean() > 0.5
    oracle = CoxPHFitter().fit(frame(LATE), "stop", "event", entry_col="start", fit_options={"precision": 1e-13})
    found = fit(ungrouped(LATE), "cox")
    close(found, ["a", "b"], oracle.params_, oracle.standard_errors_, 1e-6)
    assert found.log_likelihood == pytest.approx(oracle.log_likelihood_, abs=1e-8)
    assert (found.n, found.events, found.ties, found.groups) == (150, int(LATE.event.sum()), "efron", None)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_is_statsmodels_where_entries_are_moved_off_the_events(ties: str) -> None:
    model = PHReg(LATE.stop, LATE.x / [1, 1e6], status=LATE.event.astype(float), entry=LATE.start + 1e-6, ties=ties)
    oracle = model.fit()
    found = fit(ungrouped(LATE), "cox", ties)
    close(found, ["a", "b"], oracle.params, oracle.bse, 1e-5)
    assert found.log_likelihood == pytest.approx(float(oracle.llf), abs=1e-6)


def test_breslow_s_errors_by_group_with_entries_are_statsmodels_own() -> None:
    model = PHReg(
        LATE.stop, LATE.x / [1, 1e6], status=LATE.event.astype(float), entry=LATE.start + 1e-6, ties="breslow"
    )
    oracle = model.fit(groups=LATE.groups)
    close(fit(LATE, "cox", "breslow"), ["a", "b"], oracle.params, oracle.bse, 1e-5)


def test_cox_s_errors_by_group_are_lifelines_where_no_two_events_share_a_time() -> None:
    apart = spells(3, late=False, grain=1e-9)
    told = frame(apart).drop(columns="start").assign(group=apart.groups)
    oracle = CoxPHFitter().fit(
        told, "stop", "event", cluster_col="group", robust=True, fit_options={"precision": 1e-13}
    )
    close(fit(apart, "cox"), ["a", "b"], oracle.params_, oracle.standard_errors_, 1e-5)


def efron_scores_one_by_one(table: Spells, beta: Floats) -> Floats:
    """Slow and plain: at each event time a row at risk expects its share; among d tied events, weights 1, 1-1/d, ..."""
    risk, scores = np.exp(table.x @ beta), np.zeros_like(table.x)
    for time in np.unique(table.stop[table.event]):
        at_risk = (table.start < time) & (time <= table.stop)
        dies = table.event & (table.stop == time)
        for k in range(dies.sum()):
            weight = risk * at_risk * np.where(dies, 1 - k / dies.sum(), 1.0)
            from_mean = table.x - weight @ table.x / weight.sum()
            scores += (dies / dies.sum() - weight / weight.sum())[:, None] * from_mean
    return scores


def test_efron_s_scores_are_those_counted_one_by_one() -> None:
    table, beta = replace(LATE, x=LATE.x / [1, 1e6]), np.array([0.3, -0.2])
    found = Partial(table.start, table.stop, table.event, table.x, efron=True)(beta)
    np.testing.assert_allclose(found.scores, efron_scores_one_by_one(table, beta), atol=1e-12)


def test_weibull_with_late_entry_is_lifelines_told_as_hazards() -> None:
    oracle = WeibullAFTFitter().fit(frame(LATE), "stop", "event", entry_col="start")
    found = fit(ungrouped(LATE), "weibull")
    rho = float(np.exp(oracle.params_["rho_"]["Intercept"]))
    scale = oracle.params_["lambda_"]
    told = estimates(found)
    np.testing.assert_allclose([told["a"], told["b"] * 1e6], -rho * scale[["a", "b"]], rtol=1e-3)
    assert told[INTERCEPT] == pytest.approx(-rho * scale["Intercept"], rel=1e-3)
    assert told[LOG_SHAPE] == pytest.approx(np.log(rho), abs=1e-4)
    assert found.log_likelihood == pytest.approx(oracle.log_likelihood_, abs=1e-5)
    # From lifelines' parameters (lambda_: a, b, Intercept; log rho) to hazards, by the delta method.
    covariance = oracle.variance_matrix_.to_numpy()
    names = [name for _, name in oracle.variance_matrix_.index]
    k = names.index("a")
    way = np.zeros(len(names))
    way[k], way[-1] = -rho, -rho * scale["a"]
    assert oracle.variance_matrix_.index[-1] == ("rho_", "Intercept")
    assert errors(found)[0] == pytest.approx(np.sqrt(way @ covariance @ way), rel=1e-3)
    assert errors(found)[-1] == pytest.approx(np.sqrt(covariance[-1, -1]), rel=1e-3)


def test_a_weibull_s_errors_by_group_are_the_sandwich_of_numerical_derivatives() -> None:
    found = fit(LATE, "weibull")
    theta, x = np.array([one.estimate for one in found.coefficients]), LATE.x / [1, 1e6]
    theta[1] *= 1e6

    def by_row(at: Floats) -> Floats:
        eta, shape = x @ at[:2] + at[2], np.exp(at[3])
        hazard = np.exp(eta) * (LATE.stop**shape - LATE.start**shape)
        told: Floats = LATE.event * (eta + at[3] + (shape - 1) * np.log(LATE.stop)) - hazard
        return told

    assert found.log_likelihood == pytest.approx(float(by_row(theta).sum()), rel=1e-12)
    h = 1e-4 * np.eye(4)
    scores = np.column_stack([(by_row(theta + step) - by_row(theta - step)) / 2e-4 for step in h])
    hessian = np.array(
        [
            [sum(s * t * by_row(theta + s * one + t * two).sum() for s in (1, -1) for t in (1, -1)) / 4e-8 for one in h]
            for two in h
        ]
    )
    assert LATE.groups is not None
    sums = np.column_stack([np.bincount(LATE.groups, column) for column in scores.T])
    inverse = np.linalg.inv(hessian)
    expected = np.sqrt(np.diag(inverse @ sums.T @ sums @ inverse))
    np.testing.assert_allclose(errors(found) * [1, 1e6, 1, 1], expected, rtol=1e-4)


@pytest.mark.parametrize("grouped", [True, False])
def test_logistic_is_statsmodels_with_errors_by_group_or_without(grouped: bool) -> None:  # noqa: FBT001
    table = LATE if grouped else ungrouped(LATE)
    design = np.column_stack((LATE.x / [1, 1e6], np.ones(150)))
    how: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": LATE.groups}} if grouped else {}
    oracle = sm.GLM(LATE.event.astype(float), design, family=sm.families.Binomial()).fit(tol=1e-14, **how)
    found = fit(table, "logistic")
    close(found, ["a", "b", INTERCEPT], oracle.params, oracle.bse, 1e-7)
    assert found.log_likelihood == pytest.approx(float(oracle.llf), abs=1e-9)
    np.testing.assert_allclose([one.p for one in found.coefficients], oracle.pvalues, rtol=1e-6)
    limits = [[one.lo, one.hi] for one in found.coefficients] * np.array([[1], [1e6], [1]])
    np.testing.assert_allclose(limits, oracle.conf_int(), rtol=1e-6)


@pytest.mark.parametrize("likelihood", [
    Partial(LATE.start, LATE.stop, LATE.event, LATE.x / [1, 1e6], efron=True),
    Partial(LATE.start, LATE.stop, LATE.event, LATE.x / [1, 1e6], efron=False),
    WeibullHazard(LATE.start / 100, LATE.stop / 100, LATE.event, LATE.x / [1, 1e6]),
    Logistic(LATE.event, LATE.x / [1, 1e6]),
], ids=["efron", "breslow", "weibull", "logistic"])  # fmt: skip
def test_scores_and_information_are_the_slope_and_the_bend_of_the_likelihood(likelihood: Any) -> None:
    theta = np.array([0.2, -0.1, -0.3, 0.15])[: {Partial: 2, WeibullHazard: 4, Logistic: 3}[type(likelihood)]]
    here, h = likelihood(theta), 1e-5 * np.eye(len(theta))
    slope = [(likelihood(theta + step).value - likelihood(theta - step).value) / 2e-5 for step in h]
    bend = [(likelihood(theta - step).scores - likelihood(theta + step).scores).sum(axis=0) / 2e-5 for step in h]
    np.testing.assert_allclose(here.scores.sum(axis=0), slope, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(here.information, bend, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-4, 1e4), shift=st.floats(-50, 50))
@settings(max_examples=8)
def test_a_feature_in_other_units_has_its_coefficient_in_theirs(
    family: str, seed: int, scale: float, shift: float
) -> None:
    table = spells(seed)
    other = replace(table, x=table.x * [scale, 1] + [shift * scale, 0])
    plain, scaled = fit(table, family), fit(other, family)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)
    for one, two in zip(plain.coefficients[:2], scaled.coefficients[:2], strict=True):
        unit = scale if one.name == "a" else 1.0
        assert two.estimate * unit == pytest.approx(one.estimate, rel=1e-5, abs=1e-5 * one.se)
        assert two.se * unit == pytest.approx(one.se, rel=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_the_order_of_rows_does_not_matter(family: str, seed: int) -> None:
    table, order = spells(seed), np.random.default_rng(seed).permutation(150)
    assert table.groups is not None
    moved = replace(
        table, start=table.start[order], stop=table.stop[order], event=table.event[order], x=table.x[order],
        groups=table.groups[order],
    )  # fmt: skip
    plain, other = fit(table, family), fit(moved, family)
    assert other.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(errors(other), errors(plain), rtol=1e-7)
    assert estimates(other) == pytest.approx(estimates(plain), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("family", HAZARDS)
@given(seed=st.integers(0, 10_000), where=st.floats(0.01, 0.99))
@settings(max_examples=8)
def test_a_spell_told_in_two_rows_changes_nothing(family: str, seed: int, where: float) -> None:
    whole = spells(seed)
    assert whole.groups is not None
    mid = whole.start + where * (whole.stop - whole.start)
    halves = Spells(
        start=np.concatenate((whole.start, mid)), stop=np.concatenate((mid, whole.stop)),
        event=np.concatenate((np.zeros(150, bool), whole.event)), x=np.concatenate((whole.x, whole.x)),
        features=whole.features, groups=np.concatenate((whole.groups, whole.groups)), missing={}, dropped=0,
    )  # fmt: skip
    one, two = fit(whole, family), fit(halves, family)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-10)
    np.testing.assert_allclose(errors(two), errors(one), rtol=1e-6)
    assert estimates(two) == pytest.approx(estimates(one), rel=1e-6, abs=1e-9)
    assert (two.n, two.events) == (300, one.events)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_hundred_thousand_rows_need_no_square_of_their_number(family: str) -> None:
    many = spells(2, n=100_000, grain=0.01)
    found = fit(many, family)
    assert found.n == 100_000
    # The simulated log hazard rises by 0.8 x 0.4 a million, less what the groups hide of it; the log odds by more.
    low, high = {"cox": (0.27, 0.33), "weibull": (0.27, 0.33), "logistic": (0.4, 0.7)}[family]
    assert low < estimates(found)["b"] * 1e6 < high


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_time_in_other_units_moves_the_weibull_s_intercept_only(unit: float) -> None:
    plain, other = fit(LATE, "weibull"), fit(replace(LATE, start=LATE.start * unit, stop=LATE.stop * unit), "weibull")
    was, told = estimates(plain), estimates(other)
    for name in ("a", "b", LOG_SHAPE):
        assert told[name] == pytest.approx(was[name], rel=1e-7)
    assert told[INTERCEPT] == pytest.approx(was[INTERCEPT] - np.exp(was[LOG_SHAPE]) * np.log(unit), rel=1e-7)
    assert other.log_likelihood == pytest.approx(plain.log_likelihood - plain.events * np.log(unit), rel=1e-10)
