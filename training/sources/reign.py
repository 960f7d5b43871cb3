"""REIGN's lists of leaders and of elections -> events; which of the two a file is, its header tells.

A day that the list leaves open is known to the month: the event then spans it. Terms, citation and traps: docs/data/reign.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, expand, tally
from training.reading.tables import Row, rows_of
from truce import actors, registers
from truce.clock import day_closed_by, end_of, end_of_month, parse_day, system_clock
from truce.errors import BadInput, WrongFile
from truce.registers import Country
from truce.vocabulary import Event, EventType, Modality

SOURCE = "reign"
LEADERS = ("ccode", "leadid", "leader", "syear", "smonth", "sdate")
ELECTIONS = ("ccode", "elecnum", "sequence", "event", "elec_year", "elec_month", "elec_day")

_VOTES = frozenset({"vote as scheduled", "vote early", "anulled", "annulled"})
"""A vote was held on that day. The four that REIGN calls annulled were held too: their results were void."""
_ANNOUNCED = frozenset({"announced", "announcement", "delay announced", "delay"})
_SILENT = frozenset({
    "announcement assumed", "deadline met", "deadline not met", "upcoming scheduled", "upcoming deadline", "voided",
    "voided by regime change", "regime failure",
})  # fmt: skip
"""Nothing happened on that day that anybody could have seen: a guess, a deadline, a date to come, or no vote."""

_GW_OF_COW: Mapping[int, int] = MappingProxyType({255: 260, 679: 678, 946: 970, 947: 973, 955: 972, 970: 971})
"""REIGN's numbers are those of the Correlates of War; here Gleditsch and Ward number a state otherwise."""
_YUGOSLAVIA, _SERBIA, _SERBIA_SINCE = 345, 340, date(2006, 6, 5)
_RELEASE = re.compile(r"list_(0?[1-9]|1[0-2])_(\d{2})\b")


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one row of the list of leaders cannot tell alone: who came before, and how often an id comes."""

    of_country: Mapping[str, list[tuple[date, str]]] = field(default_factory=lambda: defaultdict(list))
    of_id: Mapping[str, list[tuple[date, str]]] = field(default_factory=lambda: defaultdict(list))


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Event]:
    """Read lists of leaders, of elections, or both.

    Args:
        paths: files, folders or globs. The release (month and year) is read from a name such as ``leaderlist_3_21.csv``.
        today: an event of a later day, or of one after the release, is rejected; the clock's today when None.

    Raises:
        WrongFile: a file is neither list.
    """
    files = expand(paths)
    until = today or day_closed_by(system_clock())
    released = _released(files, until)
    rows = [row for path in files for row in _rows(path)]
    terms = _terms(rows)

    def parse(row: Cells) -> tuple[str, Event | None]:
        return _change(row, terms, released or until) if "leadid" in row else _election(row, released or until)

    result = tally(rows, parse, len(files))
    return replace(result, released=None if released is None else end_of(released))


def _rows(path: Path) -> list[Row]:
    rows = rows_of(path, ("ccode",))
    columns = next((row.cells.keys() for row in rows if not row.trouble), ())
    for kind in (LEADERS, ELECTIONS):
        if set(kind) <= set(columns):
            return rows
    raise WrongFile(f"{path.name} is neither REIGN's list of leaders nor its list of elections")


def _released(files: Sequence[Path], today: date) -> date | None:
    """The last day of the latest month that the files' names tell, today at most; None when no name tells one."""
    told = filter(None, (_RELEASE.search(file.name) for file in files))
    months = [end_of_month(parse_day(f"20{found[2]}-{int(found[1]):02}-01")) for found in told]
    return min(max(months), today) if months else None


def _terms(rows: Sequence[Row]) -> _Terms:
    terms = _Terms()
    for row in rows:
        with suppress(BadInput):
            if not row.trouble and "leadid" in row.cells:
                term = (_start(row.cells), cells.required(row.cells, "leader"))
                terms.of_country[cells.required(row.cells, "ccode")].append(term)
                terms.of_id[cells.required(row.cells, "leadid")].append(term)
    for group in (*terms.of_country.values(), *terms.of_id.values()):
        group[:] = sorted(set(group))
    return terms


