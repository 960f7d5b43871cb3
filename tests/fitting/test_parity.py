"""Each family against a library that fits the same model."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import AalenJohansenFitter, CoxTimeVaryingFitter, KaplanMeierFitter, WeibullAFTFitter
from sklearn.linear_model import LogisticRegression

from models.landmark_logistic import calendar
from models.reasons import logit
from tests.simulate import NAMES, table, training_set, world
from training.fitting import aalen_johansen, cox, discrete_hazard, landmark_logistic, weibull
from training.fitting.families import fit
from training.panel import TrainingSet
from truce.vocabulary import HORIZONS

FEATURES = ("x", "z")
NO_RIDGE = np.array([0.0, 0.0])
TRAINING = world(700, effect=(0.8, -0.4))


def frame(training: TrainingSet) -> pd.DataFrame:
    raw = pd.DataFrame(training.rows.columns(FEATURES), columns=list(FEATURES))
    return raw.assign(
        id=np.arange(len(raw)), start=training.start, stop=training.stop, event=(training.cause == 1).astype(int)
    )


def test_with_one_kind_of_end_the_baseline_is_kaplan_meier() -> None:
    training = world(300, other_rate=0.0)
    model = aalen_johansen.fit(training)
    km = KaplanMeierFitter().fit(training.spell_time, training.spell_cause == 1)
    days = np.array([1, 5, 30, 200, 399])
    np.testing.assert_allclose(1 - model.curve(days)[:, 0], km.survival_function_at_times(days).to_numpy(), atol=1e-12)


def test_with_competing_ends_the_baseline_is_aalen_johansen() -> None:
    training = world(300)
    model = aalen_johansen.fit(training)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = AalenJohansenFitter(jitter_level=1e-7, seed=1, calculate_variance=False)
        oracle.fit(training.spell_time, training.spell_cause, event_of_interest=1)
    curve = oracle.cumulative_density_.iloc[:, 0]
    for day in (5, 50, 300):
        theirs = curve[curve.index <= day + 0.5].iloc[-1]
        assert model.curve(np.array([day]))[0, 0] == pytest.approx(theirs, abs=2e-3)


def test_given_survival_to_an_age_the_baseline_conditions_on_it() -> None:
    model = aalen_johansen.fit(TRAINING)
    given = model.cumulative_incidence(table(np.zeros((1, 2)), np.array([20])), [30])[0, 0, 0]
    curve = model.curve(np.array([20, 50]))
    assert given == pytest.approx((curve[1, 0] - curve[0, 0]) / (1 - curve[0].sum()))


def test_cox_agrees_with_lifelines_on_rows_with_entry_times() -> None:
    model, _ = cox.fit(TRAINING, FEATURES, NO_RIDGE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = CoxTimeVaryingFitter().fit(
            frame(TRAINING), id_col="id", event_col="event", start_col="start", stop_col="stop"
        )
    ours = model.coefficients / model.scale.sd
    # lifelines breaks ties after Efron, PHReg here after Breslow: they part in the third digit on daily data.
    np.testing.assert_allclose(ours, oracle.params_.to_numpy(), rtol=0.03, atol=0.01)


def test_a_row_that_enters_at_an_event_time_is_not_at_risk_there() -> None:
    x = np.array([[0.0, 0.1], [1.0, -0.2], [0.0, 0.4], [1.0, 0.0]])
    training = training_set(x, np.array([3.0, 5.0, 9.0, 12.0]), np.array([1, 1, 1, 0]))
    ages, steps = cox.breslow(training.start, training.stop, training.cause == 1, np.ones(len(training.start)))
    assert ages.tolist() == [3, 5, 9]
    np.testing.assert_allclose(steps, [1 / 4, 1 / 3, 1 / 2])


def test_weibull_agrees_with_lifelines() -> None:
    training = world(700, other_rate=0.0, effect=(0.8, -0.4))
    x = np.zeros((700, 2))
    first = training.start == 0
    x[:] = training.rows.columns(FEATURES)[first]
    spells = pd.DataFrame(x, columns=list(FEATURES)).assign(
        t=training.spell_time, e=(training.spell_cause == 1).astype(int)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = WeibullAFTFitter(penalizer=0.0).fit(spells, "t", "e")
    model = weibull.fit(training, FEATURES, NO_RIDGE)
    rho = float(np.exp(oracle.params_["rho_"]["Intercept"]))
    assert model.shape == pytest.approx(rho, rel=0.01)
    theirs = -rho * oracle.params_["lambda_"][list(FEATURES)].to_numpy()
    np.testing.assert_allclose(model.coefficients / model.scale.sd, theirs, rtol=0.02, atol=0.01)


def test_the_discrete_hazard_agrees_with_an_unpenalised_glm() -> None:
    model, _ = discrete_hazard.fit(TRAINING, FEATURES, NO_RIDGE)
    band = np.searchsorted(discrete_hazard.EDGES, TRAINING.start + 0.5, side="right")
    lived = np.unique(band)  # nobody was watched into the last band
    design = np.concatenate((np.eye(11)[band][:, lived], TRAINING.rows.columns(FEATURES)), axis=1)
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    length = np.log(TRAINING.stop - TRAINING.start)
    theirs = sm.GLM((TRAINING.cause == 1).astype(float), design, family=family, offset=length).fit().params
    np.testing.assert_allclose(model.coefficients / model.scale.sd, theirs[-2:], rtol=0.02)
    hazard = 1 - np.exp(-np.exp(design @ theirs + length))
    ours = 1 - np.exp(-np.exp(model.levels[band] + model.log_risk(TRAINING.rows) + length))
    # A band with few breakdowns leans a little on the overall rate, and columns count for three deviations at most.
    told = np.bincount(band, TRAINING.cause == 1, minlength=11)[band] >= 25
    told &= (np.abs(model.scale.apply(TRAINING.rows)) < 3).all(axis=1)
    assert told.mean() > 0.5
    np.testing.assert_allclose(ours[told], hazard[told], rtol=0.04)


def test_the_landmark_logistic_predicts_what_scikit_learn_predicts() -> None:
    ridge = np.array([50.0, 50.0])
    model = landmark_logistic.fit(TRAINING, FEATURES, ridge)
    k, horizon = 1, HORIZONS[1]
    usable = TRAINING.complete[horizon]
    columns = np.concatenate((TRAINING.rows.columns(FEATURES), calendar(TRAINING.rows, horizon)), axis=1)
    scaled = model.scales[k].apply_to(columns) / np.sqrt(np.array([50.0, 50.0, 1000.0, 1000.0]))
    age_alone = logit(aalen_johansen.fit_banded(TRAINING).cumulative_incidence(TRAINING.rows, HORIZONS)[:, k, 0])
    design = np.column_stack((age_alone * 1e3, scaled))
    weight = TRAINING.weight[usable] / TRAINING.weight[usable].mean()
    oracle = LogisticRegression(C=1.0, max_iter=2000, tol=1e-6, solver="newton-cholesky")
    oracle.fit(design[usable], TRAINING.broke_within[horizon][usable], sample_weight=weight)
    theirs = oracle.predict_proba(design)[:, 1]
    odds = model.intercepts[k] + model.slopes[k] * age_alone + model.scales[k].apply_to(columns) @ model.coefficients[k]
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), theirs, rtol=1e-8)
    rising = (np.diff(model.at_horizons(TRAINING.rows), axis=1) > 1e-9).all(axis=1)
    assert rising.mean() > 0.5
    np.testing.assert_allclose(model.at_horizons(TRAINING.rows)[rising, k], theirs[rising], rtol=1e-8)


@pytest.mark.parametrize("family", ["weibull", "cox", "discrete-hazard"])
def test_a_known_effect_is_found_again(family: str) -> None:
    found = []
    for seed in range(6):
        training = world(800, seed=seed, effect=(0.8, 0.0))
        model = fit(family, training, FEATURES).model
        parameters = model.parameters()
        found.append(np.array(parameters["coefficients"]) / np.array(parameters["scale"]["sd"]))
    mean = np.mean(found, axis=0)
    assert 0.45 < mean[0] < 0.95, "shrunk a little towards nothing, but there"
    assert abs(mean[1]) < 0.1


def test_clustered_errors_are_near_the_plain_ones_when_clusters_mean_nothing() -> None:
    _, errors = discrete_hazard.fit(TRAINING, FEATURES, NO_RIDGE)
    plain = cox.fit(TRAINING, FEATURES, NO_RIDGE)[1]
    assert (errors > 0).all()
    np.testing.assert_allclose(errors, plain, rtol=0.6)


def test_a_horizon_with_too_few_breakdowns_says_what_age_alone_says() -> None:
    training = world(12, scale=4000.0, other_rate=0.0)
    model = landmark_logistic.fit(training, FEATURES, np.array([10.0, 10.0]))
    assert model.fallback == HORIZONS
    rows = table(np.ones((3, 2)), np.array([0, 10, 100]))
    baseline = aalen_johansen.fit_banded(training).cumulative_incidence(rows, HORIZONS)[:, :, 0]
    np.testing.assert_allclose(model.at_horizons(rows), np.clip(baseline, 1e-6, 1), atol=2e-6)


@pytest.mark.parametrize("family", ["aalen-johansen", "weibull", "cox", "discrete-hazard", "landmark-logistic"])
def test_a_world_without_other_ends_and_a_column_that_never_varies_can_be_fitted(family: str) -> None:
    training = world(200, other_rate=0.0)
    flat = training.rows.values.copy()
    flat[:, NAMES.index("z")] = 4.0
    constant = replace(training, rows=replace(training.rows, values=flat))
    model = fit(family, constant, () if family == "aalen-johansen" else FEATURES).model
    chances = model.cumulative_incidence(constant.rows, HORIZONS)
    assert np.isfinite(chances).all()
    assert (chances[:, :, 1:] < 1e-6).all()
