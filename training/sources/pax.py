"""PA-X peace agreements: those of the stage ceasefire -> truces whose end nobody coded.

PA-X names the countries and the process; who the parties are stands in its text alone, of which only names that the actor
table knows are taken. Terms, citation and traps: docs/data/pax.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, expand, tally
from training.reading.tables import rows_of
from truce import actors, registers
from truce.clock import day_closed_by, end_of, parse_day, system_clock
from truce.codebook import NEWS_LAG
from truce.errors import BadInput
from truce.vocabulary import Outcome, Truce

CODING = "pax"
REQUIRED = ("Con", "Contp", "PP", "PPName", "AgtId", "Agt", "Dat", "Status", "Agtp", "Stage", "StageSub", "Part", "Loc1ISO",
            "Loc2ISO", "Loc1GWNO", "Loc2GWNO", "UcdpCon", "UcdpAgr")  # fmt: skip

_CEASEFIRE = "Cea"
_STAGES = frozenset({"Pre", "SubPar", "SubComp", _CEASEFIRE, "Imp", "Ren", "Oth"})
_NO_STATE = frozenset({"Inter-group", "Other"})
"""Kinds of conflict (``Contp``) in which no government is a party."""
_SUBSTAGES = {"Ceas": "a ceasefire", "Rel": "related to a ceasefire", "CeaMix": "a ceasefire among other things"}
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_ENTITY = re.compile(r"\(([^()]+)\)")
_BYSTANDERS = re.compile(r"\bwitness|in the presence of|\bmediat|\bobserv|\bfacilitat", re.IGNORECASE)
"""Where those begin who only stood by: what follows names no party."""
_FIGHTING = frozenset({"rebel", "militia", "coalition", "party"})
_ID_DIGITS = 4
"""UCDP's agreements have no longer ids; where ``UcdpAgr`` holds a longer number, it is another kind of id."""
_TITLE = 150

_LONGEST_RECORD = 2000
"""Lines of a record: its signatures and summaries fill hundreds."""


def read(paths: Sequence[Path], *, today: date | None = None) -> SourceResult[Truce]:
    """Read agreements; one of another stage is an accepted row without a record.

    Args:
        paths: files, folders or globs.
        today: an agreement of a later day is rejected; the clock's today when None.

    Raises:
        WrongFile: a file is not this data set.
    """
    until = today or day_closed_by(system_clock())

    def parse(row: Cells) -> tuple[str, Truce | None]:
        number = _number(row, "AgtId")
        if number is None:
            raise BadInput("AgtId is missing")
        stage = cells.one_of(row, "Stage", _STAGES)
        if stage is None:
            raise BadInput("Stage is missing")
        return f"pax-{number}", _truce(row, number, until) if stage == _CEASEFIRE else None

    files = expand(paths)
    rows = (row for path in files for row in rows_of(path, REQUIRED, longest=_LONGEST_RECORD))
    return tally(rows, parse, len(files))


def _truce(row: Cells, number: str, today: date) -> Truce:
    start = _day(row)
    if start > today:
        raise BadInput(f"Dat {start} is in the future")
    iso3 = _countries(row)
    side_a, side_b = _sides(row, iso3)
    kind = cells.text(row, "StageSub") or ""
    return Truce(
        truce_id=f"pax-{number}",
        name=" ".join(cells.required(row, "Agt").split())[:_TITLE],
        iso3=iso3,
        side_a=side_a,
        side_b=side_b,
        effective_date=start,
        sidedness="unilateral" if cells.text(row, "Status") == "Unilateral document" else "mutual",
        written="yes",
        scope="partial" if cells.text(row, "Agtp") == "IntraLocal" else "full",
        outcome=Outcome.UNKNOWN,
        notes=f"PA-X: {_SUBSTAGES[kind]}" if kind in _SUBSTAGES else None,
        start_tier="register",
        conflict=iso3[0].lower(),
        start_known_at=end_of(start) + NEWS_LAG,
        coding=CODING,
        ids=_ids(row, number),
    )


def _ids(row: Cells, number: str) -> tuple[str, ...]:
    process, conflict, agreement = (_number(row, column) for column in ("PP", "UcdpCon", "UcdpAgr"))
    states = (_number(row, column) for column in ("Loc1GWNO", "Loc2GWNO"))
    return (
        f"pax:{number}",
        *([f"pax_process:{process}"] if process else []),
        *([f"ucdp_conflict:{conflict}"] if conflict else []),
        *([f"ucdp_pa:{agreement}"] if agreement and len(agreement) <= _ID_DIGITS else []),
        *(f"gw:{state}" for state in states if state),
    )


def _countries(row: Cells) -> tuple[str, ...]:
    """The countries of the columns, and an entity in parentheses of ``Con`` where that has a code of its own (Palestine)."""
    located = [code for column in ("Loc1ISO", "Loc2ISO") for code in cells.countries(row, column)]
    named = [registers.iso3_of_name(entity) for entity in _ENTITY.findall("/".join(_places(row)))]
    found = tuple(dict.fromkeys([*located, *(code for code in named if code is not None)]))
    if not located:
        raise BadInput("Loc1ISO is missing")
    return found


def _places(row: Cells) -> list[str]:
    """The parts of ``Con`` that stand wholly in parentheses: entities that are no states to PA-X."""
    return [part for part in (cells.text(row, "Con") or "").split("/") if part.startswith("(")]


def _sides(row: Cells, iso3: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who agreed with whom. What cannot be named is called a party of its process: no name is guessed."""
    process = cells.text(row, "PPName") or "an unnamed process"
    if cells.text(row, "Agtp") == "Inter" and len(iso3) > 1:
        return (_government(iso3[0]),), tuple(_government(code) for code in iso3[1:])
    named = _named(row, iso3)
    if cells.text(row, "Contp") not in _NO_STATE:
        return (_government(iso3[0]),), named or (f"parties of {process}",)
    if not named:
        return (f"a party of {process}",), (f"another party of {process}",)
    return named[:1], named[1:] or (f"another party of {process}",)


def _government(iso3: str) -> str:
    name = next((country.name for country in registers.countries() if country.iso3 == iso3), iso3)
    return actors.government_of(iso3, name)


def _named(row: Cells, iso3: Sequence[str]) -> tuple[str, ...]:
    """Armed groups of these countries that the signatures, then the title, name, in their order."""
    signed = _BYSTANDERS.split(cells.text(row, "Part") or "")[0]
    told = f"{signed}\n{cells.text(row, 'Agt') or ''}"
    found = (actors.table()[match.group()] for match in _groups().finditer(told))
    return tuple(dict.fromkeys(actor.name for actor in found if actor.iso3 in iso3))


@cache
def _groups() -> re.Pattern[str]:
    spellings = [name for name, actor in actors.table().items() if actor.kind in _FIGHTING]
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _day(row: Cells) -> date:
    written = cells.required(row, "Dat")
    parts = _DATE.fullmatch(written)
    if parts is None:
        raise BadInput(f"Dat is {written!r}, not a day dd/mm/yyyy")
    day, month, year = parts.groups()
    try:
        return parse_day(f"{year}-{month}-{day}")
    except BadInput as trouble:
        raise BadInput(f"Dat: {trouble.detail}", code=trouble.code) from None


def _number(row: Cells, column: str) -> str | None:
    """A whole number as PA-X writes it (``346`` or ``346.0``), or None. Raises BadInput for anything else."""
    written = cells.text(row, column)
    if written is None:
        return None
    whole = written.removesuffix(".0")
    if not whole.isdecimal():
        raise BadInput(f"{column} is {written!r}, not a whole number")
    return whole
