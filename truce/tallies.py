"""The events of each truce, sorted once: what had happened and was known by any moment is then a few searches away.

The service asks about the same truces again and again, a panel about each at a thousand moments: both make a tally once. It holds what is
yet to come too; a row sees none of it, for every count is cut at the row's own moment by both clocks (``truce.counting``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.columns import EventColumns
from truce.counting import NEVER_DAYS, LastSeen, Sightings, Stack, running_latest
from truce.families import EVENT_FAMILIES, SCOPES, WINDOWS, EventFamily, members_of
from truce.linking import Index, Linked
from truce.vocabulary import Truce

Floats = NDArray[np.float64]

_DAY = np.timedelta64(86_400, "s")
_KEPT = 256
"""Truces whose tallies are kept: of those asked about least lately the tally is made anew when it is needed."""


def width(family: EventFamily) -> int:
    """Columns of a family in one scope: for each window its count, and its deaths where these are counted; then days since the last."""
    return len(WINDOWS) * (2 if family.deaths else 1) + 1


def _places() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each (family, scope) the columns of its counts and of its deaths, (g, windows), and of days since, (g,).

    Where no deaths are counted their column is one behind the last, which is cut off.
    """
    widths = np.array([width(family) for family in EVENT_FAMILIES for _ in SCOPES], dtype=np.int64)
    ends = np.cumsum(widths, dtype=np.int64)
    steps = np.where(widths > len(WINDOWS) + 1, 2, 1).astype(np.int64)
    counts = (ends - widths)[:, None] + steps[:, None] * np.arange(len(WINDOWS))
    return counts, np.where(steps[:, None] == 2, counts + 1, ends[-1]), ends - 1  # noqa: PLR2004 - a count and its deaths


_COUNTS, _DEATHS, _SINCE = _places()
COLUMNS = int(_SINCE[-1]) + 1
"""How many columns the event families have in all scopes."""
_SILENCE = np.zeros(COLUMNS + 1)
_SILENCE[_SINCE] = np.log1p(NEVER_DAYS)
"""What the columns say, and the one behind the last, when nothing has happened."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What bears on one truce: its links, scope by scope, and the events of every (family, scope) that has some, sorted.

    ``groups`` (g,) are these; ``opens`` has a list for each, ``closes`` one for each and each window; ``latest`` (m,) is the latest end of
    a day among a group's events that have opened. Of groups in which something was retracted, ``revised`` says the last event seen.
    """

    links: Mapping[str, Linked]
    groups: NDArray[np.int64]
    opens: Stack
    closes: Stack
    latest: NDArray[np.datetime64]
    revised: Mapping[int, LastSeen]

    @classmethod
    def of(
        cls, links: Mapping[str, Linked], groups: NDArray[np.int64], seen: Sightings, place: NDArray[np.int64]
    ) -> Self:
        """From what is seen of all groups, and in which of them, by its place in ``groups``, each is."""
        worth = np.column_stack((seen.weights, seen.deaths * seen.weights))
        opens, order = Stack.of(seen.opens, place, worth, len(groups))
        many = len(WINDOWS)
        closing = np.array([seen.closing(length) for length in WINDOWS]).T.ravel()
        lists = (place[:, None] * many + np.arange(many)).ravel()
        closes, _ = Stack.of(closing, lists, np.repeat(worth, many, axis=0), many * len(groups))
        latest = running_latest(seen.day_end[order], place[order])
        revised = {
            int(groups[k]): seen.take(np.flatnonzero(place == k), seen.weights[place == k]).last_seen()
            for k in np.unique(place[seen.are_retracted()]).tolist()
        }
        return cls(links, groups, opens, closes, latest, revised)

    def at(self, moments: NDArray[np.datetime64]) -> Floats:
        """The event columns of the truce at each of n moments, shape (n, COLUMNS), natural logarithms of one plus the counts."""
        out = np.tile(_SILENCE, (len(moments), 1))
        if len(self.groups):
            passed = self.opens.passed(moments)
            closed = self.closes.totals(self.closes.passed(moments))
            seen = self.opens.totals(passed)[:, :, None] - closed.reshape(*passed.shape, len(WINDOWS), 2)
            # What opened and closed again may leave a crumb of rounding, never less than nothing.
            logs = np.log1p(np.maximum(seen.round(9), 0.0, out=seen), out=seen)
            out[:, _DEATHS[self.groups]] = logs[..., 1]
            out[:, _COUNTS[self.groups]] = logs[..., 0]
            out[:, _SINCE[self.groups]] = np.log1p(np.minimum(self._since(moments, passed), NEVER_DAYS))
        return out[:, :COLUMNS]

    def _since(self, moments: NDArray[np.datetime64], passed: NDArray[np.int64]) -> Floats:
        """Days from the start of the last event's day, shape (n, g)."""
        began = self.latest[np.maximum(passed - 1, 0)] - _DAY
        since = np.maximum((moments[:, None] - began) / _DAY, 0.0)
        since[passed == self.opens.starts] = np.inf
        for group, seen in self.revised.items():
            since[:, np.searchsorted(self.groups, group)] = seen.days_since(moments)
        return since


class Tallies:
    """The tallies of truces over m events, each made when it is first asked for."""

    def __init__(self, events: EventColumns) -> None:
        self.events = events
        self.sightings = Sightings.of(events)
        self.members = {family.name: members_of(events, family) for family in EVENT_FAMILIES}
        self.index = Index(events)
        self._made: OrderedDict[tuple[object, ...], Tally] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, truce: Truce) -> Tally:
        """The tally of a truce, by what links go by."""
        key = (truce.truce_id, truce.side_a, truce.side_b, truce.iso3, truce.effective_date)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._tally(truce)
                if len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]

    def bearing_on(self, truce: Truce) -> NDArray[np.int64]:
        """Ascending rows of the events that bear on a truce in any scope of the features."""
        links = self.index.bearing_on(truce)
        return np.unique(np.concatenate([links[scope].rows for scope in SCOPES]))

    def _tally(self, truce: Truce) -> Tally:
        links = self.index.bearing_on(truce)
        groups: list[int] = []
        rows, weights = [np.array([], dtype=np.int64)], [np.array([])]
        for k, (family, scope) in enumerate(product(EVENT_FAMILIES, SCOPES)):
            linked = links[scope]
            chosen = self.members[family.name][linked.rows]
            if chosen.any():
                groups.append(k)
                rows.append(linked.rows[chosen])
                weights.append(linked.weights[chosen])
        seen = self.sightings.take(np.concatenate(rows), np.concatenate(weights))
        place = np.repeat(np.arange(len(groups)), [len(some) for some in rows[1:]])
        return Tally.of(links, np.array(groups, dtype=np.int64), seen, place)
