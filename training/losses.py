"""Truces lost from sight: whose watch ended, with no end known, before that of others in the same register.

The end of the record censors all alike, and rows that it cuts are left out whatever happened (``folds.scorable``). A truce that
nobody followed any further is another matter: of its like only those that broke in time are seen to their outcome, so breaks
are too many among scored rows. Inverse probability of censoring weights (Graf et al. 1999; Gerds and Schumacher 2006) undo that where
losses depend on age alone: each row counts for one over the chance to be still in sight when its outcome was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from training.panel import Panel
from truce.clock import end_of

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_DAY = np.timedelta64(86_400, "s")


@dataclass(frozen=True, slots=True)
class Losses:
    """Of m truces: when each would have been followed to, its last age in sight, and whether it was lost there.

    ``reach`` is the age (days) at the last day of its register, ``seen`` the age at its end, or to which it was watched, minus infinity
    for a truce without rows; both floats of shape (m,); ``lost`` is bool (m,).
    """

    reach: Floats
    seen: Floats
    lost: Bools

    @classmethod
    def of(cls, panel: Panel, observed_to: date) -> Losses:
        """The losses of a panel. Evidence of a rule ends for all truces of a place at once: there nothing is lost."""
        fates, stop = panel.fates, np.datetime64(end_of(observed_to).replace(tzinfo=None), "s")
        watched = np.minimum(fates.watched, stop)
        reach, ended = watched.copy(), fates.cause > 0
        used = np.isin(np.arange(len(watched)), panel.truce)
        codings = np.array([truce.coding for truce in panel.truces])
        for coding in np.unique(codings[used]) if panel.sight is None else ():
            same = used & (codings == coding)
            reach[same] = watched[same].max()
        to, seen = (reach - fates.begins) / _DAY, (watched - fates.begins) / _DAY
        lost = used & ~ended & (seen < to)
        return cls(to, np.where(used, np.where(ended, np.minimum(fates.life, to), seen), -np.inf), lost)

    def in_sight(self, ages: Floats) -> Floats:
        """The chance not to be lost before each age (Kaplan-Meier, losses being the events), shape (n,)."""
        times = np.unique(self.seen[self.lost])
        at_risk = (self.seen[None, :] >= times[:, None]).sum(axis=1)
        gone = ((self.seen[None, :] == times[:, None]) & self.lost).sum(axis=1)
        curve = np.concatenate(([1.0], np.cumprod(1 - gone / np.maximum(at_risk, 1))))
        return curve[np.searchsorted(times, ages, side="left")]

    def weights(self, panel: Panel, rows: NDArray[np.int64], horizon: int) -> Floats:
        """How much each row counts at a horizon, shape (n,): 0 where the record ends first, or its outcome was lost from sight.

        A row in sight at its own age counts for the chance to be so then over that when its outcome was seen; 1 without losses.
        """
        i, age = panel.truce[rows], panel.age[rows].astype(float)
        until = age + horizon
        fates = panel.fates
        ended = (fates.cause[i] > 0) & (fates.life[i] <= until)
        known = (fates.cause[i] > 0) | (self.seen[i] >= until)
        outcome = self.in_sight(np.where(ended, fates.life[i], until))
        counts = known & (until <= self.reach[i])
        return np.where(counts, self.in_sight(age) / np.where(counts, outcome, 1.0), 0.0)
