"""What stands behind a forecast: how sure it is, how its kind has fared, and what drives it, down to single events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact
from models.reasons import AGE, COHERENCE, Reasons
from models.support import OUTSIDE
from truce.counted import OF_EVENTS, Counting, value_without
from truce.errors import Refused
from truce.features import FeatureTable
from truce.tallies import Tallies
from truce.vocabulary import Truce

Floats = NDArray[np.float64]

DRIVEN_AT = 30
"""The horizon, in days, of the drivers that stand in a forecast, whatever horizons were asked for."""
MOST_DRIVERS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the log-odds (H,): the feature's value, and of it the parts of single events, id -> (H,)."""

    feature: str
    value: float | None
    log_odds: Floats
    events: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one forecast: an interval (or None) for each horizon, drivers, and the record of its kind of case."""

    intervals: list[Any]
    drivers: list[dict[str, Any]]
    reliability: dict[str, Any]


def behind(  # noqa: PLR0913
    artifact: Artifact,
    truces: Sequence[Truce],
    tallies: Sequence[Tallies],
    table: FeatureTable,
    days: Sequence[int],
    chances: Floats,
    *,
    driven: bool = True,
) -> list[Behind]:
    """What stands behind each of n forecasts, ``chances`` (n, H, 3); without drivers where nobody asked for them."""
    intervals = artifact.interval(table, days, np.clip(chances[:, :, 0], 0.0, 1.0))
    found = drivers(artifact, truces, tallies, table) if driven else [[] for _ in truces]
    return list(map(Behind, intervals, found, artifact.reliability(table)))


def supported(artifact: Artifact, truce_id: str, table: FeatureTable) -> None:
    """Let a row pass that lies within what the model has seen.

    Raises:
        Refused: it lies outside.
    """
    (why,) = artifact.outside(table)
    if why is not None:
        raise outside(truce_id, why)


def outside(truce_id: str, why: str) -> Refused:
    """The refusal of a truce that lies outside what the model has seen."""
    return Refused(f"no forecast of {truce_id}: {why}", code=OUTSIDE)


def parts(
    artifact: Artifact,
    truces: Sequence[Truce],
    tallies: Sequence[Tallies],
    table: FeatureTable,
    days: Sequence[int],
    most: int | None = None,
) -> list[list[Part]]:
    """For each row the parts of its log-odds of breakdown at each of the ``days``; together they are exactly the log-odds.

    What events do to a column's part is that part less what it would be had the column counted none; it is shared among them as they
    share in the count.

    Args:
        artifact: the model that speaks.
        truces: each row's truce.
        tallies: for each row, of the events that were known; events are named by it.
        table: n rows.
        days: horizons, ascending.
        most: so many of the columns only, the largest at the first of the days, without age and coherence; None for all.
    """
    found = artifact.model.reasons(table, days)
    chosen = [_chosen(found.names, found.values[k], most) for k in range(len(table))]
    asked = [(k, j) for k, places in enumerate(chosen) for j in places if _counts_some(table, k, found.names[j])]
    shares = _shares(artifact, truces, tallies, table, days, found, asked)
    return [
        [
            Part(name := found.names[j], _value(table, k, name), found.values[k, :, j], shares.get((k, name), {}))
            for j in places
        ]
        for k, places in enumerate(chosen)
    ]


def _chosen(names: Sequence[str], values: Floats, most: int | None) -> list[int]:
    """Places of the parts to show of one row; ``values`` is (H, k)."""
    if most is None:
        return list(range(len(names)))
    size = np.abs(values[0]) * np.array([name not in (AGE, COHERENCE) for name in names])
    order = np.argsort(-size, kind="stable")[:most]
    return [int(j) for j in order if size[j] > 0]


def _value(table: FeatureTable, k: int, name: str) -> float | None:
    if name == AGE:
        return float(table.age_days[k])
    if name == COHERENCE:
        return None
    value = float(table.columns((name,))[k, 0])
    return None if np.isnan(value) else value


def _counts_some(table: FeatureTable, k: int, name: str) -> bool:
    return name in OF_EVENTS and _value(table, k, name) != value_without(name)


def _shares(  # noqa: PLR0913
    artifact: Artifact,
    truces: Sequence[Truce],
    tallies: Sequence[Tallies],
    table: FeatureTable,
    days: Sequence[int],
    found: Reasons,
    asked: Sequence[tuple[int, int]],
) -> dict[tuple[int, str], dict[str, Floats]]:
    """For each (row, place of an event column in ``found``) asked for the parts of its events, by row and column."""
    if not asked:
        return {}
    rows = np.array([k for k, _ in asked])
    own = table.take(rows)
    values = own.values.copy()
    for i, (_, j) in enumerate(asked):
        values[i, table.names.index(found.names[j])] = value_without(found.names[j])
    without = artifact.model.reasons(replace(own, values=values), days)
    out = {}
    for i, (k, j) in enumerate(asked):
        name = found.names[j]
        added = found.values[k, :, j] - without.values[i, :, j]
        counted = Counting(tallies[k]).of(truces[k], table.as_of[k], name)
        ids = tallies[k].events.event_id[counted.rows].tolist()
        out[k, name] = {e: share * added for e, share in zip(ids, counted.shares.tolist(), strict=True)}
    return out


def drivers(
    artifact: Artifact, truces: Sequence[Truce], tallies: Sequence[Tallies], table: FeatureTable
) -> list[list[dict[str, Any]]]:
    """For each row the columns that move its chance within ``DRIVEN_AT`` days most, for or against, as the answer shows them."""
    found = parts(artifact, truces, tallies, table, [DRIVEN_AT], MOST_DRIVERS)
    return [[shown(part, 0) for part in row] for row in found]


def shown(part: Part, k: int) -> dict[str, Any]:
    """A part at the k-th of its horizons, as JSON values; events by size."""
    events = sorted(((e, float(v[k])) for e, v in part.events.items()), key=lambda one: (-abs(one[1]), one[0]))
    return {
        "feature": part.feature,
        "value": part.value,
        "log_odds": float(part.log_odds[k]),
        "events": [{"event_id": event_id, "log_odds": value} for event_id, value in events],
    }
