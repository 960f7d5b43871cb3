"""Daily news bullets -> coded events; the text is read and let go.

Input: JSON lines {date, category, text}; the date is the day on which it was known. Attribution of what comes out:
Wikipedia, portal "Current events", CC BY-SA 4.0. A bullet that tells of no political event is an accepted row without a
record. A bullet that tells again of an event of the last three days is merged into it: it gives no record of its own, and
one with a higher toll corrects the first from the day on which it was known.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from models.event_coder import CodedText, EventCoder, Text, event_of
from models.same_event import Reports, report_of, updated
from models.text.bullet import MAX_CHARACTERS
from models.text.sameness import Report
from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, read_all
from truce.clock import day_closed_by, end_of, system_clock
from truce.errors import BadInput
from truce.identity import reference_of
from truce.vocabulary import Event, EventType

REQUIRED = ("date", "text")
_MANY = 4000
"""Fewer bullets than this are coded sooner by one process than others are started."""
_SHARE = 2000
_NO_HEADING = "Uncategorized"


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Event]:
    """Code news bullets with the coder that this project carries.

    Args:
        paths: files, folders or globs.
        today: a bullet of a later day is rejected; the clock's today when None.

    Raises:
        WrongFile: a file holds no bullets.
    """
    until = today or day_closed_by(system_clock())

    def parse(row: Cells) -> tuple[str, Text]:
        day, text = cells.required_day(row, "date"), cells.required(row, "text")
        if day > until:
            raise BadInput(f"date {day} is in the future")
        if len(text) > MAX_CHARACTERS:
            raise BadInput(f"a text of {len(text)} characters is no bullet: {MAX_CHARACTERS} at most")
        heading = cells.text(row, "category") or ""
        # The same words under another heading are another row, which then tells of the same event.
        return f"{heading}|{day}|{text}", Text(text, day, "" if heading == _NO_HEADING else heading)

    bullets = read_all(paths, REQUIRED, parse)
    texts = sorted(bullets.records, key=lambda text: text.day)
    records, merged = _told_once(texts, coded(texts))
    counts = replace(bullets.rows, merged=merged, accepted=bullets.rows.accepted - merged)
    return SourceResult(records=records, rows=counts, rejects=bullets.rejects, files=bullets.files)


def coded(texts: Sequence[Text]) -> list[tuple[CodedText, Report | None]]:
    """Each text as coded, and what it is compared by; None where nothing is told. Many texts are shared among the cores."""
    shares = [texts[at : at + _SHARE] for at in range(0, len(texts), _SHARE)]
    if processes(len(texts)) == 1:
        return [one for share in shares for one in _code(share)]
    with ProcessPoolExecutor(max_workers=processes(len(texts))) as pool:
        return [one for share in pool.map(_code, shares) for one in share]


def processes(texts: int) -> int:
    """Over how many processes so many texts are shared."""
    return 1 if texts < _MANY else min(os.cpu_count() or 1, texts // _SHARE)


@cache
def _coder() -> EventCoder:
    return EventCoder.load()


def _code(texts: Sequence[Text]) -> list[tuple[CodedText, Report | None]]:
    coder = _coder()
    return [
        (one, None if one.type is EventType.NONE else report_of(coder, text, one))
        for text, one in zip(texts, coder.code_all(texts), strict=True)
    ]


def _told_once(texts: Sequence[Text], told: Sequence[tuple[CodedText, Report | None]]) -> tuple[list[Event], int]:
    """The events, each with its corrections after it, and how many texts told of one again."""
    coder = _coder()
    source = f"current-events/{coder.version}"
    reports = Reports(coder.heads["same"])
    stand: dict[int, CodedText] = {}
    records: dict[tuple[int, date], Event] = {}
    words: set[tuple[date, str]] = set()
    for place, (text, (one, report)) in enumerate(zip(texts, told, strict=True)):
        if report is None or (text.day, text.text) in words:
            continue
        words.add((text.day, text.text))
        first = reports.first_of(report, place)
        says = one if first == place else updated(stand[first], one)
        if says != stand.get(first):
            origin = texts[first]
            stand[first] = says
            # What a further report of the same day says stands in the first one's place: nobody knew less that evening.
            records[first, text.day] = event_of(
                says, origin.day, end_of(text.day), source, reference_of(origin.day, origin.text)
            )
    return list(records.values()), sum(report is not None for _, report in told) - len(stand)
