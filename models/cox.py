"""Cox regression (1972): relative risks over a baseline hazard that is left free and estimated by Breslow's steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.hazard_regression import DailyHazard

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cox(DailyHazard):
    """Relative risks over Breslow's baseline.

    ``ages`` (k,) are the whole days of age at which breakdowns were seen, ``steps`` (k,) the baseline's cumulative hazard at each; after
    ``last_age`` the last year's hazard, ``tail`` a day, goes on.
    """

    family: ClassVar[str] = "cox"
    ages: Floats
    steps: Floats
    last_age: float
    tail: float

    def age_hazards(self, age: NDArray[np.int64], days: int) -> Floats:
        """See ``DailyHazard``."""
        return np.diff(self._cumulative(age[:, None] + np.arange(days + 1)), axis=1)

    def _cumulative(self, age: NDArray[np.int64]) -> Floats:
        total = np.concatenate(([0.0], np.cumsum(self.steps)))
        seen = total[np.searchsorted(self.ages, np.minimum(age, self.last_age), side="right")]
        hazard: Floats = seen + np.maximum(age - self.last_age, 0.0) * self.tail
        return hazard

    def curve_parameters(self) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {"ages": self.ages.tolist(), "steps": self.steps.tolist(), "last_age": self.last_age, "tail": self.tail}

    @classmethod
    def curve_from(cls, body: dict[str, Any]) -> dict[str, Any]:
        """See ``HazardRegression``."""
        return {
            "ages": np.array(body["ages"], dtype=float),
            "steps": np.array(body["steps"], dtype=float),
            "last_age": float(body["last_age"]),
            "tail": float(body["tail"]),
        }
