"""The schema's history, by Alembic: a fresh database is made whole, an older one is upgraded on request."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from truce.errors import StoreTrouble
from truce.store.engine import Turn, reading, writing

_SCRIPTS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def newest() -> str:
    """The revision that this code speaks."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """The revision of a database; None when it is empty."""
    with reading(engine) as connection:
        return current_in(connection)


def current_in(connection: Connection) -> str | None:
    """As ``current``, within a transaction."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; all of it or nothing."""
    with one_at_a_time(engine), writing(engine, Turn.SCHEMA) as connection:
        bring_to(connection)


def ensure(engine: Engine) -> None:
    """Make a fresh database whole; refuse one that is older or newer than this code.

    Raises:
        StoreTrouble: the revision is another; the message names the cure.
    """
    revision = current(engine)
    if revision is None:
        upgrade(engine)
    elif revision != newest():
        there = revision in known()
        cure = "run `trucecast db upgrade`" if there else "it was written by a newer trucecast: install that"
        raise StoreTrouble(f"the database is at revision {revision}, this code at {newest()}: {cure}", code="schema")


def bring_to(connection: Connection, revision: str = "head") -> None:
    """Run the revisions up to one, in the transaction of ``connection``."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known() -> frozenset[str]:
    """Every revision that this code can make."""
    return frozenset(str(script.revision) for script in ScriptDirectory.from_config(_config()).walk_revisions())


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Two processes that make one SQLite file at once must not both run the first revision."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    with Path(f"{engine.url.database}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
