"""Truces in the columns of the Chronicle's codebook (CSV, JSON lines or Parquet)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, read_all
from truce.clock import day_closed_by, end_of, system_clock, write_moment
from truce.errors import BadInput
from truce.vocabulary import CAUSES, CODEBOOK, Outcome, Truce

REQUIRED = ("truce_id", "side_a", "side_b", "effective_date", "outcome")
"""Without these columns a file is no truces file; the others may be missing or empty."""

NEWS_LAG = timedelta(days=2)
"""How long after it happened a start or an end counts as known when no dated report says so."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_YES_NO = frozenset({"yes", "no", "unknown"})
_PRECISION = frozenset({"day", "month"})
_TIERS = frozenset({"feed", "register", "memory", "background"})
_FORMS = frozenset({"declared", "tacit"})
_SIDEDNESS = frozenset({"unilateral", "mutual"})
_SCOPES = frozenset({"full", "partial"})
_PURPOSES = frozenset(
    {"peace_process", "humanitarian", "holiday", "election", "deescalation", "prisoner_exchange", "other"}
)
_CONDITIONS = frozenset({"none", "deadline", "withdrawal", "prisoner_exchange", "aid", "talks", "other"})
_BREAKERS = frozenset({"a", "b", "both", "third", "unknown"})
_CONFIDENCE = frozenset({"high", "medium", "low"})
_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


COLUMNS = (*(field.name for field in fields(Truce)),)
"""Every column of a truces file, in the order in which one is written."""


def read(paths: Sequence[Path], *, observed_to: date | None = None, today: date | None = None) -> SourceResult[Truce]:
    """Read truces.

    Args:
        paths: files, folders or globs.
        observed_to: the last day on which the ongoing ones were seen to hold; a column of that name goes before it.
        today: nothing later is taken as fact; the clock's today when None.

    Raises:
        WrongFile: a file is not a table of truces.
    """
    until = today or day_closed_by(system_clock())

    def parse(row: Cells) -> tuple[str, Truce]:
        truce = from_row(row, observed_to=observed_to, today=until)
        return truce.truce_id, truce

    return read_all(paths, REQUIRED, parse)


def from_row(row: Cells, *, observed_to: date | None = None, today: date | None = None) -> Truce:
    """One truce from its cells; arguments as for ``read``.

    Raises:
        BadInput: a cell that is missing, that cannot be read, or that contradicts another.
    """
    truce = _with_clocks(_truce(row), row, observed_to)
    _check_order(truce, today or day_closed_by(system_clock()))
    return truce


def to_row(truce: Truce) -> dict[str, str | None]:
    """The cells of a truce: what ``from_row`` reads back. Lists are joined by ``;``, empty cells are None."""
    return {column: _written(getattr(truce, column)) for column in COLUMNS}


def _written(value: object) -> str | None:
    if isinstance(value, tuple):
        return ";".join(value) or None
    if isinstance(value, datetime):
        return write_moment(value)
    return None if value is None or value == "" else str(value)


def _truce(row: Cells) -> Truce:
    truce_id = cells.required(row, "truce_id")
    if not _ID.fullmatch(truce_id):
        raise BadInput(f"truce_id {truce_id!r} may hold letters, digits, dots, dashes and underscores only")
    return Truce(
        truce_id=truce_id,
        name=cells.text(row, "name") or truce_id,
        iso3=cells.countries(row),
        side_a=_side(row, "side_a"),
        side_b=_side(row, "side_b"),
        ucdp_dyad=cells.several(row, "ucdp_dyad"),
        effective_date=cells.required_day(row, "effective_date"),
        scheduled_end=cells.day(row, "scheduled_end"),
        first_violation=cells.day(row, "first_violation"),
        outcome=Outcome(cells.one_of(row, "outcome", _OUTCOMES) or _missing("outcome")),
        end_date=cells.day(row, "end_date"),
        mediator=cells.several(row, "mediator"),
        conditions=_conditions(row),
        evidence_start=cells.several(row, "evidence_start"),
        evidence_end=cells.several(row, "evidence_end"),
        ccd=cells.text(row, "ccd"),
        notes=cells.text(row, "notes"),
        conflict=cells.text(row, "conflict") or "",
        coding=cells.text(row, "coding") or CODEBOOK,
        ids=cells.register_ids(row),
        **_words(row),
    )


def _words(row: Cells) -> dict[str, Any]:
    """The columns that take one word of the codebook; an empty one keeps the vocabulary's default."""
    allowed = {
        "form": _FORMS,
        "sidedness": _SIDEDNESS,
        "written": _YES_NO,
        "scope": _SCOPES,
        "purpose": _PURPOSES,
        "monitored": _YES_NO,
        "start_precision": _PRECISION,
        "end_precision": _PRECISION,
        "breaker": _BREAKERS,
        "confidence": _CONFIDENCE,
        "start_tier": _TIERS,
        "end_tier": _TIERS,
    }
    words = {column: cells.one_of(row, column, choices) for column, choices in allowed.items()}
    return {column: word for column, word in words.items() if word is not None}


def _with_clocks(truce: Truce, row: Cells, observed_to: date | None) -> Truce:
    """Derive what the file leaves open: the conflict, when start and end could be known, where it is censored."""
    if not truce.iso3:
        raise BadInput("iso3 is missing")
    return replace(
        truce,
        conflict=truce.conflict or truce.iso3[0].lower(),
        start_known_at=cells.moment(row, "start_known_at") or _after_lag(truce.effective_date),
        end_known_at=(cells.moment(row, "end_known_at") or _after_lag(truce.end_date)) if truce.end_date else None,
        observed_to=cells.day(row, "observed_to") or observed_to,
    )


def _check_order(truce: Truce, today: date) -> None:
    start, end = truce.effective_date, truce.end_date
    if start > today:
        raise BadInput(f"effective_date {start} is in the future")
    if truce.outcome in CAUSES and end is None:
        raise BadInput(f"end_date is missing though the outcome is {truce.outcome}")
    if truce.outcome not in CAUSES and end is not None:
        raise BadInput(f"end_date {end} stands beside the outcome {truce.outcome}")
    if end is not None and end > today:
        raise BadInput(f"end_date {end} is in the future")
    dates = (
        ("end_date", end),
        ("scheduled_end", truce.scheduled_end),
        ("first_violation", truce.first_violation),
        ("observed_to", truce.observed_to),
    )
    for column, day in dates:
        if day is not None and day < start:
            raise BadInput(f"{column} {day} is before effective_date {start}")


def _side(row: Cells, column: str) -> tuple[str, ...]:
    return cells.several(row, column) or _missing(column)


def _conditions(row: Cells) -> tuple[str, ...]:
    named = cells.several(row, "conditions")
    for condition in named:
        if condition not in _CONDITIONS:
            raise BadInput(f"conditions: {condition!r} is not one of {', '.join(sorted(_CONDITIONS))}")
    return named


def _after_lag(day: date) -> datetime:
    return end_of(day) + NEWS_LAG


def _missing(column: str) -> NoReturn:
    raise BadInput(f"{column} is missing")
