"""The ETH/PRIO Civil Conflict Ceasefire dataset (Clayton et al. 2022): one row an actor, one truce a ceasefire.

What its codes mean and what of it is taken: docs/data/ccd.md. A part of a date that is -1 or 0 is missing, and is not made
up: a start known to its month is month-precise, one known to its year only is rejected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from training.reading import cells
from training.reading.cells import Cells
from training.reading.grouped import build_all, gather
from training.reading.records import SourceResult, expand
from training.reading.tables import Row, rows_of
from training.sources.ccd_dates import Coded, coded, month_known
from training.sources.ccd_parties import Parties, Sides, location, number
from training.sources.truces import from_row
from truce import registers
from truce.clock import DAY, day_closed_by, system_clock
from truce.errors import BadInput
from truce.vocabulary import CAUSES, Outcome, Truce

CODING = "ccd"
FOLLOWED_TO = date(2020, 12, 31)
"""The dataset follows its ceasefires to the end of 2020."""
REQUIRED = (
    "cc", "cf_id", "uniq_id", "location", "ucdp_actor_id", "actor_name", "ucdp_acd_id", "ucdp_dyad", "side", "ended",
    *(f"{what}_{part}" for what in ("cf_dec", "cf_effect", "end") for part in ("yr", "month", "day")),
)  # fmt: skip

_ROW_NUMBER = "id"
_BETWEEN = re.compile(r",(?![^()]*\))")
"""A comma parts two mediators unless it stands inside brackets."""
_LOST = "\ufffd"
_MISSING = "-1"
_OUTCOMES: Mapping[str, Outcome] = MappingProxyType({
    "-1": Outcome.UNKNOWN, "0": Outcome.ONGOING, "1": Outcome.EXPIRED, "2": Outcome.BROKE, "3": Outcome.VOID,
    "4": Outcome.SUPERSEDED,
})  # fmt: skip
_SIDEDNESS = MappingProxyType({"1": "unilateral", "2": "mutual", "3": "mutual"})
_SCOPES = MappingProxyType({"0": "full", "1": "partial"})
_WRITTEN = MappingProxyType({"0": "no", "1": "yes", "2": "yes"})
_ENFORCED = MappingProxyType({"0": "no", "1": "yes", "2": "yes"})
_PURPOSES = ("holiday", "election", "humanitarian", "peaceprocess")
"""Of several purposes the first of these is taken: a holiday truce in a peace process is a holiday truce."""
_THEATRES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType({
    "234": ("israel-palestine", ("ISR", "PSE")), "426": ("israel-lebanon", ("ISR", "LBN")),
    "354": ("turkey-pkk", ("TUR",)), "388": ("armenia-azerbaijan", ("AZE",)),
})  # fmt: skip
"""UCDP conflict -> the Chronicle's theatre and its countries; elsewhere the theatre is the country."""
_UKRAINE = "369"


def read(paths: Sequence[Path], *, observed_to: date | None = None, today: date | None = None) -> SourceResult[Truce]:
    """Read ceasefires.

    Args:
        paths: files, folders or globs.
        observed_to: the last day to which the ceasefires were followed; the end of 2020 when None.
        today: nothing later is taken as fact; the clock's today when None.

    Raises:
        WrongFile: a file is not a table of the dataset.
    """
    files = expand(paths)
    rows = [_legible(row) for path in files for row in rows_of(path, REQUIRED)]
    groups = gather(rows, lambda row: cells.required(row, "uniq_id"), ignoring=(_ROW_NUMBER,))
    parties = Parties.of(row.cells for kept in groups.rows.values() for row in kept)
    until = today or day_closed_by(system_clock())
    build = partial(_truce, parties=parties, observed_to=observed_to or FOLLOWED_TO, today=until)
    return build_all(groups, build, len(files))


