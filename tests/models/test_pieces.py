"""Closed forms over pieces of constant hazard, against the same worked out day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.aalen_johansen import AalenJohansen
from models.artifact import Artifact, dump, load
from models.discrete_hazard import DiscreteHazard
from models.incidence import compose
from models.landmark_logistic import CALENDAR, LandmarkLogistic
from models.other_ends import OtherEnds
from models.standardise import Scale
from tests.simulate import NAMES, table
from truce.errors import BadInput
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

YEAR = 365
rates_a_day = st.sampled_from([0.0, 1e-9, 0.0007, 0.01, 0.01, 0.3, 2.0])
ages = st.integers(0, 2000)
days_left = st.one_of(st.just(float("nan")), st.floats(-50, 420), st.integers(-2, 370).map(float))


@st.composite
def other_ends(draw: st.DrawFn) -> OtherEnds:
    edges = sorted(draw(st.sets(st.sampled_from([7.0, 30.5, 90.0, 365.0, 1200.0]), max_size=4)))
    rates = [draw(rates_a_day) for _ in range(3 * (len(edges) + 1) * 2)]
    spike = draw(st.sampled_from([(0.0, 0.0), (0.4, 0.1), (0.9, 0.1)]))
    return OtherEnds(np.array(edges), np.array(rates).reshape(3, len(edges) + 1, 2), np.array(spike))


@given(other_ends(), st.lists(rates_a_day, min_size=3, max_size=3), ages, days_left, st.integers(1, YEAR))
def test_a_banded_hazard_gives_what_its_days_composed_give(
    ends: OtherEnds, levels: list[float], age: int, left: float, horizon: int
) -> None:
    edges = np.array([14.0, 180.25])
    log_levels = np.log(np.maximum(levels, 1e-12))
    model = DiscreteHazard(_scale(), np.array([0.0, 0.0]), ends, edges, log_levels)
    row = table(np.zeros((1, 2)), np.array([age]), np.array([left]))
    middle = age + np.arange(YEAR) + 0.5
    breaking = np.exp(log_levels)[np.searchsorted(edges, middle, side="right")]
    daily = np.column_stack((breaking, ends.hazards(row, slice(None), YEAR)[0]))
    wanted = compose(daily[None])[0]
    days = sorted({1, horizon, YEAR})
    np.testing.assert_allclose(model.cumulative_incidence(row, days)[0], wanted[days], atol=1e-12)


@given(other_ends(), st.lists(st.floats(-12, 12), min_size=5, max_size=5), ages, days_left, st.integers(1, YEAR))
def test_the_ends_beside_a_regression_are_those_of_its_days_one_after_another(
    ends: OtherEnds, odds: list[float], age: int, left: float, horizon: int
) -> None:
    row = table(np.zeros((1, 2)), np.array([age]), np.array([left]))
    model = _landmark(ends, odds)
    days = sorted({1, horizon, YEAR})
    said = model.cumulative_incidence(row, days)[0]
    broken = model.cumulative_incidence(row, list(range(1, YEAR + 1)))[0, :, 0]
    wanted = _day_by_day(np.concatenate(([0.0], broken)), ends.hazards(row, slice(None), YEAR)[0])
    np.testing.assert_allclose(said[:, 1:], wanted[days], atol=1e-10)
    assert said.sum(axis=1).max() <= 1 + 1e-12


def _day_by_day(broken: Floats, hazards: Floats) -> Floats:
    """Of those that neither broke nor ended a share ends each day, while there is room for who will break within the year."""
    total, taken, room = 0.0, np.zeros((YEAR + 1, 2)), 1 - broken[-1]
    for day, each in enumerate(hazards):
        then = total - np.expm1(-each.sum()) * (1 - broken[day] - total)
        more = max(min(then, room) - min(total, room), 0.0)
        taken[day + 1] = taken[day] + more * each / max(each.sum(), 1e-300)
        total = then
    return taken


@pytest.mark.parametrize("left", [float("nan"), 40.0])
def test_a_horizon_says_the_same_whatever_else_is_asked(left: float) -> None:
    ends = OtherEnds(np.array([30.0]), np.full((3, 2, 2), 0.002), np.array([0.4, 0.1]))
    row = table(np.zeros((1, 2)), np.array([5]), np.array([left]))
    hazard = DiscreteHazard(_scale(), np.zeros(2), ends, np.array([14.0]), np.log([0.01, 0.001]))
    for model in (hazard, _landmark(ends, [-3.0, -2.0, -1.0, -0.5, 0.5])):
        together = model.cumulative_incidence(row, [30, 45, 300])
        for k, day in enumerate((30, 45, 300)):
            np.testing.assert_array_equal(model.cumulative_incidence(row, [day])[:, 0], together[:, k])


def _scale() -> Scale:
    return Scale(NAMES[:2], np.zeros(2), np.ones(2))


def _landmark(ends: OtherEnds, odds: list[float]) -> LandmarkLogistic:
    scale = Scale((*NAMES[:2], *CALENDAR), np.zeros(4), np.ones(4))
    baseline = AalenJohansen(np.array([5.0]), np.array([[0.5, 0.0, 0.0]]), 10.0, np.array([0.01, 0.0, 0.0]))
    five = len(HORIZONS)
    return LandmarkLogistic(baseline, (scale,) * five, np.array(odds), np.zeros(five), np.zeros((five, 4)), ends)


def test_a_model_whose_numbers_run_over_at_some_age_is_refused_before_anybody_asks() -> None:
    ends = OtherEnds(np.array([]), np.full((3, 1, 2), 0.001), np.zeros(2))
    hazard = DiscreteHazard(_scale(), np.zeros(2), ends, np.array([800.0]), np.array([-5.0, 800.0]))
    baseline = AalenJohansen(np.array([5.0]), np.array([[0.5, 0.0, 0.0]]), 10.0, np.array([0.01, 0.0, 0.0]))
    artifact = Artifact(
        name="n", version=None, family=hazard.family, model=hazard, baseline=baseline, feature_set="fs-x", rule="chronicle-1",
        trained_to=date(2020, 1, 1),
    )  # fmt: skip
    with pytest.raises(BadInput, match="outside 0 to 1"):
        load(dump(artifact))
    fine = replace(artifact, model=replace(hazard, levels=np.array([-5.0, -6.0])))
    assert dump(load(dump(fine))) == dump(fine)