def _start(row: Cells) -> date:
    day, spans = _day(row, "syear", "smonth", "sdate")
    if spans:
        raise BadInput("sdate is missing")
    return day


def _change(row: Cells, terms: _Terms, today: date) -> tuple[str, Event | None]:
    """A change of leader; None for the first of a country and for one who follows himself."""
    start, leader, leadid = _start(row), cells.required(row, "leader"), cells.required(row, "leadid")
    country = _country(row, start)
    _check_past(start, today)
    # Three terms of the list share one id: the first keeps it, the others are numbered.
    term = terms.of_id[leadid].index((start, leader)) + 1
    identity = f"{SOURCE}:{leadid}" + (f":{term}" if term > 1 else "")
    before = terms.of_country[cells.required(row, "ccode")]
    place = before.index((start, leader))
    if place == 0 or before[place - 1][1] == leader:
        return identity, None
    return identity, replace(
        _event(identity, leadid, EventType.LEADER_CHANGE, Modality.ACTUAL, start, country), actor=_government(country)
    )


def _election(row: Cells, today: date) -> tuple[str, Event | None]:
    number, place = (cells.required(row, column) for column in ("elecnum", "sequence"))
    identity = f"{SOURCE}:{number}:{place}"
    day, spans = _day(row, "elec_year", "elec_month", "elec_day")
    kind = " ".join(cells.required(row, "event").replace(",", " ").lower().split())
    if kind in _SILENT:
        return identity, None
    if kind not in _VOTES | _ANNOUNCED:
        raise BadInput(f"event is {row['event']!r}: nobody here knows what that is")
    country = _country(row, day)
    _check_past(day, today)
    modality = Modality.ACTUAL if kind in _VOTES else Modality.HYPOTHETICAL
    event = _event(identity, number, EventType.ELECTION, modality, day, country)
    return identity, replace(event, began_on=day.replace(day=1)) if spans else event


def _event(identity: str, reference: str, kind: EventType, modality: Modality, day: date, country: Country) -> Event:
    """An event that the world knew at the end of its day: votes and changes of leader are public news at once."""
    return Event(
        event_id=identity,
        type=kind,
        modality=modality,
        occurred_on=day,
        known_at=end_of(day),
        source=SOURCE,
        iso3=(country.iso3,),
        source_ref=reference,
        ids=(f"gw:{country.gw}",),
    )


def _day(row: Cells, year: str, month: str, day: str) -> tuple[date, bool]:
    """The day, or the last of its month and True where the list leaves the day open."""
    parts = [cells.count(row, column) for column in (year, month, day)]
    for column, part in zip((year, month), parts, strict=False):
        if part is None:
            raise BadInput(f"{column} is missing")
    try:
        stated = parse_day(f"{parts[0]:04}-{parts[1]:02}-{parts[2] or 1:02}")
    except BadInput:
        raise BadInput(f"{year}, {month}, {day} are {parts}, no day of the calendar") from None
    return (stated, False) if parts[2] is not None else (end_of_month(stated), True)


def _check_past(day: date, today: date) -> None:
    if day > today:
        raise BadInput(f"{day} is after {today}, the day of the release or of the import")


def _country(row: Cells, day: date) -> Country:
    number = cells.count(row, "ccode")
    if number is None:
        raise BadInput("ccode is missing")
    if number == _YUGOSLAVIA and day >= _SERBIA_SINCE:
        number = _SERBIA
    country = _by_number().get(_GW_OF_COW.get(number, number))
    if country is None:
        raise BadInput(f"ccode {number} is no country of the registers")
    return country


def _government(country: Country) -> str:
    of_today = registers.gw_of_iso3(country.iso3) == country.gw
    return actors.government_of(country.iso3, country.name) if of_today else f"Government of {country.name}"


@cache
def _by_number() -> Mapping[int, Country]:
    return MappingProxyType({c.gw: c for c in reversed(registers.countries()) if c.gw is not None})
