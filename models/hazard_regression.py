"""Three ways to write the hazard of breakdown, one formula around them: proportional hazards over an age curve, with competing ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.incidence import by_chunks
from models.other_ends import SCHEDULE, OtherEnds
from models.reasons import AGE, Reasons, logit
from models.standardise import Scale
from truce.features import FeatureTable

Floats = NDArray[np.float64]

MAX_LOG_RISK = 8.0
"""A relative risk beyond e^8 is a fault of the fit, not a finding."""

_STEP = 1e-5


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
    def curve_parameters(self) -> dict[str, Any]:
        """The age curve's own numbers, as JSON values."""

    def log_risk(self, rows: FeatureTable) -> Floats:
        """X b, shape (n,)."""
        return np.clip(self.scale.apply(rows) @ self.coefficients, -MAX_LOG_RISK, MAX_LOG_RISK)

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``."""
        return self._incidence(rows, self.log_risk(rows), horizons)

    @abstractmethod
    def _incidence(self, rows: FeatureTable, log_risk: Floats, horizons: Sequence[int]) -> Floats:
        """Cumulative incidence (n, len(horizons), 3) at such relative risks (n,)."""

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``. The schedule's part is what the expiry that competes takes away, for a truce of average columns."""

        def said(table: FeatureTable, log_risk: Floats) -> Floats:
            return logit(self._incidence(table, log_risk, horizons)[:, :, 0])

        parts, none = self.scale.apply(rows) * self.coefficients, np.zeros(len(rows))
        index = parts.sum(axis=1)
        asked = FeatureTable.concat(
            [_untimed(rows), rows, rows]
        )  # one question costs little more than a third of three
        age, mean, own = np.split(said(asked, np.concatenate((none, none, self.log_risk(rows)))), 3)
        slope = (own - mean) / np.where(np.abs(index) < _STEP, np.inf, index)[:, None]
        still = np.abs(index) < _STEP
        if still.any():  # parts that cancel: the mean slope is the slope at the mean
            here = rows.take(still)
            up, down = (said(here, none[still] + step) for step in (_STEP, -_STEP))
            slope[still] = (up - down) / (2 * _STEP)
        values = np.concatenate(
            (age[:, :, None], slope[:, :, None] * parts[:, None, :], (mean - age)[:, :, None]), axis=2
        )
        return Reasons((AGE, *self.scale.names, SCHEDULE), values)

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


class DailyHazard(HazardRegression):
    """An age curve that may bend every day: hazards are composed day by day."""

    @abstractmethod
    def age_hazards(self, age: NDArray[np.int64], days: int) -> Floats:
        """Cumulative hazard of breakdown of a truce with x = 0 over each of the coming ``days``, shape (len(age), days)."""

    def _incidence(self, rows: FeatureTable, log_risk: Floats, horizons: Sequence[int]) -> Floats:
        risk = np.exp(log_risk)

        def hazards(part: slice, days: int) -> Floats:
            breaking = self.age_hazards(rows.age_days[part], days) * risk[part, None]
            return np.concatenate((breaking[:, :, None], self.other_ends.hazards(rows, part, days)), axis=2)

        return by_chunks(len(rows), horizons, hazards)


def _untimed(rows: FeatureTable) -> FeatureTable:
    """The same rows, had nobody set an end."""
    values = rows.values.copy()
    values[:, rows.names.index(SCHEDULE)] = np.nan
    return replace(rows, values=values)
