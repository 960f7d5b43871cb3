from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.contract import assert_incidence_laws
from tests.simulate import table, world
from training.fitting import aalen_johansen

TRAINING = world(5)


@pytest.mark.parametrize("truces", range(3, 60))
def test_when_all_have_ended_the_last_year_s_hazard_speaks_from_that_age_on(truces: int) -> None:
    # Causes by thirds: 1/n + 1/n + ... is often not 1 to the last bit, so S comes out as 1e-16 and not as 0.
    time = np.array([10.0, 10.0, *[50.0] * (truces - 2)])
    spells = replace(TRAINING, spell_time=time, spell_cause=np.arange(truces) % 3 + 1)
    model = aalen_johansen.fit(spells)
    curve = model.cumulative_incidence(table(np.zeros((3, 2)), np.array([50, 51, 4000])), [7, 30])
    np.testing.assert_allclose(curve[0], curve[2], rtol=1e-12)
    np.testing.assert_allclose(curve[0, :, :].sum(axis=1), 1 - (1 - model.tail.sum()) ** np.array([7, 30]))
    assert_incidence_laws(model, table(np.zeros((3, 2)), np.array([9, 49, 50])))


def test_the_last_year_s_hazard_is_its_ends_over_the_days_lived_in_it() -> None:
    spells = replace(TRAINING, spell_time=np.array([100.0, 700.0, 1000.0]), spell_cause=np.array([1, 1, 3]))
    # The year is age 635 to 1000: one truce lived 65 days of it and broke, one all 365 and was superseded.
    np.testing.assert_allclose(aalen_johansen.fit(spells).tail, [1 / 430, 0.0, 1 / 430])


def test_a_tail_in_which_nothing_ended_says_nothing_will() -> None:
    spells = replace(TRAINING, spell_time=np.array([10.0, 2000.0]), spell_cause=np.array([1, 0]))
    model = aalen_johansen.fit(spells)
    assert (model.cumulative_incidence(table(np.zeros((1, 2)), np.array([2500])), [365]) == 0).all()
