"""Truces lost from sight: weights that a library would give, and figures that come out as if nothing had been lost."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from numpy.typing import NDArray

from tests.examples import EPOCH, a_truce
from training.folds import scorable
from training.losses import Losses
from training.panel import Panel, build
from truce.columns import EventColumns
from truce.history import History
from truce.vocabulary import Truce

UNTIL = date(2015, 12, 31)
NOTHING = EventColumns.of([])


def world(*, lose: bool, n: int = 250) -> tuple[Panel, NDArray[np.int64]]:
    """Truces of one register that break within weeks, and how long each lived; of those that still hold, many are lost after some weeks."""
    rng = np.random.default_rng(4)
    truces: list[Truce] = []
    lives = []
    for k in range(n):
        life, sight = int(rng.exponential(60)), int(rng.exponential(50))
        lives.append(life + 1)
        if not lose or life <= sight:
            fate = {"end_date": EPOCH + timedelta(days=life), "observed_to": max(UNTIL, EPOCH + timedelta(days=life))}
        else:
            fate = {"observed_to": min(EPOCH + timedelta(days=sight), UNTIL)}
        truces.append(a_truce(f"t{k}", **fate))
    return build(History.whole(truces, NOTHING), UNTIL), np.array(lives)


@pytest.fixture(scope="module")
def lossy() -> tuple[Panel, NDArray[np.int64]]:
    return world(lose=True)


def test_where_nobody_is_lost_every_scored_row_counts_one_and_no_other_counts() -> None:
    panel, _ = world(lose=False, n=40)
    rows = np.arange(len(panel.rows))
    losses = Losses.of(panel, UNTIL)
    assert not losses.lost.any()
    for horizon in (7, 90):
        scored = scorable(panel, rows, horizon, UNTIL).astype(float)
        assert losses.weights(panel, rows, horizon).tolist() == scored.tolist()


def test_the_chance_to_be_in_sight_is_the_one_of_a_library(lossy: tuple[Panel, NDArray[np.int64]]) -> None:
    losses = Losses.of(lossy[0], UNTIL)
    assert losses.lost.any()
    oracle = KaplanMeierFitter().fit(losses.seen, losses.lost)
    ages = np.array([1.0, 8.0, 30.0, 90.0])
    expected = oracle.survival_function_at_times(ages - 0.5).to_numpy()
    np.testing.assert_allclose(losses.in_sight(ages), expected)


def test_weighted_rows_tell_the_share_that_breaks_as_if_nothing_had_been_lost(
    lossy: tuple[Panel, NDArray[np.int64]],
) -> None:
    panel, lives = lossy
    rows = np.flatnonzero((panel.age == 0) & panel.at_risk)
    for horizon in (7, 30):
        weight = Losses.of(panel, UNTIL).weights(panel, rows, horizon)
        y = panel.broke_within(horizon)[rows]
        truth = float((lives <= horizon).mean())
        assert float((weight * y).sum() / weight.sum()) == pytest.approx(truth, abs=0.03)
        assert horizon == 7 or y[weight > 0].mean() > truth + 0.05, "without weights too many of those seen broke"
