"""Three ways to write the hazard of breakdown, one formula around them: proportional hazards over an age curve, with competing ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.incidence import by_chunks
from models.other_ends import SCHEDULE, OtherEnds
from models.standardise import Scale
from truce.features import FeatureTable

Floats = NDArray[np.float64]

MAX_LOG_RISK = 8.0
"""A relative risk beyond e^8 is a fault of the fit, not a finding."""


@dataclass(frozen=True)
class HazardRegression(ABC):
    """Breakdown's hazard is an age curve times exp(x b); expiry and supersession compete.

    ``coefficients`` (k,) belong to the standardised columns of ``scale``.
    """

    family: ClassVar[str]
    scale: Scale
    coefficients: Floats
    other_ends: OtherEnds

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (*self.scale.names, SCHEDULE)

    @abstractmethod
    def age_hazards(self, age: NDArray[np.int64], days: int) -> Floats:
        """Cumulative hazard of breakdown of a truce with x = 0 over each of the coming ``days``, shape (len(age), days)."""

    @abstractmethod
    def curve_parameters(self) -> dict[str, Any]:
        """The age curve's own numbers, as JSON values."""

    def log_risk(self, rows: FeatureTable) -> Floats:
        """X b, shape (n,)."""
        return np.clip(self.scale.apply(rows) @ self.coefficients, -MAX_LOG_RISK, MAX_LOG_RISK)

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``."""
        risk = np.exp(self.log_risk(rows))

        def hazards(part: slice, days: int) -> Floats:
            breaking = self.age_hazards(rows.age_days[part], days) * risk[part, None]
            return np.concatenate((breaking[:, :, None], self.other_ends.hazards(rows, part, days)), axis=2)

        return by_chunks(len(rows), horizons, hazards)

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "scale": self.scale.parameters(),
            "coefficients": self.coefficients.tolist(),
            "other_ends": self.other_ends.parameters(),
            "curve": self.curve_parameters(),
        }

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        return cls(
            Scale.from_parameters(body["scale"]),
            np.array(body["coefficients"], dtype=float),
            OtherEnds.from_parameters(body["other_ends"]),
            **cls.curve_from(body["curve"]),
        )

    @classmethod
    @abstractmethod
    def curve_from(cls, body: dict[str, Any]) -> dict[str, Any]:
        """The constructor's arguments of the age curve."""
