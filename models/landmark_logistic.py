"""Landmark logistic regression: one penalised logistic model a horizon, leaning on the baseline, made coherent across horizons.

Models fitted apart are neither monotone nor defined between horizons. The five chances of a row are therefore made to
rise (isotonic), and between them the cumulative hazard of breakdown is a straight line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.aalen_johansen import AalenJohansen
from models.incidence import CHUNK, isotonic
from models.other_ends import SCHEDULE, OtherEnds
from models.reasons import AGE, COHERENCE, Reasons, logit
from models.reasons import CLIP as _CLIP
from models.standardise import Scale
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS, MAX_HORIZON

Floats = NDArray[np.float64]

CALENDAR = ("ends_within", "part_ahead")
"""Columns that depend on the horizon: whether the scheduled end lies in it, and the share of it that lies before that end."""


def calendar(rows: FeatureTable, horizon: int) -> Floats:
    """The columns of ``CALENDAR``, shape (n, 2); a truce without a schedule, or past it, has its whole horizon ahead."""
    left = rows.columns([SCHEDULE])[:, 0]
    ahead = np.nan_to_num(left, nan=0.0) > 0
    within = ahead & (np.nan_to_num(left, nan=np.inf) <= horizon)
    part = np.where(ahead, np.minimum(np.nan_to_num(left, nan=horizon), horizon) / horizon, 1.0)
    return np.column_stack((within.astype(float), part))


@dataclass(frozen=True)
class LandmarkLogistic:
    """Five regressions and the baseline they lean on.

    For each of ``HORIZONS``: ``intercepts`` (5,), ``slopes`` (5,) on the baseline's log-odds, ``coefficients`` (5, k) on the standardised
    columns of that horizon's scale (the features, then ``CALENDAR``). ``fallback`` names horizons with too few breakdowns to fit.
    """

    family: ClassVar[str] = "landmark-logistic"
    baseline: AalenJohansen
    scales: tuple[Scale, ...]
    intercepts: Floats
    slopes: Floats
    coefficients: Floats
    other_ends: OtherEnds
    fallback: tuple[int, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (*self.scales[0].names[: -len(CALENDAR)], SCHEDULE)

    def at_horizons(self, rows: FeatureTable) -> Floats:
        """The chance of breakdown within each of ``HORIZONS``, coherent, shape (n, 5)."""
        age_alone = logit(self.baseline.cumulative_incidence(rows, HORIZONS)[:, :, 0])
        base = rows.columns(self.features[:-1])
        odds = np.empty_like(age_alone)
        for k, (horizon, scale) in enumerate(zip(HORIZONS, self.scales, strict=True)):
            columns = scale.apply_to(np.concatenate((base, calendar(rows, horizon)), axis=1))
            odds[:, k] = self.intercepts[k] + self.slopes[k] * age_alone[:, k] + columns @ self.coefficients[k]
        return isotonic(1 / (1 + np.exp(-np.clip(odds, -30, 30))))

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``. The chance of breakdown is the regression's own; the other ends compete for what it leaves."""
        hazard = -np.log1p(-np.minimum(self.at_horizons(rows), 1 - _CLIP))
        knots = np.concatenate((np.zeros((len(rows), 1)), hazard), axis=1)
        days = max([*horizons, 1])
        out = np.empty((len(rows), len(horizons), 3))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, min(start + CHUNK, len(rows)))
            breaking = -np.expm1(-_straight(np.array([0, *HORIZONS]), knots[part], np.arange(MAX_HORIZON + 1)))
            others = _competing(breaking, self.other_ends.hazards(rows, part, days))
            out[part] = np.concatenate((breaking[:, : days + 1, None], others), axis=2)[:, list(horizons)]
        return out

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``. Between the five horizons the parts are straight lines too; ``COHERENCE`` takes what is left."""
        age_alone = logit(self.baseline.cumulative_incidence(rows, HORIZONS)[:, :, 0])
        base = rows.columns(self.features[:-1])
        knots = np.empty((len(rows), len(HORIZONS), len(self.features) + 1))
        for k, (horizon, scale) in enumerate(zip(HORIZONS, self.scales, strict=True)):
            parts = scale.apply_to(np.concatenate((base, calendar(rows, horizon)), axis=1)) * self.coefficients[k]
            knots[:, k, 0] = self.intercepts[k] + self.slopes[k] * age_alone[:, k]
            knots[:, k, 1:-1] = parts[:, : -len(CALENDAR)]
            knots[:, k, -1] = parts[:, -len(CALENDAR) :].sum(axis=1)
        between = [np.interp(horizons, HORIZONS, row) for row in np.eye(len(HORIZONS))]
        values = np.einsum("nkf,kh->nhf", knots, np.array(between))
        said = logit(self.cumulative_incidence(rows, horizons)[:, :, 0])
        left = said - values.sum(axis=2)
        return Reasons((AGE, *self.features, COHERENCE), np.concatenate((values, left[:, :, None]), axis=2))

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "baseline": self.baseline.parameters(),
            "scales": [scale.parameters() for scale in self.scales],
            "intercepts": self.intercepts.tolist(),
            "slopes": self.slopes.tolist(),
            "coefficients": self.coefficients.tolist(),
            "other_ends": self.other_ends.parameters(),
            "fallback": list(self.fallback),
        }

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        return cls(
            AalenJohansen.from_parameters(body["baseline"]),
            tuple(Scale.from_parameters(scale) for scale in body["scales"]),
            np.array(body["intercepts"], dtype=float),
            np.array(body["slopes"], dtype=float),
            np.array(body["coefficients"], dtype=float),
            OtherEnds.from_parameters(body["other_ends"]),
            tuple(body["fallback"]),
        )


def _competing(breaking: Floats, hazards: Floats) -> Floats:
    """Cumulative incidence of the other ends beside a given one of breakdown.

    They act on truces that still hold, and never take the room that breakdown needs later in the year, so that the
    ends together stay below 1 at every horizon without touching the chance of breakdown.

    Args:
        breaking: shape (n, 366).
        hazards: daily cumulative hazards of the other ends, shape (n, days, 2).

    Returns:
        Shape (n, days + 1, 2).
    """
    room = 1 - breaking[:, -1]
    taken = np.zeros((*hazards.shape[:2], 2))
    total = np.zeros(len(breaking))
    for day in range(hazards.shape[1]):
        daily = hazards[:, day]
        both = daily.sum(axis=1)
        ends = np.minimum(-np.expm1(-both) * (1 - breaking[:, day] - total), room - total)
        taken[:, day] = np.maximum(ends, 0.0)[:, None] * daily / np.maximum(both, 1e-300)[:, None]
        total += taken[:, day].sum(axis=1)
    return np.concatenate((np.zeros((len(breaking), 1, 2)), np.cumsum(taken, axis=1)), axis=1)


def _straight(knots: NDArray[np.int64], values: Floats, at: NDArray[np.int64]) -> Floats:
    """Linear interpolation of each row, shape (n, len(at))."""
    right = np.clip(np.searchsorted(knots, at, side="left"), 1, len(knots) - 1)
    weight = (at - knots[right - 1]) / (knots[right] - knots[right - 1])
    line: Floats = values[:, right - 1] * (1 - weight) + values[:, right] * weight
    return line
