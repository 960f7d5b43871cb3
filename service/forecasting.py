"""A forecast, step by step: history as known -> features -> the model on the shelf -> archive -> answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact, numbers_digest
from service.grounds import Behind, behind, supported
from service.recall import Recall
from service.shelf import Shelved
from service.standing import Standing
from truce.attribution import citations
from truce.clock import Clock, age_days, end_of, resolve_as_of, write_moment
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, Stale, TrucecastError, Unknown
from truce.features import SCOPES, UNCOUNTED_SOURCES, FeatureTable, compute
from truce.history import History
from truce.identity import canonical, content_of, digest
from truce.linking import link
from truce.liveness import Pulse, Watch, widened
from truce.settings import Settings
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


def watch_of(settings: Settings) -> Watch:
    """What these settings expect of the sources that forecasts read."""
    return Watch(settings.cadences, settings.when_stale, frozenset(UNCOUNTED_SOURCES))


class Forecaster:
    """Answers for stored truces. Whatever it says has been archived before it is said."""

    def __init__(self, store: Store, recall: Recall, clock: Clock, watch: Watch | None = None) -> None:
        self._store = store
        self._recall = recall
        self._clock = clock
        self.watch = watch or Watch()

    def one(self, shelved: Shelved, truce_id: str, as_of: str | None, horizons: Sequence[int] | None) -> str:
        """The answer for one truce, as JSON text.

        Raises:
            Unknown: no such truce.
            OutOfRange: the as-of moment or a horizon cannot be asked for.
            Refused: the truce's fate is unknown.
            Stale: for now, when no source of events is alive and that is set to refuse.
            StoreTrouble: the forecast could not be archived, so it is not given.
        """
        days, moment = checked_horizons(horizons), resolve_as_of(as_of, self._clock)
        known = self.standing(shelved, moment)
        known.admit(truce_id)
        return self._issue(shelved, known.history, [truce_id], moment, days)[0]

    def standing(self, shelved: Shelved, moment: datetime, bearing: EventColumns | None = None) -> Standing:
        """What was known at ``moment`` under the model's rule; of the events only ``bearing``, if that is given."""
        return Standing.at(self._recall, moment, shelved.artifact.rule, bearing)

    def bearing_on(self, truce_id: str) -> EventColumns:
        """The counted events that bear on any version of a truce: no other can move its forecasts. Raises Unknown."""
        versions, counted = self._store.truces.versions_of(truce_id), self._recall.counted()
        links = link(versions, counted)
        rows = [links.of(k, scope).rows for k in range(len(versions)) for scope in SCOPES]
        return counted.take(np.unique(np.concatenate(rows)))

    def known(self, rule: str, truce_id: str, moment: datetime) -> History:
        """What was known at a moment, with ends by a rule, for a truce that can be asked about then. Raises as ``one``."""
        known = Standing.at(self._recall, moment, rule)
        known.admit(truce_id)
        return known.history

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
        found = self.at(shelved, truce_ids, moment, days)
        bodies = [json.loads(answer) for answer in found.values() if isinstance(answer, str)]
        refused = [
            {"truce_id": truce_id, "code": answer.code, "detail": answer.detail}
            for truce_id, answer in found.items()
            if isinstance(answer, TrucecastError)
        ]
        truces = [] if truce_ids is not None else self.standing(shelved, moment).history.truces
        return Answer(moment, bodies, refused, sum(truce.outcome is Outcome.VOID for truce in truces))

    def at(
        self, shelved: Shelved, truce_ids: Sequence[str] | None, moment: datetime, days: tuple[int, ...]
    ) -> dict[str, str | TrucecastError]:
        """For each truce its archived answer as JSON text, or why there is none; None asks for all worth asking."""
        known = self.standing(shelved, moment)
        answers: dict[str, str | TrucecastError] = {}
        for truce_id in known.worth_asking() if truce_ids is None else truce_ids:
            try:
                known.admit(truce_id)
                answers[truce_id] = ""
            except (Unknown, OutOfRange, Refused) as refusal:
                answers[truce_id] = refusal
        admitted = [truce_id for truce_id, answer in answers.items() if answer == ""]
        outside: list[dict[str, str]] = []
        try:
            bodies = self._issue(shelved, known.history, admitted, moment, days, outside) if admitted else []
        except Stale as silence:
            return answers | dict.fromkeys(admitted, silence)
        answers |= {one["truce_id"]: Refused(one["detail"], code=one["code"]) for one in outside}
        return answers | dict(zip([i for i in admitted if answers[i] == ""], bodies, strict=True))

    def sketch(  # noqa: PLR0913
        self,
        shelved: Shelved,
        history: History,
        truce_ids: Sequence[str],
        moment: datetime,
        days: tuple[int, ...],
        known: Sequence[tuple[str, datetime]] | None = None,
        refused: list[dict[str, str]] | None = None,
    ) -> list[dict[str, Any]]:
        """Forecasts of truces of a history at hand, not archived; ``known`` are its sources when they are not the store's.

        A truce outside the model's support goes to ``refused``, and is an error where there is no such list.
        """
        pulses = self.watch.pulses(self._recall.sources_at(moment) if known is None else known, moment)
        entries = self._entries(shelved, history, truce_ids, moment, days, pulses, refused)
        return [{**json.loads(entry.body), "archived": False} for entry in entries]

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
        pulses = self.watch.pulses(self._recall.sources_at(moment), moment)
        entries = self._entries(shelved, history, truce_ids, moment, days, pulses, refused)
        return self._store.forecasts.append(entries) if entries else []

    def _entries(  # noqa: PLR0913
        self,
        shelved: Shelved,
        history: History,
        truce_ids: Sequence[str],
        moment: datetime,
        days: tuple[int, ...],
        pulses: Sequence[Pulse],
        refused: list[dict[str, str]] | None,
    ) -> list[Entry]:
        now = self._clock().astimezone(UTC)
        kind = _kind(shelved.artifact, moment, now)
        sure = kind != "issued" or self.watch.admit(pulses)
        rows, table = self._inside(shelved.artifact, history, truce_ids, moment, refused)
        if not len(rows):
            return []
        chances = shelved.artifact.forecast(table, days)
        age_alone = shelved.artifact.baseline.cumulative_incidence(table, days)[:, :, 0]
        cited = citations([*(truce.coding for truce in history.truces), *(pulse.name for pulse in pulses)])
        occasion = _Occasion(moment, now, kind, days, [pulse.as_json() for pulse in pulses], cited, sure)
        reasons = behind(shelved.artifact, history, rows, table, days, chances)
        return [
            _entry(
                shelved, history.truces[row], table.take(np.array([k])), chances[k], age_alone[k], reasons[k], occasion
            )
            for k, row in enumerate(rows)
        ]

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
    sure: bool = True
    """False when no source is alive: intervals are widened."""


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
    horizons = [horizon_of(h, chances[k], float(age_alone[k]), why.intervals[k]) for k, h in enumerate(when.days)]
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
        "horizons": horizons if when.sure else [widened(horizon) for horizon in horizons],
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


def shelved_refit(artifact: Artifact, as_of: date, now: datetime) -> Shelved:
    """A model fitted for one past day, named after it."""
    named = replace(artifact, version=f"refit-{as_of}")
    return Shelved(named, None, numbers_digest(artifact), now)
