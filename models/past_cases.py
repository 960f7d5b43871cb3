"""How the kind of case at hand has fared in the backtest: the record behind the word tested, thin or untested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from truce.features import FeatureTable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AGES = (0, 8, 31, 91, 366, 731)
"""The first day of each age band of the protocol."""
KIND = ("unilateral", "timed")
"""Columns that part the cells beside age: one side alone or several, a scheduled end or none."""
HORIZON = 90
"""Cases are those whose 90 days ahead were seen, and broke when they broke within them."""
FEW_TRUCES = 5
MANY_BREAKS, MANY_CONFLICTS = 20, 5
"""Under 20 breakdowns the protocol refuses to draw a reliability curve."""

_SHAPE = (len(AGES), 2, 2)
CELLS = len(AGES) * 2 * 2


def cell_of(rows: FeatureTable) -> Ints:
    """The cell of each row, shape (n,): age band, one-sided or not, timed or not."""
    band = np.searchsorted(AGES, rows.age_days, side="right") - 1
    one_sided, timed = (rows.columns(KIND) > 0).astype(np.int64).T
    cell: Ints = np.ravel_multi_index((band, one_sided, timed), _SHAPE).astype(np.int64)
    return cell


@dataclass(frozen=True, slots=True)
class PastCases:
    """Of each cell (24,) what was forecast out of fold: distinct truces, those that broke, conflicts; the mean forecast and outcome of rows.

    ``expected`` and ``observed`` are shares of rows, 0 where there are none.
    """

    truces: Ints
    breaks: Ints
    conflicts: Ints
    rows: Ints
    expected: Floats
    observed: Floats

    def classes(self, rows: FeatureTable) -> list[dict[str, Any]]:
        """For each row its class, and the truces and breakdowns behind it."""
        cells = cell_of(rows).tolist()
        told = {k: self._class(k) for k in set(cells)}
        return [told[k] for k in cells]

    def _class(self, k: int) -> dict[str, Any]:
        return {"class": self._word(k), "n": int(self.truces[k]), "breaks": int(self.breaks[k])}

    def cases(self, rows: FeatureTable) -> list[dict[str, Any]]:
        """The same with all that the cell holds, in words."""
        return [self._case(k) for k in cell_of(rows).tolist()]

    def everything(self) -> list[dict[str, Any]]:
        """Every cell that the backtest has cases of, as ``cases`` tells it."""
        return [self._case(k) for k in range(CELLS) if self.truces[k] > 0]

    def _case(self, k: int) -> dict[str, Any]:
        return {
            **self._class(k),
            "cell": self._named(k),
            "conflicts": int(self.conflicts[k]),
            "rows": int(self.rows[k]),
            "mean_forecast": float(self.expected[k]),
            "share_broken": float(self.observed[k]),
            "horizon": HORIZON,
        }

    def _word(self, k: int) -> str:
        if self.truces[k] < FEW_TRUCES:
            return "untested"
        return "tested" if self.breaks[k] >= MANY_BREAKS and self.conflicts[k] >= MANY_CONFLICTS else "thin"

    @staticmethod
    def _named(k: int) -> str:
        band, one_sided, timed = np.unravel_index(k, _SHAPE)
        until = f" to {AGES[band + 1] - 1}" if band + 1 < len(AGES) else " or more"
        return f"{AGES[band]}{until} days old, {'one-sided' if one_sided else 'mutual'}, {'with' if timed else 'without'} a scheduled end"

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {name: getattr(self, name).tolist() for name in self.__slots__}

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote. Raises ValueError for another number of cells."""
        counts = [np.array(body[name], dtype=np.int64) for name in ("truces", "breaks", "conflicts", "rows")]
        shares = [np.array(body[name], dtype=float) for name in ("expected", "observed")]
        if any(part.shape != (CELLS,) for part in (*counts, *shares)):
            raise ValueError("past cases need one number a cell")
        return cls(counts[0], counts[1], counts[2], counts[3], shares[0], shares[1])


UNTESTED: dict[str, Any] = {"class": "untested", "n": 0, "breaks": 0}
"""What a model says of which no backtest is told."""
