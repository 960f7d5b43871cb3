"""What the store holds, kept in memory until the store has more: a request does not read sixty thousand events again."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from service.standing import ByRegister, ByRule, Standing
from truce.breakdown import CodedClause, Evidence, rule_named, under
from truce.columns import EventColumns
from truce.errors import Unknown
from truce.families import UNCOUNTED_SOURCES
from truce.history import History, as_believed
from truce.linking import Index
from truce.lives import Lives
from truce.store import Store
from truce.store.memory import Stamp
from truce.tallies import Tallies
from truce.vocabulary import CAUSES, Truce

_MOMENTS = 32
"""Moments whose truces are kept: those that were asked about last. ``Now`` is one of them for a minute."""
_REVISIONS = 8
"""States of the register whose lives are kept: each correction of a truce makes another, and who shares what with whom is a square table."""
_NO_EVENTS = EventColumns.of([])


@dataclass(frozen=True)
class _Held:
    """What the store held at a stamp; what only some questions need is made when the first of them comes."""

    stamp: Stamp
    counted: EventColumns
    """The events that features count, tied to truces as their sources tied them."""
    same_as: Mapping[str, str]
    versions: Mapping[str, list[tuple[datetime, Truce]]]
    tallies: Tallies
    arrivals: Mapping[str, list[datetime]]
    evidence: dict[str, Evidence] = field(default_factory=dict)
    lives: OrderedDict[tuple[str, tuple[int, ...]], Lives] = field(default_factory=OrderedDict)
    standings: OrderedDict[tuple[datetime, str], Standing] = field(default_factory=OrderedDict)
    everything: list[tuple[EventColumns, Index]] = field(default_factory=list)

    @cached_property
    def revised(self) -> list[list[datetime]]:
        """The moments from which the versions of each truce that has several are known."""
        return [[at for at, _ in versions] for versions in self.versions.values() if len(versions) > 1]

    def known(self, moment: datetime) -> tuple[int, ...]:
        """Which version was known at ``moment`` of each truce that has several; the first one before any later was."""
        return tuple(max(bisect_right(moments, moment) - 1, 0) for moments in self.revised)

    def split(self, picked: Sequence[int]) -> tuple[list[Truce], dict[str, tuple[Truce, ...]]]:
        """The truces that are shown, in the versions picked, and the same truces as other sources have them."""
        shown: list[Truce] = []
        twins: dict[str, tuple[Truce, ...]] = {}
        picks = iter(picked)
        for truce_id, versions in self.versions.items():
            truce = versions[next(picks) if len(versions) > 1 else 0][1]
            shown_as = self.same_as.get(truce_id)
            if shown_as is None:
                shown.append(truce)
            else:
                twins[shown_as] = (*twins.get(shown_as, ()), truce)
        return shown, twins

    def sources_at(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Each source of events with the moment of its latest news not later than ``moment``."""
        until = {source: bisect_right(moments, moment) for source, moments in self.arrivals.items()}
        return [(source, self.arrivals[source][k - 1]) for source, k in until.items() if k]


