"""Which events stand behind a feature's number, and for how much each of them: the other side of ``truce.features``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truce.counting import NEVER_DAYS, Sightings
from truce.families import EVENT_FAMILIES
from truce.features import FEATURES, Feature
from truce.tallies import Tallies
from truce.vocabulary import Truce

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY = np.timedelta64(86_400, "s")
_FAMILIES = {family.name: family for family in EVENT_FAMILIES}

OF_EVENTS = {feature.name: feature for feature in FEATURES if feature.group in _FAMILIES}
"""The features that count events, by name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of the tallies' events, ascending, and the share of each in the number; shares add up to 1."""

    rows: Ints
    shares: Floats


def value_without(name: str) -> float:
    """What an event feature says when no event is there to count."""
    return float(np.log1p(NEVER_DAYS)) if OF_EVENTS[name].measure == "since" else 0.0


class Counting:
    """The events behind the features of truces.

    A count or toll is one function of a weighted sum, so each event's part of it along the straight way from nothing is its share of the
    sum; of the days since the last event, the events of that day share alike.
    """

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    def of(self, truce: Truce, moment: np.datetime64, name: str) -> Counted:
        """What the named event feature of a truce counts at a moment; no rows where it counts nothing. Raises KeyError for other features."""
        feature = OF_EVENTS[name]
        linked = self._tallies.of(truce).links[feature.scope]
        chosen = self._tallies.members[feature.group][linked.rows]
        rows, weights = linked.rows[chosen], linked.weights[chosen]
        seen = self._tallies.sightings.take(rows, weights)
        parts = _last(seen, moment) if feature.measure == "since" else _within(seen, moment, feature)
        kept = parts > 0
        return Counted(rows[kept], parts[kept] / parts.sum() if kept.any() else parts[kept])


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
