"""Counting what had happened and was known, for many moments at once.

An event is seen at moment t within a window of w days exactly when t lies in one interval: it opens when the event
has happened and the world knows of it, and closes when the window has passed it or it is retracted. So a count at t
is the intervals opened by t less those closed by t: two sorted searches, exact for both clocks, in O((n + m) log m)
for n moments and m events.
"""

from __future__ import annotations

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
_NEVER = np.datetime64("9999-01-01", "s")


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

    def within(self, moments: Moments, days: int) -> tuple[Floats, Floats]:
        """How many events, and how many deaths in them, each moment sees in the ``days`` before it, both weighted.

        Args:
            moments: shape (n,), datetime64[s], any order.
            days: window length; an event of day D is in it while t < end of D + ``days``.

        Returns:
            Two arrays of shape (n,): events, deaths.
        """
        closes = np.minimum(self.day_end + days * _DAY, self.retracted)
        lasting = closes > self.opens
        opens, closes, weights = self.opens[lasting], closes[lasting], self.weights[lasting]
        deaths = self.deaths[lasting] * weights
        counts, fallen = np.zeros(len(moments)), np.zeros(len(moments))
        for edges, sign in ((opens, 1.0), (closes, -1.0)):
            order = np.argsort(edges, kind="stable")
            passed = np.searchsorted(edges[order], moments, side="right")
            counts += sign * _sum_of_first(weights[order])[passed]
            fallen += sign * _sum_of_first(deaths[order])[passed]
        # What opened and closed again may leave a crumb of rounding, never less than nothing.
        return np.maximum(counts.round(9), 0.0), np.maximum(fallen.round(9), 0.0)

    def days_since_last(self, moments: Moments) -> Floats:
        """Days from the start of the last event's day to each moment; infinity where none has been seen.

        Between two retractions the last event seen is a running maximum, so the time line is cut at each of them.
        """
        since = np.full(len(moments), np.inf)
        cuts = np.unique(self.retracted[self.retracted < _NEVER])
        for left, right in zip([np.datetime64("0001-01-01", "s"), *cuts], [*cuts, _NEVER], strict=True):
            here = np.flatnonzero((moments >= left) & (moments < right))
            standing = np.flatnonzero((self.retracted >= right) & (self.opens < right))
            if not len(here) or not len(standing):
                continue
            order = standing[np.argsort(self.opens[standing], kind="stable")]
            latest = np.maximum.accumulate(self.day_end[order])
            seen = np.searchsorted(self.opens[order], moments[here], side="right")
            some = seen > 0
            began: Moments = np.subtract(latest[seen[some] - 1], _DAY)
            gap = (moments[here[some]] - began) / _DAY
            since[here[some]] = np.maximum(gap, 0.0)
        return since


def _sum_of_first(values: Floats) -> Floats:
    """The sum of the first 0, 1, ..., m values."""
    return np.concatenate(([0.0], np.cumsum(values)))
