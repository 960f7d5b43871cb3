from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.other_ends import STATES
from tests.simulate import table, world
from training.fitting import other_ends
from training.fitting.other_ends import PRIOR_DAYS, PRIOR_TRUCES
from training.panel import TrainingSet

EXPIRED, SUPERSEDED = 2, 3
AFTER = STATES.index("after")
BEFORE = STATES.index("before")


def lived(start: list[float], stop: list[float], left: list[float], cause: list[int]) -> TrainingSet:
    """Person-time rows with days left to the scheduled end."""
    n = len(start)
    rows = table(np.zeros((n, 2)), np.array(start, dtype=np.int64), np.array(left))
    return replace(
        world(3),
        rows=rows,
        start=np.array(start),
        stop=np.array(stop),
        cause=np.array(cause),
        conflict=np.zeros(n, int),
    )


def test_the_spike_is_the_share_of_those_who_saw_their_scheduled_day_end() -> None:
    # Three truces see the day: one expires on it, one is replaced, one goes on. A fourth broke before it.
    model = other_ends.fit(
        lived([21, 21, 21, 21], [24, 24, 28, 23], [3, 3, 3, 3], [EXPIRED, SUPERSEDED, 0, 1]),
    )
    np.testing.assert_allclose(model.spike, [1 / (3 + PRIOR_TRUCES), 1 / (3 + PRIOR_TRUCES)])


def test_an_end_after_the_scheduled_day_within_the_same_week_counts_as_after_it() -> None:
    model = other_ends.fit(lived([40], [45], [2], [EXPIRED]))
    band = 2
    assert (model.rates[BEFORE] == 0).all()
    overall = 1 / PRIOR_DAYS
    assert model.rates[AFTER, band, 0] == pytest.approx((1 + overall * PRIOR_DAYS) / (3 + PRIOR_DAYS))


def test_rates_are_ends_over_days_in_a_band_leaning_on_the_rest_of_the_state() -> None:
    weeks = 400
    start = [100.0] * weeks
    model = other_ends.fit(lived(start, [107.0] * weeks, [np.nan] * weeks, [SUPERSEDED] * 28 + [0] * (weeks - 28)))
    assert model.rates[0, 3, 1] == pytest.approx(28 / 2800)
    assert model.rates[0, 0, 1] == pytest.approx(28 / 2800), "a band that nobody was in is like the rest"
    assert (model.rates[0, :, 0] == 0).all(), "nothing expired"


def test_with_no_other_ends_seen_none_are_expected() -> None:
    model = other_ends.fit(world(50, other_rate=0.0))
    assert (model.rates == 0).all()
    assert (model.spike == 0).all()


def test_a_simulated_rate_and_spike_are_found_again() -> None:
    rng = np.random.default_rng(7)
    n, rate, spike = 6000, 0.01, 0.6
    left = np.full(n, 3.0)
    early = np.ceil(rng.exponential(1 / rate, n))
    on_day = rng.random(n) < spike
    stop = np.where(early < 3, early, np.where(on_day, 3.0, 7.0))
    cause = np.where(early < 3, SUPERSEDED, np.where(on_day, EXPIRED, 0))
    model = other_ends.fit(lived([21.0] * n, (21 + stop).tolist(), left.tolist(), cause.tolist()))
    assert model.spike[0] == pytest.approx(spike, abs=0.03)
    band = 1
    # Days 1 and 2 can be superseded, day 3 is the spike's: two thirds of the rate over the three days.
    assert model.rates[BEFORE, band, 1] == pytest.approx(rate * 2 / 3, rel=0.2)
