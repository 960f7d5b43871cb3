"""Forecasts that were made together, as the archive keeps them: a hundred bodies, and the feature rows behind them, in one compressed text.

Much of one is in all of them, so they take far less room. A forecast names its bundle by a digest of it, which is sealed with the
forecast, and its own place therein.
"""

from __future__ import annotations

import hashlib
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import zstandard
from sqlalchemy import Connection, bindparam, select

from truce.errors import BadInput, StoreTrouble
from truce.store import feature_rows
from truce.store.bulk import insert_rows
from truce.store.seals import Entry
from truce.store.tables import bundles as table

LEAST = 20
"""Fewer stay as they are: whoever asks for one of them need not unpack it."""
MOST = 100
"""In one bundle: all of them are unpacked for each that is asked for."""
_MARK = "bundle:"
"""Other bodies are JSON."""
_LEVEL = 1
_BETWEEN = "\0"
"""JSON spells it otherwise."""

Row = tuple[str, str, str]
"""Digest, feature rows, bodies."""
_ASKED = select(table.c.features, table.c.bodies).where(table.c.digest == bindparam("digest"))


def is_bundled(body: str) -> bool:
    """Whether a body as it is stored is a place in a bundle."""
    return body.startswith(_MARK)


def digest_in(body: str) -> str:
    """Of the bundle in which a body is."""
    return body[len(_MARK) :].partition("/")[0]


def bundled(entries: Sequence[Entry]) -> tuple[list[tuple[str, str]], list[Row]]:
    """How entries are to be stored: features and body of each, and the bundles to which they refer. Those in words stay as they are.

    Raises:
        BadInput: a body could not be told from a place in a bundle, or not from its neighbour there.
    """
    kept = [(entry.features, entry.body) for entry in entries]
    if any(is_bundled(body) or _BETWEEN in body for _, body in kept):
        raise BadInput("an archived forecast is a JSON text", code="no_text")
    packed = [k for k, (features, _) in enumerate(kept) if feature_rows.is_packed(features)]
    rows: list[Row] = []
    for some in _alike(packed) if len(packed) >= LEAST else ():
        texts = _folded([kept[k][0] for k in some]), _folded([kept[k][1] for k in some])
        digest = _digest(*texts)
        rows.append((digest, *texts))
        for place, k in enumerate(some):
            kept[k] = f"{feature_rows.set_of(kept[k][0])}:", f"{_MARK}{digest}/{place}"
    return kept, rows


def _alike(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut into as few parts as need be, all of about one length."""
    parts = -(-len(places) // MOST)
    bounds = [len(places) * k // parts for k in range(parts + 1)]
    yield from (places[start:stop] for start, stop in pairwise(bounds))


def keep(connection: Connection, rows: Sequence[Row]) -> None:
    """Store bundles; one that is there, to the last letter, is there already."""
    if rows:
        asked = select(table.c.digest).where(table.c.digest.in_([digest for digest, *_ in rows]))
        stored = set(connection.execute(asked).scalars())
        fresh = [row for row in rows if row[0] not in stored]
        insert_rows(connection, table.name, ("digest", "features", "bodies"), fresh)


def bodies(connection: Connection, stored: Iterable[str]) -> list[str]:
    """Bodies out of their bundles, in the order in which they are stored.

    Raises:
        StoreTrouble: a bundle is not there, or was changed.
    """
    return _taken_out(connection, list(stored), "bodies")


def features(connection: Connection, body: str) -> str:
    """The packed feature row behind a body that is in a bundle. Raises StoreTrouble as ``bodies``."""
    return _taken_out(connection, [body], "features")[0]


def look_at(connection: Connection, digest: str) -> None:
    """Pass by a bundle that is as it was stored. Raises StoreTrouble for another."""
    _bundle(connection, digest)


def _bundle(connection: Connection, digest: str) -> Any:
    row = connection.execute(_ASKED, {"digest": digest}).first()
    if row is None or _digest(row.features, row.bodies) != digest:
        raise StoreTrouble(f"the bundle {digest[:12]} of archived forecasts is gone or was changed: restore a backup")
    return row


def _taken_out(connection: Connection, stored: Sequence[str], what: str) -> list[str]:
    told = list(stored)
    wanted: dict[str, list[int]] = {}
    for k, body in enumerate(stored):
        if is_bundled(body):
            wanted.setdefault(digest_in(body), []).append(k)
    for digest, places in wanted.items():  # one at a time: whoever asks for all has not all of them in memory twice
        texts = _unfolded(getattr(_bundle(connection, digest), what))
        for k in places:
            told[k] = texts[_place_in(stored[k], len(texts))]
    return told


def _place_in(body: str, many: int) -> int:
    place = body.rpartition("/")[2]
    if not (re.fullmatch(r"\d{1,4}", place, re.ASCII) and int(place) < many):
        raise StoreTrouble(f"{body[:99]!r} is no place in a bundle of archived forecasts: restore a backup")
    return int(place)


def _folded(texts: Sequence[str]) -> str:
    compressed = zstandard.ZstdCompressor(level=_LEVEL).compress(_BETWEEN.join(texts).encode())
    return b2a_base64(compressed, newline=False).decode()


def _unfolded(text: str) -> list[str]:
    return zstandard.ZstdDecompressor().decompress(a2b_base64(text)).decode().split(_BETWEEN)


def _digest(features: str, bodies: str) -> str:
    return hashlib.sha256(f"{len(features)}:{features}{bodies}".encode()).hexdigest()
