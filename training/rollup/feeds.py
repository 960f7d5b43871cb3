"""A big feed's files -> events, by way of an engine: what the feeds have in common.

A record is one (day, type, modality, role in a truce, actor, target, country) with the first moment at which the feed told
of it. How often it was told, and how strongly, is not part of it: that changes with every later file. Nor are the countries
of interest: they grow with the store, and the same file imported again must tell the same records and more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from training.reading.records import Reject, RowCounts, SourceResult, expand
from training.rollup.lookups import Kind, countries_of_interest, lookups
from training.rollup.staging import Layout, Staged, stage
from truce.clock import day_closed_by, system_clock
from truce.errors import BadInput
from truce.identity import digest
from truce.vocabulary import Event, EventType, Modality, TruceRole

MOST_RECORDS = 1_000_000
"""What one import holds in memory, some 3 KiB each on their way into the store; the same facts come of importing the files in parts."""
_TOO_MANY = 3
"""So many rows more show that there are too many records: the other fates take a row each."""
_ID_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A big feed: how its files are laid out, how its columns become the common ones, and what its kinds mean."""

    name: str
    layout: Layout
    kinds: Callable[[], Mapping[str, Kind]]
    common: Callable[[Any], Any]


@dataclass(slots=True)
class _Tally:
    events: list[Event] = field(default_factory=list)
    copies: int = 0
    told: int = 0
    rejected: int = 0
    elsewhere: int = 0
    merged: int = 0


def read_feed(
    feed: Feed, paths: Sequence[Path], *, today: date | None = None, countries: Collection[str] | None = None
) -> SourceResult[Event]:
    """Read files of a big feed, on the engine of TRUCECAST_FEED_ENGINE.

    Args:
        feed: which one.
        paths: files, folders or globs.
        today: a row of a later day is rejected; the clock's today when None.
        countries: ISO 3166-1 alpha-3 codes of the countries whose events are kept, besides what known actors do anywhere;
            those of the embedded truces and of the actors when None.

    Raises:
        WrongFile: a file is cut short, or is none of this feed.
        BadInput: the engine cannot be opened, or the files tell more than one import can hold.
    """
    from training.rollup import expression
    from training.rollup.engines import open_engine

    until = today or day_closed_by(system_clock())
    files = expand(paths)
    known = lookups(feed.kinds(), countries_of_interest() if countries is None else countries)
    with tempfile.TemporaryDirectory(prefix="trucecast-") as scratch:
        staged = stage(files, feed.layout, Path(scratch))
        with open_engine(Path(scratch)) as engine:
            rows = feed.common(engine.table(staged.parts, staged.parquet, feed.layout.wanted))
            tables = expression.tables_of(known)
            rolled = expression.rolled_up(rows, tables, until).limit(MOST_RECORDS + _TOO_MANY)
            tally = _tally(feed.name, engine.fetch(rolled))
            refused = list(engine.fetch(expression.rejects(rows, tables, until))) if tally.rejected else []
    return _result(tally, staged, refused, len(files))


def _tally(source: str, rolled: Iterator[dict[str, Any]]) -> _Tally:
    from training.rollup.expression import OURS, REJECTED

    tally = _Tally()
    for row in rolled:
        tally.copies += row["copies"]
        if row["fate"] == REJECTED:
            tally.rejected += row["copies"]
            continue
        tally.told += row["n"]
        if row["fate"] == OURS:
            tally.merged += row["n"] - 1
            tally.events.append(_event(source, row))
            if len(tally.events) > MOST_RECORDS:
                raise BadInput(
                    f"these files tell more than {MOST_RECORDS:,} facts, too many for one import: import fewer files at once,"
                    " the facts come out the same",
                    code="too_much",
                )
        else:
            tally.elsewhere += row["n"]
    return tally


def _result(tally: _Tally, staged: Staged, refused: Sequence[Mapping[str, Any]], files: int) -> SourceResult[Event]:
    rejects = [*staged.rejects, *(Reject(row["line"], row["reason"], row["file"]) for row in refused)]
    rejects.sort(key=lambda reject: (reject.file, reject.line))
    tally.events.sort(key=lambda event: (event.known_at, event.occurred_on, event.event_id))
    counts = RowCounts(
        read=tally.copies + len(staged.rejects),
        duplicate=tally.copies - tally.rejected - tally.told,
        rejected=tally.rejected + len(staged.rejects),
        merged=tally.merged,
        accepted=len(tally.events) + tally.elsewhere,
    )
    return SourceResult(records=tally.events, rows=counts, rejects=rejects, files=files, retold=True)


def _event(source: str, row: Mapping[str, Any]) -> Event:
    said = (row["occurred_on"].isoformat(), row["type"], row["modality"], row["truce_role"] or "")
    key = [source, *said, row["actor"], row["target"], row["iso3"]]
    return Event(
        event_id=digest(key)[:_ID_DIGITS],
        type=_type(row["type"]),
        modality=_modality(row["modality"]),
        truce_role=_role(row["truce_role"]) if row["truce_role"] else None,
        occurred_on=row["occurred_on"],
        known_at=_utc(row["known_at"]),
        source=source,
        actor=row["actor"],
        target=row["target"],
        iso3=_places(row["iso3"]),
    )


_type = lru_cache(maxsize=None)(EventType)
_modality = lru_cache(maxsize=None)(Modality)
_role = lru_cache(maxsize=None)(TruceRole)


@cache
def _places(code: str | None) -> tuple[str, ...]:
    return (code,) if code else ()


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