class Recall:
    """Truces and events as the store has them at this moment, checked by the store's own counters at every question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: _Held | None = None
        self._lock = threading.RLock()

    def standing(self, moment: datetime, rule: str) -> Standing:
        """What was known of truces at ``moment`` under a rule. Its history has no events: they are in the tallies, and cut there."""
        (found,) = self.standings([moment], rule)
        return found

    def standings(self, moments: Iterable[datetime], rule: str) -> Iterator[Standing]:
        """The same at several moments, one after another, all by what the store held when the first was asked for."""
        with self._lock:
            held = self._fresh()
        for moment in moments:
            with self._lock:
                found = self._kept(held, moment, rule)
            yield found

    def _kept(self, held: _Held, moment: datetime, rule: str) -> Standing:
        if (moment, rule) not in held.standings:
            held.standings[moment, rule] = self._standing(held, moment, rule, _NO_EVENTS)
            if len(held.standings) > _MOMENTS:
                held.standings.popitem(last=False)
        held.standings.move_to_end((moment, rule))
        return held.standings[moment, rule]

    def with_events(self, moment: datetime, rule: str, truce: str | Truce) -> Standing:
        """The same with the events in its history that were known by then and bear on a truce: one of the store by its id, or another.

        Raises:
            Unknown: no such truce.
        """
        with self._lock:
            held = self._fresh()
            if isinstance(truce, str) and truce not in held.versions:
                raise Unknown(f"no truce {truce!r}: `trucecast truces list` shows them", code="unknown_truce")
            meant = [version for _, version in held.versions[truce]] if isinstance(truce, str) else [truce]
            rows = np.unique(np.concatenate([held.tallies.bearing_on(each) for each in meant]))
            return self._standing(held, moment, rule, held.tallies.events.take(rows))

    def bearing_on(self, truce: Truce, scope: str, moment: datetime) -> EventColumns:
        """The events known by ``moment`` that bear on a truce in a scope of ``linking``, those too that no feature counts."""
        with self._lock:
            held = self._fresh()
            if not held.everything:
                events = self._store.events.arrays().retied(held.same_as)
                alike = len(events) == len(held.tallies.events)
                held.everything.append((events, held.tallies.index if alike else Index(events)))
            events, index = held.everything[0]
        return History.known_at(moment, [], events.take(index.bearing_on(truce)[scope].rows)).events

    def sources_at(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Each source of events with the moment of its latest news not later than ``moment``."""
        with self._lock:
            return self._fresh().sources_at(moment)

    def _standing(self, held: _Held, moment: datetime, rule: str, events: EventColumns) -> Standing:
        if rule not in held.evidence:
            held.evidence[rule] = self._store.evidence.for_rule(rule, moment)
        if isinstance(rule_named(rule).clause, CodedClause):
            return self._by_register(held, moment, rule, events)
        shown, twins = held.split(held.known(moment))
        believed = [as_believed(truce, moment) for truce in shown]
        ruled = under(rule, believed, replace(held.evidence[rule], twins=twins).known_at(moment))
        history = History.known_at(moment, ruled.truces, events, ruled.violence)
        return ByRule(
            moment,
            held.sources_at(moment),
            ruled.truces,
            held.tallies,
            held.same_as,
            history,
            {truce.truce_id: truce for truce in believed if truce.outcome in CAUSES},
        )

    def _by_register(self, held: _Held, moment: datetime, rule: str, events: EventColumns) -> Standing:
        key = rule, (picked := held.known(moment))
        if key not in held.lives:
            shown, twins = held.split(picked)
            held.lives[key] = Lives.of(under(rule, shown, replace(held.evidence[rule], twins=twins)).truces)
            if len(held.lives) > _REVISIONS:
                held.lives.popitem(last=False)
        held.lives.move_to_end(key)
        lives = held.lives[key]
        return ByRegister(
            moment, held.sources_at(moment), lives.truces, held.tallies, held.same_as, lives=lives, events=events
        )

    def _fresh(self) -> _Held:
        store, stamp, held = self._store, self._store.stamp(), self._held
        if held is None or held.stamp != stamp:
            counted, same_as = self._counted(held, stamp), store.truces.same_as()
            unchanged = held is not None and counted is held.counted and same_as == held.same_as
            tallies = held.tallies if held is not None and unchanged else Tallies(counted.retied(same_as))
            self._held = held = _Held(
                stamp, counted, same_as, store.truces.versions(), tallies, store.events.arrivals()
            )
        return held

    def _counted(self, held: _Held | None, stamp: Stamp) -> EventColumns:
        """The events that features count up to a stamp; of what is held already only the news are read."""
        events = self._store.events
        if held is None or held.stamp.events > stamp.events or held.stamp.retractions > stamp.retractions:
            return events.arrays(UNCOUNTED_SOURCES, until=stamp.events)
        news = events.arrays(UNCOUNTED_SOURCES, after=held.stamp.events, until=stamp.events)
        whole = EventColumns.concat([held.counted, news]) if len(news) else held.counted
        return whole.retracted(events.taken_back(held.stamp.retractions, stamp.retractions))
