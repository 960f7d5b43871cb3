"""Weibull proportional hazards: the hazard of breakdown rises or falls as a power of age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.hazard_regression import DailyHazard

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weibull(DailyHazard):
    """Cumulative hazard exp(intercept) * age ** shape * exp(x b), age in days."""

    family: ClassVar[str] = "weibull"
    intercept: float
    shape: float

    def age_hazards(self, age: NDArray[np.int64], days: int) -> Floats:
        """See ``DailyHazard``."""
        at = age[:, None] + np.arange(days + 1)
        hazard: Floats = np.diff(np.exp(self.intercept) * at.astype(float) ** self.shape, axis=1)
        return hazard

    def curve_parameters(self) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {"intercept": self.intercept, "shape": self.shape}

    @classmethod
    def curve_from(cls, body: dict[str, Any]) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {"intercept": float(body["intercept"]), "shape": float(body["shape"])}
