"""A forecast, step by step: history as known -> features -> the model on the shelf -> archive -> answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from service.entries import entries
from service.grounds import behind, outside
from service.occasions import Occasion, kind_of
from service.recall import Recall
from service.rows import Asked, Rows
from service.shelf import Shelved
from service.standing import Standing
from truce.attribution import citations
from truce.clock import Clock, resolve_as_of
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, Stale, TrucecastError, Unknown
from truce.families import UNCOUNTED_SOURCES
from truce.history import History
from truce.liveness import Pulse, Watch
from truce.settings import Settings
from truce.store import Store
from truce.store.seals import Entry
from truce.vocabulary import HORIZONS, MAX_HORIZON, Outcome, Truce

GROUP = 4000
"""So many forecasts of a batch are archived in one transaction."""


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
        (made,) = self._of_store(shelved, known, [truce_id], days)
        if isinstance(made, Refused):
            raise made
        return self._store.forecasts.append([made])[0]

    def standing(self, shelved: Shelved, moment: datetime) -> Standing:
        """What was known of truces at ``moment`` under the model's rule; events are in its tallies."""
        return self._recall.standing(moment, shelved.artifact.rule)

    def beside(self, shelved: Shelved, truce: Truce, moment: datetime) -> History:
        """What was known at ``moment`` under the model's rule beside a truce that is not stored: the others, and the events that bear on it."""
        return self._recall.with_events(moment, shelved.artifact.rule, truce).history

    def known(self, rule: str, truce_id: str, moment: datetime) -> History:
        """What was known at a moment, with ends by a rule and the events that bear on a truce that can be asked about then.

        Raises as ``one``.
        """
        known = self._recall.with_events(moment, rule, truce_id)
        known.admit(truce_id)
        return known.history

    def pulses(self, moment: datetime) -> list[Pulse]:
        """The sources of events, and whether each was alive at ``moment``."""
        return self.watch.pulses(self._recall.sources_at(moment), moment)

    def bearing_on(self, truce: Truce, scope: str, moment: datetime) -> EventColumns:
        """The events known by ``moment`` that bear on a truce in a scope, those too that no feature counts."""
        return self._recall.bearing_on(truce, scope, moment)

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
        asked = list(self.standing(shelved, moment).worth_asking() if truce_ids is None else dict.fromkeys(truce_ids))
        return dict(zip(asked, self.many(shelved, [(i, moment) for i in asked], days), strict=True))

    def many(
        self, shelved: Shelved, asked: Sequence[tuple[str, datetime]], days: tuple[int, ...], *, drivers: bool = True
    ) -> list[str | TrucecastError]:
        """For each (truce, moment) its answer as JSON text, or why there is none; archived in groups, moment after moment."""
        by_moment: dict[datetime, dict[str, None]] = {}
        for truce_id, moment in asked:
            by_moment.setdefault(moment, {})[truce_id] = None
        said: dict[tuple[str, datetime], str | TrucecastError] = {}
        group: list[Asked] = []
        last, waiting = next(reversed(by_moment), None), 0
        for known in self._recall.standings(by_moment, shelved.artifact.rule):
            moment = known.moment
            admitted, refused = self._at_one(shelved, known, list(by_moment[moment]), days, drivers=drivers)
            said |= {(truce_id, moment): refusal for truce_id, refusal in refused.items()}
            group += [] if admitted is None else [admitted]
            waiting += 0 if admitted is None else len(admitted.believed)
            if waiting >= GROUP or (group and moment == last):
                said |= self._archived(shelved, Rows.of(group), days)
                group.clear()
                waiting = 0
        return [said[pair] for pair in asked]

    def _at_one(
        self, shelved: Shelved, known: Standing, truce_ids: Sequence[str], days: tuple[int, ...], *, drivers: bool
    ) -> tuple[Asked | None, dict[str, TrucecastError]]:
        """The truces that can be forecast at one moment, None for none, and why the others cannot."""
        refused: dict[str, TrucecastError] = {}
        admitted: dict[str, tuple[Truce, int]] = {}
        for truce_id in truce_ids:
            try:
                admitted[truce_id] = known.admit(truce_id)
            except (Unknown, OutOfRange, Refused) as refusal:
                refused[truce_id] = refusal
        if not admitted:
            return None, refused
        try:
            return self._asked(shelved, known, list(admitted.values()), days, drivers=drivers), refused
        except Stale as silence:
            return None, refused | dict.fromkeys(admitted, silence)

    def _archived(
        self, shelved: Shelved, rows: Rows, days: tuple[int, ...]
    ) -> dict[tuple[str, datetime], str | TrucecastError]:
        """For each row its answer as JSON text, archived with the others in one transaction, or why there is none."""
        keys = [(truce.truce_id, when.as_of) for truce, when in zip(rows.truces, rows.occasions, strict=True)]
        made = self._entries(shelved, rows, days)
        bodies = iter(self._store.forecasts.append([one for one in made if isinstance(one, Entry)]))
        return {key: next(bodies) if isinstance(one, Entry) else one for key, one in zip(keys, made, strict=True)}

    def sketch(
        self,
        shelved: Shelved,
        known: Standing,
        truce_ids: Sequence[str],
        days: tuple[int, ...],
        refused: list[dict[str, str]] | None = None,
    ) -> list[dict[str, Any]]:
        """Forecasts of truces that stand in the store, not archived.

        A truce outside the model's support goes to ``refused``, and is an error where there is no such list.
        """
        said = []
        for truce_id, one in zip(truce_ids, self._of_store(shelved, known, truce_ids, days), strict=True):
            if isinstance(one, Entry):
                said.append({**json.loads(one.body), "archived": False})
            elif refused is None:
                raise one
            else:
                refused.append({"truce_id": truce_id, "code": one.code, "detail": one.detail})
        return said

    def inline(
        self, shelved: Shelved, asked: Sequence[Inline], days: tuple[int, ...], *, drivers: bool = True
    ) -> list[str | TrucecastError]:
        """Forecasts of truces of histories at hand as JSON text, not archived, or why there is none; all are worked out together."""
        said: list[str | TrucecastError] = []
        parts: list[Rows] = []
        stored = {moment: self.pulses(moment) for moment in {one.moment for one in asked if one.sources is None}}
        for one in asked:
            pulses = stored[one.moment] if one.sources is None else self.watch.pulses(one.sources, one.moment)
            try:
                codings = {truce.coding for truce in one.history.truces}
                occasion = self._occasion(shelved, codings, one.moment, days, pulses, drivers=drivers)
                parts.append(Rows.alone(one.history, one.truce_id, occasion))
                said.append("")
            except TrucecastError as refusal:
                said.append(refusal)
        made = iter(self._entries(shelved, Rows.joined(parts), days)) if parts else iter(())
        found = [next(made) if one == "" else one for one in said]
        return [_unarchived(one) if isinstance(one, Entry) else one for one in found]

    def _of_store(
        self, shelved: Shelved, known: Standing, truce_ids: Sequence[str], days: tuple[int, ...]
    ) -> list[Entry | Refused]:
        """For each of the truces its forecast at one moment, not archived yet, or that it lies outside the model's support. Raises Stale."""
        if not truce_ids:
            return []
        believed = [known.admit(truce_id) for truce_id in truce_ids]
        return self._entries(shelved, Rows.of([self._asked(shelved, known, believed, days)]), days)

    def _asked(
        self,
        shelved: Shelved,
        known: Standing,
        believed: Sequence[tuple[Truce, int]],
        days: tuple[int, ...],
        *,
        drivers: bool = True,
    ) -> Asked:
        """What the model is to be asked about truces at one moment. Raises Stale."""
        pulses = self.watch.pulses(known.sources, known.moment)
        occasion = self._occasion(shelved, known.codings(), known.moment, days, pulses, drivers=drivers)
        return Asked(known, believed, occasion)

    def _occasion(
        self,
        shelved: Shelved,
        codings: Iterable[str],
        moment: datetime,
        days: tuple[int, ...],
        pulses: Sequence[Pulse],
        *,
        drivers: bool,
    ) -> Occasion:
        now = self._clock().astimezone(UTC)
        kind = kind_of(shelved.artifact, moment, now)
        sure = kind != "issued" or self.watch.admit(pulses)
        cited = citations([*codings, *(pulse.name for pulse in pulses)])
        return Occasion(moment, now, kind, days, [pulse.as_json() for pulse in pulses], cited, sure, drivers)

    def _entries(self, shelved: Shelved, rows: Rows, days: tuple[int, ...]) -> list[Entry | Refused]:
        artifact = shelved.artifact
        why = artifact.outside(rows.table)
        inside = rows.take(np.array([reason is None for reason in why], dtype=bool))
        made: Iterator[Entry] = iter(())
        if len(inside):
            chances = artifact.forecast(inside.table, days)
            age_alone = artifact.baseline.cumulative_incidence(inside.table, days)[:, :, 0]
            driven = any(occasion.drivers for occasion in inside.occasions)
            grounds = behind(artifact, inside.truces, inside.tallies, inside.table, days, chances, driven=driven)
            made = iter(entries(shelved, inside, chances, age_alone, grounds))
        return [
            next(made) if reason is None else outside(truce.truce_id, reason)
            for truce, reason in zip(rows.truces, why, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Inline:
    """A truce of a history at hand, at a moment; ``sources`` are its own when they are not the store's."""

    history: History
    truce_id: str
    moment: datetime
    sources: Sequence[tuple[str, datetime]] | None = None


def _unarchived(made: Entry) -> str:
    return made.body.replace('"archived":true', '"archived":false', 1)
