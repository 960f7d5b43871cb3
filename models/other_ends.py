"""Expiry and supersession: the ends that compete with a breakdown, for every family that regresses the breakdown alone.

A truce without a schedule is superseded, rarely expires, at rates that depend on its age. One with a schedule also
has its day: a share of those that reach it expires, a share is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.incidence import turns_at
from truce.features import FeatureTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCHEDULE = "days_to_scheduled_end"
_ALL = slice(None)
STATES = ("untimed", "before", "after")
"""Whether a truce has no schedule, has its scheduled end ahead, or has passed it."""


@dataclass(frozen=True, slots=True)
class OtherEnds:
    """Rates a day, and a scheduled day's own chances.

    ``rates`` has shape (states, age bands, 2): expired, superseded; ``edges`` (bands - 1,) part the age bands; ``spike`` (2,) is the chance
    of each on the scheduled day itself, for a truce that reaches it.
    """

    edges: Floats
    rates: Floats
    spike: Floats

    def hazards(self, rows: FeatureTable, part: slice, days: int) -> Floats:
        """Cumulative hazard of expiry and supersession over each coming day, shape (rows, days, 2)."""
        return self.on(rows, np.arange(1, days + 1)[None, :], part)

    def on(self, rows: FeatureTable, day: Ints, part: slice = _ALL) -> Floats:
        """The same over the given days ahead, 1 being the first; ``day`` is (rows, d), or (1, d) when they are the same for all."""
        age, ahead, timed = self._schedule(rows, part)
        band = np.searchsorted(self.edges, age[:, None] + day - 0.5, side="right")
        state = np.where(timed[:, None], np.where(day <= ahead[:, None], 1, 2), 0)
        hazard = self.rates[state, band]
        due = timed[:, None] & (day == ahead[:, None])
        total = min(self.spike.sum(), 0.999)
        if total > 0:
            hazard[due] += -np.log1p(-total) * self.spike / self.spike.sum()
        return hazard

    def turns(self, rows: FeatureTable) -> Ints:
        """The days ahead after which the hazard may be another, shape (rows, len(edges) + 2): bands of age, and the scheduled day."""
        age, ahead, _ = self._schedule(rows, _ALL)
        return np.concatenate((turns_at(self.edges, age), ahead[:, None] + np.array([-1, 0])), axis=1)

    @staticmethod
    def _schedule(rows: FeatureTable, part: slice) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Age, which of the coming days is the scheduled one (0 where nobody set one), and whether there is one."""
        left = rows.columns([SCHEDULE])[part, 0]
        timed = ~np.isnan(left)
        return rows.age_days[part], np.where(timed, np.ceil(left), 0.0).astype(np.int64), timed

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {"edges": self.edges.tolist(), "rates": self.rates.tolist(), "spike": self.spike.tolist()}

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        rates = np.array(body["rates"], dtype=float)
        return cls(np.array(body["edges"], dtype=float), rates, np.array(body["spike"], dtype=float))
