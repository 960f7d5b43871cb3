from __future__ import annotations

import numpy as np
import pytest

from models.artifact import FAMILIES
from models.contract import Model
from models.linear_pool import LinearPool
from tests.simulate import table, world
from training.fitting.families import fit
from training.recipes import WEIGHTS
from truce.vocabulary import HORIZONS

TRAINING = world(300)
SOME = table(np.array([[1.0, 0.3], [0.0, -1.0], [2.0, 4.0]]), np.array([0, 40, 900]), np.array([20.0, np.nan, -3.0]))


def member(family: str) -> Model:
    return fit(family, TRAINING, () if family == "aalen-johansen" else ("x", "z")).model


def test_the_pool_is_its_members_averaged_with_the_recipes_weights() -> None:
    pool = fit("linear-pool", TRAINING, ("x", "z")).model
    by_hand = sum(weight * member(name).cumulative_incidence(SOME, HORIZONS) for name, weight in WEIGHTS.items())
    np.testing.assert_allclose(pool.cumulative_incidence(SOME, HORIZONS), by_hand, atol=1e-12)


def test_truce_age_alone_is_always_among_the_members() -> None:
    pool = fit("linear-pool", TRAINING, ("x", "z")).model
    assert isinstance(pool, LinearPool)
    assert "aalen-johansen" in [one.family for one in pool.members]
    assert pool.features == ("x", "z", "days_to_scheduled_end")


def test_a_pool_comes_back_from_its_numbers_as_it_was() -> None:
    pool = fit("linear-pool", TRAINING, ("x", "z")).model
    again = FAMILIES["linear-pool"].from_parameters(pool.parameters())
    np.testing.assert_array_equal(again.cumulative_incidence(SOME, HORIZONS), pool.cumulative_incidence(SOME, HORIZONS))


@pytest.mark.parametrize("weights", [(0.5,), (0.5, 0.6), (1.5, -0.5), ()])
def test_weights_that_are_none_are_refused(weights: tuple[float, ...]) -> None:
    members = (member("aalen-johansen"), member("discrete-hazard"))
    with pytest.raises(ValueError, match="pool"):
        LinearPool(members, weights)
