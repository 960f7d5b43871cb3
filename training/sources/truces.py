"""Truces in the columns of the Chronicle's codebook (CSV, JSON lines or Parquet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, read_all
from truce import codebook
from truce.clock import day_closed_by, system_clock, write_moment
from truce.errors import BadInput
from truce.vocabulary import CODEBOOK, Outcome, Truce

REQUIRED = ("truce_id", "side_a", "side_b", "effective_date", "outcome")
"""Without these columns a file is no truces file; the others may be missing or empty."""

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
    truce = codebook.with_clocks(_truce(row), observed_to)
    codebook.check_order(truce, today or day_closed_by(system_clock()))
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
    truce_id = codebook.checked_id(cells.required(row, "truce_id"))
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
        start_known_at=cells.moment(row, "start_known_at"),
        end_known_at=cells.moment(row, "end_known_at"),
        observed_to=cells.day(row, "observed_to"),
        coding=cells.text(row, "coding") or CODEBOOK,
        ids=cells.register_ids(row),
        **_words(row),
    )


def _words(row: Cells) -> dict[str, Any]:
    """The columns that take one word of the codebook; an empty one keeps the vocabulary's default."""
    found = {column: cells.one_of(row, column, frozenset(words)) for column, words in codebook.WORDS.items()}
    return {column: word for column, word in found.items() if word is not None}


def _side(row: Cells, column: str) -> tuple[str, ...]:
    return cells.several(row, column) or _missing(column)


def _conditions(row: Cells) -> tuple[str, ...]:
    named = cells.several(row, "conditions")
    for condition in named:
        if condition not in codebook.CONDITIONS:
            raise BadInput(f"conditions: {condition!r} is not one of {', '.join(sorted(codebook.CONDITIONS))}")
    return named


def _missing(column: str) -> NoReturn:
    raise BadInput(f"{column} is missing")
