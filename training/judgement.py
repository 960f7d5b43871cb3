"""Out-of-fold forecasts in the order in which an alarm would have seen them."""

from __future__ import annotations

from datetime import date

import numpy as np

from training.backtest import OutOfFold
from training.folds import scorable
from training.panel import Panel, next_landmark
from truce.false_alarms import BROKE, HELD, UNSEEN, Judgement
from truce.vocabulary import HORIZONS


def judgement_of(panel: Panel, forecasts: OutOfFold, observed_to: date) -> Judgement:
    """The forecasts by truce and age, with what became of each within each horizon as far as was seen by ``observed_to``."""
    order = np.lexsort((panel.age[forecasts.rows], panel.truce[forecasts.rows]))
    rows = forecasts.rows[order]
    outcome = np.column_stack([
        np.where(
            scorable(panel, rows, h, observed_to), np.where(panel.broke_within(h)[rows], BROKE, HELD), UNSEEN
        )
        for h in HORIZONS
    ])  # fmt: skip
    age, truce = panel.age[rows], panel.truce[rows]
    return Judgement.of(truce, next_landmark(age) - age, forecasts.p[order], outcome.astype(np.int64))
