"""Which release of UCDP GED a file is, when it came out, and when the world could know a row of it.

UCDP dates neither its rows nor, on its pages, its files; the rules are declared here and are on the late side. A yearly
release YY.1 holds events to the end of the year before and comes out in May or June (the files of 17.1 to 26.1 were put up
between 12 May and 30 June): it counts as known from the end of 30 June. A candidate release holds a month and comes out
"with not more than a month's lag" (Hegre et al. 2020, doi:10.1177/2053168020935257), of late on the 20th of the next month:
it counts as known from the end of that day.

The version is taken from the file's name, else from that of its folder, as UCDP writes it there (GEDEvent_v23_1.csv,
ged231-csv.zip, GEDEvent_v24_0_5.csv, GEDEvent_v24_01_24_03.csv), and before both from what a page of its API says: a field
``version``, else its address.
"""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from truce.clock import EARLIEST, end_of

_VERSION = re.compile(
    r"(?<!\d)(?<!\d[._-])(\d\d)[._](?:([1-9])|0[._](1[0-2]|[1-9])|(\d\d)[._]\1[._](\d\d))(?![._]?\d)", re.ASCII
)
"""23.1 is yearly; 24.0.5 is the month of May 2024; 24.01.24.06 the months from January to June 2024."""
_PACKED = re.compile(r"ged(\d\d)([1-9])(?!\d)", re.ASCII | re.IGNORECASE)
_TOTAL = re.compile(rb'"TotalCount"\s*:\s*(\d+)')
_ADDRESS = re.compile(rb'"(?:Next|Previous)PageUrl"\s*:\s*"([^"]+)"')
_WHOLE = frozenset({"pagesize", "page", "country", "startdate", "enddate"})
"""What a request to the API may ask for and still hold every event of its countries and days."""
_NAMED = re.compile(rb'"[Vv]ersion"\s*:\s*"([^"]+)"')
_EDGE = 4096
_CENTURY = 2000
_OUT_YEARLY = (6, 30)
_OUT_MONTHLY = 20


class Release(NamedTuple):
    """A release of GED: its version, the days it is about, and the moment from which it counts as known."""

    version: str
    first: date
    last: date
    out: datetime
    candidate: bool = False
    monthly: bool = False

    def known_at(self, day: date) -> datetime:
        """When the world could know a row of this release whose event ended on ``day``.

        What a month's file tells of other months it tells for the first time.
        """
        return self.out if self.monthly else min(rule(day, candidate=self.candidate), self.out)


class Page(NamedTuple):
    """What a page of the API says of itself: the request's count of rows, its address, and its version where it is written."""

    total: int | None = None
    address: str = ""
    version: str = ""

    @property
    def claims_whole(self) -> bool:
        """Whether what was asked for leaves out no event of its countries and days. A single page does not say what was."""
        if self.total is not None and not self.address:
            return False
        return {name.lower() for name in parse_qs(urlsplit(self.address).query)} <= _WHOLE


@lru_cache(maxsize=20_000)
def rule(day: date, *, candidate: bool) -> datetime:
    """When an event that ended on ``day`` is out in a yearly release, or in a candidate one."""
    if candidate:
        return end_of((day.replace(day=1) + timedelta(days=31)).replace(day=_OUT_MONTHLY))
    return end_of(date(day.year + 1, *_OUT_YEARLY))


def release_of(path: Path, page: Page, today: date) -> Release | None:
    """The release that a file is of; None when it names none, or one of a time that has not come."""
    for name in (page.version, urlsplit(page.address).path, path.name, path.parent.name):
        for found in (_VERSION.search(name), _PACKED.search(name)):
            release = None if found is None else _release(*found.groups(), *[None] * (5 - len(found.groups())))
            if release is not None and release.last < today:
                return release
    return None


def page_of(path: Path) -> Page:
    """What a file of the API says of itself; nothing when it is no page of it, or cannot be read."""
    try:
        with path.open("rb") as stream:
            if stream.read(2) == b"\x1f\x8b":
                with gzip.open(path) as unpacked:
                    return _page(unpacked.read()) if unpacked.read(1) == b"{" else Page()
            stream.seek(0)
            edge = stream.read(_EDGE)
            if not edge.lstrip().startswith(b"{"):
                return Page()
            stream.seek(max(0, stream.seek(0, 2) - _EDGE))
            return _page(edge + stream.read())
    except (OSError, EOFError, zlib.error):  # whoever reads its rows says what is wrong
        return Page()


def _page(text: bytes) -> Page:
    total = _TOTAL.search(text)
    address, version = (found[1].decode("utf-8", "replace") if found else "" for found in (
        _ADDRESS.search(text), _NAMED.search(text),
    ))  # fmt: skip
    return Page(int(total[1]) if total else None, address, version)


def days_of(page: Page) -> tuple[date, date]:
    """The first and the last day that a request asked for."""
    asked = {name.lower(): values[0] for name, values in parse_qs(urlsplit(page.address).query).items()}
    return _day(asked.get("startdate"), EARLIEST), _day(asked.get("enddate"), date.max)


def _day(text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        return default


def _release(year: str, yearly: str | None, month: str | None, start: str | None, stop: str | None) -> Release | None:
    of = _CENTURY + int(year)
    if yearly:
        return Release(f"{year}.{yearly}", EARLIEST, date(of - 1, 12, 31), end_of(date(of, *_OUT_YEARLY)))
    if month:
        first = date(of, int(month), 1)
        version, last, monthly = f"{year}.0.{month}", _month_end(first), True
    else:
        try:
            first, last = date(of, int(start or 0), 1), _month_end(date(of, int(stop or 0), 1))
        except ValueError:
            return None
        if first > last:
            return None
        version, monthly = f"{year}.{start}.{year}.{stop}", False
    return Release(version, first, last, rule(last, candidate=True), candidate=True, monthly=monthly)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
