"""Landmark rows of all truces, and what of them may be learned from at an origin."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from truce import record
from truce.clock import end_of
from truce.features import FeatureTable, compute
from truce.fights import Sight
from truce.history import History
from truce.vocabulary import CAUSES, HORIZONS, UNSETTLED, Truce

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAILY_UNTIL = 14
WEEK = 7
_DAY = np.timedelta64(86_400, "s")


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Everything that was known at an origin, cut there.

    Person-time rows (n): ``rows`` with ``start`` = age at the landmark and ``stop`` = next landmark age, the end, or
    the age at the origin, whichever is first: half-open (start, stop], days. ``cause`` is 0 (none), 1 broke, 2
    expired, 3 superseded, at ``stop``. ``complete[h]`` (bool, n): as_of + h <= origin, so a landmark classifier may
    train on it; ``broke_within[h]`` (bool, n). ``weight`` is a step of log1p(age): it depends on age only, never on
    how long the truce will live. Spells (m, one a truce known at the origin): ``spell_time`` (days), ``spell_cause``
    (0 = censored at the origin).
    """

    origin: np.datetime64
    rows: FeatureTable
    start: Floats
    stop: Floats
    cause: Ints
    conflict: Ints
    weight: Floats
    complete: dict[int, Bools]
    broke_within: dict[int, Bools]
    spell_time: Floats
    spell_cause: Ints


@dataclass(frozen=True, slots=True)
class Fates:
    """How m truces ended, as in the latest record.

    ``life`` is in days (infinite while no end is known), ``cause`` as in ``TrainingSet``; the others are the moments of start and end, of
    when these could be known, and to which each truce was watched.
    """

    begins: NDArray[np.datetime64]
    start_known: NDArray[np.datetime64]
    end_known: NDArray[np.datetime64]
    watched: NDArray[np.datetime64]
    ended: NDArray[np.datetime64]
    life: Floats
    cause: Ints

    @classmethod
    def of(cls, truces: Sequence[Truce]) -> Fates:
        """Read the fates of truces."""
        ledger = record.Ledger.of(truces)
        cause = np.array([CAUSES.index(t.outcome) + 1 if t.outcome in CAUSES else 0 for t in truces], dtype=np.int64)
        watched = record.stamp([None if t.observed_to is None else end_of(t.observed_to) for t in truces])
        life = np.where(cause > 0, ledger.life, np.inf)
        return cls(ledger.begins, ledger.start_known, ledger.end_known, watched, ledger.ended, life, cause)


@dataclass(frozen=True, slots=True)
class Panel:
    """Landmark rows of m truces of known fate, with their features; n rows.

    A row whose truce had ended, but whose end was not known yet, is kept: at its moment the world still believed in
    it. It is never scored (``at_risk`` is false) and is learned from only at origins that did not know better.
    """

    truces: tuple[Truce, ...]
    fates: Fates
    truce: Ints
    age: Ints
    rows: FeatureTable
    conflict: Ints
    sight: Sight | None = None
    """How far a rule's evidence reached at any moment; None where ends are known as news are."""

    @property
    def at_risk(self) -> Bools:
        """Rows on which the truce still held."""
        return self.age < self.fates.life[self.truce]

    @property
    def as_of_day(self) -> NDArray[np.datetime64]:
        """The day whose end each row stands at, datetime64[D]."""
        return (self.rows.as_of - _DAY).astype("datetime64[D]")

    def broke_within(self, days: int) -> Bools:
        """Whether each row's truce broke in (age, age + days], by the latest record."""
        life = self.fates.life[self.truce]
        broke: Bools = (self.fates.cause[self.truce] == 1) & (life > self.age) & (life <= self.age + days)
        return broke


def landmark_ages(upto: int) -> Ints:
    """Ages 0 to 14, then every seventh day, not above ``upto``."""
    daily = np.arange(min(upto, DAILY_UNTIL) + 1)
    return np.concatenate((daily, np.arange(DAILY_UNTIL + WEEK, upto + 1, WEEK))).astype(np.int64)


def next_landmark(age: Ints) -> Ints:
    """The landmark age that follows each landmark age."""
    return np.where(age < DAILY_UNTIL, age + 1, age + WEEK)


