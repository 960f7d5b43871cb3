"""The book of imports: which files came when, from which source, and what became of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Engine, insert, select

from truce.clock import Clock
from truce.identity import canonical
from truce.store.engine import reading, writing
from truce.store.tables import imports as table


class Imports:
    """The table of imports."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def log(
        self, *, source: str, files: Sequence[str], digest: str, counts: Mapping[str, int], observed_to: date | None
    ) -> None:
        """Write an import down."""
        row = {
            "source": source, "files": canonical(list(files)), "digest": digest, "counts": canonical(dict(counts)),
            "observed_to": observed_to, "stored_at": self._clock(),
        }  # fmt: skip
        with writing(self._engine) as connection:
            connection.execute(insert(table), [row])

    def all(self) -> list[dict[str, object]]:
        """Every import, oldest first."""
        with reading(self._engine) as connection:
            return [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.seq))]  # noqa: SLF001
