"""A forecast, step by step: history as known -> features -> the model on the shelf -> archive -> answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact, numbers_digest
from service.grounds import Behind, behind, supported
from service.recall import Recall
from service.shelf import Shelved
from truce.attribution import citations
from truce.clock import Clock, age_days, end_of, resolve_as_of, write_moment
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, Unknown
from truce.features import FeatureTable, compute
from truce.history import History
from truce.identity import canonical, content_of, digest
from truce.store import Store
from truce.store.forecasts import Entry
from truce.verification import VINTAGE_DAYS
from truce.vocabulary import HORIZONS, MAX_HORIZON, Outcome, Truce

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``--all`` and several truces give: the forecasts, and those refused with code and reason."""

    as_of: datetime
    forecasts: list[dict[str, Any]]
    refused: list[dict[str, str]]
    outside_rule: int = 0
    """Truces that the model's rule does not decide, when all were asked for."""


def checked_horizons(asked: Sequence[int] | None) -> tuple[int, ...]:
    """The horizons of a request, ascending, each once. Raises OutOfRange unless they are whole days from 1 to 365."""
    horizons = tuple(sorted(set(asked))) if asked else HORIZONS
    if horizons[0] < 1 or horizons[-1] > MAX_HORIZON:
        raise OutOfRange(f"horizons are whole days from 1 to {MAX_HORIZON}", code="bad_horizon")
    return horizons


