"""The archive of forecasts: append-only; each row is chained to its writer's last one, and chains are anchored into one another."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, String, bindparam, func, select, tuple_, type_coerce
from sqlalchemy.exc import DBAPIError

from truce.clock import Clock
from truce.errors import BadInput, StoreTrouble, Unknown
from truce.store import bundles, feature_rows, postgres
from truce.store.anchors import Lookout, newest_in
from truce.store.bulk import insert_rows
from truce.store.engine import Turn, reading, writing
from truce.store.feature_rows import FeatureSets
from truce.store.seals import FIRST, SAID, Entry, broken
from truce.store.tables import Moment, write
from truce.store.tables import forecasts as table

_MOST_ASKED = 500
_MOST_WALKED = 1000
_TRIES = 20
"""How often an append is tried anew after another writer was in the way: each time something new has been stored."""
_WRITTEN = (*SAID, "stored_at", "writer", "writer_seq", "previous_hash", "anchors", "hash")

# Every forecast asks both, so they are put into words once.
_TAIL = (
    select(table.c.writer_seq, table.c.hash)
    .where(table.c.writer == bindparam("writer"))
    .order_by(table.c.writer_seq.desc())
    .limit(1)
)
# A moment that somebody spoilt must not stop the reading.
_AS_STORED = [type_coerce(c, String).label(c.name) if isinstance(c.type, Moment) else c for c in table.c]
_BODIES = select(table.c.forecast_id, table.c.body).where(table.c.forecast_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What walking the chains found: how many entries hold, the first that does not, and the hash of the newest one.

    That hash, kept elsewhere, shows later that nothing up to there was taken away: ``verify(holds=...)``.
    """

    checked: int
    first_broken: str | None
    why: str | None
    chains: int = 0
    newest: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every link holds."""
        return self.first_broken is None


class Forecasts:
    """The table of forecasts. Each store that is opened writes a chain of its own, so that replicas do not queue."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._writer = uuid.uuid4().hex
        self._lookout = Lookout(self._writer)
        self._own = threading.Lock()
        self._feature_sets = FeatureSets(engine)

    def append(self, entries: Sequence[Entry]) -> list[str]:
        """Archive entries in one transaction and return the bodies that stand: an id that is there keeps its first body."""
        ids = [entry.forecast_id for entry in entries]
        with reading(self._engine) as connection:
            newest, held = newest_in(connection), _bodies(connection, ids)
        if len(held) < len(set(ids)):
            # Threads of one process would only run into one another at the end of their common chain.
            with self._own, self._lookout.remembering(), writing(self._engine, Turn.NONE) as connection:
                held = self._insert(connection, entries, held if newest_in(connection) == newest else None)
        return [held[each] for each in ids]

    def _insert(self, connection: Connection, entries: Sequence[Entry], held: dict[str, str] | None) -> dict[str, str]:
        """Insert those that are not there, and return what stands; ``held`` is what was there, None when it must be looked up again.

        Another replica may archive the same in this moment.
        """
        for _ in range(_TRIES):
            held = _bodies(connection, [entry.forecast_id for entry in entries]) if held is None else held
            fresh = {entry.forecast_id: entry for entry in reversed(entries) if entry.forecast_id not in held}
            new = list(fresh.values())[::-1]
            kept, together = bundles.bundled(new)
            sealed = self._sealed(connection, new, kept)
            named = {feature_rows.set_of(one.features): one.columns for one in fresh.values() if one.columns}
            try:
                with postgres.undoable(connection):
                    self._feature_sets.keep(connection, named)
                    bundles.keep(connection, together)
                    insert_rows(connection, table.name, _WRITTEN, sealed)
            except DBAPIError as error:
                if not postgres.clashed(error):
                    raise
                self._lookout.forget()
                held = None
                continue
            return held | {name: entry.body for name, entry in fresh.items()}
        raise StoreTrouble("another process archives the same forecasts all the time: try again")

    def _sealed(
        self, connection: Connection, entries: Sequence[Entry], kept: Sequence[tuple[str, str]]
    ) -> list[tuple[Any, ...]]:
        """The rows of new entries, whose features and bodies are ``kept`` so, chained; the first one carries the anchors."""
        number, previous = self._tail(connection)
        anchors, now, rows = self._lookout.anchors(connection), write(self._clock()), []
        for entry, texts in zip(entries, kept, strict=True):
            said = entry.stored(*texts)
            seal, number = entry.sealed(previous, anchors, said), number + 1
            rows.append((*said, now, self._writer, number, previous, anchors, seal))
            previous, anchors = seal, None
        return rows

    def _tail(self, connection: Connection) -> tuple[int, str]:
        row = connection.execute(_TAIL, {"writer": self._writer}).first()
        return (0, FIRST) if row is None else (row.writer_seq, row.hash)

    def get(self, forecast_id: str) -> str:
        """The archived answer. Raises Unknown."""
        with reading(self._engine) as connection:
            body = _bodies(connection, [forecast_id]).get(forecast_id)
        if body is None:
            raise Unknown(f"no forecast {forecast_id!r} in the archive", code="unknown_forecast")
        return body

    def features(self, forecast_id: str) -> dict[str, float | None]:
        """The feature row that a forecast was made from, column -> value, None where it is undefined. Raises Unknown."""
        with reading(self._engine) as connection:
            query = select(table.c.features, table.c.body).where(table.c.forecast_id == forecast_id)
            row = connection.execute(query).first()
            if row is None:
                raise Unknown(f"no forecast {forecast_id!r} in the archive", code="unknown_forecast")
            text = bundles.features(connection, row.body) if bundles.is_bundled(row.body) else row.features
            if feature_rows.is_packed(text):
                return feature_rows.unpack(text, self._feature_sets.names(connection, feature_rows.set_of(text)))
        written: dict[str, float | None] = json.loads(text)
        return written

    def find(  # noqa: PLR0913 - what may be asked of the archive
        self,
        *,
        truce_id: str | None = None,
        kind: str | None = None,
        start: datetime | None = None,
        stop: datetime | None = None,
        version: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[tuple[int, str, str]]:
        """(sequence number, kind, body) of archived forecasts, oldest first; ``start`` and ``stop`` are as-of moments, both included."""
        query = select(table.c.seq, table.c.kind, table.c.body).where(table.c.seq > after).order_by(table.c.seq)
        if truce_id is not None:
            query = query.where(table.c.truce_id == truce_id)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if start is not None:
            query = query.where(table.c.as_of >= start)
        if stop is not None:
            query = query.where(table.c.as_of <= stop)
        if version is not None:
            query = query.where(table.c.model_version == version)
        with reading(self._engine) as connection:
            rows = connection.execute(query.limit(limit)).all()
            told = bundles.bodies(connection, [row.body for row in rows])
        return [(row.seq, row.kind, body) for row, body in zip(rows, told, strict=True)]

    def issued(self) -> list[tuple[str, int | None]]:
        """(body, vintage in days) of every forecast that was issued, oldest first."""
        query = select(table.c.body, table.c.vintage_days).where(table.c.kind == "issued").order_by(table.c.seq)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            told = bundles.bodies(connection, [row.body for row in rows])
        return [(body, row.vintage_days) for row, body in zip(rows, told, strict=True)]

    def counts(self) -> dict[str, int]:
        """How many forecasts of each kind."""
        with reading(self._engine) as connection:
            query = select(table.c.kind, func.count()).group_by(table.c.kind).order_by(table.c.kind)
            return {str(kind): int(count) for kind, count in connection.execute(query)}

    def verify(self, *, holds: str | None = None) -> Verdict:
        """Walk every chain from its first entry, then every anchor, and name the first link that does not hold.

        Args:
            holds: the hash of an entry that must be there, as an earlier verdict gave it.

        Raises:
            BadInput: ``holds`` is no hash.
        """
        if holds is not None:
            _mark(holds)
        checked, newest = 0, (0, "")
        last: dict[str, tuple[int, str]] = {}
        seen: set[bytes] = set()
        anchored: dict[bytes, str] = {}
        sound: set[str] = set()
        with reading(self._engine) as connection:
            for row in self._walk():
                number, previous = last.get(row.writer, (0, FIRST))
                why = broken(row, number, previous) or self._lost(connection, row, sound)
                if why is not None:
                    return Verdict(checked, row.forecast_id, why, len(last))
                anchored |= dict.fromkeys(map(bytes.fromhex, (row.anchors or "").split()), row.forecast_id)
                seen.add(bytes.fromhex(row.hash))
                last[row.writer] = (row.writer_seq, row.hash)
                newest = max(newest, (row.seq, row.hash))
                checked += 1
        kept = {} if holds is None else {_mark(holds): "(the hash you kept)"}
        for mark, where in (anchored | kept).items():
            if mark not in seen:
                return Verdict(checked, where, f"the entry {mark.hex()[:12]} it refers to is gone", len(last))
        return Verdict(checked, None, None, len(last), newest[1] or None)

    def _lost(self, connection: Connection, row: Any, sound: set[str]) -> str | None:
        """What of that to which a row refers is not as it was; ``sound`` is what was found so of the rows before."""
        try:
            if bundles.is_bundled(row.body) and (digest := bundles.digest_in(row.body)) not in sound:
                bundles.look_at(connection, digest)
                sound.add(digest)
            if feature_rows.is_packed(row.features) and (named := feature_rows.set_of(row.features)) not in sound:
                self._feature_sets.names(connection, named)
                sound.add(named)
        except (BadInput, StoreTrouble) as lost:
            return lost.detail
        return None

    def _walk(self) -> Iterator[Any]:
        """Every row as it is stored, chain after chain."""
        with reading(self._engine) as connection:
            query = select(*_AS_STORED).order_by(table.c.writer, table.c.writer_seq).limit(_MOST_WALKED)
            place, last = tuple_(table.c.writer, table.c.writer_seq), ("", 0)
            while rows := connection.execute(query.where(place > last)).all():
                yield from rows
                last = (rows[-1].writer, rows[-1].writer_seq)


def _bodies(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), _MOST_ASKED):
        asked = ids[start : start + _MOST_ASKED]
        found.update({str(key): str(body) for key, body in connection.execute(_BODIES, {"ids": asked})})
    return dict(zip(found, bundles.bodies(connection, list(found.values())), strict=True))


def _mark(text: str) -> bytes:
    if not re.fullmatch("([0-9a-f]{2})+", text):
        raise BadInput(f"{text[:80]!r} is no hash of an entry: write its 64 hexadecimal digits", code="bad_hash")
    return bytes.fromhex(text)
