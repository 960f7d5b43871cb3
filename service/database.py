"""The database at the terminal: its revision, its health, the archive's chains, and backups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from truce.clock import Clock, system_clock
from truce.errors import StoreTrouble
from truce.settings import Settings
from truce.store import open_store, schema
from truce.store.backup import Copied
from truce.store.backup import backup as write_backup
from truce.store.backup import restore as read_backup
from truce.store.engine import make_engine, reading
from truce.store.forecasts import Verdict


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def verified(settings: Settings, holds: str | None = None, *, clock: Clock = system_clock) -> dict[str, Any]:
    """What walking the archive's chains found."""
    with open_store(settings, clock) as store:
        return _told(store.forecasts.verify(holds=holds))


def from_archive(settings: Settings, forecast_id: str, *, clock: Clock = system_clock) -> dict[str, Any]:
    """An archived forecast and the feature row it was made from, column -> value. Raises Unknown."""
    with open_store(settings, clock) as store:
        forecasts = store.forecasts
        return {"forecast": json.loads(forecasts.get(forecast_id)), "features": forecasts.features(forecast_id)}


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "ok": verdict.ok,
        "checked": verdict.checked,
        "chains": verdict.chains,
        "first_broken": verdict.first_broken,
        "why": verdict.why,
        "newest": verdict.newest,
    }


def upgrade(settings: Settings) -> dict[str, Any]:
    """Bring the schema to this code's; says from which revision to which."""
    with _engine(settings) as engine:
        before = schema.current(engine)
        schema.upgrade(engine)
        return {"before": before, "revision": schema.current(engine)}


def check(settings: Settings) -> dict[str, Any]:
    """The revision and the kind of the database, when it is there, of this code's revision, and not damaged.

    Raises:
        StoreTrouble: it is none of that; the message says which, and names the cure.
    """
    with _engine(settings) as engine:
        if schema.current(engine) is None:
            raise StoreTrouble("the database is empty: `trucecast db upgrade` makes its tables", code="schema")
        schema.ensure(engine)
        if engine.dialect.name == "sqlite":
            _check_file(engine)
        return {"database": engine.dialect.name, "revision": schema.current(engine)}


def _check_file(engine: Engine) -> None:
    with reading(engine) as connection:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if found != ["ok"]:
        raise StoreTrouble(f"the database is damaged: {found[0]}; restore a backup")
    if orphans:
        raise StoreTrouble(f"the database is damaged: {len(orphans)} rows refer to nothing; restore a backup")


def backup(settings: Settings, path: Path, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Write the whole store to a new file, and walk the archive's chains: a backup of a broken archive must not replace a good one unseen."""
    with _engine(settings) as engine:
        copied = write_backup(engine, path, clock)
    return {**_said(copied, path), "archive": verified(settings, clock=clock)}


def restore(settings: Settings, path: Path, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Fill an empty database from a file, and walk the archive's chains in it."""
    with _engine(settings) as engine:
        copied = read_backup(engine, path)
    return {**_said(copied, path), "archive": verified(settings, clock=clock)}


def _said(copied: Copied, path: Path) -> dict[str, Any]:
    return {"file": str(path), "revision": copied.revision, "rows": copied.rows, "digest": copied.digest}
