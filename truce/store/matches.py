"""Which truces of different sources are one: said by a rule, or by a person who looked; the latest word stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from truce.clock import Clock
from truce.store.engine import reading, writing
from truce.store.tables import matches as table


@dataclass(frozen=True, slots=True)
class Match:
    """That ``truce_id`` is the truce ``same_as``, or no other's (None), by which rule and how surely (0 to 1)."""

    truce_id: str
    same_as: str | None
    rule: str
    score: float


class Matches:
    """The table of matches, append-only."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, matches: Sequence[Match], *, written_by: str) -> int:
        """Write down what is not said already. Returns how many were new."""
        now = self._clock()
        with writing(self._engine) as connection:
            said = _latest(connection)
            fresh = [m for m in matches if said.get(m.truce_id) != m]
            rows = [
                {
                    "truce_id": m.truce_id, "same_as": m.same_as, "rule": m.rule, "score": m.score, "stored_at": now,
                    "written_by": written_by,
                }
                for m in fresh
            ]  # fmt: skip
            if rows:
                connection.execute(insert(table), rows)
        return len(fresh)

    def all(self) -> list[Match]:
        """The latest word on every truce that somebody or some rule has compared."""
        with reading(self._engine) as connection:
            return list(_latest(connection).values())


def standing(connection: Connection) -> dict[str, str]:
    """Truce -> the one it is the same as, by the latest word on it; what is the same as a third is the same as that one."""
    said = {m.truce_id: m.same_as for m in _latest(connection).values() if m.same_as is not None}
    return {name: _last(name, said) for name in said}


def _last(name: str, said: Mapping[str, str]) -> str:
    passed = {name}
    while said.get(name, name) not in passed:
        name = said[name]
        passed.add(name)
    return name


def _latest(connection: Connection) -> dict[str, Match]:
    query = select(table.c.truce_id, table.c.same_as, table.c.rule, table.c.score).order_by(table.c.seq)
    return {row.truce_id: Match(*row) for row in connection.execute(query)}
