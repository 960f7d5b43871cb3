"""Counting ends by age: the Aalen-Johansen estimate from one spell a truce."""

from __future__ import annotations

import numpy as np

from models.aalen_johansen import AalenJohansen
from training.panel import TrainingSet

LAST_YEAR = 365
BANDS = (1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0)
"""Ages in days at which a band of the smoothed curve closes."""


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


def fit_banded(training: TrainingSet) -> AalenJohansen:
    """The same curve with one hazard an age band, for regressions that need the log-odds of truce age.

    B1 is exactly 0 where no end happened to be seen, on a third of all rows and more: its logit there is an outlier of the
    clip's making. Each band starts with one end at the overall rate, so that none is 0.
    """
    time, cause = training.spell_time, training.spell_cause
    opens, closes = np.array([0.0, *BANDS]), np.array([*BANDS, np.inf])
    lived = np.clip(time[:, None] - opens, 0.0, closes - opens).sum(axis=0)
    band = np.searchsorted(BANDS, time, side="left")
    ends = np.stack([np.bincount(band[cause == c], minlength=len(opens)) for c in (1, 2, 3)], axis=1)
    total = ends.sum(axis=0)
    rate = max(total.sum(), 0.5) / max(lived.sum(), 1.0)
    hazards = (ends + total / max(total.sum(), 1.0)) / (lived + 1 / rate)[:, None]
    days = np.arange(1, int(BANDS[-1]) + 1)
    by_day = hazards[np.searchsorted(BANDS, days, side="left")]
    return AalenJohansen(days.astype(float), by_day, BANDS[-1], hazards[-1])
