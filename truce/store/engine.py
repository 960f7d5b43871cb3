"""The database connection: SQLite in WAL mode by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from truce.errors import StoreTrouble

BUSY_MS = 30_000
CACHE_KIB = 64 * 1024


def make_engine(url: str) -> Engine:
    """An engine for the URL; the folder of an SQLite file is made.

    Raises:
        StoreTrouble: the URL is none, or its folder cannot be made.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreTrouble(f"not a database URL this installation can open: {error}") from None
    except OSError as error:
        raise StoreTrouble(f"cannot make the folder of the database: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    # The driver must not open transactions by itself: a reader would then upgrade to a writer half-way and be refused.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: what has been acknowledged is on the disk, even if the machine stops in the next moment.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # The indexes of a million events, which the default of 2 MB would write out and read back row by row.
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its place in the queue at once; readers never wait in WAL mode.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


_OPEN: ContextVar[tuple[Engine, Connection] | None] = ContextVar("_OPEN", default=None)
"""The transaction that is being written here: what is read and written meanwhile is part of it."""
_AFTER: ContextVar[list[Callable[[], None]] | None] = ContextVar("_AFTER", default=None)
"""What is to be done once that transaction is stored."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read by.

    Raises:
        StoreTrouble: the database cannot be read.
    """
    joined = _joined(engine)
    if joined is not None:
        yield joined
        return
    with _trouble(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction to write in: all of it is stored, or nothing. One inside another is part of it.

    Raises:
        StoreTrouble: the database is locked, full or read-only.
    """
    joined = _joined(engine)
    if joined is not None:
        yield joined
        return
    acts: list[Callable[[], None]] = []
    with _trouble(), engine.connect().execution_options(writing=True) as connection, connection.begin():
        token, after = _OPEN.set((engine, connection)), _AFTER.set(acts)
        try:
            yield connection
        finally:
            _OPEN.reset(token)
            _AFTER.reset(after)
    for act in acts:
        act()


def once_stored(engine: Engine, act: Callable[[], None]) -> None:
    """Do ``act`` when the transaction that is being written is stored, and never if it is not; at once where there is none."""
    acts = _AFTER.get()
    if _joined(engine) is None or acts is None:
        act()
    else:
        acts.append(act)


def _joined(engine: Engine) -> Connection | None:
    held = _OPEN.get()
    return held[1] if held is not None and held[0] is engine else None


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        cure = next((cure for sign, cure in _CURES.items() if sign in said), "look at the database's own log")
        raise StoreTrouble(f"the database cannot be used: {error.orig}; {cure}") from error


_CURES = {
    "locked": "another process is writing: try again",
    "full": "make room on its disk",
    "disk i/o": "its disk fails or is full",
    "readonly": "make its file and folder writable",
    "unable to open": "check its path and rights",
    "no such table": "run `trucecast db upgrade`",
    "no such column": "run `trucecast db upgrade`",
    "malformed": "it is damaged: restore a backup",
    "not a database": "the file is something else: check the path",
    "connection": "check that its server runs and the URL is right",
    "does not exist": "run `trucecast db upgrade`",
}
