from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from statsmodels.stats.multitest import multipletests

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


@settings(max_examples=10)  # statsmodels collects garbage at every call, which takes a second late in a long run
@given(arrays(float, st.integers(1, 8), elements=st.floats(0, 1)))
def test_holms_p_values_agree_with_statsmodels(p: np.ndarray) -> None:
    np.testing.assert_allclose(scoring.holm(p), multipletests(p, method="holm")[1])


def test_a_horizon_without_a_p_value_takes_no_part_in_holms_adjustment() -> None:
    np.testing.assert_allclose(scoring.holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])


def a_gain(conflicts: int) -> np.ndarray:
    """Draws of the skill of forecasts that are a little right in every conflict, by chance more in some."""
    rng = np.random.default_rng(11)
    block = np.repeat(np.arange(conflicts), 50)
    y = (rng.random(len(block)) < 0.3).astype(float)
    gift = rng.normal(0.05, 0.1, conflicts)[block]
    p = np.clip(0.3 + gift * (y - 0.3), 0, 1)
    return scoring.skill_draws(y, p, np.full(len(y), 0.3), block, np.arange(len(block)) % 8)


def test_the_detectable_skill_shrinks_with_more_conflicts() -> None:
    few, many = scoring.detectable(a_gain(10)), scoring.detectable(a_gain(160))
    assert few > many > 0
    assert many == pytest.approx(few / 4, rel=0.5), "by the root of their number"


def test_the_detectable_skill_is_found_four_times_in_five() -> None:
    # Two-sided at 5 %: an estimate around 2.8 errors falls beyond 1.96 of them with chance 0.8.
    rng = np.random.default_rng(4)
    drawn = rng.normal(0.0, 0.02, 100_000)
    estimates = rng.normal(scoring.detectable(drawn), 0.02, 100_000)
    assert (np.abs(estimates) > 1.96 * 0.02).mean() == pytest.approx(0.8, abs=0.01)


def test_a_clear_gain_has_a_small_p_value_that_is_never_nothing() -> None:
    assert scoring.p_value(np.full(999, 0.1)) == pytest.approx(0.001)
    assert scoring.p_value(np.zeros(999)) == 1.0
    assert math.isnan(scoring.p_value(np.empty(0)))


def test_the_gain_is_the_difference_of_the_two_skills_draw_by_draw() -> None:
    rng = np.random.default_rng(9)
    y, block, year = (rng.random(300) < 0.4).astype(float), np.arange(300) % 12, np.arange(300) % 5
    p, without, reference = rng.random(300), rng.random(300), np.full(300, 0.4)
    gain = scoring.gain_draws(y, p, without, reference, block, year)
    skills = [scoring.skill_draws(y, one, reference, block, year) for one in (p, without)]
    np.testing.assert_allclose(gain, skills[0] - skills[1], atol=1e-12)
    assert (scoring.gain_draws(y, p, p, reference, block, year) == 0).all()


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


def test_the_interval_of_the_calibration_slope_agrees_with_a_clustered_logistic_regression() -> None:
    rng = np.random.default_rng(5)
    block, year = rng.integers(0, 12, 900), rng.integers(0, 9, 900)
    truth = rng.normal(-1, 1, 900) + rng.normal(0, 0.5, 12)[block]
    y = (rng.random(900) < 1 / (1 + np.exp(-truth))).astype(float)
    p = 1 / (1 + np.exp(-truth - rng.normal(0, 0.5, 900)))
    design = np.column_stack((np.log(p / (1 - p)), np.ones(900)))
    plain = sm.Logit(y, design).fit(disp=False)
    groups = np.column_stack((block, year))
    clustered = sm.Logit(y, design).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    low, high = scoring.calibration_interval(y, p, block, year)
    np.testing.assert_allclose((low + high) / 2, plain.params[0], rtol=1e-6)
    np.testing.assert_allclose((high - low) / 2 / 1.96, clustered.bse[0], rtol=1e-4)
