"""Discrete-time hazard: the complementary log-log of breaking in an interval is an age band's level plus x b."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.hazard_regression import HazardRegression
from models.incidence import piecewise, starts_of, turns_at
from truce.features import FeatureTable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DiscreteHazard(HazardRegression):
    """``edges`` (b - 1,) part b bands of age in days; ``levels`` (b,) are each band's log hazard a day at x = 0.

    With this link an interval of L days breaks with chance 1 - exp(-L exp(level + x b)): the grouped-data
    proportional hazards model of Prentice and Gloeckler (1978), so days may be added up freely.
    """

    family: ClassVar[str] = "discrete-hazard"
    edges: Floats
    levels: Floats

    def _incidence(self, rows: FeatureTable, log_risk: Floats, horizons: Sequence[int]) -> Floats:
        starts = starts_of([turns_at(self.edges, rows.age_days), self.other_ends.turns(rows)])
        middle = rows.age_days[:, None] + starts + 0.5
        breaking = np.exp(self.levels)[np.searchsorted(self.edges, middle, side="right")] * np.exp(log_risk)[:, None]
        rates = np.concatenate((breaking[:, :, None], self.other_ends.on(rows, starts + 1)), axis=2)
        return piecewise(starts, rates, horizons)

    def curve_parameters(self) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {"edges": self.edges.tolist(), "levels": self.levels.tolist()}

    @classmethod
    def curve_from(cls, body: dict[str, Any]) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {"edges": np.array(body["edges"], dtype=float), "levels": np.array(body["levels"], dtype=float)}
