"""Truces with the whole of what is coded of them, future ends too, of which any moment sees only what was known: made once for many moments.

As ``History.known_at``, to which a property test holds it, without asking every truce anew: whether a start, an end and a violation were
known by a moment is one comparison for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.clock import end_of
from truce.columns import EventColumns
from truce.history import History, as_believed
from truce.record import Ledger, stamp
from truce.vocabulary import Truce

_LAST = np.datetime64("9999-12-31T23:59:59", "s")
"""The second behind it is none that Python can name."""


@dataclass(frozen=True, slots=True)
class Lives:
    """m truces, the ledger of their lives, and the moments from which their first violations are known.

    ``place`` is where each truce stands; ``coded_from`` is when the first truce of each register began.
    """

    truces: tuple[Truce, ...]
    ledger: Ledger
    violated: NDArray[np.datetime64]
    place: Mapping[str, int]
    coded_from: Mapping[str, np.datetime64]
    known_from: tuple[list[datetime], list[datetime], list[datetime]]
    """Of each truce the moments, whole seconds, from which its start, its end and its first violation are known: for one truce at a time."""
    _seen: dict[tuple[int, bool, bool], Truce] = field(default_factory=dict)

    @classmethod
    def of(cls, truces: Sequence[Truce]) -> Self:
        """Of truces with their ends."""
        violated = stamp([end_of(t.first_violation) if t.first_violation else None for t in truces])
        ledger = Ledger.of(truces)
        first: dict[str, np.datetime64] = {}
        for truce, begins in zip(truces, ledger.begins, strict=True):
            first[truce.coding] = min(begins, first.get(truce.coding, begins))
        place = {truce.truce_id: k for k, truce in enumerate(truces)}
        known_from = _moments(ledger.begins), _moments(ledger.end_known), _moments(violated)
        return cls(tuple(truces), ledger, violated, place, first, known_from)

    def believed(self, truce_id: str, moment: datetime) -> tuple[Truce, int] | None:
        """A truce as it was believed at a moment, and where it stands among the lives; None when it had not begun, or there is none."""
        k = self.place.get(truce_id)
        begins, end_known, violated = self.known_from
        if k is None or begins[k] > moment:
            return None
        key = k, end_known[k] <= moment, violated[k] <= moment
        return self._seen.get(key) or self._believed(key, moment), k

    def codings(self, moment: datetime) -> list[str]:
        """The registers that had a truce by a moment."""
        at = np.datetime64(moment.replace(tzinfo=None), "s")
        return [coding for coding, first in self.coded_from.items() if first <= at]

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
        return self._seen.setdefault(key, as_believed(self.truces[key[0]], moment.replace(microsecond=0)))


def _moments(stamps: NDArray[np.datetime64]) -> list[datetime]:
    return [moment.replace(tzinfo=UTC) for moment in np.minimum(stamps, _LAST).tolist()]
