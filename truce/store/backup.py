"""The whole store as one file that any database takes: gzip of JSON lines, with a digest of everything at its end.

The first line says of which revision it is and which columns each table has, then come the rows of each table as arrays, spelled as
they are stored. What SQLite gave may be restored into PostgreSQL, and the other way round.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import uuid
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, Connection, Engine, Select, Table, func, literal_column, select, tuple_

from truce.clock import Clock, write_moment
from truce.errors import StoreTrouble, WrongFile
from truce.store import schema
from truce.store.bulk import insert_rows
from truce.store.engine import Turn, reading, writing
from truce.store.tables import bundles, metadata

FORMAT = "trucecast-backup-1"
_CHUNK, _BUNDLES, _LETTERS = 10_000, 50, 2**24
"""Rows that are in memory at a time, bundles, which are as large as some hundred other rows, and letters of a file that is read."""
_LEVEL = 3
"""Of gzip: a tenth larger than the best, in a fifth of its time."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds: the revision it is of, the rows of each table, and the digest at its end."""

    revision: str
    rows: dict[str, int]
    digest: str


class _Lines:
    """Lines on their way into a file or out of it, with the digest of those so far."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def spell(self, value: Any) -> str:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str) + "\n"
        self._hash.update(line.encode())
        return line

    def read(self, line: str) -> Any:
        value = json.loads(line)
        if not (isinstance(value, dict) and "sha256" in value):
            self._hash.update(line.encode())
        return value

    def digest(self) -> str:
        return self._hash.hexdigest()


def backup(engine: Engine, path: Path, clock: Clock) -> Copied:
    """Write everything, as it stands at one moment, to a new file; others may go on writing meanwhile.

    Raises:
        WrongFile: the file is there already.
        StoreTrouble: the database cannot be read, or is of another revision than this code.
    """
    if path.exists():
        raise WrongFile(f"{path} is there already: name a new file")
    schema.ensure(engine)
    # A part of its own: another may be writing to the same name in this moment.
    lines, rows, part = _Lines(), {}, path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as raw, gzip.open(raw, "wt", _LEVEL, encoding="utf-8", newline="\n") as out:
            with reading(engine) as connection:
                tables = {table.name: list(table.columns.keys()) for table in metadata.sorted_tables}
                head = {
                    "format": FORMAT,
                    "revision": schema.newest(),
                    "made_at": write_moment(clock()),
                    "tables": tables,
                }
                out.write(lines.spell(head))
                for table in metadata.sorted_tables:
                    out.write(lines.spell({"table": table.name}))
                    rows[table.name] = sum(1 for row in _rows(connection, table) if out.write(lines.spell(row)))
            out.write(json.dumps({"rows": rows, "sha256": lines.digest()}) + "\n")
            out.close()
            raw.flush()
            os.fsync(raw.fileno())
        _name(part, path)
    finally:
        part.unlink(missing_ok=True)
    return Copied(schema.newest(), rows, lines.digest())


def _name(part: Path, path: Path) -> None:
    """Give a whole file its name, unless that was taken meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise WrongFile(f"{path} is there already: name a new file") from None
    except OSError:  # a disk that knows no links
        part.rename(path)


def _rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """The driver's own rows, a chunk at a time: not every driver reads them as they are asked for."""
    names = [column.name for column in table.columns]
    keys: list[ColumnClause[Any]] = [literal_column(column.name) for column in table.primary_key.columns]
    chosen: list[Any] = [literal_column(name) for name in names]
    query: Select[Any] = (
        select(*chosen).select_from(table).order_by(*keys).limit(_BUNDLES if table is bundles else _CHUNK)
    )
    places, after = [names.index(key.name) for key in keys], query
    while chunk := [list(row) for row in connection.execute(after)]:
        yield from chunk
        after = query.where(tuple_(*keys) > tuple(chunk[-1][place] for place in places))


def restore(engine: Engine, path: Path) -> Copied:
    """Fill an empty database from a backup, whole or not at all; one of an older revision is brought to this code's.

    Raises:
        WrongFile: the file is no backup, was cut or changed, or is of a newer trucecast.
        StoreTrouble: the database holds something already.
    """
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="\n") as file,
            schema.one_at_a_time(engine),
            writing(engine, Turn.SCHEMA) as connection,
        ):
            return _fill(connection, _Lines(), file)
    except (EOFError, zlib.error, ValueError, KeyError, TypeError, gzip.BadGzipFile):
        raise WrongFile(f"{path} is no whole backup: it was cut or changed") from None


def _fill(connection: Connection, lines: _Lines, file: Iterable[str]) -> Copied:
    chunks = _chunks(lines, file)
    (head,) = next(chunks, [{}])
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise WrongFile("this is no backup of a trucecast store")
    if head["revision"] not in schema.known():
        raise WrongFile(f"the backup is of revision {head['revision']}, of a newer trucecast: install that")
    _furnish(connection, head["revision"], head["tables"])
    rows = dict.fromkeys(head["tables"], 0)
    table, tail = "", None
    for chunk in chunks:
        for named, found in _by_table(chunk, table):
            insert_rows(connection, named, head["tables"][named], found)
            table, rows[named] = named, rows[named] + len(found)
        tail = chunk[-1]
    if not isinstance(tail, dict) or tail.get("sha256") != lines.digest() or tail["rows"] != rows:
        raise WrongFile("the backup is not whole: it was cut or changed")
    _count_on(connection, rows)
    schema.bring_to(connection)
    return Copied(head["revision"], rows, tail["sha256"])


def _chunks(lines: _Lines, file: Iterable[str]) -> Iterator[list[Any]]:
    """What stands in the lines: the first by itself, then as many at a time as may be in memory."""
    chunk, letters = [], _LETTERS
    for line in file:
        chunk.append(lines.read(line))
        letters += len(line)
        if letters >= _LETTERS or len(chunk) == _CHUNK:
            yield chunk
            chunk, letters = [], 0
    if chunk:
        yield chunk


def _by_table(chunk: Sequence[Any], table: str) -> Iterator[tuple[str, list[list[Any]]]]:
    """Rows with the table they belong to; ``table`` is that of the rows before."""
    rows: list[list[Any]] = []
    for value in chunk:
        if isinstance(value, list):
            rows.append(value)
        elif "table" in value:
            if table:
                yield table, rows
            table, rows = value["table"], []
    yield table, rows


def _furnish(connection: Connection, revision: str, tables: Collection[str]) -> None:
    """The ``tables`` of that revision, all of them empty."""
    there = schema.current_in(connection)
    if there is None:
        schema.bring_to(connection, revision)
        return
    if there != revision:
        raise StoreTrouble(
            f"the database is at revision {there}, the backup at {revision}: restore into a new database"
        )
    for table in metadata.sorted_tables:
        if table.name in tables and connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StoreTrouble(f"the database has {table.name} already: restore into a new database")


def _count_on(connection: Connection, rows: dict[str, int]) -> None:
    """Let new rows be numbered after the restored ones; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for name, count in rows.items():
        if count and name in metadata.tables and "seq" in metadata.tables[name].columns:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), (SELECT max(seq) FROM {name}))"  # noqa: S608 - our own names
            )
