"""A forecast, step by step: history as known -> features -> the model on the shelf -> archive -> answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact, numbers_digest
from service.entries import Occasion, entry, kind_of
from service.grounds import behind, supported
from service.recall import Recall
from service.shelf import Shelved
from service.standing import Standing
from truce.attribution import citations
from truce.clock import Clock, resolve_as_of
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, Stale, TrucecastError, Unknown
from truce.features import SCOPES, UNCOUNTED_SOURCES, FeatureTable, compute
from truce.history import History
from truce.linking import link
from truce.liveness import Pulse, Watch
from truce.settings import Settings
from truce.store import Store
from truce.store.forecasts import Entry
from truce.vocabulary import HORIZONS, MAX_HORIZON, Outcome


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
        kind = kind_of(shelved.artifact, moment, now)
        sure = kind != "issued" or self.watch.admit(pulses)
        rows, table = self._inside(shelved.artifact, history, truce_ids, moment, refused)
        if not len(rows):
            return []
        chances = shelved.artifact.forecast(table, days)
        age_alone = shelved.artifact.baseline.cumulative_incidence(table, days)[:, :, 0]
        cited = citations([*(truce.coding for truce in history.truces), *(pulse.name for pulse in pulses)])
        occasion = Occasion(moment, now, kind, days, [pulse.as_json() for pulse in pulses], cited, sure)
        reasons = behind(shelved.artifact, history, rows, table, days, chances)
        return [
            entry(
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


def shelved_refit(artifact: Artifact, as_of: date, now: datetime) -> Shelved:
    """A model fitted for one past day, named after it."""
    named = replace(artifact, version=f"refit-{as_of}")
    return Shelved(named, None, numbers_digest(artifact), now)
