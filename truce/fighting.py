"""Broken by deaths in the dyad: fights as columns, the days they make, and how far the data at hand reach.

Silence outside the data is no survival: a truce is decided only between the first and the last event of a country where one
of its dyads fought, and followed to that last event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from truce.registers import ids_of, values
from truce.ruling import Ruling, coded_end, competing_end, later
from truce.vocabulary import Event, Outcome, Truce

Days = NDArray[np.datetime64]
_NEVER = np.datetime64("9999-01-01", "s")


@dataclass(frozen=True, slots=True, kw_only=True)
class FightingClause:
    """So many deaths in a day, or so many days with a death within some days; and which registers' other ends compete."""

    source: str
    deaths_in_a_day: int
    days_of_fighting: int
    within_days: int
    other_ends: tuple[str, ...]


class FightRow(NamedTuple):
    """What is read of a deadly event; ``ids`` and ``iso3`` are ';'-joined, ``gone_at`` is when it was taken back."""

    event_id: str
    ids: str
    iso3: str
    began_on: date | None
    occurred_on: date
    deaths: int | None
    known_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fights:
    """n deadly events of one feed, by dyad: an event of two dyads has two rows.

    ``began`` and ``day`` (the last day it may have been) are datetime64[D]; ``known`` and ``gone`` (retracted) datetime64[s].
    """

    event_id: NDArray[np.str_]
    dyad: NDArray[np.str_]
    iso3: NDArray[np.str_]
    began: Days
    day: Days
    deaths: NDArray[np.float64]
    known: Days
    gone: Days

    @classmethod
    def none(cls) -> Self:
        """No fights at all."""
        return cls.of([])

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """The fights that events tell of; those without a dyad are passed over."""
        return cls.of_rows([
            FightRow(
                e.event_id, ";".join(e.ids), ";".join(e.iso3), e.began_on, e.occurred_on, e.deaths, e.known_at, e.retracted_at
            )
            for e in events
        ])  # fmt: skip

    @classmethod
    def of_rows(cls, rows: Sequence[FightRow]) -> Self:
        """The fights of rows as they are stored."""
        of_dyad = [(row, dyad) for row in rows for dyad in values(row.ids.split(";"), "ucdp_dyad")]
        return cls(
            event_id=np.array([row.event_id for row, _ in of_dyad], dtype=str),
            dyad=np.array([dyad for _, dyad in of_dyad], dtype=str),
            iso3=np.array([row.iso3.partition(";")[0] for row, _ in of_dyad], dtype=str),
            began=np.array([row.began_on or row.occurred_on for row, _ in of_dyad], dtype="datetime64[D]"),
            day=np.array([row.occurred_on for row, _ in of_dyad], dtype="datetime64[D]"),
            deaths=np.array([row.deaths or 0 for row, _ in of_dyad], dtype=float),
            known=_stamps([row.known_at for row, _ in of_dyad]),
            gone=_stamps([row.gone_at for row, _ in of_dyad]),
        )

    def __len__(self) -> int:
        return len(self.dyad)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """The chosen rows, in the given order."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def known_at(self, moment: datetime) -> Self:
        """What the world knew at ``moment``, and had not taken back by then."""
        stamp = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
        kept = self.take((self.known <= stamp) & (self.gone > stamp))
        return replace(kept, gone=np.full(len(kept), _NEVER))


@dataclass(frozen=True, slots=True)
class Sight:
    """How far the evidence on each of m truces reached, as it came to be known.

    Per truce: ascending moments (datetime64[s]) and the last day seen from each on (datetime64[D]).
    """

    steps: tuple[tuple[Days, Days], ...]

    def at(self, moment: np.datetime64) -> Days:
        """The end of the last day seen at ``moment``, shape (m,), datetime64[s]; NaT where nothing was."""
        seen = np.full(len(self.steps), np.datetime64("NaT"), dtype="datetime64[s]")
        for k, (moments, days) in enumerate(self.steps):
            passed = int(np.searchsorted(moments, moment, side="right"))
            if passed:
                seen[k] = (days[passed - 1] + 1).astype("datetime64[s]")
        return seen


def by_fighting(
    clause: FightingClause, truces: Sequence[Truce], fights: Fights, twins: Mapping[str, tuple[Truce, ...]]
) -> tuple[list[Ruling], Sight]:
    """What the clause makes of each truce, and how far it could see."""
    ground = _Ground(fights.take(fights.gone == _NEVER))
    rulings, steps = [], []
    for truce in truces:
        ruling, seen = _one(clause, truce, twins.get(truce.truce_id, ()), ground)
        rulings.append(ruling)
        steps.append(seen)
    return rulings, Sight(tuple(steps))


_UNSEEN: tuple[Days, Days] = (np.array([], dtype="datetime64[s]"), np.array([], dtype="datetime64[D]"))


class _Ground:
    """Fights by dyad, and what each country's data span."""

    def __init__(self, fights: Fights) -> None:
        self.fights = fights
        self.of_dyad = _rows_by(fights.dyad)
        self._of_country = _rows_by(fights.iso3)

    def where(self, dyads: Sequence[str], start: np.datetime64) -> NDArray[np.int64]:
        """The rows of the countries where one of the dyads fought whose data span ``start``."""
        fought = {str(code) for dyad in dyads for code in np.unique(self.fights.iso3[self.of_dyad[dyad]])}
        spans = [self._of_country[code] for code in sorted(fought)]
        day = self.fights.day
        inside = [rows for rows in spans if day[rows].min() <= start <= day[rows].max()]
        return np.concatenate(inside) if inside else np.array([], dtype=np.int64)


