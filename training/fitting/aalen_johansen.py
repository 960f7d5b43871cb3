"""Counting ends by age: the Aalen-Johansen estimate from one spell a truce."""

from __future__ import annotations

import numpy as np

from models.aalen_johansen import AalenJohansen
from training.panel import TrainingSet

LAST_YEAR = 365


def fit(training: TrainingSet) -> AalenJohansen:
    """Cause-specific hazards at each day of age on which a truce ended, and the last observed year's hazard for what lies beyond."""
    time, cause = training.spell_time, training.spell_cause
    ages = np.unique(time[cause > 0])
    in_order = np.sort(time)
    at_risk = len(time) - np.searchsorted(in_order, ages, side="left")
    ends = np.stack(
        [np.bincount(np.searchsorted(ages, time[cause == c]), minlength=len(ages)) for c in (1, 2, 3)], axis=1
    )
    last = float(time.max(initial=0.0))
    begins = max(last - LAST_YEAR, 0.0)
    exposure = np.maximum(time - begins, 0.0).sum()
    late = np.array([((cause == c) & (time > begins)).sum() for c in (1, 2, 3)], dtype=float)
    tail = late / exposure if exposure > 0 else np.zeros(3)
    return AalenJohansen(ages.astype(float), ends / np.maximum(at_risk, 1)[:, None], last, tail)