def _legible(row: Row) -> Row:
    """The dataset is published with signs that were lost before; that alone makes no row of it unreadable."""
    lost = any(_LOST in cell for cell in row.cells.values() if isinstance(cell, str))
    if not (row.trouble and lost and _ROW_NUMBER in row.cells):
        return row
    whole = {name: cell.replace(_LOST, "?") if isinstance(cell, str) else cell for name, cell in row.cells.items()}
    return Row(row.file, row.line, whole)


def _truce(rows: Sequence[Cells], parties: Parties, observed_to: date, today: date) -> Truce:
    start, notes = _start(rows)
    day = start.day_of()
    sides = parties.sides(rows, _said(rows, "side"))
    name = f"{cells.required(rows[0], 'cc')}-{cells.required(rows[0], 'cf_id')}"
    conflict, iso3 = _where(rows)
    written: dict[str, object] = {
        "truce_id": f"ccd-{name}",
        "name": f"{location(rows[0])}: {_listed(sides.side_a)} - {_listed(sides.side_b)}, {day:%Y-%m}",
        "iso3": list(iso3),
        "conflict": conflict,
        "side_a": list(sides.side_a),
        "side_b": list(sides.side_b),
        "effective_date": day,
        "start_precision": start.precision,
        "start_known_at": None if start.precision == "day" else month_known(start),
        "ccd": name,
        "coding": CODING,
        "ucdp_dyad": _distinct(rows, "ucdp_dyad"),
        "ids": _ids(rows, name),
        "evidence_start": f"ccd:{name}",
        "start_tier": "register",
        **_terms(rows, start),
    }
    end, more = _end(rows, day)
    written |= end
    if "end_date" in end:
        written |= {"evidence_end": f"ccd:{name}", "end_tier": "register"}
    written["notes"] = " ".join([*notes, *_assumed(sides), *more]) or None
    return from_row(written, observed_to=observed_to, today=today)


def _start(rows: Sequence[Cells]) -> tuple[Coded, list[str]]:
    """When it took effect; when it was declared where no date of that is given at all."""
    effects = {coded(row, "cf_effect") for row in rows}
    if len(effects) > 1:
        dates = ", ".join(sorted(map(str, effects)))
        raise BadInput(f"its rows begin on different dates ({dates}): one number stands for several ceasefires")
    declared = max(
        (coded(row, "cf_dec") for row in rows), key=lambda one: (one.year or 0, one.month or 0, one.day or 0)
    )
    effect = effects.pop()
    start, notes = (effect, []) if effect.year else (declared, ["No effective date: the declared one."])
    if start.month is None:
        raise BadInput(f"the start is known as {start} only: its month is missing")
    if start.day is None and declared.day and (declared.year, declared.month) == (start.year, start.month):
        start = Coded(start.year, start.month, None, after=declared.day_of())
    return start, notes


def _end(rows: Sequence[Cells], start: date) -> tuple[dict[str, object], list[str]]:
    """The outcome and the end as cells, and what is to be noted. Rows that say nothing are outvoted by one that does."""
    codes = sorted({cells.required(row, "ended") for row in rows} - {_MISSING}) or [_MISSING]
    if len(codes) > 1:
        return {"outcome": Outcome.UNKNOWN}, [f"The rows disagree on the end: codes {', '.join(codes)}."]
    if codes[0] not in _OUTCOMES:
        raise BadInput(f"ended is {codes[0]!r}, not one of {', '.join(_OUTCOMES)}")
    outcome = _OUTCOMES[codes[0]]
    ends = {coded(row, "end", after=start) for row in rows if cells.required(row, "ended") == codes[0]}
    dated = sorted((end for end in ends if end.month), key=lambda end: (end.precision != "day", end.day_of()))
    if outcome is Outcome.ONGOING and any(end.year for end in ends):
        return {"outcome": Outcome.UNKNOWN}, [f"Coded as in force, and yet with an end in {max(map(str, ends))}."]
    if outcome not in CAUSES:
        return {"outcome": outcome}, [f"An end in {dated[0]} is given, not of what kind."] if dated else []
    if not dated:
        return {"outcome": Outcome.UNKNOWN}, [f"Coded as {outcome}; when is not known to the month."]
    first = dated[0]
    known = None if first.precision == "day" else month_known(first)
    notes = ["The rows give several ends; the first."] if len({end.day_of() for end in dated}) > 1 else []
    breaker = "unknown" if outcome is Outcome.BROKE else None
    return {
        "outcome": outcome, "end_date": first.day_of(), "end_precision": first.precision, "end_known_at": known,
        "breaker": breaker,
    }, notes  # fmt: skip


