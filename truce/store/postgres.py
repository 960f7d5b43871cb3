"""What PostgreSQL needs beside SQL: a driver, a session that keeps its word, turns for writers, and COPY for many rows."""

from __future__ import annotations

import csv
import io
import ssl
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError

_DRIVER = "pg8000"
_TURNS = 7823
"""The first half of our advisory locks' names, which keeps them apart from those of other programs on the database."""
_SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '30s'",
    # What has been acknowledged is on the disk; a server that also waits for its replicas goes on doing so.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)
_AGAIN = frozenset({"23505", "40P01", "40001"})
"""SQLSTATE of what another writer did in the same moment: a key that is there, a deadlock, a serialisation failure."""


def make(url: URL) -> Engine:
    """An engine for a PostgreSQL URL; without a named driver, the one of this installation.

    Everything read in one connection is read at one moment, as in SQLite; writers see what was stored before their turn.

    Raises:
        ArgumentError: it is no PostgreSQL URL, or asks for an unknown way of encryption.
    """
    if url.get_backend_name() != "postgresql":
        raise ArgumentError(f"{url.get_backend_name()} is neither sqlite nor postgresql")
    if "+" not in url.drivername:
        url = url.set(drivername=f"postgresql+{_DRIVER}")
    arguments: dict[str, Any] = {}
    if url.get_driver_name() == _DRIVER:
        url, arguments = _encrypted(url)
        arguments["application_name"] = "trucecast"
    engine = create_engine(url, isolation_level="REPEATABLE READ", pool_pre_ping=True, connect_args=arguments)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _encrypted(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL without libpq's words on TLS, and what they mean to our driver."""
    words = {name: str(url.query[name]) for name in ("sslmode", "sslrootcert") if name in url.query}
    url, mode = url.difference_update_query(words), words.get("sslmode", "prefer")
    if mode in ("disable", "allow", "prefer"):
        return url, {}
    if mode not in ("require", "verify-ca", "verify-full"):
        raise ArgumentError(f"sslmode {mode!r} is none of disable, require, verify-ca, verify-full")
    context = ssl.create_default_context(cafile=words.get("sslrootcert"))
    context.check_hostname = mode == "verify-full"
    if mode == "require" and "sslrootcert" not in words:
        context.verify_mode = ssl.CERT_NONE
    return url, {"ssl_context": context}


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for order in _SESSION:
        cursor.execute(order)
    cursor.close()
    connection.commit()


def _begin(connection: Connection) -> None:
    if "writing" in connection.get_execution_options():
        # A snapshot from before its turn would hide from a writer what it has been waiting for.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def take_turn(connection: Connection, number: int) -> None:
    """Wait until no other transaction has this turn, and keep it to the end of this one."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURNS}, {number})")


def said(error: BaseException | None) -> str:
    """A driver's error in words; pg8000 hands the server's over as a table of fields."""
    told = error.args[0] if error is not None and error.args else None
    return str(told["M"]) if isinstance(told, dict) and "M" in told else str(error)


def undoable(connection: Connection) -> AbstractContextManager[object]:
    """A block of which nothing stays when it fails, while the transaction goes on. SQLite, where nobody else writes, needs none."""
    return connection.begin_nested() if connection.dialect.name == "postgresql" else nullcontext()


def clashed(error: DBAPIError) -> bool:
    """Whether another writer got in between, so that the same may succeed now."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    state = told.get("C") if isinstance(told, dict) else getattr(error.orig, "sqlstate", None)
    return state in _AGAIN


class _Null:
    """Written without quotes, unlike an empty text: csv takes it for a number."""

    def __float__(self) -> float:
        return 0.0

    def __str__(self) -> str:
        return ""


_NULL = _Null()


def copies(connection: Connection) -> bool:
    """Whether rows can be copied in by this connection's driver."""
    return connection.dialect.driver == _DRIVER


def copy_in(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows of texts, numbers and None into a table: a feed has a million of them, and INSERT is slow."""
    text = io.StringIO()
    write = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    write.writerows([_NULL if value is None else value for value in row] for row in rows)
    order = f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)"
    cursor = connection.connection.cursor()
    try:
        cursor.execute(order, stream=io.BytesIO(text.getvalue().encode()))  # type: ignore[call-arg]
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            order, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
