"""Imports, whole or not at all: read a feed, count every row, put the records into the store, keep the rejects with their reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from training.sources import current_events, events, truces
from training.sources.records import SourceResult, expand, write_rejects
from truce.clock import Clock, day_closed_by, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.vocabulary import Truce

SOURCES = ("truces", "events", "current-events")


def import_source(
    settings: Settings, source: str, paths: Sequence[str], observed_to: date | None, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """Read ``paths`` as ``source`` and store what they hold, in one transaction.

    Returns:
        The report that ``trucecast import --json`` prints.

    Raises:
        BadInput: no such source.
        WrongFile: a path leads nowhere, or to something else than the source's files.
    """
    files = expand([Path(path) for path in paths])
    today = day_closed_by(clock())
    if observed_to is not None and observed_to > today:
        raise BadInput(f"observed to {observed_to}, which is later than today", code="bad_date")
    result = _read(source, files, observed_to, today)
    with open_store(settings, clock) as store:
        records = _keep(store, source, result, clock)
        store.imports.log(
            source=source,
            files=[str(file) for file in files],
            digest=_digest(files),
            counts={**result.rows.as_dict(), **records},
            observed_to=observed_to,
        )
    rejects = write_rejects(settings.home / "var" / "rejects", source, result.rejects) if result.rejects else None
    return {
        "source": source,
        "files": len(files),
        "rows": result.rows.as_dict(),
        "records": records,
        "rejects_file": None if rejects is None else str(rejects),
    }


def _read(source: str, files: list[Path], observed_to: date | None, today: date) -> SourceResult[Any]:
    if source == "truces":
        return truces.read(files, observed_to=observed_to, today=today)
    if source == "events":
        return events.read(files, today=today)
    if source == "current-events":
        return current_events.read(files, today=today)
    raise BadInput(f"no source {source!r}: there are {', '.join(SOURCES)}", code="unknown_source")


def _keep(store: Store, source: str, result: SourceResult[Any], clock: Clock) -> dict[str, int]:
    if result.records and isinstance(result.records[0], Truce):
        counts = store.truces.put(result.records, known_at=clock(), source=source, written_by="cli")
    else:
        counts = store.events.put(result.records, written_by="cli", correcting=True)
    return {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
