"""Broken by words: the first day on which a party or the mediator of a truce declares it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce import actors
from truce.clock import end_of
from truce.columns import EventColumns
from truce.linking import link
from truce.ruling import NOT_YET, Ruling, coded_end, competing_end, later, latest
from truce.vocabulary import UNSETTLED, Event, Outcome, Truce, TruceRole

_SCOPE = "by_side"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementClause:
    """Events of these roles and modalities by a side or the mediator; how long after a coded end they still count."""

    roles: tuple[str, ...]
    modalities: tuple[str, ...]
    days_after_end: int
    other_ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """Events that mean something for a truce, all versions of them, with their ``role``.

    Only feeds count that can say of a truce that it is over; the first and the last day they speak of is how far they reach.
    """

    events: EventColumns
    role: NDArray[np.str_]

    @classmethod
    def none(cls) -> Self:
        """No statements, and no feed that could hold any."""
        return cls.of([])

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """The statements among events that carry a role."""
        speaking = {_feed(event) for event in events if event.truce_role is TruceRole.BREAK}
        told = [event for event in events if event.truce_role is not None and _feed(event) in speaking]
        role = np.array([event.truce_role.value for event in told if event.truce_role], dtype=str)
        return cls(EventColumns.of(told), role)

    def known_at(self, moment: datetime) -> Self:
        """What the world had been told by ``moment``, what was taken back by then too; what was taken back later stands."""
        stamp = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
        told = self.take(self.events.known_at <= stamp)
        gone = told.events.retracted_at
        standing = np.where(gone > stamp, np.datetime64("NaT"), gone)
        return replace(told, events=replace(told.events, retracted_at=standing))

    def take(self, rows: NDArray[np.bool_]) -> Self:
        """The chosen statements."""
        return replace(self, events=self.events.take(rows), role=self.role[rows])

    @property
    def reach(self) -> tuple[date, date] | None:
        """The first and the last day of the feeds; None when there is none."""
        days = self.events.occurred_on
        return (days.min().item(), days.max().item()) if len(days) else None


def by_statement(
    clause: StatementClause, truces: Sequence[Truce], statements: Statements, twins: Mapping[str, tuple[Truce, ...]]
) -> list[Ruling]:
    """What the clause makes of each truce."""
    reach = statements.reach
    if reach is None:
        return [Ruling(Outcome.VOID, why="no feed at hand says of truces that they are over") for _ in truces]
    chosen = np.isin(statements.role, clause.roles) & np.isin(statements.events.modality, clause.modalities)
    said = statements.events.take(chosen)
    links = link(truces, said)
    rulings = []
    for k, truce in enumerate(truces):
        rows = np.union1d(links.of(k, _SCOPE).rows, _by_mediator(truce, said)).astype(np.int64)
        rulings.append(_one(clause, truce, twins.get(truce.truce_id, ()), said.take(rows), reach))
    return rulings


def _one(
    clause: StatementClause, truce: Truce, twins: Sequence[Truce], said: EventColumns, reach: tuple[date, date]
) -> Ruling:
    first, last = reach
    if truce.effective_date < first:
        return Ruling(Outcome.VOID, why="it began before the days of the coded feed")
    if all(coded.outcome in UNSETTLED for coded in (truce, *twins)):
        return Ruling(Outcome.VOID, why="its fate is unknown, so a later word may be of another truce")
    if truce.effective_date > last:
        why = f"nothing of it is seen yet: the coded feed ends on {last}"
        return Ruling(Outcome.ONGOING, why=why, watched_to=last, known_from=NOT_YET)
    return replace(_settled(clause, truce, twins, said, last), watched_to=last)


def _settled(clause: StatementClause, truce: Truce, twins: Sequence[Truce], said: EventColumns, last: date) -> Ruling:
    coded, other = coded_end(truce, twins, clause.other_ends), competing_end(truce, twins, clause.other_ends)
    edge = last if coded is None else min(last, coded + timedelta(days=clause.days_after_end))
    spoken = _first_word(truce, said, edge)
    end = None if other is None else latest(other.end_date, other.precision)
    if spoken is not None and (end is None or (spoken.end_date or last) <= end):
        return spoken
    if other is not None and other.end_date is not None and other.end_date <= last:
        return replace(other, why=f"{other.why}, and not declared over before")
    if coded is not None and edge < last:
        return _in_silence(truce, twins, clause, coded)
    return Ruling(Outcome.ONGOING, why=f"not declared over to {last}")


def _first_word(truce: Truce, said: EventColumns, edge: date) -> Ruling | None:
    """The earliest statement from the start to ``edge`` that nobody took back; known since any such statement was."""
    day = said.occurred_on
    timely = (day >= np.datetime64(truce.effective_date, "D")) & (day <= np.datetime64(edge, "D"))
    standing = np.flatnonzero(timely & np.isnat(said.retracted_at))
    if not len(standing):
        return None
    at = standing[np.argsort(day[standing], kind="stable")[0]]
    on: date = day[at].item()
    known: datetime = said.known_at[timely].min().item()
    who = str(said.actor[at]) or "somebody unnamed"
    return Ruling(
        Outcome.BROKE, on, known.replace(tzinfo=UTC), "day", (str(said.event_id[at]),), f"declared over by {who}"
    )


def _in_silence(truce: Truce, twins: Sequence[Truce], clause: StatementClause, coded: date) -> Ruling:
    """A coded break without a word: fighting took the truce's place, which competes with a declared end as other ends do."""
    by_register = {one.coding: one for one in (*twins, truce)}
    of = next(by_register[r] for r in clause.other_ends if r in by_register and by_register[r].end_date is not None)
    told = end_of(coded + timedelta(days=clause.days_after_end))
    return Ruling(
        Outcome.SUPERSEDED, of.end_date, later(of.end_known_at, coded, told), of.end_precision, of.evidence_end,
        "overtaken by fighting, and not declared over",
    )  # fmt: skip


def _feed(event: Event) -> str:
    return event.source.partition("/")[0]


def _by_mediator(truce: Truce, said: EventColumns) -> NDArray[np.int64]:
    """Statements of the mediator that concern a country of the truce."""
    names = {key for key in map(actors.key, truce.mediator) if key}
    if not names:
        return np.array([], dtype=np.int64)
    spoke = np.array([actors.key(name) in names for name in said.actor.tolist()], dtype=bool)
    here = np.array([bool(set(joined.split(";")) & set(truce.iso3)) for joined in said.iso3.tolist()], dtype=bool)
    return np.flatnonzero(spoke & here) if len(said) else np.array([], dtype=np.int64)
