"""Features declared as data, and one engine that computes them for any set of (truce, as-of) pairs.

Training asks for a whole panel, the service for one row: the same call. Each row sees only what had happened and was
known by its own as-of moment, whatever the history at hand holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce import record, terms, violence
from truce.counting import NEVER_DAYS
from truce.families import EVENT_FAMILIES, SCOPES, WINDOWS, EventFamily
from truce.history import History
from truce.tallies import COLUMNS, Tallies
from truce.vocabulary import Truce

_DAY = np.timedelta64(86_400, "s")
_ENGINE = 3


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared column. ``group`` is what ablations and recipes switch; ``measure`` and ``window`` are for events."""

    name: str
    group: str
    measure: str = "value"
    scope: str = ""
    window: int = 0


def _event_features(family: EventFamily) -> list[Feature]:
    out = []
    for scope in SCOPES:
        for window in WINDOWS:
            out.append(Feature(f"{family.name}_{scope}_{window}", family.name, "count", scope, window))
            if family.deaths:
                out.append(Feature(f"{family.name}_deaths_{scope}_{window}", family.name, "deaths", scope, window))
        out.append(Feature(f"{family.name}_since_{scope}", family.name, "since", scope))
    return out


FEATURES: tuple[Feature, ...] = (
    *(Feature(name, "terms") for name in terms.TERMS),
    *(Feature(name, "schedule") for name in terms.SCHEDULE),
    *(Feature(name, "record") for name in record.COLUMNS),
    *(feature for family in EVENT_FAMILIES for feature in _event_features(family)),
    *(Feature(name, "violence") for name in violence.COLUMNS),
)
"""Every feature there is, in the order of the table's columns."""

NAMES = tuple(feature.name for feature in FEATURES)


def names_of(*groups: str) -> tuple[str, ...]:
    """The columns of the named groups, in the table's order."""
    return tuple(feature.name for feature in FEATURES if feature.group in groups)


@cache
def feature_set_id() -> str:
    """A digest of every declaration and of the engine's version: what an artifact was fitted on."""
    declared = [_ENGINE, NEVER_DAYS, [asdict(family) for family in EVENT_FAMILIES], [asdict(f) for f in FEATURES]]
    return "fs-" + hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:12]


@lru_cache(maxsize=256)
def _places(there: tuple[str, ...], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Where the names stand: models ask for the same ones at every request."""
    index = {name: i for i, name in enumerate(there)}
    return np.array([index[name] for name in names], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """n landmark rows by k named features.

    ``values`` is float64 of shape (n, k), NaN where a feature is undefined (days to a scheduled end that nobody set);
    ``age_days`` is int64 of shape (n,); ``as_of`` is datetime64[s] of shape (n,), UTC moments.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    age_days: NDArray[np.int64]
    truce_ids: NDArray[np.str_]
    as_of: NDArray[np.datetime64]
    feature_set: str

    def __len__(self) -> int:
        return len(self.age_days)

    def columns(self, names: Sequence[str]) -> NDArray[np.float64]:
        """The named columns, shape (n, len(names)). Raises KeyError for a name that is not there."""
        return self.values[:, _places(self.names, tuple(names))]

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, one after another; all are of one set of features."""
        return replace(
            parts[0],
            values=np.concatenate([part.values for part in parts]),
            age_days=np.concatenate([part.age_days for part in parts]),
            truce_ids=np.concatenate([part.truce_ids for part in parts]),
            as_of=np.concatenate([part.as_of for part in parts]),
        )

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> FeatureTable:
        """The chosen rows, in the given order."""
        return replace(
            self,
            values=self.values[rows],
            age_days=self.age_days[rows],
            truce_ids=self.truce_ids[rows],
            as_of=self.as_of[rows],
        )


def features_at(history: History, truce_id: str, as_of: datetime) -> FeatureTable:
    """One row: the named truce at one moment. Raises KeyError when the history has no such truce."""
    ids = [truce.truce_id for truce in history.truces]
    if truce_id not in ids:
        raise KeyError(truce_id)
    moment = np.array([as_of.replace(tzinfo=None)], dtype="datetime64[s]")
    return compute(history, np.array([ids.index(truce_id)]), moment)


@dataclass(frozen=True, slots=True)
class Ready:
    """What the rows of one history have in common: the lives of its truces, and tallies of events. Made once for many questions.

    ``place`` (m,) is where in the ledger each truce of the history stands, when that holds truces to come too.
    """

    ledger: record.Ledger
    tallies: Tallies
    place: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, history: History) -> Self:
        """From what the history itself holds."""
        return cls(record.Ledger.of(history.truces), Tallies(history.events))


def compute(
    history: History, truce: NDArray[np.int64], as_of: NDArray[np.datetime64], ready: Ready | None = None
) -> FeatureTable:
    """The declared features of n rows.

    Args:
        history: m truces and their events.
        truce: shape (n,), index into ``history.truces``.
        as_of: shape (n,), datetime64[s], UTC; a row must not be before its truce's start.
        ready: the ledger of the history's truces, and tallies of its events or of more: a row sees what was known by its own moment.

    Returns:
        A table of n rows with the columns ``NAMES``.
    """
    ledger, tallies = (ready := ready or Ready.of(history)).ledger, ready.tallies
    life = truce if ready.place is None else ready.place[truce]
    age = ((as_of - ledger.begins[life]) // _DAY).astype(np.int64)
    asked, row = np.unique(truce, return_inverse=True)
    own = [history.truces[i] for i in asked]
    values = np.concatenate(
        (
            *terms.compute(own, row, as_of, age),
            record.track_record(ledger, life, as_of),
            _events(tallies, own, row, as_of),
            violence.compute(history.violence, own, row, as_of),
        ),
        axis=1,
    )
    ids = np.array([t.truce_id for t in own], dtype=str)
    return FeatureTable(NAMES, values, age, ids[row], as_of.astype("datetime64[s]"), feature_set_id())


def _events(
    tallies: Tallies, truces: Sequence[Truce], row: NDArray[np.int64], as_of: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    order = np.argsort(row, kind="stable")
    bounds = np.searchsorted(row[order], np.arange(len(truces) + 1))
    blocks = np.zeros((len(row), COLUMNS))
    for k, truce in enumerate(truces):
        rows = order[bounds[k] : bounds[k + 1]]
        blocks[rows] = tallies.of(truce).at(as_of[rows])
    return blocks
