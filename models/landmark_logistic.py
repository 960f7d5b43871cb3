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
from models.incidence import isotonic, piece_of, starts_of
from models.other_ends import SCHEDULE, OtherEnds
from models.reasons import AGE, COHERENCE, Reasons, logit
from models.reasons import CLIP as _CLIP
from models.standardise import Scale
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KNOTS = np.array([0, *HORIZONS])
"""Between these days breakdown's cumulative hazard is a straight line."""
_LEAST = 1e-300

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
        hazard = _hazard(self.at_horizons(rows))
        breaking = _breaking(hazard, np.asarray(horizons, dtype=np.int64))
        return np.concatenate((breaking[:, :, None], self._others(rows, hazard, horizons)), axis=2)

    def _others(self, rows: FeatureTable, hazard: Floats, horizons: Sequence[int]) -> Floats:
        """Cumulative incidence of the other ends, (n, len(horizons), 2), beside breakdown's cumulative ``hazard`` at ``_KNOTS``."""
        bends = np.broadcast_to(_KNOTS[1:-1], (len(rows), len(_KNOTS) - 2))
        starts = starts_of([bends, self.other_ends.turns(rows)])
        slope = np.diff(hazard, axis=1) / np.diff(_KNOTS)
        straight = np.minimum(np.searchsorted(_KNOTS, starts, side="right") - 1, slope.shape[1] - 1)
        row = np.arange(len(rows))[:, None]
        broken = hazard[row, straight] + slope[row, straight] * (starts - _KNOTS[straight])
        rates = self.other_ends.on(rows, starts + 1)
        return _competing(starts, rates, np.exp(-broken), slope[row, straight], np.exp(-hazard[:, -1:]), horizons)

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``. Between the five horizons the parts are straight lines too; ``COHERENCE`` takes what is left."""
        age_alone, parts = self._parts(rows)
        own, calendars = parts[:, :, : -len(CALENDAR)], parts[:, :, -len(CALENDAR) :].sum(axis=2)
        base = self.intercepts + self.slopes * age_alone
        knots = np.concatenate((base[:, :, None], own, calendars[:, :, None]), axis=2)
        between = [np.interp(horizons, HORIZONS, row) for row in np.eye(len(HORIZONS))]
        values = np.einsum("nkf,kh->nhf", knots, np.array(between))
        said = logit(_breaking(_hazard(self._coherent(age_alone, parts)), np.array(horizons)))
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


def _hazard(chances: Floats) -> Floats:
    """Breakdown's cumulative hazard at ``_KNOTS``, (n, 6), from its chance within each of ``HORIZONS``, (n, 5)."""
    hazard = -np.log1p(-np.minimum(chances, 1 - _CLIP))
    return np.concatenate((np.zeros((len(chances), 1)), hazard), axis=1)


def _breaking(hazard: Floats, days: Ints) -> Floats:
    """The chance of breakdown within each of the ``days``, (n, len(days)): between two knots its cumulative hazard is a straight line."""
    breaking: Floats = -np.expm1(-_straight(_KNOTS, hazard, days))
    return breaking


def _competing(
    starts: Ints, rates: Floats, unbroken: Floats, slope: Floats, room: Floats, horizons: Sequence[int]
) -> Floats:
    """Cumulative incidence of the other ends beside a given one of breakdown.

    Every day they end a share of the truces that neither broke nor ended before: total' = total + ending (1 - breaking - total), with
    breaking as it was when the day began. They never take the room that breakdown needs later in the year, so that the ends together
    stay below 1 at every horizon without touching the chance of breakdown. Within a piece this is a geometric series.

    Args:
        starts: shape (n, s), the pieces as ``starts_of`` gives them.
        rates: shape (n, s, 2): the other ends' hazards a day.
        unbroken: shape (n, s): the chance not to have broken by the start of each piece.
        slope: shape (n, s): breakdown's hazard a day.
        room: shape (n, 1): the chance not to break within a year.
        horizons: H whole days.

    Returns:
        Shape (n, H, 2).
    """
    both = rates.sum(axis=2)
    share = rates / np.maximum(both, _LEAST)[:, :, None]
    kept, added = _ended(unbroken[:, :-1], both[:, :-1], slope[:, :-1], np.diff(starts, axis=1))
    total = np.zeros(both.shape)
    for k in range(kept.shape[1]):
        total[:, k + 1] = kept[:, k] * total[:, k] + added[:, k]
    within = np.minimum(total, room)
    taken = np.cumsum(np.maximum(np.diff(within, axis=1), 0.0)[:, :, None] * share[:, :-1], axis=1)
    taken = np.concatenate((np.zeros_like(rates[:, :1]), taken), axis=1)
    piece, since = piece_of(starts, horizons)
    at = np.arange(len(starts))[:, None], piece
    kept, added = _ended(unbroken[at], both[at], slope[at], since)
    more = np.minimum(kept * total[at] + added, room) - within[at]
    found: Floats = taken[at] + np.maximum(more, 0.0)[:, :, None] * share[at]
    return found


def _ended(unbroken: Floats, rate: Floats, slope: Floats, days: Ints) -> tuple[Floats, Floats]:
    """What is left of a total ``days`` into a piece, and what the other ends add to it; all of one shape.

    With q = exp(-rate) and p = exp(-slope): q^d, and (1 - q) unbroken (q^(d-1) + q^(d-2) p + ... + p^(d-1)). The series is written with
    the larger of q and p before it, so that nothing overflows.
    """
    gap = -np.abs(rate - slope)
    terms = np.divide(np.expm1(days * gap), np.expm1(gap), out=days.astype(float), where=gap < 0)
    series = np.exp(-np.maximum(days - 1, 0) * np.minimum(rate, slope)) * terms
    added: Floats = -np.expm1(-rate) * unbroken * series
    return np.exp(-rate * days), added


def _straight(knots: Ints, values: Floats, at: Ints) -> Floats:
    """Linear interpolation of each row, shape (n, len(at))."""
    right = np.clip(np.searchsorted(knots, at, side="left"), 1, len(knots) - 1)
    weight = (at - knots[right - 1]) / (knots[right] - knots[right - 1])
    line: Floats = values[:, right - 1] * (1 - weight) + values[:, right] * weight
    return line
