from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.incidence import compose
from models.other_ends import OtherEnds
from tests.simulate import table

Floats = NDArray[np.float64]

ENDS = OtherEnds(
    edges=np.array([30.0]),
    rates=np.array([[[0.001, 0.002]] * 2, [[0.0, 0.0]] * 2, [[0.01, 0.0]] * 2]),
    spike=np.array([0.4, 0.1]),
)
ALL = slice(None)


def due_in(days: float, horizon: int = 10) -> Floats:
    """Hazards of one truce of age 5 whose scheduled end is ``days`` away, shape (horizon, 2)."""
    hazards = ENDS.hazards(table(np.zeros((1, 2)), np.array([5]), np.array([days])), ALL, horizon)
    return hazards.reshape(horizon, 2)


def test_the_scheduled_end_falls_on_its_own_day_of_the_horizon() -> None:
    hazard = due_in(3)
    assert (hazard[:2] == 0).all(), "before the schedule these truces have no other end"
    assert hazard[2].sum() == pytest.approx(-np.log(0.5))
    np.testing.assert_array_equal(hazard[3:], np.tile([0.01, 0.0], (7, 1)))


def test_a_truce_that_reaches_its_scheduled_day_ends_on_it_by_the_stated_chances() -> None:
    curve = compose(due_in(3)[None])[0]
    np.testing.assert_allclose(curve[2], 0.0)
    np.testing.assert_allclose(curve[3], [0.4, 0.1])


def test_within_the_scheduled_day_its_end_still_lies_ahead() -> None:
    np.testing.assert_array_equal(due_in(0.25), due_in(1))


@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_schedule_that_has_passed_never_comes_again(days: float) -> None:
    np.testing.assert_array_equal(due_in(days), np.tile([0.01, 0.0], (10, 1)))


def test_a_truce_without_a_schedule_has_no_spike() -> None:
    np.testing.assert_array_equal(due_in(np.nan), np.tile([0.001, 0.002], (10, 1)))


def test_rates_change_when_the_truce_grows_into_the_next_band_of_age() -> None:
    rates = np.zeros((3, 2, 2))
    rates[0, 0, 1], rates[0, 1, 1] = 0.1, 0.2
    ends = OtherEnds(np.array([30.0]), rates, np.zeros(2))
    hazard = ends.hazards(table(np.zeros((1, 2)), np.array([28])), ALL, 4)[0, :, 1]
    assert hazard.tolist() == [0.1, 0.1, 0.2, 0.2]


@given(st.integers(1, 400), st.integers(0, 3000))
def test_no_other_end_is_ever_certain_before_it_happens(days: int, age: int) -> None:
    sure = OtherEnds(ENDS.edges, ENDS.rates, np.array([0.9, 0.1]))
    hazard = sure.hazards(table(np.zeros((1, 2)), np.array([age]), np.array([float(days)])), ALL, 365)
    assert np.isfinite(hazard).all()
    assert (hazard >= 0).all()
