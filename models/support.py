"""What a model has seen in training, and where it has nothing to go by.

A row is outside support when no truce was ever followed to near its age, or when a column that the model reads lies further outside
the values seen than these are wide (and than three standard deviations): then the model would have to invent. A term, schedule or
record that never varied in training tells nothing of any other value. An event that never happened in training has no weight, so
a forecast does without it; a what-if that turns on it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from truce.families import EVENT_FAMILIES
from truce.features import FeatureTable, names_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OUTSIDE = "outside_support"
"""The code of such a refusal."""
AGE_MARGIN = 365
"""So many days older than the longest-followed truce a row may be: that truce itself grows older."""
_FAR = 3.0
FEW_TRUCES, FEW_BREAKS = 20, 10
"""What an event's count in training must reach, or its what-if is flagged as thin."""

_OF_EVENTS = frozenset(names_of(*(family.name for family in EVENT_FAMILIES)))


@dataclass(frozen=True, slots=True)
class Seen:
    """Training rows in whose window an event was, the truces they belong to, and those of them that broke within 30 days of such a row."""

    rows: int
    truces: int
    breaks: int

    @property
    def thin(self) -> bool:
        """Whether what it says leans on a handful of cases."""
        return self.truces < FEW_TRUCES or self.breaks < FEW_BREAKS


@dataclass(frozen=True, slots=True)
class Support:
    """The longest age followed, the least, greatest and standard deviation of each column read (k,), and the counts of event columns."""

    last_age: int
    names: tuple[str, ...]
    low: Floats
    high: Floats
    sd: Floats
    seen: Mapping[str, Seen]

    def outside(self, rows: FeatureTable) -> list[str | None]:
        """For each row why it is outside support, None where it is inside."""
        old = rows.age_days > self.last_age + AGE_MARGIN
        far = self._far(rows.columns(self.names))
        return [self._why(rows, k, far[k]) if out else None for k, out in enumerate((old | far.any(axis=1)).tolist())]

    def _far(self, values: Floats) -> Bools:
        constant = self.high <= self.low
        weightless = constant & np.array([name in _OF_EVENTS for name in self.names], dtype=bool)
        reach = np.where(weightless, np.inf, np.maximum(self.high - self.low, _FAR * self.sd))
        # A column that is undefined in a row, or was in all of training, says nothing.
        far: Bools = (values > self.high + reach) | (values < self.low - reach)
        return far

    def _why(self, rows: FeatureTable, k: int, far: Bools) -> str:
        if rows.age_days[k] > self.last_age + AGE_MARGIN:
            return f"it is {rows.age_days[k]} days old, and no truce of the training set was followed beyond {self.last_age}"
        j = int(np.flatnonzero(far)[0])
        value = float(rows.columns((self.names[j],))[k, 0])
        return f"{self.names[j]} is {value:.4g}, and the training set saw {self.low[j]:.4g} to {self.high[j]:.4g}"

    def parameters(self) -> dict[str, Any]:
        """JSON values; a column never defined in training has null bounds."""
        return {
            "last_age": self.last_age,
            "names": list(self.names),
            **{part: [None if np.isnan(v) else v for v in getattr(self, part).tolist()] for part in ("low", "high")},
            "sd": self.sd.tolist(),
            "seen": {name: asdict(one) for name, one in self.seen.items()},
        }

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote. Raises ValueError when parts do not fit together."""
        low, high, sd = (np.array(body[part], dtype=float) for part in ("low", "high", "sd"))
        if not len(body["names"]) == len(low) == len(high) == len(sd):
            raise ValueError("a support needs bounds for each column")
        seen = {name: Seen(**{part: int(n) for part, n in one.items()}) for name, one in body["seen"].items()}
        return cls(int(body["last_age"]), tuple(body["names"]), low, high, sd, seen)
