from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from truce import scoring

PROBABILITIES = arrays(float, 60, elements=st.floats(0.001, 0.999).map(lambda p: round(p, 3)))
OUTCOMES = arrays(bool, 60, elements=st.booleans()).filter(lambda y: 0 < y.sum() < 60)


@given(OUTCOMES, PROBABILITIES)
def test_scores_agree_with_scikit_learn(y: np.ndarray, p: np.ndarray) -> None:
    assert scoring.brier(y, p) == pytest.approx(brier_score_loss(y, p))
    assert scoring.log_score(y, p) == pytest.approx(log_loss(y, p))
    assert scoring.auc(y, p) == pytest.approx(roc_auc_score(y, p))
    assert scoring.average_precision(y, p) == pytest.approx(average_precision_score(y, p))


def test_the_calibration_line_agrees_with_an_unpenalised_logistic_regression() -> None:
    rng = np.random.default_rng(7)
    p = rng.uniform(0.02, 0.9, 4000)
    y = rng.random(4000) < p**1.4
    slope, intercept = scoring.calibration_line(y, p)
    logit = np.log(p / (1 - p))[:, None]
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit, y)
    assert slope == pytest.approx(fitted.coef_[0, 0], abs=1e-4)
    assert intercept == pytest.approx(fitted.intercept_[0], abs=1e-4)


def test_the_auc_within_age_ignores_what_age_alone_explains() -> None:
    age = np.array([0, 0, 0, 100, 100, 100])
    y = np.array([1, 1, 0, 0, 0, 1])
    by_age_alone = np.array([0.5, 0.5, 0.5, 0.1, 0.1, 0.1])
    assert scoring.auc(y, by_age_alone) > 0.6
    assert scoring.auc_within_age(y, by_age_alone, age) == 0.5


def test_a_forecast_as_good_as_the_reference_has_an_interval_of_nothing() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(float)
    blocks, years = np.arange(200) % 9, np.arange(200) % 5
    assert scoring.block_bootstrap_skill(y, p, p, blocks, years) == (0.0, 0.0)


def test_the_interval_is_wider_when_one_conflict_carries_the_gain() -> None:
    rng = np.random.default_rng(2)
    y = (rng.random(1000) < 0.3).astype(float)
    reference, block, year = np.full(1000, 0.3), np.arange(1000) % 10, np.arange(1000) % 7
    everywhere = reference + 0.5 * (y - reference) * 0.1
    in_one = np.where(block == 0, np.where(y > 0, 0.9, 0.05), reference)
    low_all, high_all = scoring.block_bootstrap_skill(y, everywhere, reference, block, year)
    low_one, high_one = scoring.block_bootstrap_skill(y, in_one, reference, block, year)
    assert high_one - low_one > high_all - low_all


def test_what_cannot_be_computed_is_not_a_number() -> None:
    nobody_broke = np.zeros(5)
    assert math.isnan(scoring.auc(nobody_broke, np.full(5, 0.2)))
    assert math.isnan(scoring.average_precision(nobody_broke, np.full(5, 0.2)))
    assert math.isnan(scoring.calibration_line(nobody_broke, np.full(5, 0.2))[0])
    assert math.isnan(scoring.brier([], []))


@pytest.mark.parametrize("p", [[0.2, 1.2], [0.2, float("nan")], [0.2]])
def test_what_is_not_a_probability_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match=r"probability|length"):
        scoring.brier([0, 1], p)
