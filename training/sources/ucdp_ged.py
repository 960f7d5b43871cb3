"""UCDP Georeferenced Event Dataset -> events, one for each row (CC BY 4.0: Sundberg and Melander 2013; Davies et al.).

The files of its downloads page (yearly, candidate, and copies of them), as CSV or Parquet, and the pages of its API as
JSON. Each row is an act of organised violence that killed. GED says who fought whom and not who attacked: ``actor`` is its
side A, the state where one fights, and ``target`` its side B. Only where violence is one-sided is side A the perpetrator,
and side B are civilians. ``deaths`` is the best estimate, which may be none. When a row was known, and what a release
claims to hold whole, ``ucdp_releases`` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, expand, tally
from training.reading.tables import Asked, Row, stream_of
from training.sources.ucdp_releases import Page, Release, days_of, page_of, release_of, rule
from truce.clock import EARLIEST, day_closed_by, parse_day, system_clock
from truce.errors import BadInput, WrongFile
from truce.registers import iso3_of_gw, iso3_of_name
from truce.store.releases import Cover
from truce.vocabulary import Event, EventType, Modality

SOURCE = "ucdp-ged"
REQUIRED = ("id", "type_of_violence", "side_a", "side_b", "date_start", "date_end", "best")
"""Without these columns a file is no GED file."""
_OTHER_NAMES = {
    "conflict_new_id": "conflict_id",
    "dyad_new_id": "dyad_id",
    "side_a_new_id": "side_a_id",
    "side_b_new_id": "side_b_id",
}
"""What other copies call a column."""
_COLUMNS = frozenset({
    *REQUIRED, *_OTHER_NAMES, *_OTHER_NAMES.values(), "iso3", "country_id", "country", "latitude", "longitude", "date_prec",
    "code_status",
})  # fmt: skip
_ASKED = Asked(REQUIRED, tuple(sorted(_COLUMNS)))
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?Z?", re.ASCII)
_ISO3 = re.compile(r"[A-Z]{3}")
_FLOAT_ID = re.compile(r"(\d{1,15})(\.0+)?", re.ASCII)
_LONGEST_ID = 15
_VIOLENCE = range(1, 4)
_PRECISION = range(1, 6)


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Event]:
    """Read the rows of one release, or of files that name none.

    Args:
        paths: files, folders or globs.
        today: an event of a later day is rejected; the clock's today when None.

    Raises:
        WrongFile: a file is no table of GED, or the files are of several releases.
    """
    until = today or day_closed_by(system_clock())
    files = expand(paths)
    pages = [page_of(file) for file in files]
    release = _one_release({file: release_of(file, page, until) for file, page in zip(files, pages, strict=True)})
    parser = _Parser(release, until, candidate=any("candidate" in f"{f.parent.name}/{f.name}".lower() for f in files))
    result = tally(parser.noted(row for file in files for row in stream_of(file, _ASKED)), parser.parse, len(files))
    covers = () if release is None or parser.nameless else _covers(release, result.records, pages, result.rows.read)
    return SourceResult(
        records=result.records, rows=result.rows, rejects=result.rejects, files=result.files,
        released=release and release.out, covers=covers, unread=frozenset(parser.refused),
    )  # fmt: skip


def _one_release(named: Mapping[Path, Release | None]) -> Release | None:
    first, *others = dict.fromkeys(named.values())
    if others:
        said = " and ".join(f"{f.name} ({r.version if r else 'names no release'})" for f, r in _one_of_each(named))
        raise WrongFile(f"files of several releases, {said}: import one release after the other, the oldest first")
    return first


def _one_of_each(named: Mapping[Path, Release | None]) -> list[tuple[Path, Release | None]]:
    return [(file, release) for release, file in {release: file for file, release in named.items()}.items()]


def _covers(release: Release, events: Sequence[Event], pages: Sequence[Page], rows: int) -> tuple[Cover, ...]:
    """What the release holds whole; nothing when not all of its pages are here, or when only some rows were asked for."""
    totals = {page.total for page in pages if page.total is not None}
    if not events or not all(page.claims_whole for page in pages) or (totals and totals != {rows}):
        return ()
    days = [days_of(page) for page in pages]
    first = max(release.first, *(day for day, _ in days))
    last = min(release.last, *(day for _, day in days))
    if release.first == EARLIEST:  # of a yearly release the file may be a part
        ends = [event.occurred_on for event in events]
        first, last = max(first, min(ends)), min(last, max(ends))
    return (Cover(frozenset(code for event in events for code in event.iso3), first, last),) if first <= last else ()


class _Parser:
    """Rows of one import -> events, with the ids of those that were refused."""

    def __init__(self, release: Release | None, today: date, *, candidate: bool) -> None:
        self._release = release
        self._today = today
        self._out_on = day_closed_by(release.out) if release is not None else today
        self._candidate = candidate
        self.refused: set[str] = set()
        self.nameless = 0

    def noted(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows; those in trouble leave their id here."""
        for row in rows:
            if row.trouble:
                self._refuse(row.cells)
            yield row

    def parse(self, row: Cells) -> tuple[str, Event]:
        """The id and the event of a row. Raises BadInput."""
        try:
            event = self._event(row)
        except BadInput:
            self._refuse(row)
            raise
        except TypeError:  # JSON may hold in a cell what no cache can hold
            nested = [column for column in _ASKED.columns or () if isinstance(row.get(column), (list, dict))]
            if not nested:
                raise
            self._refuse(row)
            raise BadInput(f"{nested[0]} is not one value") from None
        return event.event_id, event

    def _refuse(self, row: Cells) -> None:
        try:
            self.refused.add(f"ged:{_reference(row.get('id'))}")
        except BadInput:
            self.nameless += 1

    def _event(self, row: Cells) -> Event:
        if not _OTHER_NAMES.keys() <= row.keys():
            row = {**{new: row.get(other) for new, other in _OTHER_NAMES.items()}, **row}
        reference = _reference(row.get("id"))
        began_on, ended_on = _day(row, "date_start"), _day(row, "date_end")
        if began_on > ended_on:
            raise BadInput(f"date_start {began_on} is after date_end {ended_on}")
        return Event(
            event_id=f"ged:{reference}",
            type=EventType.ASSAULT,
            modality=Modality.ACTUAL,
            occurred_on=ended_on,
            known_at=self._known_at(row, ended_on),
            source=SOURCE,
            actor=_name(row.get("side_a"), "side_a"),
            target=_name(row.get("side_b"), "side_b"),
            iso3=_country(row.get("iso3"), row.get("country_id"), row.get("country")),
            deaths=_deaths(row.get("best")),
            latitude=_degrees(row, "latitude", 90.0),
            longitude=_degrees(row, "longitude", 180.0),
            source_ref=reference,
            began_on=None if began_on == ended_on else began_on,
            ids=_ids(
                row["dyad_new_id"], row["conflict_new_id"], row["side_a_new_id"], row["side_b_new_id"],
                row.get("type_of_violence"), row.get("date_prec"),
            ),
        )  # fmt: skip

    def _known_at(self, row: Cells, day: date) -> datetime:
        if day > self._today:
            raise BadInput(f"date_end {day} is in the future")
        if self._release is None:
            # The store cuts this to the moment of the import where it lies ahead: the file is in hand, so its rows are
            # known by now, whatever the calendar of releases says.
            return rule(day, candidate=self._candidate or str(row.get("code_status") or "").startswith("Check"))
        if day > self._out_on:
            raise BadInput(f"date_end {day} is later than the release {self._release.version}")
        return self._release.known_at(day)


