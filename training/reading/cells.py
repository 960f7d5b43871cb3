"""Cells -> values, with a reason in words for whoever has to mend the row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from truce.clock import end_of, parse_day, parse_moment
from truce.errors import BadInput
from truce.registers import ID_FORM

Cells = Mapping[str, object]

_ISO3 = re.compile(r"[A-Z]{3}")
_REGISTER_ID = re.compile(ID_FORM)
_parse_day = lru_cache(maxsize=20_000)(parse_day)
_parse_moment = lru_cache(maxsize=20_000)(parse_moment)


def text(cells: Cells, column: str) -> str | None:
    """The trimmed text of a cell; None when it is empty or not there."""
    value = cells.get(column)
    if isinstance(value, str):
        return value.strip() or None
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (list, dict, bool)):
        raise BadInput(f"{column} is not text")
    return str(value)


def required(cells: Cells, column: str) -> str:
    """The text of a cell that must be filled. Raises BadInput when it is not."""
    value = text(cells, column)
    if value is None:
        raise BadInput(f"{column} is missing")
    return value


def day(cells: Cells, column: str) -> date | None:
    """A calendar day yyyy-mm-dd, or None. Raises BadInput naming the column."""
    value = cells.get(column)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    written = text(cells, column)
    if written is None:
        return None
    try:
        return _parse_day(written)
    except BadInput as trouble:
        raise BadInput(f"{column}: {trouble.detail}", code=trouble.code) from None


def required_day(cells: Cells, column: str) -> date:
    """A day that must be there. Raises BadInput when it is not or cannot be read."""
    value = day(cells, column)
    if value is None:
        raise BadInput(f"{column} is missing")
    return value


def moment(cells: Cells, column: str) -> datetime | None:
    """A day (its end) or an instant, or None. Raises BadInput naming the column."""
    value = cells.get(column)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return end_of(value)
    written = text(cells, column)
    if written is None:
        return None
    try:
        return _parse_moment(written)
    except BadInput as trouble:
        raise BadInput(f"{column}: {trouble.detail}", code=trouble.code) from None


def one_of(cells: Cells, column: str, allowed: frozenset[str], default: str | None = None) -> str | None:
    """One of the codebook's words, or ``default`` when empty. Raises BadInput for any other."""
    value = text(cells, column)
    if value is None:
        return default
    if value not in allowed:
        raise BadInput(f"{column} is {value!r}, not one of {', '.join(sorted(allowed))}")
    return value


def several(cells: Cells, column: str) -> tuple[str, ...]:
    """A list: a JSON array, or text joined by ``;``. A semicolon inside brackets belongs to the name."""
    value = cells.get(column)
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            raise BadInput(f"{column} is not a list of texts")
        return tuple(item.strip() for item in value if item.strip())
    written = text(cells, column)
    if written is None:
        return ()
    return tuple(part.strip() for part in _split(written) if part.strip())


def register_ids(cells: Cells, column: str = "ids") -> tuple[str, ...]:
    """Ids of registers, ``scheme:value``, as a list or joined by ``;``. Raises BadInput for anything that has not their form."""
    value = cells.get(column)
    ids = tuple(filter(None, map(str.strip, value.split(";")))) if isinstance(value, str) else several(cells, column)
    for one in ids:
        if not _REGISTER_ID.fullmatch(one):
            raise BadInput(f"{column}: {one!r} is not an id of the form scheme:value")
    return ids


def countries(cells: Cells, column: str = "iso3") -> tuple[str, ...]:
    """ISO 3166-1 alpha-3 codes. Raises BadInput for anything that has not their form."""
    codes = several(cells, column)
    for code in codes:
        if not _ISO3.fullmatch(code):
            raise BadInput(f"{column}: {code!r} is not a three-letter country code")
    return codes


def count(cells: Cells, column: str) -> int | None:
    """A whole number of at least zero, or None. Raises BadInput for any other."""
    value = number(cells, column, 0, math.inf)
    if value is None:
        return None
    if value != int(value):
        raise BadInput(f"{column} is not a whole number")
    return int(value)


def number(cells: Cells, column: str, low: float, high: float) -> float | None:
    """A finite number from ``low`` to ``high``, or None. Raises BadInput for any other."""
    written = text(cells, column)
    if written is None:
        return None
    try:
        value = float(written)
    except ValueError:
        raise BadInput(f"{column} is {written!r}, not a number") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise BadInput(f"{column} is {written}, out of range")
    return value


def _split(written: str) -> list[str]:
    if "(" not in written and "[" not in written:
        return written.split(";")
    parts, depth = [""], 0
    for sign in written:
        depth += (sign in "([") - (sign in ")]")
        if sign == ";" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
