"""Truces, in versions: a correction or an ending is a new row, known from its own moment on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, func, insert, select

from truce.clock import Clock, parse_moment
from truce.errors import Unknown
from truce.identity import canonical, content_of, digest
from truce.store.engine import reading, writing
from truce.store.matches import standing
from truce.store.tables import matches
from truce.store.tables import truce_versions as table
from truce.vocabulary import Outcome, Truce


@dataclass(frozen=True, slots=True)
class Counts:
    """What a write did: records that are new, that changed, and that were there already."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


class Truces:
    """The table of truces. A truce's first version counts from ever; each later one from its ``known_at``.

    A truce that another source has under another id is kept, and not shown beside it: ``truce.store.matches`` says which.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, truces: Sequence[Truce], *, known_at: datetime, source: str, written_by: str) -> Counts:
        """Store truces; one that is there with the same content is left alone. All of them or none."""
        now, new, changed = self._clock(), 0, 0
        with writing(self._engine) as connection:
            newest = select(table.c.truce_id, func.max(table.c.version)).group_by(table.c.truce_id).subquery()
            there = select(table.c.truce_id, table.c.version, table.c.digest, table.c.known_at).where(
                table.c.truce_id == newest.c[0], table.c.version == newest.c[1]
            )
            last = {row.truce_id: (row.version, row.digest, row.known_at) for row in connection.execute(there)}
            rows = []
            for truce in truces:
                mark = digest(content_of(truce))
                version, held, since = last.get(truce.truce_id, (0, "", known_at))
                if held == mark:
                    continue
                new, changed = new + (version == 0), changed + (version > 0)
                since = max(
                    known_at, since
                )  # a clock that was put back must not let an older version come after a newer one
                last[truce.truce_id] = (version + 1, mark, since)
                rows.append({
                    "truce_id": truce.truce_id, "version": version + 1, "known_at": since, "stored_at": now,
                    "source": source, "written_by": written_by, "digest": mark, "body": canonical(content_of(truce)),
                })  # fmt: skip
            if rows:
                connection.execute(insert(table), rows)
        return Counts(new, changed, len(truces) - new - changed)

    def current(self) -> list[Truce]:
        """Every truce in its latest version, in the order they came."""
        return self._shown(self._versions(None))

    def everything(self, moment: datetime | None = None) -> list[Truce]:
        """As ``current``, or ``as_known`` at a moment, with those too that another source has under another id."""
        return self._versions(moment)

    def as_known(self, moment: datetime) -> list[Truce]:
        """Every truce in the version that the world knew at ``moment``, the first one before any later was known.

        Ends are still in it: ``truce.history`` hides those that were not known.
        """
        return self._shown(self._versions(moment))

    def same_as(self, moment: datetime | None = None) -> dict[str, str]:
        """Truce -> the one as which it is shown, for those that are not shown themselves; as had been said by a moment, or by now."""
        with reading(self._engine) as connection:
            return standing(connection, moment)

    def twins(self, moment: datetime) -> dict[str, tuple[Truce, ...]]:
        """Truce -> the same truce as other sources have it, in the versions known at ``moment``; only where there are any."""
        found: dict[str, list[Truce]] = {}
        same_as = self.same_as()
        if not same_as:
            return {}
        for truce in self._versions(moment):
            if truce.truce_id in same_as:
                found.setdefault(same_as[truce.truce_id], []).append(truce)
        return {truce_id: tuple(truces) for truce_id, truces in found.items()}

    def versions(self) -> dict[str, list[tuple[datetime, Truce]]]:
        """Truce -> its versions, oldest first, each with the moment from which it is known; the first one counts from ever."""
        query = select(table.c.truce_id, table.c.known_at, table.c.body).order_by(table.c.seq)
        found: dict[str, list[tuple[datetime, Truce]]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                found.setdefault(row.truce_id, []).append((row.known_at, decode(json.loads(row.body))))
        return found

    def get(self, truce_id: str) -> Truce:
        """The latest version. Raises Unknown."""
        query = select(table.c.body).where(table.c.truce_id == truce_id).order_by(table.c.version.desc()).limit(1)
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        if body is None:
            raise Unknown(f"no truce {truce_id!r}: `trucecast truces list` shows them", code="unknown_truce")
        return decode(json.loads(body))

    def versions_of(self, truce_id: str) -> list[Truce]:
        """Every version of a truce, the oldest first. Raises Unknown."""
        query = select(table.c.body).where(table.c.truce_id == truce_id).order_by(table.c.version)
        with reading(self._engine) as connection:
            found = [_decoded(body) for (body,) in connection.execute(query)]
        if not found:
            raise Unknown(f"no truce {truce_id!r}: `trucecast truces list` shows them", code="unknown_truce")
        return found

    def told_by(self, source: str, written_by: str) -> dict[str, Truce]:
        """Truce -> the latest version that one source gave of it, whatever others have written since."""
        query = select(table.c.truce_id, table.c.body).order_by(table.c.seq)
        query = query.where(table.c.source == source, table.c.written_by == written_by)
        with reading(self._engine) as connection:
            latest = {row.truce_id: row.body for row in connection.execute(query)}
        return {truce_id: _decoded(body) for truce_id, body in latest.items()}

    def stamp(self) -> int:
        """A number that grows with every row written."""
        with reading(self._engine) as connection:
            return sum(int(connection.execute(select(func.max(t.c.seq))).scalar_one() or 0) for t in (table, matches))

    def _shown(self, truces: list[Truce]) -> list[Truce]:
        hidden = self.same_as()
        return [truce for truce in truces if truce.truce_id not in hidden]

    def _versions(self, moment: datetime | None) -> list[Truce]:
        query = select(table.c.truce_id, table.c.version, table.c.known_at, table.c.body).order_by(table.c.seq)
        chosen: dict[str, str] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                if row.version == 1 or moment is None or row.known_at <= moment:
                    chosen[row.truce_id] = row.body
        return [_decoded(body) for body in chosen.values()]


_MOMENTS = frozenset({"start_known_at", "end_known_at"})
_DAYS = frozenset({"effective_date", "scheduled_end", "first_violation", "end_date", "observed_to"})
_NAMES = tuple(field.name for field in fields(Truce))


def decode(body: dict[str, Any]) -> Truce:
    """A truce from its stored content."""
    return Truce(**{name: _value(name, body[name]) for name in _NAMES if name in body})


@lru_cache(maxsize=20_000)
def _decoded(body: str) -> Truce:
    """The same text is the same truce: a timeline asks for all of them again and again."""
    return decode(json.loads(body))


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return parse_moment(value)
    if name in _DAYS:
        return date.fromisoformat(value)
    if name == "outcome":
        return Outcome(value)
    return tuple(value) if isinstance(value, list) else value
