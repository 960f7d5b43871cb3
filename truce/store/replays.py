"""What was answered to a write that carried an idempotency key, so that the same write sent again is answered and not done again."""

from __future__ import annotations

from sqlalchemy import Engine, insert, select

from truce.clock import Clock
from truce.errors import Clash
from truce.store.engine import reading, writing
from truce.store.window_tables import replays as table


class Replays:
    """The table of answers, by who wrote and under which name."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def find(self, written_by: str, name: str, mark: str) -> str | None:
        """The answer given under this name, None when there is none. Raises Clash when it answered other content."""
        query = select(table.c.digest, table.c.answer).where(table.c.written_by == written_by, table.c.name == name)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.digest != mark:
            raise Clash(f"idempotency key {name!r} was used for other content", code="idempotency_clash")
        return str(row.answer)

    def keep(self, written_by: str, name: str, mark: str, answer: str) -> None:
        """Keep an answer, in the transaction of the write that it answers."""
        row = {"written_by": written_by, "name": name, "digest": mark, "answer": answer, "stored_at": self._clock()}
        with writing(self._engine) as connection:
            connection.execute(insert(table), [row])
