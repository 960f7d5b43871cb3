"""Where the Chronicle's files are, and its case events as values."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from truce.clock import end_of, parse_day
from truce.identity import natural_id
from truce.vocabulary import Event, EventType, Modality, Topic

OBSERVED_TO = date(2023, 12, 31)
"""The last day to which the Chronicle follows its truces."""

CASE_TRUCE = "irq-2022-10-resistance-lull"
CASE_SOURCE = "case:irq-2022-10"

_REFERENCE_DIGITS = 12


def truces_path() -> Path:
    """The truces, in the codebook's columns (CSV)."""
    return _path("truces.csv")


def alternative_ends_path() -> Path:
    """The ends that most accounts would give where the codebook's thresholds end a truce earlier (CSV)."""
    return _path("alternative_ends.csv")


def events_path() -> Path:
    """The coded facts of the news bullets (Parquet)."""
    return _path("events.parquet")


def case_events() -> list[Event]:
    """The sourced events of the founding case, tied to its truce.

    They were picked by hand with hindsight: for display, what-ifs and the forecast "with case events"; never for
    training or scores.
    """
    return [_case_event(row) for row in _case_rows()]


def case_summaries() -> dict[str, str]:
    """What each case event says, in our words, by event id."""
    return {_case_event(row).event_id: row["summary"] for row in _case_rows()}


def _case_event(row: dict[str, str]) -> Event:
    said = "|".join(row[column] for column in ("occurred_on", "type", "actor", "target", "summary"))
    event = Event(
        event_id="",
        type=EventType(row["type"]),
        modality=Modality(row["modality"]),
        occurred_on=parse_day(row["occurred_on"]),
        known_at=end_of(parse_day(row["known_at"])),
        source=CASE_SOURCE,
        topic=Topic(row["topic"]) if row["topic"] else None,
        actor=row["actor"] or None,
        target=row["target"] or None,
        iso3=tuple(filter(None, row["iso3"].split(";"))),
        deaths=int(row["deaths"]) if row["deaths"] else None,
        source_ref=hashlib.sha256(said.encode()).hexdigest()[:_REFERENCE_DIGITS],
        truce_id=row["truce_id"],
    )
    return replace(event, event_id=natural_id(event))


@cache
def _case_rows() -> tuple[dict[str, str], ...]:
    with _path("case_events.csv").open(encoding="utf-8-sig", newline="") as lines:
        return tuple(csv.DictReader(lines))


def _path(name: str) -> Path:
    return Path(str(files("truce.chronicle") / name))
