"""The database connection: SQLite in WAL mode by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from truce.errors import BadInput, StoreTrouble
from truce.store import postgres

BUSY_MS = 30_000
FACTS_KIB, ARCHIVE_KIB, READING_KIB = 64 * 1024, 8 * 1024, 4 * 1024
"""A writer of facts may hold the indexes of a million events, which the default of 2 MB would write out and read back row by row. Every
thread of a service reads and archives by a connection of its own: they are kept small."""


class Turn(IntEnum):
    """Who writes one after another. On SQLite everybody does; on PostgreSQL those who read first and write what follows from it."""

    NONE = 0
    """No turn: forecasts of several replicas do not queue, and a key is nobody else's business."""
    FACTS = 1
    MODELS = 2
    SCHEMA = 3


def make_engine(url: str) -> Engine:
    """An engine for the URL; the folder of an SQLite file is made.

    Raises:
        StoreTrouble: the URL is none, or its folder cannot be made.
    """
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else postgres.make(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreTrouble(f"not a database URL this installation can open: {error}") from None
    except OSError as error:
        raise StoreTrouble(f"cannot make the folder of the database: {error}") from None
    return engine


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
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
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its place in the queue at once; readers never wait in WAL mode.
    turn = connection.get_execution_options().get("writing")
    kib = READING_KIB if turn is None else ARCHIVE_KIB if turn is Turn.NONE else FACTS_KIB
    connection.exec_driver_sql(f"PRAGMA cache_size=-{kib}")
    connection.exec_driver_sql("BEGIN" if turn is None else "BEGIN IMMEDIATE")


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
def writing(engine: Engine, turn: Turn = Turn.FACTS) -> Iterator[Connection]:
    """A transaction to write in: all of it is stored, or nothing. One inside another is part of it.

    Args:
        engine: whose database.
        turn: what it waits for; kept to the end of the transaction.

    Raises:
        StoreTrouble: the database is locked, full or read-only.
    """
    joined = _joined(engine)
    if joined is not None:
        _take(joined, turn)
        yield joined
        return
    acts: list[Callable[[], None]] = []
    with _trouble(), engine.connect().execution_options(writing=turn) as connection, connection.begin():
        token, after = _OPEN.set((engine, connection)), _AFTER.set(acts)
        try:
            _take(connection, turn)
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


def _take(connection: Connection, turn: Turn) -> None:
    if turn is not Turn.NONE and connection.dialect.name == "postgresql":
        postgres.take_turn(connection, int(turn))


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except NoConnectionFree:
        raise StoreTrouble("all connections to the database are in use: try again") from None
    except DBAPIError as error:
        said = postgres.said(error.orig)
        if "0x00" in said or "\\u0000" in said:
            raise BadInput("a text holds the character NUL, which no database keeps", code="no_text") from None
        cure = next((cure for sign, cure in _CURES if sign in said.lower()), "look at the database's own log")
        raise StoreTrouble(f"the database cannot be used: {said}; {cure}") from error


_UPGRADE = "run `trucecast db upgrade`"
_CURES = (
    ("locked", "another process is writing: try again"),
    ("lock timeout", "another process is writing: try again"),
    ("serialize access", "another process is writing: try again"),
    ("deadlock", "another process is writing: try again"),
    ("full", "make room on its disk"),
    ("no space left", "make room on its disk"),
    ("file too large", "make room on its disk"),
    ("disk i/o", "its disk fails or is full"),
    ("readonly", "make its file and folder writable"),
    ("read-only", "it takes no writes: point the URL at the server that does"),
    ("permission denied", "give its user the right to it"),
    ("authentication failed", "check user and password in its URL"),
    ("too many clients", "let its server take more connections, or start fewer workers"),
    ("connection slots", "let its server take more connections, or start fewer workers"),
    ("unable to open", "check its path and rights"),
    ("no such table", _UPGRADE),
    ("no such column", _UPGRADE),
    ("malformed", "it is damaged: restore a backup"),
    ("not a database", "the file is something else: check the path"),
    ("connection", "check that its server runs and the URL is right"),
    ("network error", "check that its server runs and the URL is right"),
    ("relation", _UPGRADE),
    ("column", _UPGRADE),
    ("does not exist", "make the database first, or check its name in the URL"),
)
