"""How often an alarm would have been raised for nothing: a threshold played through out-of-fold forecasts, truce by truce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from truce.vocabulary import HORIZONS

HELD, BROKE, UNSEEN = 0, 1, 2
"""What became of a truce within a horizon; unseen where nobody watched to its end."""
_PARTS = 10_000
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Played:
    """What an alarm would have done: how often it was raised, how often for nothing, over how many truce-years of watching."""

    alarms: int
    false_alarms: int
    truce_years: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """n out-of-fold forecasts, sorted by truce and day.

    ``truce`` (n,) numbers the truces, ``days`` (n,) is how long the forecast was the latest one, ``p`` (n, len(HORIZONS)) the chances
    of breakdown in parts of 10,000, ``outcome`` of the same shape is HELD, BROKE or UNSEEN.
    """

    truce: NDArray[np.int64]
    days: NDArray[np.int64]
    p: NDArray[np.int64]
    outcome: NDArray[np.int64]

    @classmethod
    def of(
        cls, truce: NDArray[np.int64], days: NDArray[np.int64], p: NDArray[np.float64], outcome: NDArray[np.int64]
    ) -> Self:
        """From chances between 0 and 1."""
        return cls(truce, days, np.rint(p * _PARTS).astype(np.int64), outcome)

    def play(self, horizon: int, threshold: float, hysteresis: float) -> Played:
        """Raise at ``threshold``, clear below ``threshold - hysteresis``; a false alarm is one after which the truce held to the horizon.

        Raises:
            KeyError: a horizon that was not judged.
        """
        if horizon not in HORIZONS:
            raise KeyError(horizon)
        k = HORIZONS.index(horizon)
        high, low = threshold * _PARTS, (threshold - hysteresis) * _PARTS
        alarms = false = 0
        raised, of = False, -1
        for truce, p, outcome in zip(
            self.truce.tolist(), self.p[:, k].tolist(), self.outcome[:, k].tolist(), strict=True
        ):
            was = raised and truce == of
            raised, of = p >= (low if was else high), truce
            if raised and not was:
                alarms += 1
                false += outcome == HELD
        return Played(alarms, false, float(self.days.sum()) / _YEAR)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name).tolist() for name in self.__slots__}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        """Read back what ``as_json`` wrote."""
        return cls(**{name: np.array(body[name], dtype=np.int64) for name in cls.__slots__})
