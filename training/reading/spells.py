"""A table of the user's own -> spells: entry, exit, event, features and groups, checked.

A row with a missing value in a column that is used is left out and counted; any other row that makes no sense stops
the reading, because a fit on what happens to be left would answer another question than the one asked.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.reading.delimited import second
from training.reading.tables import Row, rows_of
from truce.errors import BadInput

Floats = NDArray[np.float64]

_EMPTY = frozenset({"", "."})
_MISSING = (
    _EMPTY | {"na", "n/a", "#n/a", "nan", "null", "none"} | {f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
)
"""What R, Stata, pandas and spreadsheets write for a number that is not there."""
_WORDS = {"true": 1.0, "false": 0.0}
_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column plays which part. Without ``start`` every row is watched from time 0."""

    stop: str
    event: str
    features: tuple[str, ...]
    start: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """n rows, each at risk in (start, stop], ending in the event or unobserved; k features; groups numbered from 0."""

    start: Floats
    stop: Floats
    event: NDArray[np.bool_]
    x: Floats
    features: tuple[str, ...]
    groups: NDArray[np.int64] | None
    missing: dict[str, int]
    dropped: int


def read(path: Path, columns: Columns) -> Spells:
    """Read the rows that are complete in the columns used.

    Raises:
        WrongFile: no table that can be read.
        BadInput: no such column, a cell that is no number, times or events that make no sense, or no complete row.
    """
    rows = rows_of(path, ())
    _check_rows(path.name, rows, columns)
    numeric = {c: _numbers(c, rows) for c in (columns.stop, columns.event, columns.start, *columns.features) if c}
    names = [_group(row.cells.get(columns.group)) for row in rows] if columns.group else None
    absent = {c: np.isnan(v) for c, v in numeric.items()}
    if columns.group and names is not None:
        absent[columns.group] = absent.get(columns.group, False) | np.array([name is None for name in names])
    whole = ~np.any(list(absent.values()), axis=0)
    if not whole.any():
        raise BadInput(f"no row of {path.name} is complete: {_listed(absent)} missing", code="no_rows")
    lines = np.array([row.line for row in rows])[whole]
    kept = {c: v[whole] for c, v in numeric.items()}
    start = kept[columns.start] if columns.start else np.zeros(int(whole.sum()))
    _check_times(lines, start, kept[columns.stop], columns)
    return Spells(
        start=start,
        stop=kept[columns.stop],
        event=_events(lines, kept[columns.event], columns.event),
        x=np.column_stack([kept[c] for c in columns.features]),
        features=columns.features,
        groups=None if names is None else _numbered(name for name, ok in zip(names, whole, strict=True) if ok),
        missing={c: int(gone.sum()) for c, gone in absent.items() if gone.any()},
        dropped=int((~whole).sum()),
    )


def _check_rows(name: str, rows: Sequence[Row], columns: Columns) -> None:
    broken = [row for row in rows if row.trouble]
    if broken:
        raise BadInput(
            f"line {broken[0].line} of {broken[0].file}: {broken[0].trouble}; {len(broken)} such, mend or take out",
            code="bad_row",
        )
    there = {column: None for row in rows for column in row.cells}
    for column in (columns.stop, columns.event, columns.start, columns.group, *columns.features):
        if column is not None and column not in there:
            raise BadInput(f"{name} has no column {column}; {_near(column, list(there))}", code="no_column")
        if column is not None and second(column) in there:
            raise BadInput(f"{name} has two columns {column}: rename one", code="two_columns")


def _near(column: str, there: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in there}
    near = [folded[name] for name in difflib.get_close_matches(column.casefold(), folded, 3, 0.6)]
    more = ", ..." if len(there) > _SHOWN else ""
    return f"near it: {', '.join(near)}" if near else f"it has: {', '.join(there[:_SHOWN])}{more}"


def _numbers(column: str, rows: Sequence[Row]) -> Floats:
    return np.array([_number(column, row) for row in rows], dtype=float)


def _number(column: str, row: Row) -> float:
    cell = row.cells.get(column)
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        word = cell.strip().casefold()
        if word in _MISSING:
            return math.nan
        cell = _WORDS.get(word, word)
    try:
        value = float(cell) if isinstance(cell, (str, int, float, Decimal)) else math.inf
    except (ValueError, OverflowError):
        value = math.inf
    if math.isinf(value):
        raise BadInput(f"{column} is {row.cells[column]!r} in line {row.line}: it must be a number", code="not_numeric")
    return value


def _group(cell: object) -> object:
    """The name of a group, or None; ``NA`` is a name (Namibia), an empty cell or a lone point is none."""
    if isinstance(cell, float) and math.isnan(cell):
        return None
    return None if isinstance(cell, str) and cell.strip() in _EMPTY else cell


def _numbered(names: Iterable[object]) -> NDArray[np.int64]:
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(str(name).strip(), len(seen)) for name in names], dtype=np.int64)


def _check_times(lines: NDArray[np.int64], start: Floats, stop: Floats, columns: Columns) -> None:
    for column, values in ((columns.start, start), (columns.stop, stop)):
        if (values < 0).any():
            k = int(np.argmax(values < 0))
            raise BadInput(
                f"{column} is {values[k]:g} in line {lines[k]}: time runs from 0; {(values < 0).sum()} such",
                code="bad_times",
            )
    empty = stop <= start
    if empty.any():
        k = int(np.argmax(empty))
        raise BadInput(
            f"{columns.stop} {stop[k]:g} is not after {columns.start or 'the start'} {start[k]:g} in line {lines[k]}; "
            f"{empty.sum()} such: a row at risk for no time tells nothing, take it out or let a first day count as 1",
            code="bad_times",
        )


def _events(lines: NDArray[np.int64], values: Floats, column: str) -> NDArray[np.bool_]:
    odd = ~np.isin(values, (0.0, 1.0))
    if odd.any():
        k = int(np.argmax(odd))
        raise BadInput(
            f"{column} is {values[k]:g} in line {lines[k]}: an event is 0 or 1; {odd.sum()} such", code="bad_event"
        )
    happened: NDArray[np.bool_] = values == 1
    return happened


def _listed(absent: dict[str, NDArray[np.bool_]]) -> str:
    return ", ".join(f"{column} {gone.sum()}" for column, gone in absent.items() if gone.any())
