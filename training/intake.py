"""Imports, whole or not at all: read a feed, count every row, put the records into the store, keep the rejects with their reasons."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from training.matching.review import settle
from training.reading.records import SourceResult, expand, write_rejects
from training.retelling import retold
from training.sources import (
    acled,
    ccd,
    current_events,
    events,
    gdelt,
    icews,
    pax,
    polecat,
    reign,
    truces,
    ucdp_ged,
    ucdp_pad,
)
from training.sources.remote.doors import on_disk
from truce.clock import Clock, day_closed_by, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.releases import Beside, Release
from truce.vocabulary import Event, Truce

BY = "cli"
_UPHELD = "cli:upheld"
"""Who puts what others recorded over what a file says again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked to read: its files, the day that counts as today, where its truces are censored.

    ``countries`` are those of the truces in the store, for feeds of which only some countries are kept; None while it holds none.
    """

    files: Sequence[Path]
    today: date
    observed_to: date | None = None
    countries: frozenset[str] | None = None


Reader = Callable[[Asked], SourceResult[Any]]

READERS: Mapping[str, Reader] = MappingProxyType({
    "truces": lambda asked: truces.read(asked.files, observed_to=asked.observed_to, today=asked.today),
    "events": lambda asked: events.read(asked.files, today=asked.today),
    "current-events": lambda asked: current_events.read(asked.files, today=asked.today),
    "ucdp-pad": lambda asked: ucdp_pad.read(asked.files, observed_to=asked.observed_to, today=asked.today),
    "pax": lambda asked: pax.read(asked.files, today=asked.today),
    "reign": lambda asked: reign.read(asked.files, today=asked.today),
    "acled": lambda asked: acled.read(asked.files, today=asked.today),
    "ccd": lambda asked: ccd.read(asked.files, observed_to=asked.observed_to, today=asked.today),
    "ucdp-ged": lambda asked: ucdp_ged.read(asked.files, today=asked.today),
    "gdelt": lambda asked: gdelt.read(asked.files, today=asked.today, countries=asked.countries),
    "icews": lambda asked: icews.read(asked.files, today=asked.today, countries=asked.countries),
    "polecat": lambda asked: polecat.read(asked.files, today=asked.today, countries=asked.countries),
})  # fmt: skip
"""Source -> how its files are read."""

SOURCES = tuple(READERS)
ROLLED_UP = frozenset({"gdelt", "icews", "polecat"})
"""Feeds of the whole world, of which what known actors do and what happens in the countries of truces is kept."""


def import_source(
    settings: Settings, source: str, paths: Sequence[str], observed_to: date | None, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """Read ``paths`` as ``source`` and store what they hold, in one transaction. A path ``api:QUERY`` asks the source's API.

    Returns:
        The report that ``trucecast import --json`` prints; for truces with how many are the same as one of another
        source by now, and where the pairs in doubt are.

    Raises:
        BadInput: no such source.
        WrongFile: a path leads nowhere, or to something else than the source's files.
        Denied, FeedTrouble: an API refuses us, or fails.
    """
    if source not in READERS:
        raise BadInput(f"no source {source!r}: there are {', '.join(SOURCES)}", code="unknown_source")
    files = expand(on_disk(source, paths, settings.home))
    today = day_closed_by(clock())
    if observed_to is not None and observed_to > today:
        raise BadInput(f"observed to {observed_to}, which is later than today", code="bad_date")
    with _uncollected():
        asked = Asked(files, today, observed_to, _countries(settings, clock) if source in ROLLED_UP else None)
        result = READERS[source](asked)
        with open_store(settings, clock) as store, store.at_once():
            records = _keep(store, source, result)
            identity = settle(store, settings) if _are_truces(result) else {}
            _log(store, source, asked, result, records)
            # Inside the transaction: rows that were rejected and not kept would leave a store that nobody can account for.
            folder = settings.home / "var" / "rejects"
            rejects = write_rejects(folder, source, result.rejects) if result.rejects else None
    return {
        "source": source,
        "files": len(files),
        "rows": result.rows.as_dict(),
        "records": records,
        "rejects_file": None if rejects is None else str(rejects),
        **identity,
    }


def _log(store: Store, source: str, asked: Asked, result: SourceResult[Any], records: Mapping[str, int]) -> None:
    store.imports.log(
        source=source,
        files=[str(file) for file in asked.files],
        digest=_digest(asked.files),
        counts={**result.rows.as_dict(), **records},
        observed_to=asked.observed_to,
        release=None if result.released is None else Release(result.released, result.covers),
    )


def _countries(settings: Settings, clock: Clock) -> frozenset[str] | None:
    with open_store(settings, clock) as store:
        return frozenset(code for truce in store.truces.current() for code in truce.iso3) or None


@contextmanager
def _uncollected() -> Iterator[None]:
    # Records hold no cycles; the collector would walk through a million of them again and again, a fifth of the time.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _keep(store: Store, source: str, result: SourceResult[Any]) -> dict[str, int]:
    if _are_truces(result):
        return _keep_truces(store, source, result.records)
    beside = Beside() if result.released is None else Beside.of(result.released, store.imports.releases(source))
    again = bool(result.records) and store.events.has(result.records[0].source)
    counts = store.events.put(
        result.records,
        written_by=BY,
        correcting=True,
        released=result.released,
        beside=beside,
        retold=result.retold,
    )
    kept = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}
    gone = _take_back(store, result, beside) if again or result.withdrawn else 0
    return {**kept, "withdrawn": gone} if gone else kept


def _keep_truces(store: Store, source: str, told: Sequence[Truce]) -> dict[str, int]:
    """Store what a file of truces says newly; ``upheld`` are those of which something stays that others recorded since."""
    standing = {truce.truce_id: truce for truce in store.truces.everything()}
    found = retold(_still_watched(told, standing), store.truces.told_by(source, BY), standing)
    now = store.now()
    counts = store.truces.put(found.news, known_at=now, source=source, written_by=BY)
    # Behind what the file said, so that the next one is held against that.
    store.truces.put(found.standing, known_at=now, source=source, written_by=_UPHELD)
    unchanged = len(told) - counts.new - counts.changed
    kept = {"new": counts.new, "changed": counts.changed, "unchanged": unchanged}
    return {**kept, "upheld": found.upheld} if found.upheld else kept


def _still_watched(truces: Sequence[Truce], standing: Mapping[str, Truce]) -> list[Truce]:
    """The truces; one whose file does not say to which day it was followed keeps the day that is known of it."""
    watched = {truce_id: truce.observed_to for truce_id, truce in standing.items()}
    return [t if t.observed_to else replace(t, observed_to=watched.get(t.truce_id)) for t in truces]


def _are_truces(result: SourceResult[Any]) -> bool:
    return bool(result.records) and isinstance(result.records[0], Truce)


def _take_back(store: Store, result: SourceResult[Event], beside: Beside) -> int:
    """Retract what the feed no longer holds, or names as gone."""
    gone = store.events.take_back(result.withdrawn, written_by=BY) if result.withdrawn else 0
    if beside.again or result.released is None or not result.covers or not result.records:
        return gone
    present = result.unread | {event.event_id for event in result.records}
    for cover in result.covers:
        gone += store.events.withdraw(
            result.records[0].source, present, cover, known_at=result.released, written_by=BY, later=beside.later
        )
    return gone


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
