"""Events in the fields of our own interface (JSON lines, CSV with lists joined by ``;``, or Parquet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, read_all
from truce.clock import day_closed_by, end_of, system_clock
from truce.errors import BadInput
from truce.identity import natural_id
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

REQUIRED = ("type", "modality", "occurred_on", "known_at", "source")
"""Without these columns a file is no events file."""

_TYPES = frozenset(kind.value for kind in EventType) - {EventType.NONE.value}
_TOPICS = frozenset(topic.value for topic in Topic)
_ROLES = frozenset(role.value for role in TruceRole)
_MODALITIES = frozenset(modality.value for modality in Modality)


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Event]:
    """Read events.

    Args:
        paths: files, folders or globs.
        today: an event of a later day, or known later than the end of it, is rejected; the clock's today when None.

    Raises:
        WrongFile: a file is not a table of events.
    """
    until = today or day_closed_by(system_clock())

    def parse(row: Cells) -> tuple[str, Event]:
        event = _event(row, until)
        # A later word on the same event is a correction; two words of one moment contradict each other.
        return f"{event.event_id} of {event.known_at:%Y-%m-%dT%H:%MZ}", event

    found = read_all(paths, REQUIRED, parse)
    return replace(found, withdrawn=_withdrawn(found.records))


def _withdrawn(events: Sequence[Event]) -> dict[str, datetime]:
    """Which events were taken back in the end: an earlier word that a later one corrected was not."""
    last: dict[str, Event] = {}
    for event in events:
        held = last.setdefault(event.event_id, event)
        last[event.event_id] = event if event.known_at >= held.known_at else held
    return {event_id: event.retracted_at for event_id, event in last.items() if event.retracted_at is not None}


def _event(row: Cells, today: date) -> Event:
    occurred_on, known_at = _when(row, today)
    facts: dict[str, Any] = {
        "type": _type(_word(row, "type", _TYPES)),
        "modality": Modality(_word(row, "modality", _MODALITIES)),
        "occurred_on": occurred_on,
        "known_at": known_at,
        "source": cells.required(row, "source"),
        "secondary": _optional_type(row),
        "topic": _topic(row),
        "actor": cells.text(row, "actor"),
        "target": cells.text(row, "target"),
        "iso3": _countries(row),
        "deaths": cells.count(row, "deaths"),
        "latitude": cells.number(row, "latitude", -90.0, 90.0),
        "longitude": cells.number(row, "longitude", -180.0, 180.0),
        "source_ref": cells.text(row, "source_ref"),
        "truce_id": cells.text(row, "truce_id"),
        "began_on": cells.day(row, "began_on"),
        "truce_role": _role(row),
        "ids": cells.register_ids(row),
        "retracted_at": cells.moment(row, "retracted_at"),
    }
    if facts["began_on"] is not None and facts["began_on"] > occurred_on:
        raise BadInput(f"began_on {facts['began_on']} is after occurred_on {occurred_on}")
    event_id = cells.text(row, "event_id") or natural_id(Event(event_id="", **facts))
    return Event(event_id=event_id, **facts)


def _when(row: Cells, today: date) -> tuple[date, datetime]:
    occurred_on = cells.required_day(row, "occurred_on")
    known_at = cells.moment(row, "known_at")
    if known_at is None:
        raise BadInput("known_at is missing")
    if occurred_on > today:
        raise BadInput(f"occurred_on {occurred_on} is in the future")
    if known_at > end_of(today):
        raise BadInput(f"known_at {row['known_at']} is in the future")
    return occurred_on, known_at


def _word(row: Cells, column: str, allowed: frozenset[str]) -> str:
    word = cells.one_of(row, column, allowed)
    if word is None:
        raise BadInput(f"{column} is missing")
    return word


_type = lru_cache(maxsize=None)(EventType)


def _optional_type(row: Cells) -> EventType | None:
    word = cells.one_of(row, "secondary", _TYPES)
    return None if word is None else _type(word)


def _topic(row: Cells) -> Topic | None:
    word = cells.one_of(row, "topic", _TOPICS)
    return None if word is None else Topic(word)


def _role(row: Cells) -> TruceRole | None:
    word = cells.one_of(row, "truce_role", _ROLES)
    return None if word is None else TruceRole(word)


def _countries(row: Cells) -> tuple[str, ...]:
    value = row.get("iso3")
    return _joined_countries(value) if isinstance(value, str) else cells.countries(row)


@lru_cache(maxsize=20_000)
def _joined_countries(joined: str) -> tuple[str, ...]:
    return cells.countries({"iso3": joined})
