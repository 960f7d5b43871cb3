"""Deadly events by dyad as columns, with all their versions, and how far the data at hand reach.

Silence outside the data is no survival: what a feed says of a country begins with its first event there and ends with its
last, or with the last day that a release claims to hold whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from truce.clock import end_of
from truce.columns import stamps
from truce.registers import values
from truce.vocabulary import Event

Days = NDArray[np.datetime64]
Rows = NDArray[np.int64]
NEVER = np.datetime64("9999-01-01", "s")


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


class Span(NamedTuple):
    """What a release of a feed claims to hold whole: these countries over these days, from ``known_at`` on."""

    iso3: frozenset[str]
    first: date
    last: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Fights:
    """n versions of deadly events of one feed, by dyad: an event of two dyads has two rows.

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
    spans: tuple[Span, ...] = ()

    @classmethod
    def none(cls) -> Self:
        """No fights at all."""
        return cls.of([])

    @classmethod
    def of(cls, events: Iterable[Event], spans: Iterable[Span] = ()) -> Self:
        """The fights that events tell of; those without a dyad are passed over."""
        return cls.of_rows(
            [
                FightRow(
                    e.event_id, ";".join(e.ids), ";".join(e.iso3), e.began_on, e.occurred_on, e.deaths, e.known_at, e.retracted_at
                )
                for e in events
            ],
            spans,
        )  # fmt: skip

    @classmethod
    def of_rows(cls, rows: Sequence[FightRow], spans: Iterable[Span] = ()) -> Self:
        """The fights of rows as they are stored."""
        of_dyad = [(row, dyad) for row in rows for dyad in values(row.ids.split(";"), "ucdp_dyad")]
        return cls(
            event_id=np.array([row.event_id for row, _ in of_dyad], dtype=str),
            dyad=np.array([dyad for _, dyad in of_dyad], dtype=str),
            iso3=np.array([row.iso3.partition(";")[0] for row, _ in of_dyad], dtype=str),
            began=np.array([row.began_on or row.occurred_on for row, _ in of_dyad], dtype="datetime64[D]"),
            day=np.array([row.occurred_on for row, _ in of_dyad], dtype="datetime64[D]"),
            deaths=np.array([row.deaths or 0 for row, _ in of_dyad], dtype=float),
            known=stamps([row.known_at for row, _ in of_dyad], NEVER),
            gone=stamps([row.gone_at for row, _ in of_dyad], NEVER),
            spans=tuple(spans),
        )

    def __len__(self) -> int:
        return len(self.dyad)

    def take(self, rows: NDArray[np.bool_] | Rows) -> Self:
        """The chosen rows, in the given order."""
        columns = [field.name for field in fields(self) if field.name != "spans"]
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    @property
    def standing(self) -> Self:
        """The versions that nobody has taken back."""
        return self.take(self.gone == NEVER)

    def as_of(self, moment: np.datetime64) -> Self:
        """The versions that stood at ``moment``."""
        return self.take((self.known <= moment) & (self.gone > moment))

    def known_at(self, moment: datetime) -> Self:
        """What the world had been told by ``moment``, what was taken back by then too; what was taken back later stands."""
        stamp = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
        told = self.take(self.known <= stamp)
        spans = tuple(span for span in self.spans if span.known_at <= moment)
        return replace(told, gone=np.where(told.gone > stamp, NEVER, told.gone), spans=spans)

    def told_after(self, delay: timedelta) -> Self:
        """What stands of it, as if each event and each span had been told so long after the end of its last day."""
        standing = self.standing
        known = (standing.day + 1).astype("datetime64[s]") + np.timedelta64(delay)
        return replace(
            standing,
            known=known.astype("datetime64[s]"),
            spans=tuple(span._replace(known_at=end_of(span.last) + delay) for span in self.spans),
        )


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


class Ground:
    """Fights by dyad, and what the data of each country span."""

    def __init__(self, fights: Fights) -> None:
        self.fights = fights
        self._of_dyad = rows_by(fights.dyad)
        self._of_country = rows_by(fights.iso3)

    def known_dyads(self, dyads: Iterable[str]) -> list[str]:
        """Those of the dyads that have an event, each once."""
        return [dyad for dyad in dict.fromkeys(dyads) if dyad in self._of_dyad]

    def between(self, dyads: Sequence[str]) -> Rows:
        """All versions of the dyads' events; an event of two of them once."""
        rows = np.unique(np.concatenate([self._of_dyad[dyad] for dyad in dyads]))
        _, once = np.unique(self.fights.event_id[rows], return_index=True)
        return rows[np.sort(once)]

    def reach(self, dyads: Sequence[str], start: np.datetime64) -> tuple[Days, Days] | None:
        """From which moments on the data of the countries where the dyads fought reached to which day.

        Only countries count whose data begin by ``start``, and of these those that contain it, if any does; None when there
        is none.
        """
        fought = {str(code) for dyad in dyads for code in np.unique(self.fights.iso3[self._of_dyad[dyad]])}
        told = [self._told(code) for code in sorted(fought)]
        begun = [(moments, days) for first, moments, days in told if first <= start]
        around = [(moments, days) for moments, days in begun if days.max() >= start] or begun
        if not around:
            return None
        moments = np.concatenate([part for part, _ in around])
        days = np.concatenate([part for _, part in around])
        order = np.argsort(moments, kind="stable")
        furthest = np.maximum.accumulate(days[order])
        fresh = np.concatenate(([True], furthest[1:] > furthest[:-1]))
        return moments[order][fresh], furthest[fresh]

    def _told(self, country: str) -> tuple[np.datetime64, Days, Days]:
        """The first day of a country's data, and of each word on it the moment and the day."""
        rows = self._of_country[country]
        spans = [span for span in self.fights.spans if country in span.iso3]
        ends = np.array([span.last for span in spans], dtype="datetime64[D]")
        firsts = np.array([span.first for span in spans], dtype="datetime64[D]")
        return (
            np.concatenate([self.fights.day[rows], firsts]).min(),
            np.concatenate([self.fights.known[rows], stamps([span.known_at for span in spans], NEVER)]),
            np.concatenate([self.fights.day[rows], ends]),
        )


def rows_by(names: NDArray[np.str_]) -> dict[str, Rows]:
    """Name -> ascending rows that hold it; empty names are left out."""
    found, place = np.unique(names, return_inverse=True)
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(found) + 1))
    return {str(name): order[bounds[k] : bounds[k + 1]] for k, name in enumerate(found) if name}
