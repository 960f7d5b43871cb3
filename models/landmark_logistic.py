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

_GONE = 600.0
"""A cumulative hazard of which the exponential is still a number."""

CALENDAR = ("ends_within", "part_ahead")
"""Columns that depend on the horizon: whether the scheduled end lies in it, and the share of it that lies before that end."""


def calendar(rows: FeatureTable, horizon: int) -> Floats:
    """The columns of ``CALENDAR``, shape (n, 2); a truce without a schedule, or past it, has its whole horizon ahead."""
    left = rows.columns([SCHEDULE])[:, 0]
    ahead = left > 0  # never where nobody set an end: that is NaN
    part = np.where(ahead, np.fmin(left, horizon) / horizon, 1.0)
    return np.stack((ahead & (left <= horizon), part), axis=1).astype(float)


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
        return self._coherent(*self._parts(rows))

    def _coherent(self, age_alone: Floats, parts: Floats) -> Floats:
        odds = self.intercepts + self.slopes * age_alone + parts.sum(axis=2)
        return isotonic(1 / (1 + np.exp(-np.clip(odds, -30, 30))))

    def _parts(self, rows: FeatureTable) -> tuple[Floats, Floats]:
        """The baseline's log-odds, shape (n, 5), and what each column of each horizon's scale adds, shape (n, 5, k)."""
        age_alone = logit(self.baseline.cumulative_incidence(rows, HORIZONS)[:, :, 0])
        base = rows.columns(self.scales[0].names[: -len(CALENDAR)])
        parts = np.empty((len(rows), len(HORIZONS), len(self.scales[0].names)))
        for k, (horizon, scale) in enumerate(zip(HORIZONS, self.scales, strict=True)):
            columns = np.concatenate((base, calendar(rows, horizon)), axis=1)
            np.multiply(scale.apply_to(columns), self.coefficients[k], out=parts[:, k])
        return age_alone, parts

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``. The chance of breakdown is the regression's own; the other ends compete for what it leaves."""
        chances, days = self.at_horizons(rows), max([*horizons, 1])
        out = np.empty((len(rows), len(horizons), 3))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, min(start + CHUNK, len(rows)))
            breaking = _breaking(chances[part], np.arange(MAX_HORIZON + 1))
            others = _competing(breaking, self.other_ends.hazards(rows, part, days))
            out[part] = np.concatenate((breaking[:, : days + 1, None], others), axis=2)[:, list(horizons)]
        return out

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``. Between the five horizons the parts are straight lines too; ``COHERENCE`` takes what is left."""
        age_alone, parts = self._parts(rows)
        own, calendars = parts[:, :, : -len(CALENDAR)], parts[:, :, -len(CALENDAR) :].sum(axis=2)
        base = self.intercepts + self.slopes * age_alone
        knots = np.concatenate((base[:, :, None], own, calendars[:, :, None]), axis=2)
        between = [np.interp(horizons, HORIZONS, row) for row in np.eye(len(HORIZONS))]
        values = np.einsum("nkf,kh->nhf", knots, np.array(between))
        said = logit(_breaking(self._coherent(age_alone, parts), np.array(horizons)))
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


def _breaking(chances: Floats, days: NDArray[np.int64]) -> Floats:
    """The chance of breakdown within each of the ``days``, (n, len(days)), from that within each of ``HORIZONS``, (n, 5).

    Between two of them the cumulative hazard is a straight line.
    """
    hazard = -np.log1p(-np.minimum(chances, 1 - _CLIP))
    knots = np.concatenate((np.zeros((len(chances), 1)), hazard), axis=1)
    breaking: Floats = -np.expm1(-_straight(np.array([0, *HORIZONS]), knots, days))
    return breaking


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
    both = hazards.sum(axis=2)
    # What holds against the other ends alone; where that is next to nothing the room is long taken.
    gone = np.minimum(np.cumsum(both, axis=1), _GONE)
    holds, ending = np.exp(-gone), -np.expm1(-np.diff(gone, axis=1, prepend=0.0))
    # They end a share of the truces that neither broke nor ended before: total' = total + ending (1 - breaking - total).
    total = holds * np.cumsum(ending * (1 - breaking[:, : both.shape[1]]) / holds, axis=1)
    daily = np.diff(np.minimum(total, (1 - breaking[:, -1])[:, None]), axis=1, prepend=0.0)
    share = np.maximum(daily, 0.0) / np.maximum(both, 1e-300)
    taken = np.cumsum(hazards * share[:, :, None], axis=1)
    return np.concatenate((np.zeros((len(breaking), 1, 2)), taken), axis=1)


def _straight(knots: NDArray[np.int64], values: Floats, at: NDArray[np.int64]) -> Floats:
    """Linear interpolation of each row, shape (n, len(at))."""
    right = np.clip(np.searchsorted(knots, at, side="left"), 1, len(knots) - 1)
    weight = (at - knots[right - 1]) / (knots[right] - knots[right - 1])
    line: Floats = values[:, right - 1] * (1 - weight) + values[:, right] * weight
    return line
