"""Counting what had happened and was known, for many moments at once.

An event is seen at moment t within a window of w days exactly when t lies in one interval: it opens when the event
has happened and the world knows of it, and closes when the window has passed it or it is retracted. So a count at t
is the intervals opened by t less those closed by t: two sorted searches, exact for both clocks, in O((n + m) log m)
for n moments and m events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.columns import EventColumns

Moments = NDArray[np.datetime64]
Floats = NDArray[np.float64]

NEVER_DAYS = 1000.0
"""The most that a days-since feature says: longer ago and never are alike."""
ALWAYS_DAYS = 100_000
"""A window that nothing leaves."""

_DAY = np.timedelta64(86_400, "s")
_SECOND = np.timedelta64(1, "s")
_EVER, _NEVER = np.datetime64("0001-01-01", "s"), np.datetime64("9999-01-01", "s")


@dataclass(frozen=True, slots=True)
class Sightings:
    """When each of m events can be seen.

    ``opens``, ``retracted`` and ``day_end`` (the end of the day it occurred) are datetime64[s]; ``deaths`` is 0 where none was stated;
    ``weights`` says for how much each counts.
    """

    opens: Moments
    retracted: Moments
    day_end: Moments
    deaths: Floats
    weights: Floats

    @classmethod
    def of(cls, events: EventColumns) -> Self:
        """The sightings of all events, in their order."""
        day: Moments = events.occurred_on.astype("datetime64[s]")
        day_end: Moments = np.add(day, _DAY)
        return cls(
            opens=np.maximum(events.known_at.astype("datetime64[s]"), day + _SECOND),
            retracted=np.where(np.isnat(events.retracted_at), _NEVER, events.retracted_at.astype("datetime64[s]")),
            day_end=day_end,
            deaths=np.nan_to_num(events.deaths, nan=0.0),
            weights=np.ones(len(events)),
        )

    def take(self, rows: NDArray[np.int64], weights: Floats) -> Sightings:
        """The chosen events, each counting for as much as its weight."""
        return Sightings(self.opens[rows], self.retracted[rows], self.day_end[rows], self.deaths[rows], weights)

    def windows(self, days: Sequence[int]) -> tuple[Window, ...]:
        """A window of each length in days: an event of day D is in it while t < end of D + length."""
        worth = np.column_stack((self.weights, self.deaths * self.weights))
        opening = np.argsort(self.opens, kind="stable")
        opens, opened = self.opens[opening], _sum_of_first(worth[opening])
        made = []
        for length in days:
            # What closes before it opens is never seen: it opens and closes in one moment.
            closes = np.maximum(np.minimum(self.day_end + length * _DAY, self.retracted), self.opens)
            closing = np.argsort(closes, kind="stable")
            made.append(Window(opens, opened, closes[closing], _sum_of_first(worth[closing])))
        return tuple(made)

    def within(self, moments: Moments, days: int) -> tuple[Floats, Floats]:
        """How many events, and how many deaths in them, each of n moments sees in the ``days`` before it, both weighted, shape (n,)."""
        seen = self.windows([days])[0].at(moments)
        return seen[:, 0], seen[:, 1]

    def last(self) -> Last:
        """The last event seen. Between two retractions it is a running maximum, so the time line is cut at each of them."""
        cuts = np.unique(self.retracted[self.retracted < _NEVER])
        stretches = []
        for left, right in zip([_EVER, *cuts], [*cuts, _NEVER], strict=True):
            standing = np.flatnonzero((self.retracted >= right) & (self.opens < right))
            order = standing[np.argsort(self.opens[standing], kind="stable")]
            stretches.append(_Stretch(left, right, self.opens[order], np.maximum.accumulate(self.day_end[order])))
        return Last(tuple(stretches))

    def days_since_last(self, moments: Moments) -> Floats:
        """Days from the start of the last event's day to each of n moments; infinity where none has been seen."""
        return self.last().days_since(moments)


@dataclass(frozen=True, slots=True)
class Window:
    """m events by when they open and by when they close, each sorted, and (m + 1, 2) the weight and deaths of the first k of them."""

    opens: Moments
    opened: Floats
    closes: Moments
    closed: Floats

    def at(self, moments: Moments) -> Floats:
        """How many events, and deaths in them, each of n moments sees, shape (n, 2)."""
        seen = self.opened[np.searchsorted(self.opens, moments, side="right")]
        seen = seen - self.closed[np.searchsorted(self.closes, moments, side="right")]
        # What opened and closed again may leave a crumb of rounding, never less than nothing.
        return np.maximum(seen.round(9), 0.0)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From ``left`` to before ``right`` nothing is retracted: moments at which events open, and the latest day's end among those open."""

    left: np.datetime64
    right: np.datetime64
    opens: Moments
    latest: Moments


@dataclass(frozen=True, slots=True)
class Last:
    """The last of some events, at any moment."""

    stretches: tuple[_Stretch, ...]

    def days_since(self, moments: Moments) -> Floats:
        """Days from the start of the last event's day to each of n moments; infinity where none has been seen."""
        since = np.full(len(moments), np.inf)
        for stretch in self.stretches:
            here = np.flatnonzero((moments >= stretch.left) & (moments < stretch.right))
            if not len(here) or not len(stretch.opens):
                continue
            seen = np.searchsorted(stretch.opens, moments[here], side="right")
            some = seen > 0
            began: Moments = np.subtract(stretch.latest[seen[some] - 1], _DAY)
            since[here[some]] = np.maximum((moments[here[some]] - began) / _DAY, 0.0)
        return since


def _sum_of_first(values: Floats) -> Floats:
    """The sums of the first 0, 1, ..., m rows."""
    return np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)))