def _terms(rows: Sequence[Cells], start: Coded) -> dict[str, object]:
    purposes = [name for name in _PURPOSES if _said(rows, f"p_{name}") == "1"]
    return {
        "sidedness": _SIDEDNESS.get(_said(rows, "side")),
        "scope": _SCOPES.get(_said(rows, "partial")),
        "written": _WRITTEN.get(_said(rows, "written"), "unknown"),
        "purpose": {"peaceprocess": "peace_process"}.get(purposes[0], purposes[0]) if purposes else "other",
        "monitored": _monitored(rows),
        "mediator": _mediators(rows),
        "scheduled_end": _scheduled(rows, start),
    }


def _monitored(rows: Sequence[Cells]) -> str:
    enforced = _ENFORCED.get(_said(rows, "enforcement"), "unknown")
    # A mechanism that the parties agreed on may or may not have brought monitors.
    return "unknown" if enforced == "no" and _said(rows, "implement") != "0" else enforced


def _mediators(rows: Sequence[Cells]) -> list[str]:
    named = _said(rows, "mediator_send")
    if _said(rows, "mediator_nego") != "1" or named in ("", "0", _MISSING):
        return []
    return [one.strip() for one in _BETWEEN.split(named.replace(";", ",")) if one.strip()]


def _scheduled(rows: Sequence[Cells], start: Coded) -> date | None:
    """The announced end, where its length is given in days and its first day is known."""
    days = number({"days": _said(rows, "fixed_time")}, "days")
    if _said(rows, "fixed") != "1" or days is None or start.precision != "day":
        return None
    return start.day_of() + int(days) * DAY


def _where(rows: Sequence[Cells]) -> tuple[str, tuple[str, ...]]:
    place, known = location(rows[0]), number(rows[0], "cc")
    iso3 = (registers.iso3_of_gw(int(known)) if known else None) or registers.iso3_of_name(place)
    if iso3 is None:
        raise BadInput(f"no country is known by the number {known} or the name {place!r}")
    theatre = _THEATRES.get(number(rows[0], "ucdp_acd_id") or "")
    if theatre is not None:
        return theatre
    return "ukraine" if known == _UKRAINE else iso3.lower(), (iso3,)


def _ids(rows: Sequence[Cells], name: str) -> list[str]:
    schemes = {
        "ccd_uniq": "uniq_id", "ucdp_dyad": "ucdp_dyad", "ucdp_conflict": "ucdp_acd_id", "ucdp_actor": "ucdp_actor_id",
        "pax": "pax_id", "gw": "cc",
    }  # fmt: skip
    told = [f"{scheme}:{value}" for scheme, column in schemes.items() for value in _distinct(rows, column)]
    return [f"ccd:{name}", *told]


def _distinct(rows: Sequence[Cells], column: str) -> list[str]:
    return list(dict.fromkeys(value for value in (number(row, column) for row in rows) if value is not None))


def _said(rows: Sequence[Cells], column: str) -> str:
    """What most rows say that say something, the first of equals; the code for missing when none does."""
    told = [cells.text(row, column) or _MISSING for row in rows]
    return Counter([one for one in told if one != _MISSING] or [_MISSING]).most_common(1)[0][0]


def _listed(side: Sequence[str]) -> str:
    shown = 2
    more = f" and {len(side) - shown} more" if len(side) > shown else ""
    return ", ".join(side[:shown]) + more


def _assumed(sides: Sides) -> list[str]:
    if not sides.assumed:
        return []
    whose = "is nowhere named" if sides.assumed == "nowhere" else f"is that of the UCDP {sides.assumed}"
    return [f"The other side {whose}."]
