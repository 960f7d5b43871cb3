"""Broken by words: the first day on which a party or the mediator of a truce declares it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce import actors
from truce.columns import EventColumns
from truce.linking import link
from truce.ruling import Ruling, coded_end, competing_end
from truce.vocabulary import UNSETTLED, Event, Outcome, Truce

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
    """Events that mean something for a truce, with their ``role``, and the days over which the coded feeds reach (None: no feed)."""

    events: EventColumns
    role: NDArray[np.str_]
    first: date | None
    last: date | None

    @classmethod
    def none(cls) -> Self:
        """No statements, and no feed that could hold any."""
        return cls.of([])

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """The statements among events that carry a role."""
        told = [event for event in events if event.truce_role is not None]
        days = [event.occurred_on for event in told]
        role = np.array([event.truce_role.value for event in told if event.truce_role], dtype=str)
        return cls(EventColumns.of(told), role, min(days, default=None), max(days, default=None))

    def known_at(self, moment: datetime) -> Self:
        """What the world knew at ``moment``, and had not taken back by then."""
        stamp = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
        gone = self.events.retracted_at
        kept = self.take((self.events.known_at <= stamp) & (np.isnat(gone) | (gone > stamp)))
        never = np.full(len(kept.role), np.datetime64("NaT"), dtype="datetime64[s]")
        return replace(kept, events=replace(kept.events, retracted_at=never))

    def take(self, rows: NDArray[np.bool_]) -> Self:
        """The chosen statements; the feed reaches no further than they do."""
        events = self.events.take(rows)
        days = events.occurred_on
        first, last = (days.min().item(), days.max().item()) if len(days) else (None, None)
        return replace(self, events=events, role=self.role[rows], first=first, last=last)


def by_statement(
    clause: StatementClause, truces: Sequence[Truce], statements: Statements, twins: Mapping[str, tuple[Truce, ...]]
) -> list[Ruling]:
    """What the clause makes of each truce."""
    standing = statements.take(np.isnat(statements.events.retracted_at))
    chosen = np.isin(standing.role, clause.roles) & np.isin(standing.events.modality, clause.modalities)
    said = standing.events.take(chosen)
    links = link(truces, said)
    rulings = []
    for k, truce in enumerate(truces):
        rows = np.union1d(links.of(k, _SCOPE).rows, _by_mediator(truce, said))
        others = twins.get(truce.truce_id, ())
        rulings.append(_one(clause, truce, others, said.take(rows.astype(np.int64)), (standing.first, standing.last)))
    return rulings


def _one(
    clause: StatementClause,
    truce: Truce,
    twins: Sequence[Truce],
    said: EventColumns,
    feed: tuple[date | None, date | None],
) -> Ruling:
    first, last = feed
    if first is None or last is None or not first <= truce.effective_date <= last:
        return Ruling(Outcome.VOID, why="it began outside the days of the coded feed")
    if all(coded.outcome in UNSETTLED for coded in (truce, *twins)):
        return Ruling(Outcome.VOID, why="its fate is unknown, so a later word may be of another truce")
    coded, other = coded_end(truce, twins, clause.other_ends), competing_end(truce, twins, clause.other_ends)
    edge = last if coded is None else min(last, coded + timedelta(days=clause.days_after_end))
    day = said.occurred_on
    timely = np.flatnonzero((day >= np.datetime64(truce.effective_date, "D")) & (day <= np.datetime64(edge, "D")))
    if len(timely):
        at = timely[np.argsort(day[timely], kind="stable")[0]]
        on: date = day[at].item()
        if other is None or other.end_date is None or on <= other.end_date:
            known: datetime = said.known_at[at].item()
            who = str(said.actor[at]) or "somebody unnamed"
            return Ruling(
                Outcome.BROKE, on, known.replace(tzinfo=UTC), "day", (str(said.event_id[at]),), f"declared over by {who}",
                last,
            )  # fmt: skip
    if other is not None and other.end_date is not None and other.end_date <= last:
        return replace(other, why=f"{other.why}, and not declared over before")
    if coded is not None and coded <= last:
        return Ruling(
            Outcome.ONGOING, why=f"not declared over to {coded}, when it was coded as ended", watched_to=coded
        )
    return Ruling(Outcome.ONGOING, why=f"not declared over to {last}", watched_to=last)


def _by_mediator(truce: Truce, said: EventColumns) -> NDArray[np.int64]:
    """Statements of the mediator that concern a country of the truce."""
    names = {key for key in map(actors.key, truce.mediator) if key}
    if not names:
        return np.array([], dtype=np.int64)
    spoke = np.array([actors.key(name) in names for name in said.actor.tolist()], dtype=bool)
    here = np.array([bool(set(joined.split(";")) & set(truce.iso3)) for joined in said.iso3.tolist()], dtype=bool)
    return np.flatnonzero(spoke & here) if len(said) else np.array([], dtype=np.int64)
