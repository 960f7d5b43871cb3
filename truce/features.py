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

import numpy as np
from numpy.typing import NDArray

from truce import record, terms, violence
from truce.counting import NEVER_DAYS, Sightings
from truce.history import History
from truce.linking import Links, link
from truce.vocabulary import EventType, Modality, Topic

WINDOWS = (7, 30, 90, 365)
SCOPES = ("sides", "by_side", "on_side", "patron", "country")
"""How closely an event must bear on the truce. What happens to a neighbour is linked for people to see, and is no feature yet."""

UNCOUNTED_SOURCES = ("ucdp-ged", "acled", "gdelt", "icews", "polecat", "reign")
"""Feeds whose events are evidence for rules and people, and no event family counts them: the features were declared on coded news and
on what users send, and one attack told by four feeds is one attack. What a rule of fighting goes by, the group ``violence`` counts."""

_DAY = np.timedelta64(86_400, "s")
_ENGINE = 3


@dataclass(frozen=True, slots=True)
class EventFamily:
    """A kind of event the forecast may lean on: which coded events belong to it, and whether their deaths are counted."""

    name: str
    types: tuple[EventType, ...]
    modalities: tuple[Modality, ...] = (Modality.ACTUAL,)
    topics: tuple[Topic, ...] = ()
    deaths: bool = False


EVENT_FAMILIES = (
    EventFamily("attacks", (EventType.ASSAULT,), deaths=True),
    EventFamily("cabinet_changes", (EventType.CABINET_CHANGE,)),
    EventFamily("withdrawal_votes", (EventType.LEGISLATURE_VOTE,), topics=(Topic.TROOP_WITHDRAWAL,)),
    EventFamily("threats", (EventType.THREATEN,), (Modality.ACTUAL, Modality.THREATENED)),
    EventFamily(
        "conciliatory_words",
        (EventType.AGREE, EventType.CONCEDE, EventType.SUPPORT, EventType.COOPERATE, EventType.RETREAT),
    ),
    EventFamily("talks", (EventType.CONSULT,)),
    EventFamily("elections", (EventType.ELECTION,)),
    EventFamily("leader_changes", (EventType.LEADER_CHANGE, EventType.COUP)),
)


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


def compute(history: History, truce: NDArray[np.int64], as_of: NDArray[np.datetime64]) -> FeatureTable:
    """The declared features of n rows.

    Args:
        history: m truces and their events.
        truce: shape (n,), index into ``history.truces``.
        as_of: shape (n,), datetime64[s], UTC; a row must not be before its truce's start.

    Returns:
        A table of n rows with the columns ``NAMES``.
    """
    ledger = record.Ledger.of(history.truces)
    age = ((as_of - ledger.begins[truce]) // _DAY).astype(np.int64)
    term_values, schedule_values = terms.compute(history.truces, truce, as_of, age)
    values = np.concatenate(
        (
            term_values,
            schedule_values,
            record.track_record(ledger, truce, as_of),
            _events(history, truce, as_of),
            violence.compute(history.violence, history.truces, truce, as_of),
        ),
        axis=1,
    )
    ids = np.array([t.truce_id for t in history.truces])
    return FeatureTable(NAMES, values, age, ids[truce], as_of.astype("datetime64[s]"), feature_set_id())


def _events(history: History, truce: NDArray[np.int64], as_of: NDArray[np.datetime64]) -> NDArray[np.float64]:
    asked = np.unique(truce)
    links = link([history.truces[i] for i in asked], history.events)
    sightings = Sightings.of(history.events)
    members = [members_of(history, family) for family in EVENT_FAMILIES]
    order = np.argsort(truce, kind="stable")
    bounds = np.searchsorted(truce[order], np.append(asked, len(history.truces)))
    blocks = np.zeros((len(truce), sum(len(_event_features(family)) for family in EVENT_FAMILIES)))
    for k in range(len(asked)):
        rows = order[bounds[k] : bounds[k + 1]]
        blocks[rows] = _events_of_one(links, k, sightings, members, as_of[rows])
    return blocks


def members_of(history: History, family: EventFamily) -> NDArray[np.bool_]:
    """Which events of a history belong to a family, shape (m,)."""
    events = history.events
    chosen = np.isin(events.type, [t.value for t in family.types])
    chosen &= np.isin(events.modality, [m.value for m in family.modalities])
    if family.topics:
        chosen &= np.isin(events.topic, [t.value for t in family.topics])
    return chosen


def _events_of_one(
    links: Links, place: int, sightings: Sightings, members: list[NDArray[np.bool_]], moments: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    columns: list[NDArray[np.float64]] = []
    for family, member in zip(EVENT_FAMILIES, members, strict=True):
        for scope in SCOPES:
            linked = links.of(place, scope)
            chosen = member[linked.rows]
            seen = sightings.take(linked.rows[chosen], linked.weights[chosen])
            for window in WINDOWS:
                counts, deaths = seen.within(moments, window)
                columns.append(np.log1p(counts))
                if family.deaths:
                    columns.append(np.log1p(np.maximum(deaths, 0.0)))
            columns.append(np.log1p(np.minimum(seen.days_since_last(moments), NEVER_DAYS)))
    return np.column_stack(columns)
