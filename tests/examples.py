"""Small worlds for tests: truces and events with sensible defaults, and strategies that make them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from truce.clock import end_of
from truce.vocabulary import Event, EventType, Modality, Outcome, Topic, Truce

EPOCH = date(2015, 1, 1)


def a_truce(truce_id: str = "aaa-2015-01-one", **fields: Any) -> Truce:
    """A truce between the government of A and rebel group R, from 1 January 2015, unless told otherwise."""
    defaults: dict[str, Any] = {
        "name": truce_id,
        "iso3": ("AAA",),
        "side_a": ("Government of A",),
        "side_b": ("R Front",),
        "effective_date": EPOCH,
        "conflict": "aaa",
        "observed_to": date(2016, 12, 31),
    }
    defaults.update(fields)
    if defaults.get("end_date") is not None:
        defaults.setdefault("outcome", Outcome.BROKE)
        defaults.setdefault("end_known_at", end_of(defaults["end_date"]))
    defaults.setdefault("start_known_at", end_of(defaults["effective_date"]))
    return Truce(truce_id=truce_id, **defaults)


def an_event(event_id: str = "e1", **fields: Any) -> Event:
    """An attack by R Front on the government of A, on 10 January 2015, known that day."""
    defaults: dict[str, Any] = {
        "type": EventType.ASSAULT,
        "modality": Modality.ACTUAL,
        "occurred_on": date(2015, 1, 10),
        "source": "test",
        "actor": "R Front",
        "target": "Government of A",
        "iso3": ("AAA",),
    }
    defaults.update(fields)
    defaults.setdefault("known_at", end_of(defaults["occurred_on"]))
    return Event(event_id=event_id, **defaults)


DAYS = st.integers(min_value=-60, max_value=400).map(lambda k: EPOCH + timedelta(days=k))
MOMENTS = st.integers(min_value=-60 * 24, max_value=400 * 24).map(
    lambda hours: end_of(EPOCH) + timedelta(hours=hours),
)
_NAMES = st.sampled_from([None, "Government of A", "R Front", "S Army", "Government of B"])


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event, known before, on or after the day it happened, perhaps retracted later."""
    known: datetime = draw(MOMENTS)
    retracted = draw(st.none() | st.integers(min_value=1, max_value=2000))
    return an_event(
        event_id=f"e{draw(st.integers(min_value=0, max_value=10**9))}",
        type=draw(st.sampled_from(EventType)),
        topic=draw(st.none() | st.sampled_from(Topic)),
        modality=draw(st.sampled_from(Modality)),
        occurred_on=draw(DAYS),
        known_at=known,
        actor=draw(_NAMES),
        target=draw(_NAMES),
        iso3=draw(st.sampled_from([(), ("AAA",), ("BBB",), ("AAA", "BBB")])),
        deaths=draw(st.none() | st.integers(min_value=0, max_value=50)),
        retracted_at=None if retracted is None else known + timedelta(hours=retracted),
    )


EVENTS = st.lists(events(), max_size=12)


@st.composite
def truces(draw: st.DrawFn) -> Truce:
    """Any truce of country A or B, perhaps ended, its start and end known some days late."""
    start: date = draw(st.integers(min_value=0, max_value=300).map(lambda k: EPOCH + timedelta(days=k)))
    life = draw(st.none() | st.integers(min_value=0, max_value=200))
    fields: dict[str, Any] = {
        "iso3": draw(st.sampled_from([("AAA",), ("BBB",), ("AAA", "BBB")])),
        "side_b": draw(st.sampled_from([("R Front",), ("S Army",), ("R Front", "S Army")])),
        "conflict": draw(st.sampled_from(["aaa", "bbb"])),
        "effective_date": start,
        "start_known_at": end_of(start) + timedelta(days=draw(st.integers(0, 40))),
        "sidedness": draw(st.sampled_from(["mutual", "unilateral"])),
        "scheduled_end": draw(st.none() | st.integers(0, 100).map(lambda k: start + timedelta(days=k))),
    }
    if life is not None:
        end = start + timedelta(days=life)
        fields |= {
            "end_date": end,
            "outcome": draw(st.sampled_from([Outcome.BROKE, Outcome.EXPIRED, Outcome.SUPERSEDED])),
            "end_known_at": end_of(end) + timedelta(days=draw(st.integers(0, 60))),
        }
    return a_truce(f"t{draw(st.integers(0, 10**9))}", **fields)


TRUCES = st.lists(truces(), min_size=1, max_size=6, unique_by=lambda t: t.truce_id)
