"""Simulated data with known effects: the truth lies within the 95 % intervals about as often as it should."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.simulate import NAMES, world
from training.fitting import cox, discrete_hazard, table
from training.panel import TrainingSet
from training.reading.spells import Spells

EFFECT = (0.8, -0.3)
FEATURES = NAMES[:2]
WORLDS = 25
FEWEST = 42
"""Of 50 intervals that each cover with chance 0.95, fewer than 43 do so once in 200 times."""

Fit = Callable[[TrainingSet], tuple[np.ndarray, np.ndarray, np.ndarray]]


def by_cox(training: TrainingSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    model, errors = cox.fit(training, FEATURES, np.full(2, 1e-6))
    return model.coefficients, errors, model.scale.sd


def by_discrete_hazard(training: TrainingSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    model, errors = discrete_hazard.fit(training, FEATURES, np.full(2, 1e-6))
    return model.coefficients, errors, model.scale.sd


def by_weibull_of_a_table(training: TrainingSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    spells = Spells(
        start=training.start, stop=training.stop, event=training.cause == 1, x=training.rows.columns(FEATURES),
        features=FEATURES, groups=None, missing={}, dropped=0,
    )  # fmt: skip
    found = {one.name: one for one in table.fit(spells, "weibull").coefficients}
    both = [found[name] for name in FEATURES]
    return np.array([one.estimate for one in both]), np.array([one.se for one in both]), np.ones(2)


@pytest.mark.slow
@pytest.mark.parametrize("fit", [by_cox, by_discrete_hazard, by_weibull_of_a_table])
def test_known_effects_lie_within_their_intervals(fit: Fit) -> None:
    covered, found, widths = 0, [], []
    for seed in range(WORLDS):
        estimate, se, sd = fit(world(400, seed=seed, effect=EFFECT))
        covered += int((np.abs(estimate - np.array(EFFECT) * sd) <= 1.96 * se).sum())
        found.append(estimate / sd)
        widths.append(1.96 * se / sd)
    assert covered > FEWEST
    assert np.mean(widths, axis=0).max() < 0.3, "the intervals are no wider than 400 truces make them"
    np.testing.assert_allclose(np.mean(found, axis=0), EFFECT, atol=0.1)
