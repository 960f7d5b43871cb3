"""The archive of forecasts: append-only, each row chained to its writer's last one by a hash."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from truce.clock import Clock, write_moment
from truce.errors import Unknown
from truce.identity import canonical
from truce.store.engine import reading, writing
from truce.store.tables import forecasts as table

FIRST = "0" * 64
"""What the first row of a chain is chained to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A forecast as it is archived. ``body`` is the whole answer, byte for byte; ``kind`` is issued, hindcast or replay."""

    forecast_id: str
    kind: str
    truce_id: str
    as_of: datetime
    issued_at: datetime
    model_version: str
    rule: str
    history_digest: str
    features: str
    body: str

    def sealed(self, previous: str) -> str:
        """The hash of this entry behind ``previous``."""
        fields = [
            self.forecast_id, self.kind, self.truce_id, write_moment(self.as_of), write_moment(self.issued_at),
            self.model_version, self.rule, self.history_digest, self.features, self.body,
        ]  # fmt: skip
        return hashlib.sha256((previous + canonical(fields)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What walking the chains found: how many entries hold, and the first that does not."""

    checked: int
    first_broken: str | None
    why: str | None

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

    def append(self, entries: Sequence[Entry]) -> list[str]:
        """Archive entries in one transaction and return the bodies that stand: an id that is there keeps its first body."""
        with writing(self._engine) as connection:
            held = self._bodies(connection, [entry.forecast_id for entry in entries])
            number, previous = self._tail(connection)
            now, rows = self._clock(), []
            for entry in entries:
                if entry.forecast_id in held:
                    continue
                held[entry.forecast_id] = entry.body
                seal, number = entry.sealed(previous), number + 1
                rows.append({
                    **{name: getattr(entry, name) for name in Entry.__slots__}, "stored_at": now, "writer": self._writer,
                    "writer_seq": number, "previous_hash": previous, "hash": seal,
                })  # fmt: skip
                previous = seal
            if rows:
                connection.execute(insert(table), rows)
        return [held[entry.forecast_id] for entry in entries]

    def _bodies(self, connection: Connection, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(ids), 500):
            query = select(table.c.forecast_id, table.c.body).where(table.c.forecast_id.in_(ids[start : start + 500]))
            found.update({str(key): str(body) for key, body in connection.execute(query)})
        return found

    def _tail(self, connection: Connection) -> tuple[int, str]:
        query = select(table.c.writer_seq, table.c.hash).where(table.c.writer == self._writer)
        row = connection.execute(query.order_by(table.c.writer_seq.desc()).limit(1)).first()
        return (0, FIRST) if row is None else (row.writer_seq, row.hash)

    def get(self, forecast_id: str) -> str:
        """The archived answer. Raises Unknown."""
        with reading(self._engine) as connection:
            body = self._bodies(connection, [forecast_id]).get(forecast_id)
        if body is None:
            raise Unknown(f"no forecast {forecast_id!r} in the archive", code="unknown_forecast")
        return body

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
            return [(row.seq, row.kind, row.body) for row in connection.execute(query.limit(limit))]

    def counts(self) -> dict[str, int]:
        """How many forecasts of each kind."""
        with reading(self._engine) as connection:
            query = select(table.c.kind, func.count()).group_by(table.c.kind)
            return {str(kind): int(count) for kind, count in connection.execute(query)}

    def verify(self) -> Verdict:
        """Walk every chain from its first entry and name the first link that does not hold."""
        checked = 0
        last: dict[str, tuple[int, str]] = {}
        for row in self._walk():
            number, previous = last.get(row.writer, (0, FIRST))
            entry = Entry(**{name: getattr(row, name) for name in Entry.__slots__})
            if row.writer_seq != number + 1:
                return Verdict(checked, row.forecast_id, f"entry {number + 1} of its chain is missing")
            if row.previous_hash != previous or row.hash != entry.sealed(previous):
                return Verdict(checked, row.forecast_id, "its content or its place in the chain was changed")
            last[row.writer] = (row.writer_seq, row.hash)
            checked += 1
        return Verdict(checked, None, None)

    def _walk(self) -> Iterator[Any]:
        with reading(self._engine) as connection:
            query = select(table).order_by(table.c.writer, table.c.writer_seq)
            yield from connection.execution_options(yield_per=1000).execute(query)
