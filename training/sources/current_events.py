"""Daily news bullets -> coded events; the text is read and let go.

Input: JSON lines {date, category, text}. Attribution of what comes out: Wikipedia, portal "Current events", CC BY-SA
4.0. A bullet that tells of no political event is an accepted row without a record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from models.event_coder import CodedText, EventCoder
from training.sources import cells
from training.sources.cells import Cells
from training.sources.records import SourceResult, read_all
from truce.clock import day_closed_by, end_of, system_clock
from truce.errors import BadInput
from truce.identity import natural_id
from truce.vocabulary import Event, EventType

REQUIRED = ("date", "text")
_REFERENCE_DIGITS = 12


def read(paths: Sequence[Path], *, coder: EventCoder | None = None, today: date | None = None) -> SourceResult[Event]:
    """Code news bullets.

    Args:
        paths: files, folders or globs.
        coder: who codes; the one this project carries when None.
        today: a bullet of a later day is rejected; the clock's today when None.

    Raises:
        WrongFile: a file holds no bullets.
    """
    until = today or day_closed_by(system_clock())
    codes = coder or EventCoder.load()
    source = f"current-events/{codes.version}"

    def parse(row: Cells) -> tuple[str, Event | None]:
        day, text = cells.required_day(row, "date"), cells.required(row, "text")
        if day > until:
            raise BadInput(f"date {day} is in the future")
        reference = reference_of(day, text)
        coded = codes.code(text, day, cells.text(row, "category") or "")
        return reference, None if coded.type is EventType.NONE else _event(coded, day, source, reference)

    return read_all(paths, REQUIRED, parse)


def reference_of(day: date, text: str) -> str:
    """What ties a coded event to its bullet without repeating it: 12 hex digits of SHA-256 over date and text."""
    return hashlib.sha256(f"{day}|{text}".encode()).hexdigest()[:_REFERENCE_DIGITS]


def _event(coded: CodedText, day: date, source: str, reference: str) -> Event:
    event = Event(
        event_id="",
        type=coded.type,
        modality=coded.modality,
        occurred_on=day,
        known_at=end_of(day),
        source=source,
        secondary=coded.secondary,
        topic=coded.topic,
        actor=coded.actor,
        target=coded.target,
        iso3=coded.iso3,
        deaths=coded.deaths,
        source_ref=reference,
    )
    return replace(event, event_id=natural_id(event))
