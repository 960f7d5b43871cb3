"""Feature rows as the archive keeps them: most columns are 0, so a row is a mask of those that are not, and their values.

A row in words would be several times the forecast it belongs to. The names of the columns are stored once for each set of features.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert, select

from truce.errors import BadInput
from truce.identity import digest
from truce.store.engine import once_stored
from truce.store.tables import feature_sets as table

Floats = NDArray[np.float64]

_DIGITS = 12
_MARK = "fs-"
"""Rows of the first revisions are JSON objects: they begin otherwise."""


def is_packed(text: str) -> bool:
    """Whether a row is written as here, or as JSON by an older revision."""
    return text.startswith(_MARK)


@lru_cache(maxsize=64)
def set_id(feature_set: str, names: tuple[str, ...]) -> str:
    """What a row is named after: its set of features, and a digest of the columns' names, which are stored elsewhere."""
    return f"{feature_set}-{digest(list(names))[:_DIGITS]}"


def pack(feature_set: str, names: tuple[str, ...], values: Floats) -> list[str]:
    """Each row of ``values`` (n, k) as text: ``set_id``, and base64 of the mask's bits and the values, little-endian."""
    there = values.view(np.int64) != 0  # by their bits: minus zero is another number than zero
    masks, known = np.packbits(there, axis=1), values.astype("<f8")[there].tobytes()
    ends = np.cumsum(there.sum(axis=1)) * 8
    starts = ends - there.sum(axis=1) * 8
    spans = zip(masks, starts.tolist(), ends.tolist(), strict=True)
    named = set_id(feature_set, names)
    return [
        f"{named}:{b2a_base64(mask.tobytes() + known[start:end], newline=False).decode()}" for mask, start, end in spans
    ]


def unpack(text: str, names: Sequence[str]) -> dict[str, float | None]:
    """Column -> value of one row, None where it is undefined.

    Raises:
        BadInput: it is no such row.
    """
    width, row = -(-len(names) // 8), np.zeros(len(names))
    try:
        raw = a2b_base64(text.partition(":")[2], strict_mode=True)
        there = np.unpackbits(np.frombuffer(raw[:width], dtype=np.uint8)).astype(bool)
        values = np.frombuffer(raw[width:], dtype="<f8")
    except ValueError:
        raise _unreadable() from None
    if len(raw) < width or there[len(names) :].any() or there.sum() != len(values):
        raise _unreadable()
    row[there[: len(names)]] = values
    return {name: None if np.isnan(value) else float(value) for name, value in zip(names, row, strict=True)}


def _unreadable() -> BadInput:
    return BadInput("the archived feature row cannot be read", code="bad_row")


def set_of(text: str) -> str:
    """The set of features that a packed row is of, as ``set_id`` names it."""
    return text.partition(":")[0]


class FeatureSets:
    """The table of the columns' names."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._there: set[str] = set()

    def keep(self, connection: Connection, sets: Mapping[str, Sequence[str]]) -> None:
        """Store the names of sets that are not there yet, in the transaction of the rows that need them."""
        fresh = {each: names for each, names in sets.items() if each not in self._there}
        if not fresh:
            return
        stored = set(connection.execute(select(table.c.id).where(table.c.id.in_(fresh))).scalars())
        rows = [{"id": each, "names": json.dumps(names)} for each, names in fresh.items() if each not in stored]
        if rows:
            connection.execute(insert(table), rows)
        once_stored(self._engine, lambda: self._there.update(fresh))

    def names(self, connection: Connection, named: str) -> list[str]:
        """The names of the columns of a set.

        Raises:
            BadInput: it is not stored, or not as it was.
        """
        found = connection.execute(select(table.c.names).where(table.c.id == named)).scalar()
        with suppress(ValueError, TypeError):
            names = tuple(json.loads(found or ""))
            if set_id(named.rpartition("-")[0], names) == named:
                return list(names)
        raise BadInput(f"the names of the feature columns {named} are gone or were changed", code="bad_row")
