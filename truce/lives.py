"""Truces with the whole of what is coded of them, future ends too, of which any moment sees only what was known: made once for many moments.

As ``History.known_at``, to which a property test holds it, without asking every truce anew: whether a start, an end and a violation were
known by a moment is one comparison for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.clock import end_of
from truce.columns import EventColumns
from truce.history import History, as_believed
from truce.record import Ledger, stamp
from truce.vocabulary import Truce


@dataclass(frozen=True, slots=True)
class Lives:
    """m truces, the ledger of their lives, and the moments from which their first violations are known."""

    truces: tuple[Truce, ...]
    ledger: Ledger
    violated: NDArray[np.datetime64]
    _seen: dict[tuple[int, bool, bool], Truce] = field(default_factory=dict)

    @classmethod
    def of(cls, truces: Sequence[Truce]) -> Self:
        """Of truces with their ends."""
        violated = stamp([t.first_violation and end_of(t.first_violation) for t in truces])
        return cls(tuple(truces), Ledger.of(truces), violated)

    def known_at(self, moment: datetime, events: EventColumns) -> tuple[History, NDArray[np.int64]]:
        """The history at a moment, and which of the truces are in it, ascending."""
        at = np.datetime64(moment.replace(tzinfo=None), "s")
        begun = np.flatnonzero(self.ledger.begins <= at)
        over, violated = self.ledger.end_known[begun] <= at, self.violated[begun] <= at
        keys = zip(begun.tolist(), over.tolist(), violated.tolist(), strict=True)
        believed = tuple(self._seen.get(key) or self._believed(key, moment) for key in keys)
        return History.known_at(moment, [], events).holding(believed), begun

    def _believed(self, key: tuple[int, bool, bool], moment: datetime) -> Truce:
        """A truce as any moment sees it that knows as much of it as this one."""
        truce = self._seen[key] = as_believed(self.truces[key[0]], moment)
        return truce
