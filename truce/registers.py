"""What the field's registers call things: Gleditsch-Ward and FIPS countries, UCDP, CCD and PA-X ids, VIEWS months, PRIO-GRID cells.

Ids are written ``scheme:value``: ``ucdp_dyad:411``, ``ucdp_conflict:209``, ``ucdp_actor:154``, ``ccd:437-2`` (cc-cf_id),
``ccd_uniq:437002`` (uniq_id), ``pax:431`` (AgtId), ``ucdp_pa:1565``, ``gw:645``, ``views_month:526``, ``priogrid:177568``.
Of an event in UCDP's coding also its kind of violence,
``ucdp_violence:1`` (1 state-based, 2 non-state, 3 one-sided), and how exact its day is, ``ucdp_prec:1`` (1 a day, 2 two to six
days, 3 a week, 4 up to a month, 5 up to a year).

Countries: ``chronicle/countries.csv`` (iso3, gw, fips, name, other names joined by ``|``). A state that split or changed its
code has one row for each; Gleditsch and Ward 1999 for the numbers, FIPS 10-4 for GDELT's places.
"""

from __future__ import annotations

import csv
import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from truce.vocabulary import Event, Truce

ID_FORM = r"^[a-z_]+:[^;\s]{1,60}$"
"""What an id looks like, as a regular expression."""

_VIEWS_EPOCH = 1980
_CELL_DEGREES = 0.5
_CELLS_IN_ROW = 720


class Country(NamedTuple):
    """A row of the table. ``gw`` is None for what Gleditsch and Ward count as no state; ``fips`` may be empty."""

    iso3: str
    gw: int | None
    fips: str
    name: str
    others: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """Every country of the table."""
    with (files("truce.chronicle") / "countries.csv").open(encoding="utf-8") as lines:
        return tuple(
            Country(
                row["iso3"], int(row["gw"]) if row["gw"] else None, row["fips"], row["name"],
                tuple(filter(None, row["others"].split("|"))),
            )
            for row in csv.DictReader(lines)
        )  # fmt: skip


def iso3_of_gw(number: int) -> str | None:
    """The ISO 3166-1 alpha-3 code of a Gleditsch-Ward number; None for one that is not in the table."""
    return _by_gw().get(number)


def gw_of_iso3(iso3: str) -> int | None:
    """The Gleditsch-Ward number of a country of today; None where it has none."""
    return _to_gw().get(iso3)


def iso3_of_fips(code: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of a FIPS 10-4 country; None for waters, for no code and for an unknown one."""
    return _by_fips().get(code)


def iso3_of_name(name: str) -> str | None:
    """The code of a country by one of its names, whatever its case and accents; None for an unknown one."""
    return _by_name().get(_plain(name))


def views_month(day: date) -> int:
    """The month_id of VIEWS: 1 is January 1980."""
    return (day.year - _VIEWS_EPOCH) * 12 + day.month


def priogrid(latitude: float, longitude: float) -> int:
    """The gid of the PRIO-GRID cell (half a degree; 1 at 90 S 180 W, row by row) that holds a place; degrees."""
    row = min(math.floor((latitude + 90) / _CELL_DEGREES), 359)
    column = min(math.floor((longitude + 180) / _CELL_DEGREES), _CELLS_IN_ROW - 1)
    return row * _CELLS_IN_ROW + column + 1


def values(ids: Iterable[str], scheme: str) -> tuple[str, ...]:
    """The values that a scheme has among ``scheme:value`` ids, in their order."""
    pairs = (one.partition(":") for one in ids)
    return tuple(value for name, _, value in pairs if name == scheme)


def ids_of(truce: Truce) -> tuple[str, ...]:
    """Every id of a truce: those it carries, and those its codebook columns and its dates give. Each once."""
    cited = [e for e in (*truce.evidence_start, *truce.evidence_end) if e.startswith("pax:")]
    numbers = [gw for gw in map(gw_of_iso3, truce.iso3) if gw is not None]
    found = [
        *truce.ids,
        *([f"ccd:{truce.ccd}"] if truce.ccd else []),
        *(f"ucdp_dyad:{dyad}" for dyad in truce.ucdp_dyad),
        *cited,
        *(f"gw:{number}" for number in numbers),
        f"views_month:{views_month(truce.effective_date)}",
    ]
    return tuple(dict.fromkeys(found))


def ids_of_event(event: Event) -> tuple[str, ...]:
    """Every id of an event: those it carries, and those its countries, its day and its place give. Each once."""
    numbers = [gw for gw in map(gw_of_iso3, event.iso3) if gw is not None]
    found = [
        *event.ids,
        *(f"gw:{number}" for number in numbers),
        f"views_month:{views_month(event.occurred_on)}",
    ]
    if event.latitude is not None and event.longitude is not None:
        found.append(f"priogrid:{priogrid(event.latitude, event.longitude)}")
    return tuple(dict.fromkeys(found))


@cache
def _by_gw() -> Mapping[int, str]:
    return MappingProxyType({c.gw: c.iso3 for c in reversed(countries()) if c.gw is not None})


@cache
def _to_gw() -> Mapping[str, int]:
    return MappingProxyType({c.iso3: c.gw for c in reversed(countries()) if c.gw is not None})


@cache
def _by_fips() -> Mapping[str, str]:
    return MappingProxyType({c.fips: c.iso3 for c in reversed(countries()) if c.fips})


@cache
def _by_name() -> Mapping[str, str]:
    return MappingProxyType({_plain(name): c.iso3 for c in reversed(countries()) for name in (c.name, *c.others)})


def _plain(name: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().replace("-", " ").replace(".", "").split())