def _reference(value: Any) -> str:
    if type(value) is str and value.isdecimal() and value.isascii() and len(value) <= _LONGEST_ID:
        return value
    written = _FLOAT_ID.fullmatch(str(value).strip())
    if written is None:
        raise BadInput(f"id is {value!r}, not a number of UCDP" if value else "id is missing")
    return written[1]


def _day(row: Cells, column: str) -> date:
    value = row.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not value:
        raise BadInput(f"{column} is missing")
    try:
        return _written_day(str(value))
    except BadInput as trouble:
        raise BadInput(f"{column}: {trouble.detail}", code=trouble.code) from None


@lru_cache(maxsize=50_000)
def _written_day(text: str) -> date:
    """A day as GED's copies write one: 2014-01-24, the same with a midnight after it, 1/24/2014."""
    day = _MIDNIGHT.sub("", text.strip(), count=1)
    american = _AMERICAN.fullmatch(day)
    return parse_day(f"{american[3]}-{int(american[1]):02}-{int(american[2]):02}" if american else day)


@lru_cache(maxsize=50_000)
def _name(value: Any, column: str) -> str:
    return cells.required({column: value}, column)


@lru_cache(maxsize=5000)
def _deaths(value: Any) -> int:
    deaths = cells.count({"best": value}, "best")
    if deaths is None:
        raise BadInput("best is missing")
    return deaths


def _degrees(row: Cells, column: str, limit: float) -> float | None:
    value = row.get(column)
    if type(value) is str:
        with suppress(ValueError):
            degrees = float(value)
            if -limit <= degrees <= limit:
                return degrees
    return cells.number(row, column, -limit, limit)


@lru_cache(maxsize=5000)
def _country(iso3: Any, number: Any, name: Any) -> tuple[str, ...]:
    code = str(iso3 or "").strip()
    if _ISO3.fullmatch(code):
        return (code,)
    row = {"country_id": number, "country": name}
    gw, country = cells.count(row, "country_id"), cells.text(row, "country")
    found = (gw is not None and iso3_of_gw(gw)) or (country and iso3_of_name(country))
    if not found:
        raise BadInput(f"no country is known by iso3 {code or 'none'}, country_id {gw} or country {country!r}")
    return (found,)


@lru_cache(maxsize=50_000)
def _ids(dyad: Any, conflict: Any, side_a: Any, side_b: Any, violence: Any, precision: Any) -> tuple[str, ...]:
    kind = _whole(violence, "type_of_violence", _VIOLENCE)
    if kind is None:
        raise BadInput("type_of_violence is missing")
    found = (
        ("ucdp_dyad", _whole(dyad, "dyad_new_id")),
        ("ucdp_conflict", _whole(conflict, "conflict_new_id")),
        ("ucdp_actor", _whole(side_a, "side_a_new_id")),
        ("ucdp_actor", _whole(side_b, "side_b_new_id")),
        ("ucdp_violence", kind),
        ("ucdp_prec", _whole(precision, "date_prec", _PRECISION)),
    )
    return tuple(f"{scheme}:{value}" for scheme, value in found if value is not None)


def _whole(value: Any, column: str, allowed: range | None = None) -> int | None:
    number = cells.count({column: value}, column)
    if number is not None and allowed is not None and number not in allowed:
        raise BadInput(f"{column} is {number}, not one of {allowed[0]} to {allowed[-1]}")
    return number
