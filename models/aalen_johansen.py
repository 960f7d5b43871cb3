"""The baseline B1: the chance of each end by truce age alone (Aalen and Johansen 1978).

Given that a truce has held to age a, its chance to end by cause c within h days is (F_c(a + h) - F_c(a)) / S(a).
Beyond the last age at which anything was seen the last year's hazard goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.reasons import AGE, Reasons, logit
from truce.features import FeatureTable
from truce.vocabulary import MAX_HORIZON

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AalenJohansen:
    """Cause-specific hazards by age.

    ``ages`` (k,) are the days of age at which ends were seen, ascending; ``hazards`` (k, 3) the share of those still
    in force that ended there, by cause; ``last_age`` is the last age at which anyone was watched, ``tail`` (3,) the
    hazard a day after it.
    """

    family: ClassVar[str] = "aalen-johansen"
    ages: Floats
    hazards: Floats
    last_age: float
    tail: Floats
    features: tuple[str, ...] = field(default=(), init=False)

    def curve(self, ages: NDArray[np.int64]) -> Floats:
        """Share of truces that have ended by each cause by the end of each age in days, shape (len(ages), 3)."""
        return self._table(int(ages.max(initial=0)))[0][ages]

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``."""
        age = rows.age_days
        ended, holds = self._whole
        start = np.minimum(age, int(self.last_age))
        then = ended[start[:, None] + np.asarray(horizons, dtype=np.int64)]
        alive = holds[start][:, None, None]
        given = (then - ended[start][:, None, :]) / np.maximum(alive, 1e-300)
        # The last age counts as beyond: S is 0 there when all have ended, or what rounding leaves of 0.
        given[age >= self.last_age] = self._tail_incidence(np.asarray(horizons, dtype=float))
        chances: Floats = np.clip(given, 0.0, 1.0)
        return chances

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``: truce age is all there is."""
        return Reasons((AGE,), logit(self.cumulative_incidence(rows, horizons)[:, :, :1]))

    def daily_hazards(self, last: int) -> Floats:
        """The hazard of each cause on each day of age 1 to ``last``, shape (last, 3): the last year's beyond what was seen."""
        out = np.zeros((last, 3))
        out[int(self.last_age) :] = self.tail
        seen = self.ages <= last
        out[np.ceil(self.ages[seen]).astype(np.int64) - 1] = self.hazards[seen]
        return out

    @cached_property
    def _whole(self) -> tuple[Floats, Floats]:
        """The table of all that was seen and a year beyond, for every request that will come."""
        return self._table(int(self.last_age) + MAX_HORIZON)

    def _table(self, last: int) -> tuple[Floats, Floats]:
        """F (last + 1, 3) and S (last + 1,) at whole days of age."""
        hazards = self.daily_hazards(last)
        total = np.minimum(hazards.sum(axis=1), 1.0)
        holds = np.concatenate(([1.0], np.cumprod(1 - total)))
        steps = np.cumsum(holds[:-1, None] * hazards, axis=0)
        return np.concatenate((np.zeros((1, 3)), steps)), holds

    def _tail_incidence(self, horizons: Floats) -> Floats:
        total = self.tail.sum()
        if total <= 0:
            return np.zeros((len(horizons), 3))
        shares: Floats = self.tail / total
        ended: Floats = -np.expm1(horizons * np.log1p(-min(total, 1 - 1e-12)))
        return ended[:, None] * shares

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "ages": self.ages.tolist(),
            "hazards": self.hazards.tolist(),
            "last_age": self.last_age,
            "tail": self.tail.tolist(),
        }

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        return cls(
            np.array(body["ages"], dtype=float),
            np.array(body["hazards"], dtype=float).reshape(-1, 3),
            float(body["last_age"]),
            np.array(body["tail"], dtype=float),
        )
