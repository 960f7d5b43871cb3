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
_AT_ONCE = 32
"""So many moments are worked on at a time."""
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
class Ledger:
    """The lives of m truces, with the moments from which their start and end are known, and who shares what with whom."""

    begins: NDArray[np.datetime64]
    start_known: NDArray[np.datetime64]
    end_known: NDArray[np.datetime64]
    life: Floats
    broke: Bools
    ended: NDArray[np.datetime64]
    watched: NDArray[np.datetime64]
    usable: Bools
    same_dyad: Bools
    same_conflict: Bools
    same_country: Bools

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
            same_dyad=_sharing([dyads(truce) for truce in truces]),
            same_conflict=_sharing([{truce.conflict} for truce in truces]),
            same_country=_sharing([set(truce.iso3) for truce in truces]),
        )


def dyads(truce: Truce) -> set[frozenset[str]]:
    """Every pair of opposing parties, by canonical name."""
    pairs = product(map(actors.canonical, truce.side_a), map(actors.canonical, truce.side_b))
    return {frozenset(pair) for pair in pairs}


def _sharing(sets: Sequence[AbstractSet[Hashable]]) -> Bools:
    """(m, m): whether two truces share an element, and are not the same truce."""
    vocabulary = {element: i for i, element in enumerate({e for s in sets for e in s})}
    has = np.zeros((len(sets), max(len(vocabulary), 1)), dtype=np.float32)
    for row, elements in enumerate(sets):
        has[row, [vocabulary[e] for e in elements]] = 1
    shared = (has @ has.T) > 0
    np.fill_diagonal(shared, val=False)
    return shared


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
    sums = np.empty((len(truce), 3, 6))
    for start in range(0, len(days), _AT_ONCE):
        for k, tallies in enumerate(_tallies(ledger, days[start : start + _AT_ONCE]), start=start):
            rows = order[bounds[k] : bounds[k + 1]]
            for j, shared in enumerate((ledger.same_dyad, ledger.same_conflict, ledger.same_country)):
                sums[rows, j] = _sums(shared[truce[rows]], tallies)
    dyad, conflict, country = sums.transpose(1, 2, 0)
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
    held = (np.minimum(ledger.watched, at) - ledger.begins) / _DAY
    exposure = np.where(closed, ledger.life, held)
    observed = (closed & ledger.broke).astype(float)
    expected = np.zeros(known.shape)
    for there, spans, broke, found in zip(known, exposure, observed > 0, expected, strict=True):
        found[there] = _cumulative_hazard(spans[there], broke[there])
    gone = np.where(closed, (at - ledger.ended) / _DAY, 0.0)
    recent, year = (0.5 ** (np.maximum(gone, 0.0) / half_life) for half_life in (HALF_LIFE_DAYS, YEAR_DAYS))
    both = np.stack((observed, expected), axis=2)
    out: Floats = np.concatenate((both, both * recent[..., None], both * year[..., None]), axis=2) * known[..., None]
    return out


def _sums(shared: Bools, tallies: Floats) -> Floats:
    """For each row of ``shared`` (n, m) the sums over its truces, (n, k).

    Row by row: the product of the whole matrix rounds by how many rows it has, and a forecast must not depend on what else was asked.
    """
    return np.array([row @ tallies for row in shared])


def _log_ratio(observed: Floats, expected: Floats) -> Floats:
    return np.log((observed + PRIOR) / (expected + PRIOR))


def _cumulative_hazard(exposure: Floats, broke: Bools) -> Floats:
    """Nelson-Aalen cumulative hazard of breaking, at each truce's own exposure."""
    times = np.sort(exposure)
    falls = np.sort(exposure[broke])
    at_risk = len(times) - np.searchsorted(times, falls, side="left")
    steps = np.concatenate(([0.0], np.cumsum(1.0 / np.maximum(at_risk, 1))))
    return steps[np.searchsorted(falls, exposure, side="right")]
