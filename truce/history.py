"""What was known at a moment: the only door to the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import numpy as np

from truce.clock import end_of, start_of
from truce.columns import EventColumns
from truce.violence import Violence
from truce.vocabulary import UNSETTLED, Outcome, Truce


def as_believed(truce: Truce, moment: datetime) -> Truce:
    """The truce as the world saw it at ``moment``: an end or a violation not yet known is taken out.

    A truce of unknown fate stays so at every moment: nobody can say whether it was in force.
    """
    if truce.first_violation is not None and end_of(truce.first_violation) > moment:
        truce = replace(truce, first_violation=None)
    if truce.outcome is Outcome.ONGOING or truce.outcome in UNSETTLED or end_is_known(truce, moment):
        return truce
    return replace(
        truce, outcome=Outcome.ONGOING, end_date=None, end_precision=None, breaker=None, evidence_end=(), end_tier=None,
        end_known_at=None,
    )  # fmt: skip


def end_is_known(truce: Truce, moment: datetime) -> bool:
    """Whether the truce had ended and the world could know it by ``moment``."""
    if truce.end_date is None:
        return False
    return max(end_of(truce.end_date), truce.end_known_at or end_of(truce.end_date)) <= moment


@dataclass(frozen=True, slots=True)
class History:
    """Truces, events and violence as they stood at one moment. A feature that holds one cannot ask for more.

    ``until`` is the moment, or None for the whole record, which only the panel may hold: there the engine itself cuts
    every row at its own as-of moment, by the same two clocks.
    """

    truces: tuple[Truce, ...]
    events: EventColumns
    until: datetime | None = None
    violence: Violence = field(default_factory=Violence)

    @classmethod
    def whole(cls, truces: Sequence[Truce], events: EventColumns, violence: Violence | None = None) -> Self:
        """Everything, with the future in it. For panels and labels."""
        return cls(tuple(truces), events, violence=violence or Violence())

    @classmethod
    def known_at(
        cls, moment: datetime, truces: Sequence[Truce], events: EventColumns, violence: Violence | None = None
    ) -> Self:
        """Keep what had happened *and* had reached the world by ``moment``.

        A truce that began later is left out; one whose end was not known yet is in force. Within a second nothing becomes known.
        """
        whole = moment.replace(microsecond=0)
        begun = tuple(as_believed(truce, whole) for truce in truces if start_of(truce.effective_date) <= whole)
        stamp = np.datetime64(whole.replace(tzinfo=None), "s")
        happened = events.occurred_on <= (stamp - np.timedelta64(1, "s")).astype("datetime64[D]")
        standing = np.isnat(events.retracted_at) | (events.retracted_at > stamp)
        seen = events.take(happened & (events.known_at <= stamp) & standing)
        return cls(begun, seen, moment, (violence or Violence()).known_at(moment))

    def holding(self, believed: tuple[Truce, ...]) -> History:
        """The same with truces as they were believed at its moment: ``truce.lives`` has them ready."""
        return replace(self, truces=believed)

    def hindsight(self, moment: datetime) -> History:
        """The world at an earlier ``moment``, as if all of it that this history knows had been known at once.

        Events that were learned late are in it, those taken back since are not, and truces have the terms and ends known now.
        """
        truces = [replace(truce, start_known_at=None, end_known_at=None) for truce in self.truces]
        stamp = np.datetime64(moment.replace(tzinfo=None), "s")
        events = replace(self.events, known_at=np.minimum(self.events.known_at, stamp))
        fights = self.violence.fights
        told = replace(self.violence, fights=replace(fights, known=np.minimum(fights.known, stamp)))
        return History.known_at(moment, truces, events, told)
