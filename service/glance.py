"""Chances of many truces at many moments in one go, for lists and courses that nobody archives.

They come the way of every forecast: history as known -> features -> the model in use. Only the cuts are fewer: the engine cuts every row
at its own moment, as in a panel, so one history serves all moments between two corrections of truces.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from models.artifact import Artifact
from service.entries import horizon_of
from service.forecasting import Forecaster
from service.grounds import outside
from service.shelf import Shelved
from service.standing import before_start, refuse_unless_in_force
from truce.breakdown import CodedClause, rule_named
from truce.clock import start_of, write_moment
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, TrucecastError, Unknown
from truce.features import FeatureTable, Ready, compute
from truce.history import History, as_believed
from truce.store import Store
from truce.vocabulary import Truce

Question = tuple[str, datetime]
"""A truce, and the moment it is asked about."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a model says of one truce at one moment: ``horizons`` as in a forecast, ``reliability`` with class, n and breaks."""

    truce_id: str
    as_of: datetime
    age_days: int
    horizons: list[dict[str, Any]]
    reliability: dict[str, Any]


Seen = Glance | TrucecastError


class Glancer:
    """Looks at stored truces. That sources have fallen silent it does not see: whoever asks about now says so beside the answers."""

    def __init__(self, store: Store, forecaster: Forecaster) -> None:
        self._store, self._forecaster = store, forecaster
        self._corrected = lru_cache(maxsize=1)(self._corrected_at)

    def at(self, shelved: Shelved, asked: Sequence[Question], days: tuple[int, ...]) -> dict[Question, Seen]:
        """An answer to each question, or why there is none."""
        found: dict[Question, Seen] = {}
        for moments in self._spans(shelved.artifact.rule, sorted({moment for _, moment in asked})):
            history, ready = self._history(shelved, moments[-1])
            now = [question for question in asked if moments[0] <= question[1] <= moments[-1]]
            found |= _answers(shelved.artifact, history, ready, now, days)
        return found

    def _spans(self, rule: str, moments: Sequence[datetime]) -> Iterator[Sequence[datetime]]:
        """The moments, ascending, in runs that one history serves: within a run no truce was corrected."""
        if not _by_code(rule):
            yield from ([moment] for moment in moments)
            return
        edges = {bisect_left(moments, edge) for edge in self._corrected(self._store.truces.stamp())}
        places = sorted({0, *edges, len(moments)})
        yield from (moments[a:b] for a, b in pairwise(places))

    def _corrected_at(self, stamp: int) -> tuple[datetime, ...]:
        """The moments at which corrections of truces became known."""
        del stamp  # it only tells one state of the store from another
        return tuple({at for versions in self._store.truces.versions().values() for at, _ in versions[1:]})

    def _history(self, shelved: Shelved, last: datetime) -> tuple[History, Ready]:
        """What serves a run that ends at ``last``; under a rule that goes by codes alone the truces' ends are cut row by row."""
        known = self._forecaster.standing(shelved, last)
        if not _by_code(shelved.artifact.rule):
            return known.history, known.ready
        return History.whole(known.truces, EventColumns.of([])), Ready(known.ledger, known.tallies)


def _by_code(rule: str) -> bool:
    return isinstance(rule_named(rule).clause, CodedClause)


def _answers(
    artifact: Artifact, history: History, ready: Ready, asked: Sequence[Question], days: tuple[int, ...]
) -> dict[Question, Seen]:
    place = {truce.truce_id: k for k, truce in enumerate(history.truces)}
    found: dict[Question, Seen] = {}
    for truce_id, moment in asked:
        refusal = _refusal(history.truces[place[truce_id]] if truce_id in place else None, truce_id, moment)
        if refusal is not None:
            found[truce_id, moment] = refusal
    admitted = [question for question in asked if question not in found]
    if not admitted:
        return found
    rows = np.array([place[truce_id] for truce_id, _ in admitted], dtype=np.int64)
    table = compute(
        history, rows, np.array([m.replace(tzinfo=None) for _, m in admitted], dtype="datetime64[s]"), ready
    )
    why = artifact.outside(table)
    found |= {q: outside(q[0], reason) for q, reason in zip(admitted, why, strict=True) if reason is not None}
    inside = np.array([reason is None for reason in why], dtype=bool)
    return found | _told(artifact, [q for q in admitted if q not in found], table.take(inside), days)


def _refusal(truce: Truce | None, truce_id: str, moment: datetime) -> TrucecastError | None:
    if truce is None:
        return Unknown(f"no truce {truce_id!r} in force at {write_moment(moment)}", code="unknown_truce")
    if start_of(truce.effective_date) > moment:
        return before_start(truce, moment)
    try:
        refuse_unless_in_force(as_believed(truce, moment), moment)
    except (OutOfRange, Refused) as refusal:
        return refusal
    return None


def _told(
    artifact: Artifact, asked: Sequence[Question], table: FeatureTable, days: tuple[int, ...]
) -> dict[Question, Seen]:
    if not asked:
        return {}
    chances = artifact.forecast(table, days)
    age_alone = artifact.baseline.cumulative_incidence(table, days)[:, :, 0]
    intervals = artifact.interval(table, days, np.clip(chances[:, :, 0], 0.0, 1.0))
    records = artifact.reliability(table)
    return {
        (truce_id, moment): Glance(
            truce_id,
            moment,
            int(table.age_days[k]),
            [horizon_of(h, chances[k, j], float(age_alone[k, j]), intervals[k][j]) for j, h in enumerate(days)],
            records[k],
        )
        for k, (truce_id, moment) in enumerate(asked)
    }
