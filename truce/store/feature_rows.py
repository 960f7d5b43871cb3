"""Feature rows as the archive keeps them: most columns are 0, so a row is a mask of those that are not, and their values.

A row in words would be 8 kB, five times the forecast it belongs to. The names of the columns are stored once for each set of features.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert, select

from truce.errors import BadInput
from truce.store.engine import once_stored
from truce.store.tables import feature_sets as table

Floats = NDArray[np.float64]

_MARK = "fs-"
"""Rows of the first revisions are JSON objects: they begin otherwise."""


def is_packed(text: str) -> bool:
    """Whether a row is written as here, or as JSON by an older revision."""
    return text.startswith(_MARK)


def pack(feature_set: str, values: Floats) -> list[str]:
    """Each row of ``values`` (n, k) as text: its set of features, and base64 of the mask's bits and the values, little-endian."""
    there = values.view(np.int64) != 0  # by their bits: minus zero is another number than zero
    masks, known = np.packbits(there, axis=1), values.astype("<f8")[there].tobytes()
    ends = np.cumsum(there.sum(axis=1)) * 8
    starts = ends - there.sum(axis=1) * 8
    spans = zip(masks, starts.tolist(), ends.tolist(), strict=True)
    return [
        f"{feature_set}:{b2a_base64(mask.tobytes() + known[start:end], newline=False).decode()}"
        for mask, start, end in spans
    ]


def unpack(text: str, names: Sequence[str]) -> dict[str, float | None]:
    """Column -> value of one row, None where it is undefined.

    Raises:
        BadInput: it is no such row.
    """
    try:
        raw = a2b_base64(text.partition(":")[2], strict_mode=True)
        width = -(-len(names) // 8)
        if len(raw) < width:
            raise ValueError("cut off")  # noqa: TRY301 - all that is wrong with it is told alike
        there = np.unpackbits(np.frombuffer(raw[:width], dtype=np.uint8), count=len(names)).astype(bool)
        row = np.zeros(len(names))
        row[there] = np.frombuffer(raw[width:], dtype="<f8")
    except ValueError:
        raise BadInput("the archived feature row cannot be read", code="bad_row") from None
    return {name: None if np.isnan(value) else float(value) for name, value in zip(names, row, strict=True)}


def set_of(text: str) -> str:
    """The set of features that a packed row is of."""
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

    def names(self, connection: Connection, feature_set: str) -> list[str]:
        """The names of the columns of a set. Raises BadInput when it was never stored."""
        found = connection.execute(select(table.c.names).where(table.c.id == feature_set)).scalar()
        if found is None:
            raise BadInput(f"no set of features {feature_set!r} is stored", code="bad_row")
        names: list[str] = json.loads(found)
        return names
