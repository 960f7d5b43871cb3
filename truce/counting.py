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

    def closing(self, days: int) -> Moments:
        """When each event leaves a window of so many days. One that leaves before it is known is never seen: it opens and closes at once."""
        closes: Moments = np.maximum(np.minimum(self.day_end + days * _DAY, self.retracted), self.opens)
        return closes

    def are_retracted(self) -> NDArray[np.bool_]:
        """Which of them were taken back."""
        return self.retracted < _NEVER

    def within(self, moments: Moments, days: int) -> tuple[Floats, Floats]:
        """How many events, and how many deaths in them, each moment sees in the ``days`` before it, both weighted.

        Args:
            moments: shape (n,), datetime64[s], any order.
            days: window length; an event of day D is in it while t < end of D + ``days``.

        Returns:
            Two arrays of shape (n,): events, deaths.
        """
        closes = self.closing(days)
        opens, weights, deaths = self.opens, self.weights, self.deaths * self.weights
        counts, fallen = np.zeros(len(moments)), np.zeros(len(moments))
        for edges, sign in ((opens, 1.0), (closes, -1.0)):
            order = np.argsort(edges, kind="stable")
            passed = np.searchsorted(edges[order], moments, side="right")
            counts += sign * _sum_of_first(weights[order])[passed]
            fallen += sign * _sum_of_first(deaths[order])[passed]
        # What opened and closed again may leave a crumb of rounding, never less than nothing.
        return np.maximum(counts.round(9), 0.0), np.maximum(fallen.round(9), 0.0)

    def last_seen(self) -> LastSeen:
        """The last event seen by any moment, made once for many questions."""
        changes: Moments = np.unique(np.concatenate((self.opens, self.retracted[self.retracted < _NEVER])))
        since = self.days_since_last(changes)
        seen = np.isfinite(since)
        began = np.full(len(changes), np.datetime64("NaT", "s"))
        began[seen] = changes[seen] - np.rint(since[seen] * 86_400).astype("timedelta64[s]")
        return LastSeen(changes, began)

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


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The last event seen as a step function of time: from each of the ``changes``, ascending, the start of its day; NaT for none."""

    changes: Moments
    began: Moments

    def days_since(self, moments: Moments) -> Floats:
        """As ``Sightings.days_since_last``."""
        place = np.searchsorted(self.changes, moments, side="right") - 1
        since = np.maximum((moments - self.began[place]) / _DAY, 0.0)
        since[(place < 0) | np.isnan(since)] = np.inf
        return since


def _sum_of_first(values: Floats) -> Floats:
    """The sums of the first 0, 1, ..., m values or rows."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))


_EPOCH = np.datetime64("0001-01-01", "s")
_SPAN = np.int64(10**12)
"""More seconds than lie between any two moments."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Several ascending lists of moments that are searched at once, with what has passed by each.

    ``keys`` (m,) are all moments in seconds, each list lifted above the one before; ``starts`` (g,) is where each of g lists begins, and
    ``sums`` (m + 1, 2) the running sums of the two values of each moment over all lists.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    sums: Floats

    @classmethod
    def of(
        cls, moments: Moments, lists: NDArray[np.int64], values: Floats, many: int
    ) -> tuple[Self, NDArray[np.int64]]:
        """Sort m moments into ``many`` lists.

        Args:
            moments: shape (m,), datetime64[s], any order.
            lists: shape (m,), in which list each is.
            values: shape (m, 2), the values of each.
            many: how many lists; some may be empty.

        Returns:
            The stack, and the order into which the moments came; those that are equal stay in the order they had.
        """
        lifted = _seconds(moments) + lists * _SPAN
        order = np.argsort(lifted, kind="stable")
        lengths = np.bincount(lists, minlength=many)
        return cls(lifted[order], np.cumsum(lengths) - lengths, _sum_of_first(values[order])), order

    def passed(self, moments: Moments) -> NDArray[np.int64]:
        """Where each list stands at each of n moments: the place in ``keys`` behind its last moment that has come, shape (n, g)."""
        lifted = _seconds(moments)[:, None] + np.arange(len(self.starts)) * _SPAN
        return np.searchsorted(self.keys, lifted, side="right")

    def totals(self, places: NDArray[np.int64]) -> Floats:
        """The sums of what has passed in each list, shape (n, g, 2), for places that ``passed`` gave."""
        found: Floats = np.take(self.sums, places, axis=0)
        found -= self.sums[self.starts]
        return found


def running_latest(moments: Moments, lists: NDArray[np.int64]) -> Moments:
    """The latest moment so far of each list, shape (m,), the lists one after another."""
    latest: Moments = _EPOCH + (np.maximum.accumulate(_seconds(moments) + lists * _SPAN) - lists * _SPAN).astype(
        "timedelta64[s]"
    )
    return latest


def _seconds(moments: Moments) -> NDArray[np.int64]:
    return (moments.astype("datetime64[s]") - _EPOCH).astype(np.int64)
