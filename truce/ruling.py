"""What a rule makes of one truce, before anyone asks what of it was known at a moment."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from truce.clock import end_of
from truce.vocabulary import CAUSES, UNSETTLED, Outcome, Truce

NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)
"""When the world will know what no evidence at hand says."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """An outcome with its day, its evidence, and the moment from which the world could know it.

    ``watched_to`` is the last day to which the evidence followed the truce; None keeps the truce's own. ``known_from`` is
    when the evidence had reached its first day, before which it counts in nobody's record; None: as soon as it is known.
    """

    outcome: Outcome
    end_date: date | None = None
    known_at: datetime | None = None
    precision: str | None = None
    evidence: tuple[str, ...] = ()
    why: str = ""
    watched_to: date | None = None
    known_from: datetime | None = None

    def of(self, truce: Truce) -> Truce:
        """The truce with this end in place of its own."""
        same = (self.outcome, self.end_date) == (truce.outcome, truce.end_date)
        return replace(
            truce,
            outcome=self.outcome,
            end_date=self.end_date,
            start_known_at=self._start_known(truce),
            end_known_at=self.known_at,
            end_precision=self.precision,
            evidence_end=self.evidence,
            breaker=truce.breaker if same else None,
            end_tier=truce.end_tier if same else None,
            observed_to=self.watched_to or truce.observed_to,
        )

    def _start_known(self, truce: Truce) -> datetime | None:
        if self.known_from is None or truce.start_known_at is None:
            return self.known_from or truce.start_known_at
        return max(self.known_from, truce.start_known_at)


def latest(day: date | None, precision: str | None) -> date | None:
    """The last day that a date may mean: of its month when no more than that is known."""
    if day is None or precision != "month":
        return day
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def as_coded(coded: Truce, *, since: date) -> Ruling:
    """The end that a register gives the truce which began on ``since`` by the register that names it.

    Two registers may date one truce some days apart: an end before its start decides nothing.
    """
    if coded.outcome in UNSETTLED:
        return Ruling(coded.outcome, why=f"{coded.outcome} by its register")
    if coded.end_date is not None and coded.end_date < since:
        return Ruling(Outcome.VOID, why=f"{coded.truce_id} ended before this one began")
    return Ruling(
        coded.outcome, coded.end_date, coded.end_known_at, coded.end_precision, coded.evidence_end,
        f"coded as {coded.outcome}", coded.observed_to,
    )  # fmt: skip


def competing_end(truce: Truce, twins: Sequence[Truce], registers: Sequence[str]) -> Ruling | None:
    """The expired or superseded end of the first of the named registers that has one."""
    of_register = {coded.coding: coded for coded in (*twins, truce)}
    for register in registers:
        coded = of_register.get(register)
        if coded is not None and coded.outcome in CAUSES[1:] and coded.end_date is not None:
            ruling = as_coded(coded, since=truce.effective_date)
            return ruling if ruling.outcome in CAUSES else None
    return None


def coded_end(truce: Truce, twins: Sequence[Truce], registers: Sequence[str]) -> date | None:
    """The last day on which the first of the named registers that settles the truce may have ended it, whatever the outcome."""
    of_register = {coded.coding: coded for coded in (*twins, truce)}
    for register in registers:
        coded = of_register.get(register)
        if coded is not None and coded.outcome in CAUSES:
            return latest(coded.end_date, coded.end_precision)
    return None


def later(one: datetime | None, day: date, other: datetime) -> datetime:
    """When an end on ``day``, known at ``one`` (None: at once), is established by evidence of ``other`` too."""
    return max(one or end_of(day), other)
