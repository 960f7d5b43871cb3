"""The events of each truce, sorted once: what had happened and was known by any moment is then a few searches away.

The service asks about the same truces again and again, a panel about each at a thousand moments: both make a tally once. It holds what is
yet to come too; a row sees none of it, for every count is cut at the row's own moment by both clocks (``truce.counting``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truce.columns import EventColumns
from truce.counting import NEVER_DAYS, Last, Sightings, Window
from truce.families import EVENT_FAMILIES, SCOPES, WINDOWS, EventFamily, members_of
from truce.linking import Index, Linked
from truce.vocabulary import Truce

Floats = NDArray[np.float64]

_KEPT = 256
"""Truces whose tallies are kept: of those asked about least lately the tally is made anew when it is needed."""


def width(family: EventFamily) -> int:
    """Columns of a family in one scope: for each window its count, and its deaths where these are counted; then days since the last."""
    return len(WINDOWS) * (2 if family.deaths else 1) + 1


_SILENCE = np.concatenate([
    np.append(np.zeros(width(family) - 1), NEVER_DAYS) for family in EVENT_FAMILIES for _ in SCOPES
])  # fmt: skip
"""What the columns count where nothing happened."""


@dataclass(frozen=True, slots=True)
class _Counter:
    """The events of one family and scope; its columns begin at ``place``."""

    place: int
    deaths: bool
    windows: tuple[Window, ...]
    last: Last


@dataclass(frozen=True, slots=True)
class Tally:
    """What bears on one truce: its links, scope by scope, and a counter for each family and scope that has events."""

    links: Mapping[str, Linked]
    counters: tuple[_Counter, ...]

    def at(self, moments: NDArray[np.datetime64]) -> Floats:
        """The event columns of the truce at each of n moments, shape (n, columns), natural logarithms of one plus the counts."""
        out = np.tile(_SILENCE, (len(moments), 1))
        for counter in self.counters:
            step = 2 if counter.deaths else 1
            for k, window in enumerate(counter.windows):
                at = counter.place + step * k
                out[:, at : at + step] = window.at(moments)[:, :step]
            end = counter.place + step * len(WINDOWS)
            out[:, end] = np.minimum(counter.last.days_since(moments), NEVER_DAYS)
        logs: Floats = np.log1p(out)
        return logs


class Tallies:
    """The tallies of truces over m events, each made when it is first asked for."""

    def __init__(self, events: EventColumns) -> None:
        self.events = events
        self.sightings = Sightings.of(events)
        self.members = {family.name: members_of(events, family) for family in EVENT_FAMILIES}
        self._index = Index(events)
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
        links = self.of(truce).links
        return np.unique(np.concatenate([links[scope].rows for scope in SCOPES]))

    def _tally(self, truce: Truce) -> Tally:
        links, counters, place = self._index.bearing_on(truce), [], 0
        for family in EVENT_FAMILIES:
            for scope in SCOPES:
                linked = links[scope]
                chosen = self.members[family.name][linked.rows]
                if chosen.any():
                    seen = self.sightings.take(linked.rows[chosen], linked.weights[chosen])
                    counters.append(_Counter(place, family.deaths, seen.windows(WINDOWS), seen.last()))
                place += width(family)
        return Tally(links, tuple(counters))
