"""What the store holds, kept in memory until the store has more: a request does not read sixty thousand events again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from truce.breakdown import CodedClause, Evidence, rule_named, under
from truce.columns import EventColumns
from truce.features import UNCOUNTED_SOURCES
from truce.history import History, as_believed
from truce.store import Store
from truce.vocabulary import CAUSES, Truce


@dataclass(frozen=True, slots=True)
class _Held:
    """What the store held at a stamp; what only some questions need is fetched when the first of them comes."""

    stamp: tuple[int, int, int]
    same_as: dict[str, str]
    counted: EventColumns
    evidence: dict[str, Evidence]
    everything: list[EventColumns]


class Recall:
    """Truces and events as the store has them at this moment, checked by the store's own counters at every question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: _Held | None = None
        self._lock = threading.Lock()

    def at(self, moment: datetime, rule: str, bearing: EventColumns | None = None) -> tuple[list[Truce], History]:
        """Every truce as known at ``moment`` with its end by a rule, those to come too, and the history as of ``moment`` under that rule.

        Of the events that features count the history has only ``bearing``, where only some can matter.
        """
        with self._lock:
            held = self._fresh()
            if rule not in held.evidence:
                held.evidence[rule] = self._store.evidence.for_rule(rule, moment)
            evidence = replace(held.evidence[rule], twins=self._store.truces.twins(moment))
        believed = [as_believed(truce, moment) for truce in self._store.truces.as_known(moment)]
        ruled = under(rule, believed, evidence.known_at(moment))
        return ruled.truces, History.known_at(
            moment, ruled.truces, held.counted if bearing is None else bearing, ruled.violence
        )

    def coded_ends(self, moment: datetime, rule: str) -> dict[str, Truce]:
        """The truces that had ended by their own register, as known at ``moment``, for a rule that goes by other evidence."""
        if isinstance(rule_named(rule).clause, CodedClause):
            return {}
        believed = (as_believed(truce, moment) for truce in self._store.truces.as_known(moment))
        return {truce.truce_id: truce for truce in believed if truce.outcome in CAUSES}

    def listed_as(self, truce_id: str) -> str | None:
        """Under which id a truce is listed that several sources have; None when it is no other's twin."""
        with self._lock:
            return self._fresh().same_as.get(truce_id)

    def events(self) -> EventColumns:
        """All events, those too that no feature counts."""
        with self._lock:
            held = self._fresh()
            if not held.everything:
                held.everything.append(self._store.events.arrays().retied(held.same_as))
            return held.everything[0]

    def counted(self) -> EventColumns:
        """The events that features count."""
        with self._lock:
            return self._fresh().counted

    def sources_at(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Each source of events with the moment of its latest news not later than ``moment``."""
        return self._store.events.sources(known_by=moment)

    def _fresh(self) -> _Held:
        stamp = (self._store.truces.stamp(), *self._store.events.stamp())
        if self._held is None or self._held.stamp != stamp:
            same_as = self._store.truces.same_as()
            counted = self._store.events.arrays(UNCOUNTED_SOURCES).retied(same_as)
            self._held = _Held(stamp, same_as, counted, {}, [])
        return self._held
