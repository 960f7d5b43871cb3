"""Rates of expiry and supersession: occurrences over exposure, by age band and by where the scheduled end lies."""

from __future__ import annotations

import numpy as np

from models.other_ends import SCHEDULE, STATES, OtherEnds
from training.panel import TrainingSet

EDGES = (7.0, 30.0, 90.0, 365.0)
PRIOR_DAYS = 200.0
"""Days of exposure at the overall rate that each cell starts with: a cell nobody was in is like the rest of its state."""
PRIOR_TRUCES = 2.0


def fit(training: TrainingSet) -> OtherEnds:
    """Rates a day and the scheduled day's spike, from the person-time rows of a training set."""
    left = training.rows.columns([SCHEDULE])[:, 0]
    timed = ~np.isnan(left)
    days = np.nan_to_num(left, nan=np.inf)
    band = np.searchsorted(EDGES, training.start, side="right")
    length = training.stop - training.start
    # A row may straddle the scheduled end: its days are shared out, and an end belongs to the side it fell on.
    before = np.where(timed, np.clip(days, 0.0, length), 0.0)
    lived = (np.where(timed, 0.0, length), before, np.where(timed, length - before, 0.0))
    state = np.where(timed, np.where(length > days, 2, 1), 0)
    # The scheduled day falls into this row when its end is at most one row's length ahead, and the truce lived to see
    # it.
    due = timed & (days > 0) & (days <= length)
    spike_ends = np.array([((training.cause == c) & due & (days == length)).sum() for c in (2, 3)], dtype=float)
    spike = spike_ends / (due.sum() + PRIOR_TRUCES)
    on_the_day = due & (days == length)
    rates = np.zeros((len(STATES), len(EDGES) + 1, 2))
    for s in range(len(STATES)):
        for c in (2, 3):
            ends = (training.cause == c) & (state == s) & ~on_the_day
            exposed = np.bincount(band, lived[s], minlength=len(EDGES) + 1)
            count = np.bincount(band[ends], minlength=len(EDGES) + 1)
            overall = count.sum() / max(exposed.sum(), PRIOR_DAYS)
            rates[s, :, c - 2] = (count + overall * PRIOR_DAYS) / (exposed + PRIOR_DAYS)
    return OtherEnds(np.array(EDGES), rates, spike)