class Forecaster:
    """Answers for stored truces. Whatever it says has been archived before it is said."""

    def __init__(self, store: Store, recall: Recall, clock: Clock) -> None:
        self._store = store
        self._recall = recall
        self._clock = clock

    def one(self, shelved: Shelved, truce_id: str, as_of: str | None, horizons: Sequence[int] | None) -> str:
        """The answer for one truce, as JSON text.

        Raises:
            Unknown: no such truce.
            OutOfRange: the as-of moment or a horizon cannot be asked for.
            Refused: the truce's fate is unknown.
            StoreTrouble: the forecast could not be archived, so it is not given.
        """
        days, moment = checked_horizons(horizons), resolve_as_of(as_of, self._clock)
        history = self.known(shelved.artifact.rule, truce_id, moment)
        return self._issue(shelved, history, [truce_id], moment, days)[0]

    def known(self, rule: str, truce_id: str, moment: datetime) -> History:
        """What was known at a moment, with ends by a rule, for a truce that can be asked about then. Raises as ``one``."""
        truces, history = self._recall.at(moment, rule)
        self._admit(truce_id, moment, history, truces, self._recall.coded_ends(moment, rule))
        return history

    def events(self) -> EventColumns:
        """All events, for a route that cuts them itself through the history's door."""
        return self._recall.events()

    def several(
        self,
        shelved: Shelved,
        truce_ids: Sequence[str] | None,
        as_of: str | None,
        horizons: Sequence[int] | None = None,
    ) -> Answer:
        """Answers for the named truces, or for all in force as known at ``as_of`` with those of unknown fate refused."""
        days, moment = checked_horizons(horizons), resolve_as_of(as_of, self._clock)
        truces, history = self._recall.at(moment, shelved.artifact.rule)
        coded = self._recall.coded_ends(moment, shelved.artifact.rule)
        asked = (
            [t.truce_id for t in history.truces if _worth_asking(t)]
            if truce_ids is None
            else list(dict.fromkeys(truce_ids))
        )
        admitted, refused = [], []
        for truce_id in asked:
            try:
                self._admit(truce_id, moment, history, truces, coded)
                admitted.append(truce_id)
            except (Unknown, OutOfRange, Refused) as refusal:
                refused.append({"truce_id": truce_id, "code": refusal.code, "detail": refusal.detail})
        bodies = self._issue(shelved, history, admitted, moment, days, refused) if admitted else []
        outside = 0 if truce_ids is not None else sum(truce.outcome is Outcome.VOID for truce in history.truces)
        return Answer(moment, [json.loads(body) for body in bodies], refused, outside)

    def _admit(
        self, truce_id: str, moment: datetime, history: History, truces: Sequence[Truce], coded: Mapping[str, Truce]
    ) -> None:
        known = {truce.truce_id: truce for truce in history.truces}
        if truce_id not in known:
            there = {truce.truce_id: truce for truce in truces}
            if truce_id not in there:
                raise self._unknown(truce_id)
            start = there[truce_id].effective_date
            raise OutOfRange(f"{truce_id} took effect on {start}, after {write_moment(moment)}", code="before_start")
        truce = known[truce_id]
        if truce.outcome is Outcome.VOID:
            raise Refused(
                f"{truce_id} cannot be decided under the model's rule: `trucecast truces resolve` says why", code="void"
            )
        if truce.outcome is Outcome.UNKNOWN:
            raise Refused(
                f"the fate of {truce_id} cannot be established: nobody knows whether it is in force",
                code="unknown_fate",
            )
        if truce.outcome is not Outcome.ONGOING:
            raise OutOfRange(
                f"{truce_id} {truce.outcome} on {truce.end_date}, as known by {write_moment(moment)}", code="after_end"
            )

        if truce_id in coded:
            raise OutOfRange(
                f"{truce_id} {coded[truce_id].outcome} on {coded[truce_id].end_date} by its register, as known by "
                f"{write_moment(moment)}; the model's rule has not seen that",
                code="after_end",
            )

    def _unknown(self, truce_id: str) -> Unknown:
        listed = self._recall.listed_as(truce_id)
        detail = f"no truce {truce_id!r}" + (f": it is listed as {listed}" if listed else "")
        return Unknown(detail, code="unknown_truce")

    def _issue(
        self,
        shelved: Shelved,
        history: History,
        truce_ids: Sequence[str],
        moment: datetime,
        days: tuple[int, ...],
        refused: list[dict[str, str]] | None = None,
    ) -> list[str]:
        """The answers, archived. A truce outside the model's support goes to ``refused``, and is an error where there is no such list."""
        rows, table = self._inside(shelved.artifact, history, truce_ids, moment, refused)
        if not len(rows):
            return []
        chances = shelved.artifact.forecast(table, days)
        age_alone = shelved.artifact.baseline.cumulative_incidence(table, days)[:, :, 0]
        now = self._clock().astimezone(UTC)
        sources = _sources(self._recall.sources_at(moment), moment)
        cited = citations([*(truce.coding for truce in history.truces), *(source["name"] for source in sources)])
        occasion = _Occasion(moment, now, _kind(shelved.artifact, moment, now), days, sources, cited)
        reasons = behind(shelved.artifact, history, rows, table, days, chances)
        entries = [
            _entry(
                shelved, history.truces[row], table.take(np.array([k])), chances[k], age_alone[k], reasons[k], occasion
            )
            for k, row in enumerate(rows)
        ]
        return self._store.forecasts.append(entries)

    def _inside(
        self,
        artifact: Artifact,
        history: History,
        truce_ids: Sequence[str],
        moment: datetime,
        refused: list[dict[str, str]] | None,
    ) -> tuple[NDArray[np.int64], FeatureTable]:
        """Places and feature rows of the truces that the model has something to go by for."""
        place = {truce.truce_id: i for i, truce in enumerate(history.truces)}
        rows = np.array([place[truce_id] for truce_id in truce_ids], dtype=np.int64)
        table = compute(history, rows, np.full(len(rows), np.datetime64(moment.replace(tzinfo=None), "s")))
        inside = supported(artifact, truce_ids, table, refused)
        return rows[inside], table.take(inside)


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What is the same for all forecasts of one request."""

    as_of: datetime
    issued_at: datetime
    kind: str
    days: tuple[int, ...]
    sources: list[dict[str, Any]]
    attribution: list[str]


def _worth_asking(truce: Truce) -> bool:
    return truce.outcome in (Outcome.ONGOING, Outcome.UNKNOWN)


def _kind(artifact: Artifact, moment: datetime, now: datetime) -> str:
    """``issued`` when asked for now; of the past, ``hindcast`` when the model has seen later days, else ``replay``."""
    if now - moment <= _MINUTE:
        return "issued"
    return "hindcast" if is_hindcast(artifact, moment) else "replay"


def is_hindcast(artifact: Artifact, moment: datetime) -> bool:
    """Whether the model was fitted on days after the as-of moment."""
    return moment < end_of(artifact.trained_to)


def _entry(  # noqa: PLR0913
    shelved: Shelved,
    truce: Truce,
    row: FeatureTable,
    chances: Any,
    age_alone: Any,
    why: Behind,
    when: _Occasion,
) -> Entry:
    artifact = shelved.artifact
    features = canonical({
        name: None if np.isnan(value) else float(value) for name, value in zip(row.names, row.values[0], strict=True)
    })  # fmt: skip
    seen = digest([content_of(truce), features])
    forecast_id = digest([
        truce.truce_id, write_moment(when.as_of), list(when.days), artifact.version, shelved.digest, artifact.rule, seen
    ])[:32]  # fmt: skip
    body = {
        "forecast_id": forecast_id,
        "archived": True,
        "truce_id": truce.truce_id,
        "as_of": write_moment(when.as_of),
        "issued_at": write_moment(when.issued_at),
        "age_days": age_days(truce.effective_date, when.as_of),
        "rule": artifact.rule,
        "hindcast": is_hindcast(artifact, when.as_of),
        "model": named(shelved),
        "horizons": [horizon_of(h, chances[k], float(age_alone[k]), why.intervals[k]) for k, h in enumerate(when.days)],
        "drivers": why.drivers,
        "sources": when.sources,
        "reliability": why.reliability,
        "attribution": when.attribution,
    }
    return Entry(
        forecast_id=forecast_id, kind=when.kind, truce_id=truce.truce_id, as_of=when.as_of, issued_at=when.issued_at,
        model_version=str(artifact.version), rule=artifact.rule, history_digest=seen, features=features, body=canonical(body),
        vintage_days=VINTAGE_DAYS,
    )  # fmt: skip


def named(shelved: Shelved) -> dict[str, Any]:
    """The model that speaks, as answers name it."""
    artifact = shelved.artifact
    return {
        "name": artifact.name,
        "version": artifact.version,
        "family": artifact.family,
        "run_id": shelved.run_id,
        "trained_to": artifact.trained_to.isoformat(),
    }


def horizon_of(days: int, chances: Any, age_alone: float, interval: list[float] | None) -> dict[str, Any]:
    """One horizon of an answer; ``chances`` (3,) are those of ``CAUSES``."""
    ends = [min(max(float(p), 0.0), 1.0) for p in chances]
    return {
        "days": days,
        "p_breakdown": ends[0],
        "interval": interval,
        "p_expired": ends[1],
        "p_superseded": ends[2],
        "p_holds": max(1.0 - sum(ends), 0.0),
        "p_baseline": age_alone,
    }


def _sources(known: Sequence[tuple[str, datetime]], moment: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "last_known_at": write_moment(last),
            "age_days": (moment - last) // timedelta(days=1),
            "stale": None,
        }
        for name, last in known
    ]


def shelved_refit(artifact: Artifact, as_of: date, now: datetime) -> Shelved:
    """A model fitted for one past day, named after it."""
    named = replace(artifact, version=f"refit-{as_of}")
    return Shelved(named, None, numbers_digest(artifact), now)