def _one(
    clause: FightingClause, truce: Truce, twins: Sequence[Truce], ground: _Ground
) -> tuple[Ruling, tuple[Days, Days]]:
    if truce.start_precision != "day":
        return Ruling(Outcome.VOID, why="its first day is not known"), _UNSEEN
    ids = [one for coded in (truce, *twins) for one in ids_of(coded)]
    dyads = [dyad for dyad in dict.fromkeys(values(ids, "ucdp_dyad")) if dyad in ground.of_dyad]
    if not dyads:
        return Ruling(Outcome.VOID, why=f"no dyad of it is in the {clause.source} data"), _UNSEEN
    start = np.datetime64(truce.effective_date, "D")
    around = ground.where(dyads, start)
    if not len(around):
        return Ruling(Outcome.VOID, why=f"it began outside the days of the {clause.source} data"), _UNSEEN
    seen = _reach(ground.fights, around)
    mine = np.unique(np.concatenate([ground.of_dyad[dyad] for dyad in dyads]))
    fights = ground.fights.take(mine[ground.fights.began[mine] >= start])
    return _settled(clause, truce, twins, fights, seen), seen


def _settled(
    clause: FightingClause, truce: Truce, twins: Sequence[Truce], fights: Fights, seen: tuple[Days, Days]
) -> Ruling:
    last = _day(seen[1][-1])
    other = competing_end(truce, twins, clause.other_ends)
    found = _first_break(clause, fights)
    end = None if other is None else other.end_date
    if found is not None and (end is None or (found.end_date or last) <= end):
        return replace(found, watched_to=last)
    if other is not None and other.end_date is not None and other.end_date <= last:
        established = seen[0][np.searchsorted(seen[1], np.datetime64(other.end_date, "D"))]
        known = later(other.known_at, other.end_date, _moment(established))
        return replace(other, known_at=known, watched_to=last, why=f"{other.why}, without a break before")
    coded = coded_end(truce, twins, clause.other_ends)
    why = f"no break to {last}" + (f", though coded as ended on {coded}" if coded is not None and coded <= last else "")
    return Ruling(Outcome.ONGOING, why=why, watched_to=last)


def _first_break(clause: FightingClause, fights: Fights) -> Ruling | None:
    """The first day that fulfils the clause, with the events that make it do so."""
    days, place = np.unique(fights.day, return_inverse=True)
    deaths = np.zeros(len(days))
    np.add.at(deaths, place, fights.deaths)
    deadly = np.flatnonzero(deaths > 0)
    massed = np.flatnonzero(deaths >= clause.deaths_in_a_day)
    need, window = clause.days_of_fighting, np.timedelta64(clause.within_days - 1, "D")
    thick = [k for k in range(need - 1, len(deadly)) if days[deadly[k]] - days[deadly[k - need + 1]] <= window]
    by_deaths = int(massed[0]) if len(massed) else None
    by_days = int(deadly[thick[0]]) if thick else None
    if by_deaths is None and by_days is None:
        return None
    if by_days is None or (by_deaths is not None and by_deaths <= by_days):
        assert by_deaths is not None
        used, why = np.array([by_deaths]), f"{int(deaths[by_deaths])} deaths in the dyad on the day"
    else:
        used = deadly[thick[0] - need + 1 : thick[0] + 1]
        why = f"deaths in the dyad on {need} days within {clause.within_days}"
    rows = np.isin(place, used) & (fights.deaths > 0)
    return Ruling(
        Outcome.BROKE, _day(days[used[-1]]), _moment(fights.known[rows].max()), "day",
        tuple(dict.fromkeys(fights.event_id[rows].tolist())), why,
    )  # fmt: skip


def first_deaths(fights: Fights, dyads: Sequence[str], since: date, at_least: int) -> date | None:
    """The first day from ``since`` on with so many deaths in the dyads; None when there is none in the data."""
    mine = np.isin(fights.dyad, list(dyads)) & (fights.began >= np.datetime64(since, "D")) & (fights.gone == _NEVER)
    _, once = np.unique(fights.event_id[mine], return_index=True)
    days, place = np.unique(fights.day[mine][once], return_inverse=True)
    deaths = np.zeros(len(days))
    np.add.at(deaths, place, fights.deaths[mine][once])
    reached = np.flatnonzero(deaths >= at_least)
    return _day(days[reached[0]]) if len(reached) else None


def _reach(fights: Fights, rows: NDArray[np.int64]) -> tuple[Days, Days]:
    """From which moments on the events reached to which day."""
    order = rows[np.argsort(fights.known[rows], kind="stable")]
    furthest = np.maximum.accumulate(fights.day[order])
    fresh = np.concatenate(([True], furthest[1:] > furthest[:-1]))
    return fights.known[order][fresh], furthest[fresh]


def _rows_by(names: NDArray[np.str_]) -> dict[str, NDArray[np.int64]]:
    found, place = np.unique(names, return_inverse=True)
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(found) + 1))
    return {str(name): order[bounds[k] : bounds[k + 1]] for k, name in enumerate(found) if name}


def _stamps(moments: Sequence[datetime | None]) -> Days:
    return np.array(
        [_NEVER if m is None else np.datetime64(m.replace(tzinfo=None), "s") for m in moments], dtype="datetime64[s]"
    )


def _day(value: np.datetime64) -> date:
    found: date = value.astype("datetime64[D]").item()
    return found


def _moment(value: np.datetime64) -> datetime:
    found: datetime = value.astype("datetime64[s]").item()
    return found.replace(tzinfo=UTC)
