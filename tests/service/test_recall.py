"""What the service keeps in memory: enough, never more than it said, and never what was not known."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from service import recall
from service.recall import Recall
from tests.examples import an_event
from tests.service.conftest import NOON, TRUCE
from truce.clock import end_of
from truce.columns import EventColumns
from truce.families import UNCOUNTED_SOURCES
from truce.history import History
from truce.linking import SCOPES, link
from truce.store import Store
from truce.store.matches import Match

RULE = "chronicle-1"


def test_each_moment_sees_the_truce_as_it_was_then_known_however_often_it_was_corrected(store: Store) -> None:
    first = store.truces.get(TRUCE)
    for day in range(1, 12):
        told = replace(first, confidence="high" if day % 2 else "low")
        store.truces.put([told], known_at=NOON + timedelta(days=day), source="truces", written_by="cli")
    held = Recall(store)
    for day in (*range(12), 3, 0, 11):
        known = held.standing(NOON + timedelta(days=day), RULE)
        found = known.believed(TRUCE)
        assert found is not None
        assert found[0] in known.history.truces
        assert found[0].confidence == (first.confidence if day == 0 else "high" if day % 2 else "low")
    assert held._held is not None
    assert len(held._held.lives) == recall._REVISIONS


def test_of_many_moments_the_latest_asked_about_are_kept(store: Store) -> None:
    held = Recall(store)
    for minutes in range(recall._MOMENTS + 5):
        held.standing(NOON + timedelta(minutes=minutes), RULE)
    assert held._held is not None
    assert len(held._held.standings) == recall._MOMENTS
    assert held.standing(NOON + timedelta(minutes=recall._MOMENTS), RULE) is held.standing(
        NOON + timedelta(minutes=recall._MOMENTS), RULE
    )


def test_what_is_written_is_seen_at_the_next_question(store: Store) -> None:
    held = Recall(store)
    before = held.standing(NOON, RULE)
    store.truces.put(
        [replace(store.truces.get(TRUCE), truce_id="new")], known_at=NOON, source="truces", written_by="cli"
    )
    assert before.believed("new") is None
    assert held.standing(NOON, RULE).believed("new") is not None


@pytest.mark.parametrize("source", ["test", "acled/1"], ids=["all counted", "some not counted"])
@pytest.mark.parametrize("day", [date(2015, 1, 9), date(2015, 1, 20), date(2015, 3, 1), date(2015, 6, 1)])
def test_what_bears_on_a_truce_is_what_was_known_linked_to_it(store: Store, source: str, day: date) -> None:
    told: dict[str, dict[str, Any]] = {
        "late": {"known_at": end_of(date(2015, 2, 20))},
        "taken-back": {"occurred_on": date(2015, 1, 12)},
        "elsewhere": {"iso3": ("ZZZ",), "actor": "Somebody", "target": None},
        "there": {"actor": "Somebody", "target": None, "source": source},
    }
    store.events.put([an_event(name, **fields) for name, fields in told.items()], written_by="cli")
    store.events.retract("taken-back", why="wrong", known_at=end_of(date(2015, 4, 1)), written_by="cli")
    held, truce, moment = Recall(store), store.truces.get(TRUCE), end_of(day)
    known = History.known_at(moment, [truce], store.events.arrays()).events
    for scope in SCOPES:
        wanted = known.event_id[link([truce], known).of(0, scope).rows].tolist()
        assert held.bearing_on(truce, scope, moment).event_id.tolist() == wanted


def test_a_release_that_brings_nothing_new_is_seen_too(store: Store) -> None:
    before = store.stamp()
    store.imports.log(source="ucdp-ged", files=["f"], digest="d", counts={"read": 0}, observed_to=None)
    assert store.stamp() != before


def test_what_is_held_with_its_news_is_what_the_store_holds(store: Store) -> None:
    """Events, a correction, retractions and matches in between: read bit by bit as if read at once."""
    held = Recall(store)

    def same() -> EventColumns:
        found = held.standing(NOON, RULE).tallies.events
        whole = store.events.arrays(UNCOUNTED_SOURCES).retied(store.truces.same_as())
        for column in fields(whole):
            np.testing.assert_array_equal(getattr(found, column.name), getattr(whole, column.name))
        return found

    same()
    store.events.put([an_event("first"), an_event("tied", truce_id=TRUCE)], written_by="cli")
    before = same()
    store.truces.put([replace(store.truces.get(TRUCE), name="Other")], known_at=NOON, source="cli", written_by="cli")
    assert same() is before, "no event is read again for a truce's sake"
    store.events.put([an_event("first", deaths=40, known_at=NOON)], written_by="cli", correcting=True)
    store.events.put([an_event("a-much-longer-name-than-any-before-it")], written_by="cli")
    assert len(same()) == len(before) + 2
    store.events.retract("tied", why="wrong", known_at=NOON, written_by="cli")
    same()
    store.matches.put([Match(TRUCE, "aaa-2015-06-late", "reviewed", 1.0)], written_by="cli")
    assert "aaa-2015-06-late" in same().truce_id
    store.events.put([an_event("a-feed's", source="ucdp-ged/21.1")], written_by="cli")
    same()
