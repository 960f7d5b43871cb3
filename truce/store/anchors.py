"""How chains hold one another: a writer names the newest entries of the others that it has seen.

Whoever takes away a chain, or its end, would have to forge every chain that was written beside it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, tuple_

from truce.store.tables import forecasts as table

_BACK = 64
"""So many rows before the last look are looked at again: on PostgreSQL a row may be stored after one with a higher number."""
_NEWEST = str(select(func.max(table.c.seq)))
"""Every forecast asks it, so it is put into words once."""
_MOST = 100
"""Anchors in one entry; the rest comes with the next one."""


def newest_in(connection: Connection) -> int:
    """The number of the newest entry of all chains, 0 when there is none."""
    return int(connection.exec_driver_sql(_NEWEST).scalar_one() or 0)


class Lookout:
    """What one writer has seen of the others."""

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._seen: int | None = None
        self._named: dict[str, int] = {}

    def forget(self) -> None:
        """What was named is not stored: name it again."""
        self._seen, self._named = None, {}

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Around a transaction: if it is not stored, nothing has been named."""
        try:
            yield
        except BaseException:
            self.forget()
            raise

    def anchors(self, connection: Connection) -> str | None:
        """The hashes of the others' newest entries that were not named yet, parted by spaces; None when there are none."""
        newest = newest_in(connection)
        since = max((newest if self._seen is None else self._seen) - _BACK, 0)
        place = (table.c.writer, func.max(table.c.writer_seq))
        query = select(*place).where(table.c.seq > since, table.c.writer != self._writer).group_by(table.c.writer)
        heads = {str(writer): int(number) for writer, number in connection.execute(query)}
        fresh = sorted(head for head in heads.items() if self._named.get(head[0], 0) < head[1])[:_MOST]
        self._seen = newest
        # Of chains that nobody writes any more nothing need be kept: they are not seen again.
        self._named = {writer: number for writer, number in self._named.items() if writer in heads} | dict(fresh)
        if not fresh:
            return None
        named = tuple_(table.c.writer, table.c.writer_seq).in_(fresh)
        return " ".join(connection.execute(select(table.c.hash).where(named).order_by(table.c.hash)).scalars())
