"""Broken by deaths in the dyad: the first day that fulfils a clause, and from when on the world could know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np

from truce.fights import Days, Fights, Ground, Sight
from truce.registers import ids_of, values
from truce.ruling import NOT_YET, Ruling, coded_end, competing_end, later, latest
from truce.vocabulary import Outcome, Truce


@dataclass(frozen=True, slots=True, kw_only=True)
class FightingClause:
    """So many deaths in a day, or so many days with a death within some days; and which registers' other ends compete."""

    source: str
    deaths_in_a_day: int
    days_of_fighting: int
    within_days: int
    other_ends: tuple[str, ...]


_UNSEEN: tuple[Days, Days] = (np.array([], dtype="datetime64[s]"), np.array([], dtype="datetime64[D]"))


def by_fighting(
    clause: FightingClause, truces: Sequence[Truce], fights: Fights, twins: Mapping[str, tuple[Truce, ...]]
) -> tuple[list[Ruling], Sight]:
    """What the clause makes of each truce, and how far it could see."""
    ground = Ground(fights)
    found = [_one(clause, truce, twins.get(truce.truce_id, ()), ground) for truce in truces]
    return [ruling for ruling, _ in found], Sight(tuple(seen for _, seen in found))


def _one(
    clause: FightingClause, truce: Truce, twins: Sequence[Truce], ground: Ground
) -> tuple[Ruling, tuple[Days, Days]]:
    if truce.start_precision != "day":
        return Ruling(Outcome.VOID, why="its first day is not known"), _UNSEEN
    dyads = ground.known_dyads(dyads_of(truce, twins))
    if not dyads:
        return Ruling(Outcome.VOID, why=f"no dyad of it is in the {clause.source} data"), _UNSEEN
    start = np.datetime64(truce.effective_date, "D")
    seen = ground.reach(dyads, start)
    if seen is None:
        return Ruling(Outcome.VOID, why=f"it began before the {clause.source} data"), _UNSEEN
    last = _day(seen[1][-1])
    if last < truce.effective_date:
        why = f"nothing of it is seen yet: the {clause.source} data end on {last}"
        return Ruling(Outcome.ONGOING, why=why, watched_to=last, known_from=NOT_YET), seen
    rows = ground.between(dyads)
    fights = ground.fights.take(rows[ground.fights.began[rows] >= start])
    known_from = _moment(seen[0][np.searchsorted(seen[1], start)])
    return replace(_settled(clause, truce, twins, fights, seen), watched_to=last, known_from=known_from), seen


def dyads_of(truce: Truce, twins: Sequence[Truce]) -> tuple[str, ...]:
    """The UCDP dyads that a truce has in any register."""
    return values([one for coded in (truce, *twins) for one in ids_of(coded)], "ucdp_dyad")


def _settled(
    clause: FightingClause, truce: Truce, twins: Sequence[Truce], fights: Fights, seen: tuple[Days, Days]
) -> Ruling:
    last = _day(seen[1][-1])
    other = competing_end(truce, twins, clause.other_ends)
    found = _first_break(clause, fights.standing)
    end = None if other is None else latest(other.end_date, other.precision)
    if found is not None and (end is None or (found.end_date or last) <= end):
        return replace(found, known_at=_since_when(clause, fights))
    if other is not None and other.end_date is not None and other.end_date <= last:
        established = seen[0][np.searchsorted(seen[1], np.datetime64(other.end_date, "D"))]
        known = later(other.known_at, other.end_date, _moment(established))
        return replace(other, known_at=known, why=f"{other.why}, without a break before")
    coded = coded_end(truce, twins, clause.other_ends)
    return Ruling(
        Outcome.ONGOING,
        why=f"no break to {last}"
        + (f", though coded as ended on {coded}" if coded is not None and coded <= last else ""),
    )


def _since_when(clause: FightingClause, fights: Fights) -> datetime:
    """The first moment at which what was told by then made a break, on whatever day; corrections after it are no news of it."""
    moments = np.unique(fights.known)
    told = (moment for moment in moments if _first_break(clause, fights.as_of(moment)) is not None)
    return _moment(next(told, moments[-1]))


def _first_break(clause: FightingClause, fights: Fights) -> Ruling | None:
    """The first day that fulfils the clause, with the events that make it do so."""
    days, place = np.unique(fights.day, return_inverse=True)
    deaths = np.bincount(place, weights=fights.deaths, minlength=len(days))
    deadly = np.flatnonzero(deaths > 0)
    massed = np.flatnonzero(deaths >= clause.deaths_in_a_day)
    need, window = clause.days_of_fighting, np.timedelta64(clause.within_days - 1, "D")
    fought = days[deadly]
    thick = np.flatnonzero(fought[need - 1 :] - fought[: max(len(fought) - need + 1, 0)] <= window) + need - 1
    by_deaths = int(massed[0]) if len(massed) else None
    by_days = int(deadly[thick[0]]) if len(thick) else None
    if by_deaths is not None and (by_days is None or by_deaths <= by_days):
        used, why = np.array([by_deaths]), f"{int(deaths[by_deaths])} deaths in the dyad on the day"
    elif by_days is not None:
        used = deadly[thick[0] - need + 1 : thick[0] + 1]
        why = f"deaths in the dyad on {need} days within {clause.within_days}"
    else:
        return None
    rows = np.isin(place, used) & (fights.deaths > 0)
    evidence = tuple(dict.fromkeys(fights.event_id[rows].tolist()))
    return Ruling(Outcome.BROKE, _day(days[used[-1]]), None, "day", evidence, why)


def first_deaths(ground: Ground, dyads: Sequence[str], since: date, at_least: int) -> date | None:
    """The first day from ``since`` on with so many deaths in the dyads; None when there is none in the data."""
    known = ground.known_dyads(dyads)
    if not known:
        return None
    rows = ground.between(known)
    fights = ground.fights.take(rows[ground.fights.began[rows] >= np.datetime64(since, "D")]).standing
    days, place = np.unique(fights.day, return_inverse=True)
    reached = np.flatnonzero(np.bincount(place, weights=fights.deaths, minlength=len(days)) >= at_least)
    return _day(days[reached[0]]) if len(reached) else None


def _day(value: np.datetime64) -> date:
    found: date = value.astype("datetime64[D]").item()
    return found


def _moment(value: np.datetime64) -> datetime:
    found: datetime = value.astype("datetime64[s]").item()
    return found.replace(tzinfo=UTC)
