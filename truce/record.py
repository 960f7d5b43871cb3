"""The track record: how the other truces of a dyad, conflict or country have fared, as known at each moment.

Breaks observed (O) are held against breaks expected (E) had those truces been average for their age: the Nelson-Aalen
cumulative hazard of breakdown over every truce known at that moment, read at each truce's own exposure. O - E is the
martingale residual of survival analysis; nothing is fitted, so nothing can leak from a later day.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce import actors
from truce.clock import end_of, start_of
from truce.columns import stamps
from truce.vocabulary import UNSETTLED, Outcome, Truce

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_AT_ONCE = 32
"""So many moments are worked on at a time."""
_NOT_KNOWN = np.iinfo(np.int64).max
"""The exposure, in seconds, of a truce that nobody knew of: it sorts behind all others."""
_NEVER = np.datetime64("9999-01-01", "s")
_DAY = np.timedelta64(86_400, "s")

PRIOR = 1.5
"""Pseudo-breaks that pull a ratio of few truces towards 1."""
HALF_LIFE_DAYS = 4 * 365.25
DYAD_PRIOR = 3.0
"""Pseudo-breaks by which a dyad's record leans on its conflict's."""

YEAR_DAYS = 365.25
"""The half-life of the columns that look at the last year or two: how the sides have lately kept their word to each other."""

COLUMNS = (
    "record_dyad",
    "record_conflict",
    "record_conflict_recent",
    "record_country_recent",
    "record_dyad_pooled",
    "record_dyad_year",
    "record_conflict_year",
)


def stamp(moments: Iterable[datetime | None]) -> NDArray[np.datetime64]:
    """Moments as datetime64[s]; None becomes a moment that never comes."""
    return stamps(moments, _NEVER)


@dataclass(frozen=True, slots=True)
class Kin:
    """With which others each of m truces shares something, ascending, one list behind the other: ``others[starts[k] : starts[k + 1]]``."""

    starts: Ints
    others: Ints

    @classmethod
    def of(cls, sets: Sequence[AbstractSet[Hashable]]) -> Self:
        """Of truces that share an element of their sets; none is its own kin."""
        vocabulary = {element: i for i, element in enumerate({e for s in sets for e in s})}
        has = np.zeros((len(sets), max(len(vocabulary), 1)), dtype=np.float32)
        for row, elements in enumerate(sets):
            has[row, [vocabulary[e] for e in elements]] = 1
        shared = (has @ has.T) > 0
        np.fill_diagonal(shared, val=False)
        return cls(np.concatenate(([0], np.cumsum(shared.sum(axis=1)))).astype(np.int64), np.nonzero(shared)[1])

    def sums(self, truce: Ints, moment: Ints, tallies: Floats) -> Floats:
        """For each of n rows the sums of ``tallies`` (d, m, k) at its moment over its truce's kin, shape (n, k).

        The numbers of each row are added up by themselves, so that to the last bit they do not depend on what else is asked.
        """
        many = self.starts[truce + 1] - self.starts[truce]
        first = np.cumsum(many) - many
        place = np.arange(many.sum()) + np.repeat(self.starts[truce] - first, many)
        there = np.repeat(moment * tallies.shape[1], many) + self.others[place]
        found = np.zeros((len(truce), tallies.shape[2]))
        if len(there):
            each = tallies.reshape(-1, tallies.shape[2])[there]
            found[many > 0] = np.add.reduceat(each, first[many > 0], axis=0)
        return found


@dataclass(frozen=True, slots=True)
class Ledger:
    """The lives of m truces, in days, with the moments from which their start and end are known, and who shares what with whom."""

    begins: NDArray[np.datetime64]
    start_known: NDArray[np.datetime64]
    end_known: NDArray[np.datetime64]
    life: Floats
    broke: Bools
    ended: NDArray[np.datetime64]
    watched: NDArray[np.datetime64]
    usable: Bools
    same_dyad: Kin
    same_conflict: Kin
    same_country: Kin

    @classmethod
    def of(cls, truces: Sequence[Truce]) -> Self:
        """Read the ledger from truces. A truce of unknown fate counts for nobody."""
        starts = [start_of(truce.effective_date) for truce in truces]
        ends = [None if truce.end_date is None else end_of(truce.end_date) for truce in truces]
        known = [
            None if end is None else max(end, truce.end_known_at or end)
            for truce, end in zip(truces, ends, strict=True)
        ]
        begins, ended = stamp(starts), stamp(ends)
        return cls(
            begins=begins,
            start_known=np.maximum(
                stamp([truce.start_known_at or start_of(truce.effective_date) for truce in truces]), begins
            ),
            end_known=stamp(known),
            life=(ended - begins) / _DAY,
            broke=np.array([truce.outcome is Outcome.BROKE for truce in truces], dtype=bool),
            ended=ended,
            watched=np.maximum(stamp([end_of(t.observed_to) if t.observed_to else None for t in truces]), begins),
            usable=np.array([truce.outcome not in UNSETTLED for truce in truces], dtype=bool),
            same_dyad=Kin.of([dyads(truce) for truce in truces]),
            same_conflict=Kin.of([{truce.conflict} for truce in truces]),
            same_country=Kin.of([set(truce.iso3) for truce in truces]),
        )


def dyads(truce: Truce) -> set[frozenset[str]]:
    """Every pair of opposing parties, by canonical name."""
    pairs = product(map(actors.canonical, truce.side_a), map(actors.canonical, truce.side_b))
    return {frozenset(pair) for pair in pairs}


def track_record(ledger: Ledger, truce: NDArray[np.int64], moments: NDArray[np.datetime64]) -> Floats:
    """The record columns for n rows.

    Args:
        ledger: m truces.
        truce: shape (n,), index of the truce a row asks about; its own life never counts.
        moments: shape (n,), datetime64[s].

    Returns:
        Shape (n, len(COLUMNS)): natural logarithms of shrunk O/E ratios; 0 where nothing is known.
    """
    days, place = np.unique(moments, return_inverse=True)
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(days) + 1))
    sums = np.empty((3, len(truce), 6))
    for start in range(0, len(days), _AT_ONCE):
        some = days[start : start + _AT_ONCE]
        rows, tallies = order[bounds[start] : bounds[start + len(some)]], _tallies(ledger, some)
        for j, kin in enumerate((ledger.same_dyad, ledger.same_conflict, ledger.same_country)):
            sums[j, rows] = kin.sums(truce[rows], place[rows] - start, tallies)
    dyad, conflict, country = sums.transpose(0, 2, 1)
    ratio = (conflict[0] + PRIOR) / (conflict[1] + PRIOR)
    return np.column_stack((
        _log_ratio(dyad[0], dyad[1]),
        np.log(ratio),
        _log_ratio(conflict[2], conflict[3]),
        _log_ratio(country[2], country[3]),
        np.log((dyad[0] + DYAD_PRIOR * ratio) / (dyad[1] + DYAD_PRIOR)),
        _log_ratio(dyad[4], dyad[5]),
        _log_ratio(conflict[4], conflict[5]),
    ))  # fmt: skip


def _tallies(ledger: Ledger, moments: NDArray[np.datetime64]) -> Floats:
    """What counts of each truce at each of d moments, (d, m, 6): breaks observed and expected, as they are, recent, and of the last year."""
    at = moments[:, None]
    known = ledger.usable & (ledger.start_known <= at)
    closed = known & (ledger.end_known <= at)
    # What nobody watches any more is not known to hold.
    until = np.where(closed, ledger.ended, np.minimum(ledger.watched, at))
    exposure = np.where(known, (until - ledger.begins).astype("timedelta64[s]").astype(np.int64), _NOT_KNOWN)
    observed = closed & ledger.broke
    expected = np.where(known, _cumulative_hazard(exposure, observed), 0.0)
    gone = np.where(closed, (at - ledger.ended) / _DAY, 0.0)
    out = np.empty((*known.shape, 6))
    for k, half_life in enumerate((np.inf, HALF_LIFE_DAYS, YEAR_DAYS)):
        weight = np.exp2(-gone / half_life)
        np.multiply(observed, weight, out=out[..., 2 * k])
        np.multiply(expected, weight, out=out[..., 2 * k + 1])
    return out


def _log_ratio(observed: Floats, expected: Floats) -> Floats:
    return np.log((observed + PRIOR) / (expected + PRIOR))


def _cumulative_hazard(exposure: Ints, broke: Bools) -> Floats:
    """Nelson-Aalen cumulative hazard of breaking at each truce's own exposure, moment by moment: both are (d, m), and so is the answer.

    Those of one exposure are all at risk when one of them breaks, and the breaks of all of them count for each.
    """
    order = np.argsort(exposure, axis=1)
    ascending = np.take_along_axis(exposure, order, axis=1)
    differs = ascending[:, 1:] != ascending[:, :-1]
    place = np.broadcast_to(np.arange(exposure.shape[1]), exposure.shape)
    first, last = place.copy(), place.copy()
    first[:, 1:][~differs] = 0
    last[:, :-1][~differs] = exposure.shape[1]
    first = np.maximum.accumulate(first, axis=1)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    at_risk = (exposure < _NOT_KNOWN).sum(axis=1)[:, None] - first
    steps = np.where(np.take_along_axis(broke, order, axis=1), 1.0 / np.maximum(at_risk, 1), 0.0)
    risen = np.take_along_axis(np.cumsum(steps, axis=1), last, axis=1)
    hazard = np.empty(exposure.shape)
    np.put_along_axis(hazard, order, risen, axis=1)
    return hazard