def build(history: History, until: date, sight: Sight | None = None) -> Panel:
    """The panel of every truce whose fate is established, up to the end of ``until``.

    Features need all truces of the history; rows are made for those that may be learned from and scored.
    """
    closing = np.datetime64(end_of(until).replace(tzinfo=None), "s")
    fates = Fates.of(history.truces)
    usable = [i for i, t in enumerate(history.truces) if t.outcome not in UNSETTLED]
    chosen = [(i, _ages(fates, i, closing)) for i in usable]
    truce = np.concatenate([np.full(len(ages), i) for i, ages in chosen] or [np.empty(0, dtype=np.int64)]).astype(
        np.int64
    )
    age = np.concatenate([ages for _, ages in chosen] or [np.empty(0, dtype=np.int64)]).astype(np.int64)
    rows = compute(history, truce, fates.begins[truce] + age * _DAY)
    conflicts = {name: k for k, name in enumerate(sorted({t.conflict for t in history.truces}))}
    codes = np.array([conflicts[t.conflict] for t in history.truces], dtype=np.int64)
    return Panel(history.truces, fates, truce, age, rows, codes[truce], sight)


def _ages(fates: Fates, i: int, closing: np.datetime64) -> Ints:
    """Landmarks of one truce: while it was, or was still believed to be, in force."""
    last = min(fates.watched[i], closing) if fates.cause[i] == 0 else min(fates.end_known[i], closing)
    days = int((last - fates.begins[i]) // _DAY)
    ages = landmark_ages(max(days, -1)) if days >= 0 else np.empty(0, dtype=np.int64)
    moments = fates.begins[i] + ages * _DAY
    kept: Ints = ages[(moments < fates.end_known[i]) | (ages < fates.life[i])]
    return kept


def cut(panel: Panel, origin: date, *, without_conflicts: Collection[int] = ()) -> TrainingSet:
    """What may be learned at the end of the day ``origin``: truces, ends and labels known by then, and nothing of later days.

    Args:
        panel: the whole record.
        origin: the day at whose end the cut lies.
        without_conflicts: conflict codes to leave out entirely, for leave-one-conflict-out.
    """
    moment = np.datetime64(end_of(origin).replace(tzinfo=None), "s")
    fates, i = panel.fates, panel.truce
    known_end = (fates.cause > 0) & (fates.end_known <= moment)
    life = np.where(known_end, fates.life, np.inf)
    watched = _watched(panel, moment)
    edge = np.minimum(moment, np.where(known_end, np.maximum(watched, fates.ended), watched))
    cause = np.where(known_end, fates.cause, 0)
    edge_age = (edge - fates.begins) / _DAY
    keep = (fates.start_known[i] <= moment) & (panel.rows.as_of < edge[i]) & (panel.age < life[i])
    kept = ~np.isin(panel.conflict, list(without_conflicts))
    keep &= kept
    row, age = i[keep], panel.age[keep].astype(float)
    follows = next_landmark(panel.age[keep]).astype(float)
    stop = np.minimum(np.minimum(follows, life[row]), edge_age[row])
    spells = _spells(panel, (fates.start_known <= moment) & (edge_age > 0), kept)
    return TrainingSet(
        origin=np.datetime64(origin, "D"),
        rows=panel.rows.take(keep),
        start=age,
        stop=stop,
        cause=np.where(life[row] == stop, cause[row], 0),
        conflict=panel.conflict[keep],
        weight=np.log1p(follows) - np.log1p(age),
        complete={h: age + h <= edge_age[row] for h in HORIZONS},
        broke_within={h: (cause[row] == 1) & (life[row] <= age + h) for h in HORIZONS},
        spell_time=np.minimum(life, edge_age)[spells],
        spell_cause=cause[spells],
    )


def _watched(panel: Panel, moment: np.datetime64) -> NDArray[np.datetime64]:
    """The moment to which each truce can have been followed by ``moment``; its start where nothing of it was seen yet."""
    if panel.sight is None:
        return panel.fates.watched
    seen = panel.sight.at(moment)
    return np.where(np.isnat(seen), panel.fates.begins, np.minimum(panel.fates.watched, seen))


def _spells(panel: Panel, known: Bools, kept: Bools) -> Bools:
    """One spell a truce that has rows, is known, and is not in a conflict left out."""
    has_rows = np.zeros(len(panel.truces), dtype=bool)
    has_rows[panel.truce[kept]] = True
    return known & has_rows


def restrict(panel: Panel, rows: Bools) -> Panel:
    """The same truces with only some of their rows, for a quick look or a test."""
    return replace(
        panel, truce=panel.truce[rows], age=panel.age[rows], rows=panel.rows.take(rows), conflict=panel.conflict[rows]
    )


def days(start: date, stop: date, every: int) -> Iterable[date]:
    """Every ``every``-th day from ``start``, not after ``stop``."""
    for k in range((stop - start).days // every + 1):
        yield start + timedelta(days=k * every)
