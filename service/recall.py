"""What the store holds, kept in memory until the store has more: a request does not read sixty thousand events again."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from service.standing import Standing
from truce.breakdown import CodedClause, Evidence, rule_named, under
from truce.columns import EventColumns
from truce.errors import Unknown
from truce.families import UNCOUNTED_SOURCES
from truce.features import Ready
from truce.history import History, as_believed
from truce.record import Ledger
from truce.store import Store
from truce.tallies import Tallies
from truce.vocabulary import CAUSES, Truce

_MOMENTS = 64
"""Moments whose truces are kept: those that were asked about last. ``Now`` is one of them for a minute."""
_NO_EVENTS = EventColumns.of([])


@dataclass(frozen=True, slots=True)
class _Held:
    """What the store held at a stamp; what only some questions need is made when the first of them comes."""

    stamp: tuple[int, ...]
    same_as: Mapping[str, str]
    versions: Mapping[str, list[tuple[datetime, Truce]]]
    tallies: Tallies
    arrivals: Mapping[str, list[datetime]]
    evidence: dict[str, Evidence] = field(default_factory=dict)
    standings: OrderedDict[tuple[datetime, str], Standing] = field(default_factory=OrderedDict)
    everything: list[EventColumns] = field(default_factory=list)

    def known(self, moment: datetime) -> Iterator[tuple[str, Truce]]:
        """Every truce of every source in the version that was known at ``moment``, as it was believed then."""
        for truce_id, versions in self.versions.items():
            newest = versions[0][1]
            for known_at, truce in versions[1:]:
                newest = truce if known_at <= moment else newest
            yield truce_id, as_believed(newest, moment)


class Recall:
    """Truces and events as the store has them at this moment, checked by the store's own counters at every question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: _Held | None = None
        self._lock = threading.RLock()

    def standing(self, moment: datetime, rule: str) -> Standing:
        """What was known of truces at ``moment`` under a rule. Its history has no events: they are in the tallies, and cut there."""
        with self._lock:
            held = self._fresh()
            if (moment, rule) not in held.standings:
                held.standings[moment, rule] = self._standing(held, moment, rule, _NO_EVENTS)
                if len(held.standings) > _MOMENTS:
                    held.standings.popitem(last=False)
            held.standings.move_to_end((moment, rule))
            return held.standings[moment, rule]

    def with_events(self, moment: datetime, rule: str, truce_id: str | None = None) -> Standing:
        """The same with the events known by then in its history: all that features count, or those that bear on one truce alone.

        Raises:
            Unknown: no such truce.
        """
        with self._lock:
            held = self._fresh()
            counted = held.tallies.events
            if truce_id is not None and truce_id not in held.versions:
                raise Unknown(f"no truce {truce_id!r}: `trucecast truces list` shows them", code="unknown_truce")
            if truce_id is not None:
                rows = [held.tallies.bearing_on(truce) for _, truce in held.versions[truce_id]]
                counted = counted.take(np.unique(np.concatenate(rows)))
            return self._standing(held, moment, rule, counted)

    def events(self) -> EventColumns:
        """All events, those too that no feature counts."""
        with self._lock:
            held = self._fresh()
            if not held.everything:
                held.everything.append(self._store.events.arrays().retied(held.same_as))
            return held.everything[0]

    def sources_at(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Each source of events with the moment of its latest news not later than ``moment``."""
        with self._lock:
            arrivals = self._fresh().arrivals
        until = {source: bisect_right(moments, moment) for source, moments in arrivals.items()}
        return [(source, arrivals[source][k - 1]) for source, k in until.items() if k]

    def _standing(self, held: _Held, moment: datetime, rule: str, events: EventColumns) -> Standing:
        if rule not in held.evidence:
            held.evidence[rule] = self._store.evidence.for_rule(rule, moment)
        twins: dict[str, tuple[Truce, ...]] = {}
        believed: list[Truce] = []
        for truce_id, truce in held.known(moment):
            shown_as = held.same_as.get(truce_id)
            if shown_as is None:
                believed.append(truce)
            else:
                twins[shown_as] = (*twins.get(shown_as, ()), truce)
        ruled = under(rule, believed, replace(held.evidence[rule], twins=twins).known_at(moment))
        history = History.known_at(moment, ruled.truces, events, ruled.violence)
        coded = isinstance(rule_named(rule).clause, CodedClause)
        return Standing(
            moment,
            history,
            Ready(Ledger.of(history.truces), held.tallies),
            {truce.truce_id: k for k, truce in enumerate(history.truces)},
            ruled.truces,
            {} if coded else {truce.truce_id: truce for truce in believed if truce.outcome in CAUSES},
            held.same_as,
        )

    def _fresh(self) -> _Held:
        stamp = self._store.stamp()
        if self._held is None or self._held.stamp != stamp:
            same_as = self._store.truces.same_as()
            counted = self._store.events.arrays(UNCOUNTED_SOURCES).retied(same_as)
            self._held = _Held(
                stamp, same_as, self._store.truces.versions(), Tallies(counted), self._store.events.arrivals()
            )
        return self._held
