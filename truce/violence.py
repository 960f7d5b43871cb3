"""Deadly violence in a truce's own dyads, as columns for rules that are decided by it.

Counted are the events of the feed by which the rule decides, each from the moment it was known until it was taken back, as
the other features are. Under a rule that goes by a register there are none, and the columns say what silence says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.clock import start_of
from truce.counting import ALWAYS_DAYS, NEVER_DAYS, Sightings
from truce.fights import Fights, Ground
from truce.vocabulary import Truce

Floats = NDArray[np.float64]

WINDOWS = (7, 30, 90, 365)
COLUMNS = (
    *(f"violence_{what}_{days}" for days in WINDOWS for what in ("events", "deaths")),
    "violence_events_in_truce",
    "violence_deaths_in_truce",
    "violence_since",
)
"""Natural logarithms of one plus: events and deaths in the last days, the same since the truce began, days since the last event."""
_SECOND = np.timedelta64(1, "s")
_DAY = np.timedelta64(86_400, "s")


@dataclass(frozen=True, slots=True)
class Violence:
    """The fights that a rule goes by, and the UCDP dyads of each truce, by its id."""

    fights: Fights = field(default_factory=Fights.none)
    dyads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def known_at(self, moment: datetime) -> Self:
        """What of it was known at ``moment``."""
        return replace(self, fights=self.fights.known_at(moment))


def compute(
    violence: Violence, truces: Sequence[Truce], truce: NDArray[np.int64], as_of: NDArray[np.datetime64]
) -> Floats:
    """The violence columns of n rows, shape (n, len(COLUMNS)); arguments as for ``features.compute``.

    An event known to a span of days counts from its last day on, and counts as within the truce if it began in it.
    """
    out = np.zeros((len(truce), len(COLUMNS)))
    out[:, -1] = np.log1p(NEVER_DAYS)
    ground = Ground(violence.fights)
    for i in np.unique(truce) if len(violence.fights) else ():
        dyads = ground.known_dyads(violence.dyads.get(truces[i].truce_id, ()))
        if dyads:
            rows = np.flatnonzero(truce == i)
            begins = np.datetime64(start_of(truces[i].effective_date).replace(tzinfo=None), "s")
            out[rows] = _of_one(violence.fights.take(ground.between(dyads)), begins, as_of[rows])
    return out


def _of_one(fights: Fights, begins: np.datetime64, moments: NDArray[np.datetime64]) -> Floats:
    seen = _sightings(fights)
    within = _sightings(fights.take(fights.began.astype("datetime64[s]") >= begins))
    told = [seen.within(moments, days) for days in WINDOWS] + [within.within(moments, ALWAYS_DAYS)]
    columns = [np.log1p(column) for pair in told for column in pair]
    return np.column_stack([*columns, np.log1p(np.minimum(seen.days_since_last(moments), NEVER_DAYS))])


def _sightings(fights: Fights) -> Sightings:
    day = fights.day.astype("datetime64[s]")
    return Sightings(
        opens=np.maximum(fights.known, day + _SECOND),
        retracted=fights.gone,
        day_end=np.add(day, _DAY),
        deaths=fights.deaths,
        weights=np.ones(len(fights)),
    )
