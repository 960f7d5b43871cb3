from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.hazard_regression import HazardRegression
from models.landmark_logistic import LandmarkLogistic
from models.linear_pool import LinearPool
from models.reasons import COHERENCE, Reasons, logit
from tests.simulate import NAMES, table, world
from training.fitting.families import fit
from truce.features import FeatureTable

TRAINING = world(400, effect=(0.8, 0.4))
HAZARDS = ("weibull", "cox", "discrete-hazard")
SOME = table(np.array([[1.0, 0.3], [0.0, -1.0], [1.0, 1.2]]), np.array([0, 40, 400]), np.array([20.0, np.nan, -3.0]))


def hazard(family: str) -> HazardRegression:
    model = fit(family, TRAINING, ("x", "z")).model
    assert isinstance(model, HazardRegression)
    return model


def moved(model: HazardRegression, rows: FeatureTable, share: float) -> FeatureTable:
    """Rows that have gone a share of the way from the means to their own columns."""
    values = rows.values.copy()
    columns = [NAMES.index(name) for name in model.scale.names]
    values[:, columns] = model.scale.mean + share * (values[:, columns] - model.scale.mean)
    return replace(rows, values=values)


@pytest.mark.parametrize("family", HAZARDS)
def test_a_column_s_part_is_the_integral_of_its_slope_along_the_straight_way_from_the_mean(family: str) -> None:
    model, steps = hazard(family), 200
    x = model.scale.apply(SOME)
    integral = np.zeros((3, 2))
    for k in range(steps):  # the slope along the way, by the difference that nudging one column alone makes
        here = moved(model, SOME, (k + 0.5) / steps)
        for j, name in enumerate(model.scale.names):
            nudged = []
            for nudge in (1e-4, -1e-4):
                values = here.values.copy()
                values[:, NAMES.index(name)] += nudge * model.scale.sd[j]
                nudged.append(logit(model.cumulative_incidence(replace(here, values=values), [30])[:, 0, 0]))
            integral[:, j] += (nudged[0] - nudged[1]) / 2e-4 * x[:, j] / steps
    parts = model.reasons(SOME, [30]).values[:, 0, 1:3]
    np.testing.assert_allclose(parts, integral, atol=2e-4)


@pytest.mark.parametrize("family", HAZARDS)
def test_columns_that_cancel_keep_their_parts(family: str) -> None:
    model = hazard(family)
    first, second = model.coefficients
    opposite = model.scale.mean + model.scale.sd * np.array([0.5, -0.5 * first / second])
    found = model.reasons(table(opposite[None, :], np.array([10])), [30])
    assert abs(found.values[0, 0, 1]) > 0.05
    assert found.values[0, 0, 1] == pytest.approx(-found.values[0, 0, 2], rel=1e-6)


def test_a_truce_of_average_columns_is_given_what_its_age_gives() -> None:
    for family in HAZARDS:
        model = hazard(family)
        found = model.reasons(table(model.scale.mean[None, :], np.array([33])), [7, 90])
        np.testing.assert_allclose(found.values[:, :, 1:], 0.0, atol=1e-12)


def test_a_linear_family_s_parts_are_coefficient_times_standardised_value() -> None:
    model = fit("landmark-logistic", TRAINING, ("x", "z")).model
    assert isinstance(model, LandmarkLogistic)
    found = model.reasons(SOME, [30])
    x = (SOME.values[:, :2] - model.scales[1].mean[:2]) / model.scales[1].sd[:2]
    np.testing.assert_allclose(found.values[:, 0, 1:3], x * model.coefficients[1, :2], rtol=1e-10)


def test_a_pool_s_parts_add_up_to_its_log_odds_with_nothing_left_over() -> None:
    model = fit("linear-pool", TRAINING, ("x", "z")).model
    assert isinstance(model, LinearPool)
    found = model.reasons(SOME, [7, 30, 365])
    said = model.cumulative_incidence(SOME, [7, 30, 365])[:, :, 0]
    np.testing.assert_allclose(found.log_odds, np.log(said / (1 - said)), atol=1e-9)
    hazard = model.members[1]
    alone = LinearPool((model.members[2], hazard), (0.4, 0.6)).reasons(SOME, [30])
    np.testing.assert_allclose(_part(alone, COHERENCE), 0.0, atol=1e-9)


def test_a_pool_of_one_has_that_member_s_reasons() -> None:
    model = fit("discrete-hazard", TRAINING, ("x", "z")).model
    pool, own = LinearPool((model,), (1.0,)).reasons(SOME, [7, 90]), model.reasons(SOME, [7, 90])
    for name in own.names:
        np.testing.assert_allclose(_part(pool, name), _part(own, name), atol=1e-9)


def test_a_member_with_more_weight_has_more_to_say() -> None:
    age, logistic = (
        fit(family, TRAINING, features).model
        for family, features in (("aalen-johansen", ()), ("landmark-logistic", ("x", "z")))
    )
    light, heavy = (LinearPool((age, logistic), (1 - w, w)).reasons(SOME, [30]) for w in (0.2, 0.8))
    moved = np.abs(_part(logistic.reasons(SOME, [30]), "x")) > 0.05
    assert moved.any()
    assert (np.abs(_part(light, "x")) < np.abs(_part(heavy, "x")))[moved].all()


def _part(reasons: Reasons, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return reasons.values[:, :, reasons.names.index(name)]
