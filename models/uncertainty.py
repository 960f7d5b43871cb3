"""How sure a chance is: the spread of refits on resampled conflicts, kept as a few numbers and read off for any row.

On the right scale (log-odds, or the log of the cumulative hazard) what a refit says differently is nearly a straight line in a row's
columns, with a bend for age. So the spread of a row is the length of a short vector: cheap for a batch, and the same code for every
family. What the straight line misses near an age is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.landmark_logistic import CALENDAR, calendar
from models.other_ends import SCHEDULE
from models.standardise import Scale
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

AGES = (0.0, 1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3840.0)
"""Ages in days between which the spread bends; straight lines in log age between them, level outside."""
LINKS = ("logit", "cloglog")
FLOOR = 1e-3
"""Chances below are not told apart: on either scale 0 lies at minus infinity, and a refit that saw no end says 0."""
_DIGITS = 6


def linked(p: Floats, link: str) -> Floats:
    """A chance on the scale of its link, kept off 0 and 1 by ``FLOOR``."""
    p = np.clip(p, FLOOR, 1 - FLOOR)
    value: Floats = np.log(p / (1 - p)) if link == "logit" else np.log(np.negative(np.log1p(-p)))
    return value


def unlinked(value: Floats, link: str) -> Floats:
    """The chance that ``linked`` came from."""
    chance: Floats = 1 / (1 + np.exp(-value)) if link == "logit" else np.negative(np.expm1(-np.exp(value)))
    return chance


def basis(scale: Scale, rows: FeatureTable, horizon: int) -> Floats:
    """What spreads are linear in: hats over ``AGES``, standardised columns, the calendar; shape (n, len(AGES) + k + 2)."""
    return np.concatenate((hats_of(rows), scale.apply(rows), _calendar(rows, horizon)), axis=1)


def hats_of(rows: FeatureTable) -> Floats:
    """How near each row is to each of ``AGES``, shape (n, len(AGES)); a row's numbers add up to 1."""
    at, knots = np.log1p(rows.age_days.astype(float)), np.log1p(np.array(AGES))
    right = np.clip(np.searchsorted(knots, at, side="right"), 1, len(knots) - 1)
    weight = np.clip((at - knots[right - 1]) / (knots[right] - knots[right - 1]), 0.0, 1.0)
    hats = np.zeros((len(at), len(knots)))
    row = np.arange(len(at))
    hats[row, right - 1], hats[row, right] = 1 - weight, weight
    return hats


def _calendar(rows: FeatureTable, horizon: int) -> Floats:
    """Within the horizon or not, and the share of it that lies behind the scheduled end: 0 without one."""
    columns: Floats = calendar(rows, horizon) - np.array([0.0, 1.0])
    return columns


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The spread of refits.

    ``roots`` holds for each of ``HORIZONS`` a matrix (len(AGES) + k + 2, r): the standard error of a row is the length of its basis times
    this, and ``missed`` (5, len(AGES)), the variance that the straight line misses near each age, on top; ``quantile`` (two-sided 95 %) is
    Student's t for so many conflicts as carry the evidence. ``draws`` refits were made over ``clusters`` conflicts.
    """

    link: str
    scale: Scale
    roots: tuple[Floats, ...]
    missed: Floats
    quantile: float
    draws: int
    clusters: int

    def errors(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """Standard errors on the link's scale, shape (n, len(horizons)); straight lines in log days between ``HORIZONS``."""
        hats = hats_of(rows)
        common = np.concatenate((hats, self.scale.apply(rows)), axis=1)
        knots = np.empty((len(rows), len(HORIZONS)))
        for k, horizon in enumerate(HORIZONS):
            spread = (
                common @ self.roots[k][: -len(CALENDAR)] + _calendar(rows, horizon) @ self.roots[k][-len(CALENDAR) :]
            )
            knots[:, k] = np.sqrt((spread**2).sum(axis=1) + hats @ self.missed[k])
        between = [np.interp(np.log(horizons), np.log(HORIZONS), row) for row in np.eye(len(HORIZONS))]
        out: Floats = knots @ np.array(between)
        return out

    def interval(self, rows: FeatureTable, horizons: Sequence[int], p: Floats) -> Floats:
        """The 95 % interval of chances ``p`` (n, len(horizons)), shape (n, len(horizons), 2); it holds ``p``."""
        middle, reach = linked(p, self.link), self.quantile * self.errors(rows, horizons)
        low, high = unlinked(middle - reach, self.link), unlinked(middle + reach, self.link)
        return np.stack((np.minimum(low, p), np.maximum(high, p)), axis=2)

    def parameters(self) -> dict[str, Any]:
        """JSON values, to six significant digits: more is noise of the draws."""
        return {
            "link": self.link,
            "scale": self.scale.parameters(),
            "roots": [[[_short(value) for value in row] for row in root.tolist()] for root in self.roots],
            "missed": [[_short(value) for value in row] for row in self.missed.tolist()],
            "quantile": self.quantile,
            "draws": self.draws,
            "clusters": self.clusters,
        }

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote. Raises ValueError when parts do not fit together."""
        scale = Scale.from_parameters(body["scale"])
        roots = tuple(np.array(root, dtype=float) for root in body["roots"])
        missed = np.array(body["missed"], dtype=float)
        rows = len(AGES) + len(scale.names) + len(CALENDAR)
        if body["link"] not in LINKS or SCHEDULE in scale.names:
            raise ValueError("an uncertainty on no scale that is known")
        if (
            len(roots) != len(HORIZONS)
            or missed.shape != (len(HORIZONS), len(AGES))
            or any(r.shape[:1] != (rows,) for r in roots)
        ):
            raise ValueError("an uncertainty needs one root a horizon and one row a column")
        return cls(
            body["link"], scale, roots, missed, float(body["quantile"]), int(body["draws"]), int(body["clusters"])
        )


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
