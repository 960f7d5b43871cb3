"""Which events stand behind a feature's number, and for how much each of them: the other side of ``truce.features``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truce.counting import NEVER_DAYS, Sightings
from truce.features import EVENT_FAMILIES, FEATURES, WINDOWS, Feature, members_of
from truce.history import History
from truce.linking import Linked, link

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY = np.timedelta64(86_400, "s")
_LONGEST = int(max(NEVER_DAYS, *WINDOWS)) + 2
"""Days that a feature looks back at most, and two for days that began before their moment."""
_FAMILIES = {family.name: family for family in EVENT_FAMILIES}

OF_EVENTS = {feature.name: feature for feature in FEATURES if feature.group in _FAMILIES}
"""The features that count events, by name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of ``history.events``, ascending, and the share of each in the number; shares add up to 1."""

    rows: Ints
    shares: Floats


def value_without(name: str) -> float:
    """What an event feature says when no event is there to count."""
    return float(np.log1p(NEVER_DAYS)) if OF_EVENTS[name].measure == "since" else 0.0


class Counting:
    """The events behind the features of some truces.

    A count or toll is one function of a weighted sum, so each event's part of it along the straight way from nothing is its share of the
    sum; of the days since the last event, the events of that day share alike.
    """

    def __init__(self, history: History, truces: Sequence[int], earliest: np.datetime64) -> None:
        """``truces``: which of ``history.truces`` will be asked about, at no moment before ``earliest``."""
        # What no feature looks back on need not be linked again.
        self._rows = np.flatnonzero(history.events.occurred_on > (earliest - _LONGEST * _DAY).astype("datetime64[D]"))
        self._history = replace(history, events=history.events.take(self._rows))
        self._place = {truce: k for k, truce in enumerate(truces)}
        self._links = link([history.truces[i] for i in truces], self._history.events)
        self._sightings = Sightings.of(self._history.events)
        self._members: dict[str, Bools] = {}

    def of(self, truce: int, moment: np.datetime64, name: str) -> Counted:
        """What the named event feature of a truce counts at a moment; no rows where it counts nothing. Raises KeyError for other features."""
        feature = OF_EVENTS[name]
        linked = self._links.of(self._place[truce], feature.scope)
        chosen = self._member(feature.group)[linked.rows]
        linked = Linked(linked.rows[chosen], linked.weights[chosen])
        seen = self._sightings.take(linked.rows, linked.weights)
        parts = _last(seen, moment) if feature.measure == "since" else _within(seen, moment, feature)
        kept = parts > 0
        return Counted(self._rows[linked.rows[kept]], parts[kept] / parts.sum() if kept.any() else parts[kept])

    def _member(self, group: str) -> Bools:
        if group not in self._members:
            self._members[group] = members_of(self._history, _FAMILIES[group])
        return self._members[group]


def _within(seen: Sightings, moment: np.datetime64, feature: Feature) -> Floats:
    closes = np.minimum(seen.day_end + feature.window * _DAY, seen.retracted)
    worth = seen.weights * (seen.deaths if feature.measure == "deaths" else 1.0)
    parts: Floats = np.where((seen.opens <= moment) & (moment < closes), worth, 0.0)
    return parts


def _last(seen: Sightings, moment: np.datetime64) -> Floats:
    there = (seen.opens <= moment) & (moment < seen.retracted)
    if not there.any():
        return np.zeros(len(there))
    last = seen.day_end[there].max()
    recent = (moment - (last - _DAY)) / _DAY < NEVER_DAYS
    parts: Floats = (there & (seen.day_end == last) & recent).astype(float)
    return parts
