"""ACLED's events as its API and its export tool hand them out, and its list of events that it took back.

ACLED is a living data set: a row is overwritten and its ``timestamp``, the moment of its last upload, moves on. That moment
is all that a row says of when the world could know it, so it is its ``known_at``: history that is loaded today is known from
its last upload only. What was loaded before the change keeps its earlier moment, and the change comes as a correction.

Codebook: ACLED Codebook (2024), acleddata.com. Rows must not be handed on (docs/data/acled.md).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, expand, tally
from training.reading.tables import Row, rows_of
from truce.clock import day_closed_by, end_of, start_of, system_clock
from truce.errors import BadInput, WrongFile
from truce.registers import iso3_of_name
from truce.vocabulary import Event, EventType, Modality

SOURCE = "acled"
REQUIRED = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "country", "timestamp")
"""Without these columns a file holds no ACLED events."""
_DELETED = "deleted_timestamp"
"""The column by which a list of events that were taken back is told from events."""

_ENOUGH = 50

_TYPES = {
    "battles": EventType.ASSAULT,
    "explosions/remote violence": EventType.ASSAULT,
    "violence against civilians": EventType.ASSAULT,
    "protests": EventType.PROTEST,
    "riots": EventType.PROTEST,
}
_STRATEGIC = "strategic developments"
_TRANSFER = "non-violent transfer of territory"
_STRATEGIC_TYPES = {
    "agreement": EventType.AGREE,
    "arrests": EventType.COERCE,
    "disrupted weapons use": EventType.COERCE,
    "headquarters or base established": EventType.MOBILIZE,
    "looting/property destruction": EventType.COERCE,
    _TRANSFER: EventType.RETREAT,
    "change to group/activity": None,
    "other": None,
}
"""Strategic developments by their sub-type; None tells of no interaction between two parties."""

_EXACT, _WEEK, _MONTH = "1", "2", "3"
_HALF_A_WEEK = timedelta(days=3)
_WRITTEN_OUT = re.compile(r"(\d{1,2})[ -]([A-Za-z]+)[ -](\d{4})")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_WATERS = re.compile(r"\b(?:sea|ocean|gulf|bay|strait|channel|international waters)\b", re.IGNORECASE)


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Event]:
    """Read events, and which of them ACLED took back.

    Args:
        paths: files, folders or globs: CSV or JSON of the API, events or its ``deleted`` list.
        today: an event of a later day, or uploaded later than the end of it, is rejected; the clock's today when None.

    Raises:
        WrongFile: a file holds neither.
    """
    until = today or day_closed_by(system_clock())
    withdrawn: dict[str, datetime] = {}

    def parse(row: Cells) -> tuple[str, Event | None]:
        event_id = f"{SOURCE}:{cells.required(row, 'event_id_cnty')}"
        if _is_list(row):
            moment = _upload(row, _DELETED, until)
            withdrawn[event_id] = max(moment, withdrawn.get(event_id, moment))
            return f"{event_id} taken back at {moment:%Y-%m-%dT%H:%M:%SZ}", None
        known_at = _upload(row, "timestamp", until)
        return f"{event_id} of {known_at:%Y-%m-%dT%H:%M:%SZ}", _event(row, event_id, known_at, until)

    files = expand(paths)
    result = tally((row for file in files for row in _rows(file)), parse, len(files))
    # Of two versions of one event the earlier upload comes first, whatever the order of the files.
    records = sorted(result.records, key=lambda event: event.known_at)
    return replace(result, records=records, withdrawn=withdrawn)


def _rows(file: Path) -> Iterator[Row]:
    rows = rows_of(file, REQUIRED[:1])
    sample = islice((row.cells for row in rows if not row.trouble), _ENOUGH)
    columns = {column for row in sample for column in row}
    missing = [column for column in REQUIRED if column not in columns]
    if columns and missing and _DELETED not in columns:
        raise WrongFile(f"{file.name} has no column {', '.join(missing)}: it holds no ACLED events")
    yield from rows


def _is_list(row: Cells) -> bool:
    return _DELETED in row and "event_date" not in row


def _upload(row: Cells, column: str, until: date) -> datetime:
    """The moment that a column tells in seconds since 1970, or as an ISO instant."""
    written = cells.required(row, column).removesuffix(".0")
    if written.isdecimal():
        try:
            moment: datetime | None = datetime.fromtimestamp(int(written), UTC)
        except (ValueError, OverflowError, OSError):
            moment = None
    else:
        moment = cells.moment(row, column)
    if moment is None:
        raise BadInput(f"{column} {written} is no moment")
    if moment > end_of(until):
        raise BadInput(f"{column} {written} is in the future")
    return moment


def _event(row: Cells, event_id: str, known_at: datetime, until: date) -> Event | None:
    day = _day(row)
    if day > until:
        raise BadInput(f"event_date {day} is in the future")
    if known_at < start_of(day):
        raise BadInput(f"timestamp {known_at:%Y-%m-%d} is before event_date {day}")
    began_on, occurred_on = _span(row, day, min(day_closed_by(known_at), until))
    kind, iso3 = _type(row), _countries(row)
    if kind is None:
        return None
    actor, target = _parties(row)
    return Event(
        event_id=event_id,
        type=kind,
        modality=Modality.ACTUAL,
        occurred_on=occurred_on,
        known_at=known_at,
        source=SOURCE,
        actor=actor,
        target=target,
        iso3=iso3,
        deaths=cells.count(row, "fatalities"),
        latitude=cells.number(row, "latitude", -90.0, 90.0),
        longitude=cells.number(row, "longitude", -180.0, 180.0),
        source_ref=event_id.removeprefix(f"{SOURCE}:"),
        began_on=began_on,
    )


def _day(row: Cells) -> date:
    """The day of an event: 2023-10-07, or 7 October 2023 as older exports write it."""
    written = _WRITTEN_OUT.fullmatch(cells.text(row, "event_date") or "")
    if written is None or written[2].lower() not in _MONTHS:
        return cells.required_day(row, "event_date")
    day = f"{int(written[3]):04}-{_MONTHS[written[2].lower()]:02}-{int(written[1]):02}"
    return cells.required_day({"event_date": day}, "event_date")


def _span(row: Cells, day: date, latest: date) -> tuple[date | None, date]:
    """The first and the last day on which it may have happened; none but the last when the day is exact.

    An event of some week is dated to the middle of it, one of some month to its middle or its first or last day (Codebook,
    "Time precision codes"). It had happened when it was uploaded, hence not after ``latest``.
    """
    precision = cells.one_of(row, "time_precision", frozenset({_EXACT, _WEEK, _MONTH}), _EXACT)
    if precision == _EXACT:
        return None, day
    if precision == _WEEK:
        return day - _HALF_A_WEEK, max(day, min(day + _HALF_A_WEEK, latest))
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day.replace(day=1), max(day, min(last, latest))


def _type(row: Cells) -> EventType | None:
    kind = cells.required(row, "event_type").lower()
    if kind == _STRATEGIC:
        return _word(row, "sub_event_type", _STRATEGIC_TYPES)
    return _word(row, "event_type", _TYPES)


def _word(row: Cells, column: str, meanings: Mapping[str, EventType | None]) -> EventType | None:
    written = cells.required(row, column)
    if written.lower() not in meanings:
        raise BadInput(f"{column} is {written!r}, which ACLED's codebook does not have")
    return meanings[written.lower()]


def _parties(row: Cells) -> tuple[str | None, str | None]:
    """Who and whom. The order of ACLED's actors has no meaning but in violence against civilians, who come second."""
    first, second = cells.text(row, "actor1"), cells.text(row, "actor2")
    if (cells.text(row, "sub_event_type") or "").lower() == _TRANSFER:
        # Somebody took a place without a fight: who left it is not said, and of two parties not even who took it.
        return None, None if second else first
    return first, second


def _countries(row: Cells) -> tuple[str, ...]:
    return _country(cells.required(row, "country"))


@lru_cache(maxsize=1_000)
def _country(name: str) -> tuple[str, ...]:
    code = iso3_of_name(name)
    if code is None and not _WATERS.search(name):
        raise BadInput(f"country {name!r} is in no register: add its name to truce/chronicle/countries.csv")
    return () if code is None else (code,)
