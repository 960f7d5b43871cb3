"""Rolling origins over calendar time: what is learned before, what is judged after, and never the other way round.

A fold's origin o is a day. Models learn what ``panel.cut`` leaves at the end of o. Judged are all landmarks whose
as-of day lies in [o, o + every). A row of horizon h is scored only when as_of + h has been observed. The embargo is
in ``cut``: a classifier's training rows end h days before the origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from training.panel import Panel
from truce.clock import end_of
from truce.errors import BadInput

DEVELOPMENT_FROM = date(2008, 1, 1)
TEST_FROM = date(2018, 1, 1)
"""Everything is chosen on origins before this day; those from it on are the test."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One origin and the panel rows judged from it, shape (n,) of row numbers."""

    origin: date
    rows: NDArray[np.int64]

    @property
    def period(self) -> str:
        """``development`` or ``test``."""
        return "development" if self.origin < TEST_FROM else "test"


def rolling(panel: Panel, start: date, stop: date, every: int) -> Iterator[Fold]:
    """The folds from ``start``, one every ``every`` days, whose rows stand at days in [start, stop].

    Raises:
        BadInput: the dates are in the wrong order or the step is not positive.
    """
    if every < 1 or stop < start:
        raise BadInput(f"no origins from {start} to {stop} every {every} days", code="bad_period")
    day, at_risk = panel.as_of_day, panel.at_risk
    origin = start
    while origin <= stop:
        following = origin + timedelta(days=every)
        last = min(following, stop + timedelta(days=1))
        rows = np.flatnonzero(at_risk & (day >= np.datetime64(origin)) & (day < np.datetime64(last)))
        if len(rows):
            yield Fold(origin, rows)
        origin = following


def scorable(panel: Panel, rows: NDArray[np.int64], horizon: int, observed_to: date) -> NDArray[np.bool_]:
    """Which rows have had their whole horizon observed.

    A truce is followed to its own last observed day at most, so a row of one that nobody looked at any more is no quiet survivor; and
    one that ended early is held to the same day as those that held on, or early ends would flood in.

    Args:
        panel: the rows' panel.
        rows: shape (n,).
        horizon: days.
        observed_to: the last day of the whole record.
    """
    fates, i = panel.fates, panel.truce[rows]
    followed = np.where(fates.cause > 0, np.maximum(fates.watched, fates.ended), fates.watched)
    reach = np.minimum(followed, np.datetime64(end_of(observed_to).replace(tzinfo=None), "s"))
    seen: NDArray[np.bool_] = panel.rows.as_of[rows] + horizon * np.timedelta64(86_400, "s") <= reach[i]
    return seen
