"""Why a forecast says what it says, whole: every part of its log-odds at every horizon, and what moved it since an earlier day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from models.artifact import Artifact, loads
from service import ledger
from service.entries import horizon_of, named
from service.forecasting import Forecaster, checked_horizons
from service.grounds import Part, parts, shown, supported
from service.ledger import Stand
from service.occasions import is_hindcast
from service.shelf import CHAMPION, Shelved
from truce.clock import Clock, age_days, resolve_as_of, write_moment
from truce.errors import BadInput, TrucecastError
from truce.features import FeatureTable, features_at
from truce.history import History
from truce.store import Store
from truce.tallies import Tallies
from truce.vocabulary import Truce
from truce.wire import public_event

REFERENCE = (
    "log-odds of breakdown. 'age' is what a truce of this age is given whose columns are all at their means over the training set; every "
    "other part is what its own value adds to that, and all parts of a horizon add up to its log_odds. Parts are associational: how like "
    "cases differed, not what would happen if a value were changed."
)

_MOST_ASKED = 500
"""Ids in one query: no database refuses so many."""


class Explainer:
    """Answers why. Nothing is stored: what it says can be had again from the same model and history."""

    def __init__(self, store: Store, forecaster: Forecaster, clock: Clock) -> None:
        self._store = store
        self._forecaster = forecaster
        self._clock = clock

    def explain(
        self,
        shelved: Shelved,
        truce_id: str,
        as_of: str | None = None,
        since: str | None = None,
        horizons: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """The explanation of a forecast, and with ``since`` the ledger of what changed from then on.

        Raises:
            Unknown: no such truce.
            OutOfRange: a moment or a horizon cannot be asked for.
            Refused: the truce's fate is unknown, or it lies outside the model's support.
            BadInput: ``since`` is after ``as_of``.
        """
        days, moment = checked_horizons(horizons), resolve_as_of(as_of, self._clock)
        history = self._forecaster.known(shelved.artifact.rule, truce_id, moment)
        table = features_at(history, truce_id, moment)
        supported(shelved.artifact, truce_id, table)
        now = stand(shelved.artifact, history, truce_id, table, days)
        told = (
            None
            if since is None
            else self._ledger(shelved, truce_id, now, history, resolve_as_of(since, self._clock), moment)
        )
        ids = {e for part in now.parts for e in part.events} | set([] if told is None else ledger.events_of(told))
        artifact, truce = shelved.artifact, next(t for t in history.truces if t.truce_id == truce_id)
        return {
            **header(shelved, truce, moment),
            "reference": REFERENCE,
            "horizons": _horizons(artifact, table, days, now),
            "reliability": _reliability(artifact, table),
            "ledger": told,
            "events": self._events(sorted(ids)),
        }

    def _events(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        chunks = (ids[start : start + _MOST_ASKED] for start in range(0, len(ids), _MOST_ASKED))
        return {e.event_id: public_event(e) for chunk in chunks for e in self._store.events.by_ids(chunk)}

    def _ledger(
        self, shelved: Shelved, truce_id: str, now: Stand, history: History, since: datetime, moment: datetime
    ) -> dict[str, Any]:
        if since > moment:
            raise BadInput(f"since {write_moment(since)} is after as_of {write_moment(moment)}", code="bad_period")
        artifact, days = shelved.artifact, now.days
        known = self._forecaster.known(artifact.rule, truce_id, since)
        then = stand(artifact, known, truce_id, features_at(known, truce_id, since), days)
        later = history.hindsight(since)
        hindsight = stand(artifact, later, truce_id, features_at(later, truce_id, since), days)
        served, said = self._served(shelved, since)
        spoke = then.log_odds if served is None else served.model.reasons(then.table, days).log_odds[0]
        return {"since": write_moment(since), "model_then": said, "horizons": ledger.split(now, hindsight, then, spoke)}

    def _served(self, shelved: Shelved, since: datetime) -> tuple[Artifact | None, dict[str, Any]]:
        """The other model that was champion then, and what is said of it; None when it was this one, or cannot be asked."""
        row = self._store.models.at(CHAMPION, since)
        if row is None or row.version == shelved.artifact.version:
            why = "no model served yet: this one is asked about then, too" if row is None else "the same model"
            return None, {"version": shelved.artifact.version, "compared": row is not None, "note": why}
        try:
            artifact = loads(row.body)
        except TrucecastError as trouble:
            return None, {"version": row.version, "compared": False, "note": trouble.detail}
        if (artifact.rule, artifact.feature_set) != (shelved.artifact.rule, shelved.artifact.feature_set):
            note = "it answered under another rule or on other features: this model is asked about then instead"
            return None, {"version": row.version, "compared": False, "note": note}
        return artifact, {"version": row.version, "compared": True, "note": "another model served then"}


def stand(artifact: Artifact, history: History, truce_id: str, table: FeatureTable, days: Sequence[int]) -> Stand:
    """How a truce stands with a model, on what a history knows; ``table`` is its one row."""
    truce = next(truce for truce in history.truces if truce.truce_id == truce_id)
    return Stand(tuple(days), table, parts(artifact, [truce], [Tallies(history.events)], table, days)[0])


def header(shelved: Shelved, truce: Truce, moment: datetime) -> dict[str, Any]:
    """What every answer about a forecast that is not archived begins with."""
    return {
        "archived": False,
        "truce_id": truce.truce_id,
        "as_of": write_moment(moment),
        "age_days": age_days(truce.effective_date, moment),
        "rule": shelved.artifact.rule,
        "hindcast": is_hindcast(shelved.artifact, moment),
        "model": named(shelved),
    }


def _horizons(artifact: Artifact, table: FeatureTable, days: Sequence[int], now: Stand) -> list[dict[str, Any]]:
    chances = artifact.forecast(table, days)[0]
    intervals = artifact.interval(table, days, np.clip(chances[None, :, 0], 0.0, 1.0))[0]
    age_alone = artifact.baseline.cumulative_incidence(table, days)[0, :, 0]
    return [
        {
            **horizon_of(h, chances[k], float(age_alone[k]), intervals[k]),
            "log_odds": float(now.log_odds[k]),
            "parts": [shown(part, k) for part in _by_size(now.parts, k)],
        }
        for k, h in enumerate(days)
    ]


def _by_size(found: Iterable[Part], k: int) -> list[Part]:
    """Age first, then the others by size; parts of exactly nothing are left out."""
    first, *others = found
    return [first, *sorted((p for p in others if p.log_odds[k] != 0), key=lambda p: -abs(float(p.log_odds[k])))]


def _reliability(artifact: Artifact, table: FeatureTable) -> Mapping[str, Any]:
    if artifact.past_cases is None:
        return artifact.reliability(table)[0]
    return artifact.past_cases.cases(table)[0]
