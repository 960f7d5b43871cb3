"""Forecasts that were made together, as the archive keeps them: some hundred bodies, and the feature rows behind them, in one compressed text.

Much of one is in all of them, so they take a fifth of the room. A forecast names its bundle by a digest of it, which is sealed with the
forecast, and its own place therein.
"""

from __future__ import annotations

import hashlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence

import zstandard
from sqlalchemy import Connection, bindparam, select

from truce.errors import BadInput
from truce.store import feature_rows
from truce.store.bulk import insert_rows
from truce.store.seals import Entry
from truce.store.tables import bundles as table

LEAST = 20
"""Fewer stay as they are: whoever asks for one of them need not unpack it."""
MOST = 250
"""In one bundle: all of them are unpacked for each that is asked for."""
_MARK = "bundle:"
"""Other bodies are JSON."""
_LEVEL = 1
_BETWEEN = "\0"
"""No database keeps it in a text, so no body has it."""

Row = tuple[str, str, str]
"""Digest, feature rows, bodies."""
_ASKED = select(table.c.digest, table.c.features, table.c.bodies).where(
    table.c.digest.in_(bindparam("digests", expanding=True))
)


def is_bundled(body: str) -> bool:
    """Whether a body as it is stored is a place in a bundle."""
    return body.startswith(_MARK)


def digest_in(body: str) -> str:
    """Of the bundle in which a body is."""
    return body[len(_MARK) :].partition("/")[0]


def bundled(entries: Sequence[Entry]) -> tuple[list[tuple[str, str]], list[Row]]:
    """How entries are to be stored: features and body of each, and the bundles to which they refer. Those in words stay as they are."""
    kept = [(entry.features, entry.body) for entry in entries]
    packed = [k for k, (features, _) in enumerate(kept) if feature_rows.is_packed(features)]
    rows: list[Row] = []
    for start in range(0, len(packed) if len(packed) >= LEAST else 0, MOST):
        some = packed[start : start + MOST]
        texts = _folded([kept[k][0] for k in some]), _folded([kept[k][1] for k in some])
        digest = _digest(*texts)
        rows.append((digest, *texts))
        for place, k in enumerate(some):
            kept[k] = f"{feature_rows.set_of(kept[k][0])}:", f"{_MARK}{digest}/{place}"
    return kept, rows


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
        BadInput: a bundle is not there, or was changed.
    """
    return _taken_out(connection, list(stored), "bodies")


def features(connection: Connection, body: str) -> str:
    """The packed feature row behind a body that is in a bundle. Raises BadInput as ``bodies``."""
    return _taken_out(connection, [body], "features")[0]


def lost(connection: Connection, digests: Iterable[str]) -> Iterator[str]:
    """Of bundles those that are not there as they were."""
    for digest in digests:
        row = connection.execute(_ASKED, {"digests": [digest]}).first()
        if row is None or _digest(row.features, row.bodies) != digest:
            yield digest


def _taken_out(connection: Connection, stored: Sequence[str], what: str) -> list[str]:
    told = list(stored)
    wanted: dict[str, list[int]] = {}
    for k, body in enumerate(stored):
        if is_bundled(body):
            wanted.setdefault(digest_in(body), []).append(k)
    for digest, places in wanted.items():  # one at a time: whoever asks for all has not all of them in memory twice
        row = connection.execute(_ASKED, {"digests": [digest]}).first()
        texts = _unfolded(digest, "" if row is None else getattr(row, what))
        for k in places:
            place = stored[k].rpartition("/")[2]
            if not (place.isdecimal() and int(place) < len(texts)):
                raise _unreadable(digest)
            told[k] = texts[int(place)]
    return told


def _folded(texts: Sequence[str]) -> str:
    compressed = zstandard.ZstdCompressor(level=_LEVEL).compress(_BETWEEN.join(texts).encode())
    return b2a_base64(compressed, newline=False).decode()


def _unfolded(digest: str, text: str) -> list[str]:
    try:
        return zstandard.ZstdDecompressor().decompress(a2b_base64(text, strict_mode=True)).decode().split(_BETWEEN)
    except (ValueError, zstandard.ZstdError):
        raise _unreadable(digest) from None


def _unreadable(digest: str) -> BadInput:
    return BadInput(f"the bundle {digest[:12]} of archived forecasts is gone or was changed", code="bad_row")


def _digest(features: str, bodies: str) -> str:
    return hashlib.sha256(f"{len(features)}:{features}{bodies}".encode()).hexdigest()
