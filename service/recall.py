"""What the store holds, kept in memory until the store has more: a request does not read sixty thousand events again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from truce.breakdown import Evidence, under
from truce.columns import EventColumns
from truce.store import Store
from truce.vocabulary import Truce


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[int, int, int]
    events: EventColumns
    evidence: dict[str, Evidence]


class Recall:
    """Truces and events as the store has them at this moment, checked by the store's own counters at every question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: _Held | None = None
        self._lock = threading.Lock()

    def at(self, moment: datetime, rule: str) -> tuple[list[Truce], EventColumns]:
        """Truces in the versions known at ``moment`` with the ends of a rule, and all events: ``History.known_at`` cuts them."""
        held = self._fresh()
        truces = self._store.truces.as_known(moment)
        if rule not in held.evidence:
            held.evidence[rule] = self._store.evidence.for_rule(rule, moment)
        known = replace(held.evidence[rule].known_at(moment), twins=self._store.truces.twins(moment))
        return under(rule, truces, known).truces, held.events

    def events(self) -> EventColumns:
        """All events."""
        return self._fresh().events

    def sources_at(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Each source of events with the moment of its latest news not later than ``moment``."""
        return self._store.events.sources(known_by=moment)

    def _fresh(self) -> _Held:
        with self._lock:
            stamp = (self._store.truces.stamp(), *self._store.events.stamp())
            if self._held is None or self._held.stamp != stamp:
                self._held = _Held(stamp, self._store.events.arrays(), {})
            return self._held
